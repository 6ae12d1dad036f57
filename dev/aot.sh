#!/usr/bin/env bash
# usage: dev/aot.sh
#
# Makes the ahead-of-time cache of what make build left. A build without it is no failure: bin/pipecat-aot has said why.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
bin/pipecat-aot || true
