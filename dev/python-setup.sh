#!/usr/bin/env bash
# usage: dev/python-setup.sh [SET...]     (default: core)
#
# Creates or updates python-runner/.venv from the hash-locked requirements: `core` is always in it; each further set adds
# what one kind of provider needs (anthropic, aws, azure, deepgram, google), local speech (offline), or traces (tracing).
# `hosted` is all of the first kind, `dev` is everything and the checkers. Does nothing, in milliseconds, when the
# environment already has what the lock says. `dev/python-setup.sh lock` writes the lock files anew from pyproject.toml.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/../python-runner"

HOSTED=(anthropic aws azure deepgram google)
EXTRAS=("${HOSTED[@]}" offline tracing)

if [[ ${1:-} == lock ]]; then
  uv="build/lock-venv/bin/uv"
  [[ -x $uv ]] || { python3.11 -m venv build/lock-venv && build/lock-venv/bin/pip install -q uv; }
  compile=("$uv" pip compile pyproject.toml --generate-hashes --python-version 3.11 --no-header --no-annotate --quiet --no-emit-index-url)
  all=()
  for extra in "${EXTRAS[@]}" dev; do all+=(--extra "$extra"); done
  "${compile[@]}" "${all[@]}" -o requirements/dev.txt
  "${compile[@]}" -c requirements/dev.txt -o requirements/core.txt
  for extra in "${EXTRAS[@]}"; do
    "${compile[@]}" -c requirements/dev.txt --extra "$extra" -o "build/$extra.txt"
    # What core has is not said again: a line that does not start with a blank begins a package.
    awk 'NR == FNR { if (/^[^ ]/) core[$1]; next } /^[^ ]/ { kept = !($1 in core) } kept' \
      requirements/core.txt "build/$extra.txt" >"requirements/$extra.txt"
  done
  exit
fi

sets=()
for set in core "$@"; do
  case $set in
    hosted) sets+=("${HOSTED[@]}") ;;
    dev) sets+=(dev "${EXTRAS[@]}") ;;
    *) sets+=("$set") ;;
  esac
done
for set in "${sets[@]}"; do
  [[ -f requirements/$set.txt ]] || { echo "python-setup: unknown set '$set'; known: core, hosted, dev, ${EXTRAS[*]}" >&2; exit 2; }
done

# Each set that is installed has a file that says what its lock was.
stamp_of() { cat "requirements/$1.txt" pyproject.toml | sha256sum | cut -c1-64; }
missing=()
for set in "${sets[@]}"; do
  [[ -f .venv/.lock-$set && "$(cat ".venv/.lock-$set")" == "$(stamp_of "$set")" ]] || missing+=("$set")
done
((${#missing[@]})) || exit 0

python=""
for candidate in "${PYTHON:-}" python3.11 python3; do
  [[ -n $candidate ]] && command -v "$candidate" >/dev/null || continue
  if "$candidate" -c 'import sys; sys.exit(sys.version_info[:2] != (3, 11))' 2>/dev/null; then python=$candidate; break; fi
done
[[ -n $python ]] || { echo "python-setup: Python 3.11 not found (the lock is made for it); install python3.11 and python3.11-venv, or set PYTHON=/path/to/python3.11" >&2; exit 1; }

[[ -x .venv/bin/python ]] || "$python" -m venv .venv
pip=(.venv/bin/python -m pip --disable-pip-version-check --quiet)
# The set dev holds the others.
if [[ " ${sets[*]} " == *" dev "* ]]; then files=(-r requirements/dev.txt); else files=(); for set in "${sets[@]}"; do files+=(-r "requirements/$set.txt"); done; fi
for set in "${missing[@]}"; do rm -f ".venv/.lock-$set"; done
"${pip[@]}" install --require-hashes "${files[@]}"
"${pip[@]}" install --no-deps --no-build-isolation --no-index --editable .
for set in "${missing[@]}"; do stamp_of "$set" >".venv/.lock-$set"; done
