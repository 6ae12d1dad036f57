#!/usr/bin/env bash
# usage: dev/vectors.sh
#
# Writes the golden vectors that Python makes: AudioSocket (from the specification), pipecat's frames (by the installed
# pipecat), resampler (by libsoxr). Java's own are written by a test of adapter-pipecat-ws; vectors/frames/README.md.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
dev/python-setup.sh dev
python-runner/.venv/bin/python dev/vectors/audiosocket.py
(cd python-runner && .venv/bin/python -m tests.vectors.write)
venv=build/vectors-venv
[[ -x $venv/bin/python ]] || python3 -m venv "$venv"
"$venv/bin/pip" install -q --disable-pip-version-check numpy==2.4.6 scipy==1.17.1 soxr==1.1.0
"$venv/bin/python" dev/vectors/resampler.py
