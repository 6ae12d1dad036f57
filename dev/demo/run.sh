#!/bin/sh
# Runs the demo; `make demo` has set up what it needs.
set -eu
cd "$(dirname "$0")/../.."
exec python3 dev/demo/demo.py
