#!/usr/bin/env bash
# usage: dev/load/load.sh [OPTION...]
#
# The load bench; see docs/performance.md, and --help. JAVA_OPTS goes to the daemon. Starts MariaDB, Redis and RabbitMQ
# unless it gets --embedded.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/../.."
dev/build-if-stale.sh
JAVA_HOME=$(dev/java25.sh --home)
export JAVA_HOME
# Serial: the generator makes no garbage while it measures, and its collector should take no core.
with=(dev/with-services.sh)
[[ " $* " != *" --embedded "* && " $* " != *" --help "* ]] || with=()
exec "${with[@]}" "$JAVA_HOME/bin/java" -XX:+UseSerialGC -Xmx1g -Dload.home="$PWD" \
  -cp "dev/load/target/pipecat-load.jar:dev/load/target/lib/*" org.pipecatmanager.load.Main "$@"
