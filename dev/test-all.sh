#!/usr/bin/env bash
# usage: dev/test-all.sh [long]
#
# Every test there is but those of minutes: Maven's on Java 25, the libraries' once more on Java 21, those that need
# other processes, those of the examples, the console's in Node.js and in a browser, the runner's, those of the packaged
# daemon among the services of a platform, and those of the distribution. With "long" those of minutes and no other. Ends with the totals
# of each. Starts the servers that the tests need. make setup has to have run, before "long" make build too.
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
rm -rf -- */target/surefire-reports* examples/*/target/surefire-reports*
dev/console.sh build
dev/console.sh test | tee "$logs/console.log"
dev/with-services.sh mvn -B -Pjava21,e2e verify
dev/examples.sh
dev/console.sh browser | tee "$logs/console-browser.log"
python_tests python-runner pytest.log
python_tests app-daemon/src/test/python platform.log -m "not long"
dev/packaging-setup.sh
python3.11 dev/third-party.py
dev/dist.sh
(cd packaging/tests && ../../build/packaging-venv/bin/python -m pytest --color=no) | tee "$logs/packaging.log"
echo
python-runner/.venv/bin/python dev/test-totals.py
for part in console console-browser; do
  echo "$part: $(sed -nE 's/^(#|ℹ) (pass|fail) /\2 /p' "$logs/$part.log" | paste -sd, -)"
done
echo "python-runner: $(tail -n 1 "$logs/pytest.log")"
echo "platform: $(tail -n 1 "$logs/platform.log")"
echo "packaging: $(tail -n 1 "$logs/packaging.log")"
