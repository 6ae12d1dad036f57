#!/usr/bin/env bash
# usage: dev/build-if-stale.sh
#
# Packages the daemon unless its jar is newer than every source and pom.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
jar=app-daemon/target/app-daemon.jar
if [[ ! -f $jar ]] || [[ -n $(find pom.xml ./*/pom.xml ./*/src/main -newer "$jar" -type f -print -quit) ]]; then
  echo "building (some minutes the first time) …"
  mvn -B -q -DskipTests package
fi
