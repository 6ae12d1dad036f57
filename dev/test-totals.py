"""Adds up what surefire reported in all modules: one line per kind of run. Fails when a kind ran no test.

usage: test-totals.py [long]    with "long" only the tests of minutes, else all the others
"""

import sys
import xml.etree.ElementTree as ET
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
RUNS = {
    "Java 25": "surefire-reports",
    "Java 25, with other processes": "surefire-reports-e2e",
    "Java 21, library modules": "surefire-reports-java21",
}
LONG_RUNS = {"Java 25, for minutes": "surefire-reports-long"}
COUNTS = {"Tests run": "tests", "Failures": "failures", "Errors": "errors", "Skipped": "skipped"}


def main(arguments: list[str]) -> int:
    """Print the totals; return 1 if a kind of run is empty."""
    empty = False
    runs = LONG_RUNS if arguments == ["long"] else RUNS
    for name, folder in runs.items():
        suites = [ET.parse(report).getroot() for report in ROOT.glob(f"*/target/{folder}/TEST-*.xml")]
        totals = {label: sum(int(suite.get(key, "0")) for suite in suites) for label, key in COUNTS.items()}
        print(f"{name}: " + ", ".join(f"{label}: {total}" for label, total in totals.items()))
        empty |= totals["Tests run"] == 0
    if empty:
        print("test-totals: a kind of run above had no test at all", file=sys.stderr)
    return int(empty)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
