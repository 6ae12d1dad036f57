#!/usr/bin/env bash
# usage: dev/test-all.sh [long]
#
# Every test there is but those of minutes: Maven's on Java 25, the libraries' once more on Java 21, those that need
# other processes, the runner's, those of the packaged daemon among the services of a platform, and those of the
# distribution. With "long" those of minutes and no other. Ends with the totals of each. Starts the servers that the
# tests need. make setup has to have run, before "long" make build too.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
mkdir -p build/test
logs=$PWD/build/test

# python_tests FOLDER LOG ARGUMENT...
python_tests() {
  local folder=$1 log=$2
  shift 2
  (cd "$folder" && "$OLDPWD/python-runner/.venv/bin/python" -m pytest --color=no "$@") | tee "$logs/$log"
}

if [[ ${1:-} == long ]]; then
  python_tests app-daemon/src/test/python platform-long.log -m long
  echo
  echo "platform, for minutes: $(tail -n 1 "$logs/platform-long.log")"
  exit
fi

# Reports of tests that are gone would be counted.
rm -rf -- */target/surefire-reports*
dev/with-services.sh mvn -B -Pjava21,e2e verify
python_tests python-runner pytest.log
python_tests app-daemon/src/test/python platform.log -m "not long"
dev/packaging-setup.sh
dev/dist.sh
(cd packaging/tests && ../../build/packaging-venv/bin/python -m pytest --color=no) | tee "$logs/packaging.log"
echo
python-runner/.venv/bin/python dev/test-totals.py
echo "python-runner: $(tail -n 1 "$logs/pytest.log")"
echo "platform: $(tail -n 1 "$logs/platform.log")"
echo "packaging: $(tail -n 1 "$logs/packaging.log")"
