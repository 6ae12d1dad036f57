#!/usr/bin/env bash
# usage: dev/load/run.sh [CALLS [SECONDS]]
#
# Many calls against one daemon; see run.py.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/../.."
dev/python-setup.sh
dev/build-if-stale.sh
exec python-runner/.venv/bin/python dev/load/run.py "$@"
