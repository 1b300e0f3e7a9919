#!/bin/sh
# The proxy of JupyterHub for the tests of the hub: Node from Debian if there is none, and
# the locked version of configurable-http-proxy beside this file.
set -eu
here=$(cd "$(dirname "$0")" && pwd)
if ! command -v node >/dev/null 2>&1 || ! command -v npm >/dev/null 2>&1; then
  if [ "$(id -u)" -ne 0 ] || ! command -v apt-get >/dev/null 2>&1; then
    echo "Node is needed for the tests of the hub: apt install nodejs npm" >&2
    exit 1
  fi
  export DEBIAN_FRONTEND=noninteractive
  apt-get update -qq >/dev/null
  apt-get install -y -qq --no-install-recommends nodejs npm >/dev/null
fi
# git is the source of the notebooks in one test, and the tool of nbgitpuller.
if ! command -v git >/dev/null 2>&1; then
  apt-get install -y -qq --no-install-recommends git >/dev/null
fi
# In dash -nt is false for a file that is not there.
installed="$here/node_modules/.package-lock.json"
if [ ! -e "$installed" ] || [ "$here/package-lock.json" -nt "$installed" ]; then
  (cd "$here" && npm ci --silent)
fi
