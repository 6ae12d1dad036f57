#!/usr/bin/env bash
# usage: dev/with-services.sh COMMAND...
#
# Runs the command with MariaDB, Redis and RabbitMQ beside it and their addresses in its environment. Those of
# make services are used and left running; without them it starts its own and stops them, however the command ends.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
services=build/services

if ! dev/services status "$services" >/dev/null 2>&1; then
  trap 'dev/services stop "$services"' EXIT
  trap 'exit 129' HUP
  trap 'exit 130' INT
  trap 'exit 143' TERM
fi
dev/services start "$services"
. "$services/env"
"$@"
