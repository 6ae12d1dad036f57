"""docs/metrics.md, held against what a daemon shows."""

from __future__ import annotations

import re
import urllib.request

from support.daemon import HOME, Daemon

_ROW = re.compile(r"^\| `(\w+)` \| (\w+) \| ([^|]+) \| ([\w ]+) \|", re.M)
_TYPE = re.compile(r"^# TYPE (\w+) (\w+)$", re.M)
_SAMPLE = re.compile(r"^(\w+)(?:{(.*)})? \S+$", re.M)
_LABEL = re.compile(r'(\w+)="(?:[^"\\]|\\.)*"')
#: Of the JVM, after the first collection of garbage.
_LATER = "jvm_memory_pool_allocated_bytes_total"


def check(daemon: Daemon, *where: str) -> None:
    """Everything shown is documented so; what is documented without labels, for always or for there, is shown."""
    rows = _ROW.findall((HOME / "docs/metrics.md").read_text())
    page = {name: (kind, set(re.findall(r"`(\w+)`", labels)), place) for name, kind, labels, place in rows}
    with urllib.request.urlopen(f"http://{daemon.ready['metrics']}/metrics", timeout=10) as response:
        text = response.read().decode()
    shown = dict(_TYPE.findall(text))
    assert {name: page[name][0] for name in shown if name in page} == shown
    for name, labels in _SAMPLE.findall(text):
        row = page.get(name) or page[re.sub(r"_(bucket|sum|count)$", "", name)]
        assert set(_LABEL.findall(labels)) - {"le"} == row[1], name
    wanted = {name for name, (_, labels, place) in page.items() if place in {"always", *where} and not labels}
    assert wanted - {_LATER} <= set(shown)
    assert len(shown) > 70
