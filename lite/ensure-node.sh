#!/bin/sh
# Node is needed only to build the site without a server: it compiles Python ahead.
set -eu
if command -v node >/dev/null && command -v npm >/dev/null; then exit 0; fi
if command -v apt-get >/dev/null && [ "$(id -u)" = 0 ]; then
  apt-get update -qq
  DEBIAN_FRONTEND=noninteractive apt-get install -y -qq nodejs npm >/dev/null
  exit 0
fi
echo "Node 18 or newer with npm is needed. On Debian and Ubuntu: apt install nodejs npm." >&2
exit 1
