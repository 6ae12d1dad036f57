#!/usr/bin/env bash
# usage: dev/aot.sh
#
# Makes the ahead-of-time cache that bin/pipecat-manager starts with, unless it is newer than the jar: a daemon rehearses, and what
# it loaded and what was hot is kept. A start then takes about half the processor time. Without the cache everything works as well.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
cache=app-daemon/target/pipecat-manager.aot
[[ ! $cache -nt app-daemon/target/app-daemon.jar ]] || exit 0
rm -f "$cache"
data=$(mktemp -d)
trap 'rm -rf "$data"' EXIT
if ! JAVA_OPTS="-XX:AOTCacheOutput=$PWD/$cache" LOG_LEVEL=WARN bin/pipecat-manager rehearse --data-dir="$data" >"$data/log" 2>&1; then
  cat "$data/log" >&2
  echo "aot: the ahead-of-time cache could not be made; the daemon starts without it" >&2
fi
