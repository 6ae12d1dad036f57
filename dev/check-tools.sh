#!/usr/bin/env bash
# usage: dev/check-tools.sh
#
# Says, all at once, which tools of the build are missing and what installs them. Silent when nothing is.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
missing=()

at_least() { [[ "$(printf '%s\n%s\n' "$1" "$2" | sort -V | head -n 1)" == "$1" ]]; }

if ! command -v mvn >/dev/null; then
  missing+=("Maven 3.8.6 or newer: apt-get install maven")
else
  maven=$(mvn -v 2>/dev/null | sed -n 's/.*Apache Maven \([0-9.]*\).*/\1/p')
  at_least 3.8.6 "${maven:-0}" || missing+=("Maven 3.8.6 or newer (mvn is ${maven:-not working}): apt-get install maven")
fi

if ! jdk=$(dev/java25.sh --home 2>/dev/null); then
  missing+=("a JDK 25 (the default java may stay older): temurin-25-jdk from https://adoptium.net/installation/linux, or set JAVA_HOME to one")
elif [[ ! -x $jdk/bin/javac ]]; then
  missing+=("a JDK 25 with a compiler: $jdk has none")
fi

python=""
for candidate in "${PYTHON:-}" python3.11 python3; do
  if [[ -n $candidate ]] && "$candidate" -c 'import sys; sys.exit(sys.version_info[:2] != (3, 11))' 2>/dev/null; then
    python=$candidate
    break
  fi
done
if [[ -z $python ]]; then
  missing+=("Python 3.11 (the runner's lock is made for it): apt-get install python3.11 python3.11-venv, or set PYTHON to one")
elif ! "$python" -c 'import venv, ensurepip' 2>/dev/null; then
  missing+=("venv and ensurepip of $python: apt-get install python3.11-venv")
fi

if ! command -v node >/dev/null || ! command -v npm >/dev/null; then
  missing+=("Node.js 18 or newer, with npm (it bundles the console's page): apt-get install nodejs npm, or https://nodejs.org")
else
  node=$(node --version 2>/dev/null)
  at_least 18 "${node#v}" || missing+=("Node.js 18 or newer (node is ${node:-not working}): https://nodejs.org")
fi

# Only the tests need them, and make test installs them where it may: a hint, not a failure.
dev/services check || true

if ((${#missing[@]})); then
  printf 'The build needs:\n' >&2
  printf '  - %s\n' "${missing[@]}" >&2
  exit 1
fi
