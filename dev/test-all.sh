#!/usr/bin/env bash
# usage: dev/test-all.sh [long]
#
# Every test there is but those of minutes: Maven's on Java 25, the libraries' once more on Java 21, those that need
# other processes, and the runner's. With "long" those of minutes and no other. Ends with the totals of each. Starts
# the servers that the tests need. make setup has to have run.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
mkdir -p build/test
# Reports of tests that are gone would be counted.
rm -rf -- */target/surefire-reports*

if [[ ${1:-} == long ]]; then
  dev/with-services.sh mvn -B -Plong verify
  echo
  python-runner/.venv/bin/python dev/test-totals.py long
  exit
fi

dev/with-services.sh mvn -B -Pjava21,e2e verify
(cd python-runner && .venv/bin/python -m pytest --color=no) | tee build/test/pytest.log
echo
python-runner/.venv/bin/python dev/test-totals.py
echo "python-runner: $(tail -n 1 build/test/pytest.log)"
