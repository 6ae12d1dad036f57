"""Usage: dev/third-party.py [--write].

The libraries that go into the distribution, and their licences as their own poms say them, against
packaging/third-party.md; --write puts the table right. A licence nobody has looked at yet is named and fails. Wants
make build, which leaves the list of them.
"""

from __future__ import annotations

import os
import re
import sys
import xml.etree.ElementTree as ET
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
PAGE = ROOT / "packaging/third-party.md"
CLASSPATH = ROOT / "app-daemon/target/classpath.txt"
# Old poms have no namespace.
POM = "{*}"
APACHE = re.compile(r"(The )?Apache( Software)? License,? ([Vv]ersion )?2\.0|Apache-2\.0|AL 2\.0")
BY_NAME = {
    "GPL v2": "GPL-2.0",
    "EPL 1.0": "EPL-1.0",
    "MPL 2.0": "MPL-2.0",
    "MIT License": "MIT",
    "Public Domain": "public domain",
}
# What we may take a library under, and what we say about it; in the order of the table.
ROWS = {
    frozenset({"Apache-2.0"}): "Apache License 2.0",
    frozenset({"Apache-2.0", "GPL-2.0", "MPL-2.0"}): "Apache License 2.0, GPL 2 or MPL 2.0, at choice; here the first",
    frozenset({"EPL-2.0", "Apache-2.0"}): "Eclipse Public License 2.0 or Apache License 2.0; here the latter",
    frozenset({"MIT"}): "MIT",
    frozenset({"BSD-3-Clause"}): "BSD 3-Clause",
    frozenset({"public domain"}): "public domain",
    frozenset({"MPL-2.0", "EPL-1.0"}): "MPL 2.0 or Eclipse Public License 1.0",
    frozenset({"EPL-2.0", "LGPL-2.1-only"}): "Eclipse Public License 2.0 or LGPL 2.1; here the former",
    frozenset(
        {"LGPL-2.1-or-later"}
    ): "LGPL 2.1 or later; it is a jar of its own, and may be replaced by another build of it",
}


def licences(pom: Path) -> frozenset[str]:
    """Those a pom in a repository names, or the parent it has them from."""
    project = ET.parse(pom).getroot()
    names = [name.text.strip() for name in project.findall(f"{POM}licenses/{POM}license/{POM}name") if name.text]
    if names:
        return frozenset("Apache-2.0" if APACHE.fullmatch(name) else BY_NAME.get(name, name) for name in names)
    parent = project.find(f"{POM}parent")
    if parent is None:
        return frozenset()
    group, artifact, version = (parent.findtext(POM + key, "").strip() for key in ("groupId", "artifactId", "version"))
    own = project.findtext(f"{POM}groupId", group).strip()
    repository = pom.parents[own.count(".") + 3]
    return licences(repository / group.replace(".", "/") / artifact / version / f"{artifact}-{version}.pom")


def table() -> str:
    """The rows, by licence."""
    rows: dict[str, list[str]] = {text: [] for text in ROWS.values()}
    jars = [Path(jar) for jar in CLASSPATH.read_text().strip().split(os.pathsep)]
    for jar in sorted(jars, key=lambda each: each.name):
        if ROOT in jar.parents:
            continue
        found = licences(jar.with_suffix(".pom"))
        if found not in ROWS:
            sys.exit(f"third-party: {jar.name} is under {sorted(found)}, which is not in ROWS; may it be shipped?")
        rows[ROWS[found]].append(re.sub(r"-\d.*$", "", jar.stem))
    return "".join(f"| {', '.join(names)} | {text} |\n" for text, names in rows.items() if names)


def main() -> int:
    """Compares, or writes."""
    if not CLASSPATH.is_file():
        sys.exit(f"third-party: {CLASSPATH.relative_to(ROOT)} is not there; run make build")
    page = PAGE.read_text()
    head = page[: page.index("|---|---|\n") + len("|---|---|\n")]
    wanted = head + table()
    if "--write" in sys.argv:
        PAGE.write_text(wanted)
    elif page != wanted:
        print(
            f"third-party: {PAGE.relative_to(ROOT)} is not what the poms say; run dev/third-party.py --write",
            file=sys.stderr,
        )
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
