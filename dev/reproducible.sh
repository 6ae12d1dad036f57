#!/usr/bin/env bash
# usage: dev/reproducible.sh
#
# Builds the last commit twice, in two folders, and compares every jar, and the distribution without its cache, byte for byte.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

for copy in first second; do
  mkdir "$work/$copy"
  git archive HEAD | tar -x -C "$work/$copy"
  ln -s "$PWD/python-runner/.venv" "$work/$copy/python-runner/.venv"
  (cd "$work/$copy" && dev/console.sh build && mvn -B -q -DskipTests package && dev/dist.sh --without-cache >/dev/null)
  (
    cd "$work/$copy"
    find . -path '*/target/*.jar' -not -path '*/target/lib/*' -exec sha256sum {} + | sort -k 2
    sha256sum build/dist/*.tar.gz
  ) >"$work/$copy.sums"
done

jars=$(grep -c "\.jar$" <"$work/first.sums")
((jars >= 8)) || { echo "reproducible: only $jars jars were built" >&2; exit 1; }
diff "$work/first.sums" "$work/second.sums" || { echo "reproducible: these files differ" >&2; exit 1; }
echo "reproducible: $jars jars and the distribution, twice the same"
