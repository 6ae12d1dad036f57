#!/usr/bin/env bash
# usage: dev/python-setup.sh [core|offline|dev]     (default: core)
#
# Creates or updates python-runner/.venv from the hash-locked requirements. Does nothing, in milliseconds, when the
# environment already is what the lock says. `offline` adds local speech, `dev` adds that and the checkers.
# `dev/python-setup.sh lock` writes the lock files anew from pyproject.toml.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/../python-runner"
what="${1:-core}"

if [[ $what == lock ]]; then
  uv="build/lock-venv/bin/uv"
  [[ -x $uv ]] || { python3.11 -m venv build/lock-venv && build/lock-venv/bin/pip install -q uv; }
  compile=("$uv" pip compile pyproject.toml --generate-hashes --python-version 3.11 --no-header --quiet --no-emit-index-url)
  "${compile[@]}" --extra offline --extra dev -o requirements/dev.txt
  "${compile[@]}" -c requirements/dev.txt --extra offline -o requirements/offline.txt
  "${compile[@]}" -c requirements/dev.txt -o requirements/core.txt
  exit
fi

lock="requirements/$what.txt"
[[ -f $lock ]] || { echo "python-setup: unknown set '$what'; known: core, offline, dev" >&2; exit 2; }

# A larger set contains the smaller ones, so an environment made for `dev` also serves `core`.
stamp_of() { cat "requirements/$1.txt" pyproject.toml | sha256sum | cut -c1-64; }
case $what in core) enough="core offline dev" ;; offline) enough="offline dev" ;; *) enough="dev" ;; esac
for set in $enough; do
  if [[ -f .venv/.lock-$set && "$(cat ".venv/.lock-$set")" == "$(stamp_of "$set")" ]]; then exit 0; fi
done

python=""
for candidate in "${PYTHON:-}" python3.11 python3; do
  [[ -n $candidate ]] && command -v "$candidate" >/dev/null || continue
  if "$candidate" -c 'import sys; sys.exit(sys.version_info[:2] != (3, 11))' 2>/dev/null; then python=$candidate; break; fi
done
[[ -n $python ]] || { echo "python-setup: Python 3.11 not found (the lock is made for it); install python3.11 and python3.11-venv, or set PYTHON=/path/to/python3.11" >&2; exit 1; }

[[ -x .venv/bin/python ]] || "$python" -m venv .venv
rm -f .venv/.lock-*
pip=(.venv/bin/python -m pip --disable-pip-version-check --quiet)
"${pip[@]}" install --require-hashes -r "$lock"
"${pip[@]}" install --no-deps --no-build-isolation --no-index --editable .
stamp_of "$what" >".venv/.lock-$what"
