#!/bin/sh
# PostgreSQL for the tests: the system's if there is one, else Debian's package.
# Without root or apt the tests that need it are skipped, and say so.
set -eu
for folder in /usr/lib/postgresql/*/bin /usr/local/bin /usr/bin; do
  if [ -x "$folder/initdb" ] && [ -x "$folder/postgres" ]; then exit 0; fi
done
if [ "$(id -u)" -ne 0 ] || ! command -v apt-get >/dev/null 2>&1; then
  echo "No PostgreSQL here, and no right to install it: its tests will be skipped." >&2
  exit 0
fi
export DEBIAN_FRONTEND=noninteractive
# No server of the system's own is started: the tests start theirs, and stop it.
if [ -d /etc ] && [ ! -e /etc/postgresql-common/createcluster.conf ]; then
  mkdir -p /etc/postgresql-common
  echo "create_main_cluster = false" > /etc/postgresql-common/createcluster.conf
fi
apt-get update -qq >/dev/null
apt-get install -y -qq --no-install-recommends postgresql >/dev/null
