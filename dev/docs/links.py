"""Usage: dev/docs/links.py.

Every link between the pages of the repository leads to a file and, where it names one, to a heading. Exit code 1, and
where, if not.
"""

from __future__ import annotations

import re
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
PAGES = ("*.md", "docs/**/*.md", "python-runner/*.md", "vectors/**/*.md", "examples/**/*.md")
LINK = re.compile(r"(?<!!)\[[^\]\n]*\]\(([^)\s]+)\)|!\[[^\]]*\]\(([^)\s]+)\)|^\[[^\]]+\]: (\S+)", re.MULTILINE)
FENCED = re.compile(r"^ *```.*?^ *```", re.MULTILINE | re.DOTALL)
CODE = re.compile(r"`[^`\n]+`")
HEADING = re.compile(r"^#{1,6} (.+?) *#*$", re.MULTILINE)
ELSEWHERE = ("http://", "https://", "mailto:")


def text(page: Path) -> str:
    """A page without its blocks of code."""
    return FENCED.sub("", page.read_text())


def anchors(page: Path) -> set[str]:
    """What its headings are called in an address: lower case, dashes for spaces, numbered when they repeat."""
    found: set[str] = set()
    for heading in HEADING.findall(text(page)):
        plain = re.sub(r"\[([^\]]*)\]\([^)]*\)", r"\1", heading).replace("`", "").replace("*", "")
        name = re.sub(r"[^\w\- ]", "", plain.lower()).replace(" ", "-")
        number = 0
        while (numbered := f"{name}-{number}" if number else name) in found:
            number += 1
        found.add(numbered)
    return found


def problems(page: Path) -> list[str]:
    """The links of a page that lead nowhere."""
    wrong = []
    for match in LINK.finditer(CODE.sub("", text(page))):
        link = next(group for group in match.groups() if group)
        if link.startswith(ELSEWHERE):
            continue
        name, _, anchor = link.partition("#")
        target = (page.parent / name).resolve() if name else page
        if not target.exists():
            wrong.append(f"{page.relative_to(ROOT)}: {link} is no file")
        elif anchor and target.suffix == ".md" and anchor not in anchors(target):
            wrong.append(f"{page.relative_to(ROOT)}: {link} is no heading of {target.relative_to(ROOT)}")
    return wrong


def main() -> int:
    """Looks at them all."""
    pages = sorted({page for pattern in PAGES for page in ROOT.glob(pattern)})
    wrong = [problem for page in pages for problem in problems(page)]
    print(
        "\n".join(wrong) or f"the links of {len(pages)} pages lead somewhere", file=sys.stderr if wrong else sys.stdout
    )
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
