#!/usr/bin/env bash
# usage: dev/guards-bite.sh
#
# Proves that the enforcer's bans bite: gives a copy of the poms one forbidden dependency per module and expects the
# build to name each of them.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
copy=$(mktemp -d)
trap 'rm -rf "$copy"' EXIT

cp -r pom.xml .mvn "$copy/"
for pom in */pom.xml dev/*/pom.xml; do
  mkdir -p "$copy/${pom%/*}"
  cp "$pom" "$copy/$pom"
done

# module, forbidden group, forbidden artifact
crimes=(
  "pipecat-ports        org.slf4j            slf4j-api"
  "pipecat-domain       tools.jackson.core   jackson-databind"
  "adapter-amqp         org.pipecatmanager   adapter-redis"
  "adapter-mysql        com.google.inject    guice"
  "adapter-redis        info.picocli         picocli"
  "adapter-audiosocket  org.pipecatmanager   pipecat-domain"
  "adapter-pipecat-ws   io.prometheus        prometheus-metrics-core"
  "app-daemon           com.google.protobuf  protobuf-java"
)
for crime in "${crimes[@]}"; do
  read -r module group artifact <<<"$crime"
  dependency="    <dependency><groupId>$group</groupId><artifactId>$artifact</artifactId></dependency>"
  if grep -q '^  <dependencies>' "$copy/$module/pom.xml"; then
    sed -i "s|^  </dependencies>|$dependency\n  </dependencies>|" "$copy/$module/pom.xml"
  else
    sed -i "s|^  <build>|  <dependencies>\n$dependency\n  </dependencies>\n  <build>|" "$copy/$module/pom.xml"
  fi
done

# Never stop at the first: every module must be judged.
(cd "$copy" && mvn -B --fail-never validate) >"$copy/log" 2>&1 || true
log=$(sed 's/\x1b\[[0-9;]*m//g' "$copy/log")

unpunished=0
for crime in "${crimes[@]}"; do
  read -r module group artifact <<<"$crime"
  verdict=$(sed -n "/^\[ERROR\] $module may not depend on this/,/Help 1/p" <<<"$log")
  if ! grep -q "$group:$artifact:.*banned" <<<"$verdict"; then
    echo "guards-bite: nobody stopped $module from depending on $group:$artifact" >&2
    unpunished=1
  fi
done
((unpunished == 0)) || { tail -n 60 <<<"$log" >&2; exit 1; }
echo "guards-bite: ${#crimes[@]} forbidden dependencies, each refused"
