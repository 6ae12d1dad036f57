#!/usr/bin/env bash
# usage: dev/demo/run.sh
#
# Builds what is out of date, then holds the conversation of the demo. The second time only the conversation is left.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/../.."
dev/python-setup.sh offline
dev/build-if-stale.sh
exec python-runner/.venv/bin/python dev/demo/demo.py
