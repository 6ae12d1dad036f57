#!/usr/bin/env bash
# usage: dev/bench.sh [JMH ARGUMENTS]
#
# Builds and runs the microbenchmarks whose names match the regular expression in ONLY (all without), prints them beside
# dev/microbench/baseline.json and leaves build/bench/results.json. QUICK=1 takes less of everything. To make a run the new
# baseline, copy its results over the old.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
mvn -B -q -pl dev/microbench -am -DskipTests package
commit=$(git rev-parse --short HEAD 2>/dev/null || echo unknown)
[[ -z $(git status --porcelain -- '*.java' 2>/dev/null) ]] || commit+=" and changes"
# shellcheck disable=SC2206 # ONLY is one expression or nothing
only=(${ONLY:-})
exec dev/java25.sh --sun-misc-unsafe-memory-access=allow -Dbench.quick="$([[ -n ${QUICK:-} ]] && echo true || echo false)" \
  -Dbench.commit="$commit" -cp "dev/microbench/target/classes:dev/microbench/target/lib/*" \
  org.pipecatmanager.microbench.Microbench "${only[@]}" "$@"
