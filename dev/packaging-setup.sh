#!/usr/bin/env bash
# usage: dev/packaging-setup.sh [lock]
#
# Puts what the tests of the packages need into build/packaging-venv, from a lock with hashes. Does nothing, in milliseconds, when it
# is there. With "lock" it writes the lock anew.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
venv=build/packaging-venv
lock=packaging/tests/requirements.txt

python=${PYTHON:-python3.11}
if [[ ${1:-} == lock ]]; then
  [[ -x build/lock-venv/bin/uv ]] || { "$python" -m venv build/lock-venv && build/lock-venv/bin/pip install -q uv; }
  build/lock-venv/bin/uv pip compile packaging/tests/requirements.in --generate-hashes --python-version 3.11 --no-header --no-annotate \
    --quiet --no-emit-index-url -o "$lock"
  exit
fi
! cmp -s "$lock" "$venv/lock" || exit 0
[[ -x $venv/bin/python ]] || "$python" -m venv "$venv"
"$venv/bin/python" -m pip --disable-pip-version-check --quiet install --require-hashes -r "$lock"
cp "$lock" "$venv/lock"
