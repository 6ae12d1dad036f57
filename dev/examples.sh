#!/usr/bin/env bash
# usage: dev/examples.sh
#
# Builds the projects in examples, against the libraries beside them, and runs their tests. Maven runs in a Java 25: unlike ours,
# their poms look for no other.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
JAVA_HOME=$(dev/java25.sh --home)
export JAVA_HOME MAVEN_OPTS="--sun-misc-unsafe-memory-access=allow --enable-native-access=ALL-UNNAMED"
mvn -B -f examples/pom.xml -pl answering-service,file-events -am -Dtest.quick.skip=true verify "$@"
