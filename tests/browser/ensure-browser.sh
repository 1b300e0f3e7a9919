#!/bin/sh
# A browser for the tests: the system's, else Debian's package, else Playwright's own download.
# Called with the Python whose Playwright will drive it.
set -eu
python=$1
system_browser() {
  for name in chromium chromium-browser google-chrome; do
    if command -v "$name" >/dev/null 2>&1; then return 0; fi
  done
  return 1
}
playwright_browser() {
  "$python" - 2>/dev/null <<'PY'
from pathlib import Path
from playwright.sync_api import sync_playwright
with sync_playwright() as playwright:
    raise SystemExit(not Path(playwright.chromium.executable_path).exists())
PY
}
# Playwright drives any browser through its own node, which a bare Debian lacks a library for.
driver_runs() { "$python" -m playwright --version >/dev/null 2>&1; }
root_with_apt() { [ "$(id -u)" -eq 0 ] && command -v apt-get >/dev/null 2>&1; }
install() {
  echo "Installing for the browser tests: $*" >&2
  apt-get update -qq >/dev/null &&
    DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends "$@" >/dev/null
}

if ! driver_runs; then
  if root_with_apt; then install libatomic1; fi
  if ! driver_runs; then
    echo "Playwright does not start; a library is missing: apt install libatomic1" >&2
    "$python" -m playwright --version >&2 || exit 1
  fi
fi
if system_browser || playwright_browser; then exit 0; fi
# Ubuntu's package of that name is a stub, so there Playwright's own is taken.
if root_with_apt && grep -qs '^ID=debian' /etc/os-release && install chromium; then exit 0; fi
if root_with_apt; then with_libraries=--with-deps; else with_libraries=; fi
"$python" -m playwright install $with_libraries chromium || {
  echo "No browser for the tests. Install one, for example: apt install chromium" >&2
  exit 1
}
