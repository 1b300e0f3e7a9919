#!/bin/sh
# A browser for the tests: the system's if there is one, else Playwright's own download.
set -eu
for name in chromium chromium-browser google-chrome; do
  if command -v "$name" >/dev/null 2>&1; then exit 0; fi
done
if "$1" - <<'PY'
from pathlib import Path
from playwright.sync_api import sync_playwright
with sync_playwright() as playwright:
    raise SystemExit(not Path(playwright.chromium.executable_path).exists())
PY
then exit 0; fi
"$1" -m playwright install chromium || {
  echo "No browser for the tests. Install one, for example: apt install chromium" >&2
  exit 1
}
