"""Adds up what surefire reported in all modules: one line per kind of run. Fails when a kind ran no test.

usage: test-totals.py
"""

import sys
import xml.etree.ElementTree as ET
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
RUNS = {
    "Java 25": "*/target/surefire-reports",
    "Java 25, with other processes": "*/target/surefire-reports-e2e",
    "Java 21, library modules": "*/target/surefire-reports-java21",
    "examples": "examples/*/target/surefire-reports",
}
COUNTS = {"Tests run": "tests", "Failures": "failures", "Errors": "errors", "Skipped": "skipped"}


def main() -> int:
    """Print the totals; return 1 if a kind of run is empty."""
    empty = False
    for name, place in RUNS.items():
        suites = [ET.parse(report).getroot() for report in ROOT.glob(f"{place}/TEST-*.xml")]
        totals = {label: sum(int(suite.get(key, "0")) for suite in suites) for label, key in COUNTS.items()}
        print(f"{name}: " + ", ".join(f"{label}: {total}" for label, total in totals.items()))
        empty |= totals["Tests run"] == 0
    if empty:
        print("test-totals: a kind of run above had no test at all", file=sys.stderr)
    return int(empty)


if __name__ == "__main__":
    sys.exit(main())
