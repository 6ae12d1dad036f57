#!/usr/bin/env bash
# usage: dev/vectors.sh
#
# Writes the golden vectors anew: pipecat's frames with the installed pipecat, the resampler's with libsoxr. What Java
# writes (vectors/frames/java-*) comes from the tests of adapter-pipecat-ws. Look at the diff before you commit it.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

dev/python-setup.sh dev
(cd python-runner && .venv/bin/python -m tests.vectors.write)

venv=build/vectors-venv
[[ -x $venv/bin/python ]] || python3 -m venv "$venv"
"$venv/bin/python" -m pip --disable-pip-version-check --quiet install numpy==2.4.6 scipy==1.17.1 soxr==1.1.0
"$venv/bin/python" dev/vectors/resampler.py
git status --short -- vectors
