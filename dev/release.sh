#!/usr/bin/env bash
# usage: dev/release.sh
#
# Puts what a Maven repository gets into build/release, laid out as one: the parent, the bill of materials, and each library with its
# sources and its documentation, which has to be without a warning. Every jar has to say its licence and, where it has classes, its
# module. Nothing is sent and nothing is signed.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
libraries=(pipecat-ports pipecat-domain adapter-amqp adapter-audiosocket adapter-mysql adapter-pipecat-ws adapter-redis)
jar="$(dev/java25.sh --home)/bin/jar"

rm -rf build/release
mvn -B -q -Prelease -pl "bom,$(IFS=,; echo "${libraries[*]}")" -am -DskipTests \
  -DaltDeploymentRepository="release::file://$PWD/build/release" deploy

bad=0
for library in "${libraries[@]}"; do
  for kind in "" -sources -javadoc; do
    found=(build/release/org/pipecatmanager/"$library"/*/"$library"-*[0-9T]"$kind".jar)
    if [[ ! -f ${found[0]} ]]; then
      echo "release: $library has no jar that ends with '$kind.jar'" >&2
      bad=1
      continue
    fi
    names=$("$jar" --list --file "${found[0]}")
    for name in META-INF/LICENSE META-INF/NOTICE; do
      grep -qx "$name" <<<"$names" || { echo "release: ${found[0]} has no $name" >&2; bad=1; }
    done
    if [[ -z $kind ]]; then
      "$jar" --describe-module --file "${found[0]}" | grep -q "^org\.pipecatmanager\.[a-z.]*@.* automatic$" ||
        { echo "release: ${found[0]} has no module name of ours" >&2; bad=1; }
    fi
  done
done
((bad == 0)) || exit 1
echo "release: ${#libraries[@]} libraries with sources and documentation, and pipecat-bom, in build/release"
