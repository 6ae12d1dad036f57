#!/usr/bin/env bash
# usage: dev/build-if-stale.sh
#
# Packages the daemon and the load bench unless their jars are newer than every source and pom.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
dev/console.sh build
jars=(app-daemon/target/app-daemon.jar dev/load/target/pipecat-load.jar)

# stale JAR PATH...: whether it is older than one of these.
stale() { [[ ! -f $1 ]] || [[ -n $(find "${@:2}" -newer "$1" -type f -print -quit) ]]; }

if stale "${jars[0]}" pom.xml ./*/pom.xml ./*/src/main build/console || stale "${jars[1]}" pom.xml dev/load/pom.xml dev/load/src/main; then
  echo "building (some minutes the first time) …"
  mvn -B -q -DskipTests package
  # A jar whose own module did not change is left as it was.
  touch "${jars[@]}"
fi
dev/aot.sh
