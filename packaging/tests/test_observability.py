"""Dashboards and alerts: they can be read, and name no series, label or value that a daemon does not have.

What a daemon has is told by docs/metrics.md, which the daemon's own tests hold against a real one.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

import promql_parser
import pytest
import yaml

from distribution import ROOT

#: Added by Prometheus, to every series.
TARGET = {"instance", "job"}
#: Prometheus's own.
UP = "up"
SUFFIXES = {"histogram": ("_bucket", "_sum", "_count"), "summary": ("_sum", "_count")}
ROW = re.compile(r"^\| `(\w+)` \| (\w+) \| ([^|]+) \| [\w ]+ \| (.+) \|$", re.M)
REASONS = ROOT / "pipecat-ports/src/main/java/org/pipecatmanager/ports/model/EndReason.java"
#: What a variable of a dashboard, and an interval of Grafana, stand for.
VARIABLES = {"$__rate_interval": "5m", "$instance": ".*"}


class Series(NamedTuple):
    labels: set[str]
    words: set[str]


class Use(NamedTuple):
    """A series in an expression, and what is asked of its labels: name to values, None where any will do."""

    name: str
    asked: dict[str, list[str]]


def documented() -> dict[str, Series]:
    """By the names that can be asked for."""
    found: dict[str, Series] = {}
    reasons = {name.lower() for name in re.findall(r"^ {4}([A-Z_]+)[,;]$", REASONS.read_text(), re.M)}
    for name, kind, labels, said in ROW.findall((ROOT / "docs/metrics.md").read_text()):
        series = Series(set(re.findall(r"`(\w+)`", labels)) | TARGET, set(re.findall(r"`([\w./-]+)`", said)))
        if name == "pipecat_manager_sessions_ended_total":
            series = series._replace(words=series.words | reasons)
        for suffix in SUFFIXES.get(kind, ("",)):
            extra = {"le"} if suffix == "_bucket" else set()
            found[name + suffix] = series._replace(labels=series.labels | extra)
    assert len(found) > 100, "docs/metrics.md could not be read"
    return found


SERIES = documented() | {UP: Series(TARGET, {"pipecat-manager"})}


def uses(node: Any, grouped: frozenset[str] = frozenset()) -> Iterator[Use]:
    """Every series below a node; what it is grouped by has to be a label of each."""
    if isinstance(node, promql_parser.AggregateExpr):
        labels = frozenset(node.modifier.labels) if node.modifier else frozenset()
        yield from uses(node.expr, grouped | labels)
    elif isinstance(node, promql_parser.BinaryExpr):
        yield from uses(node.lhs, grouped)
        yield from uses(node.rhs, grouped)
    elif isinstance(node, promql_parser.Call):
        for argument in node.args:
            yield from uses(argument, grouped)
    elif isinstance(node, promql_parser.MatrixSelector):
        yield from uses(node.vector_selector, grouped)
    elif isinstance(node, promql_parser.VectorSelector):
        asked: dict[str, list[str]] = {label: [] for label in grouped}
        for matcher in node.matchers.matchers:
            asked.setdefault(matcher.name, []).extend(matcher.value.split("|"))
        assert node.name
        yield Use(node.name, asked)
    elif isinstance(node, (promql_parser.ParenExpr, promql_parser.SubqueryExpr, promql_parser.UnaryExpr)):
        yield from uses(node.expr, grouped)
    else:
        assert isinstance(node, (promql_parser.NumberLiteral, promql_parser.StringLiteral)), node


def wrong(expression: str) -> list[str]:
    """What an expression asks for that is not there; a syntax error is raised."""
    for name, value in VARIABLES.items():
        expression = expression.replace(name, value)
    found = []
    for use in uses(promql_parser.parse(expression)):
        series = SERIES.get(use.name)
        if series is None:
            found.append(f"no series is named {use.name}")
            continue
        for label, values in use.asked.items():
            if label not in series.labels:
                found.append(f"{use.name} has no label {label}")
            elif label not in {*TARGET, "area"}:
                found += [f"{use.name}: {label} is never {value}" for value in values if value not in series.words]
    return found


@pytest.fixture(scope="module")
def rules(tree: Path) -> list[dict[str, Any]]:
    document = yaml.safe_load((tree / "prometheus/alerts.yml").read_text())
    assert set(document) == {"groups"}
    return [rule for group in document["groups"] for rule in group["rules"]]


@pytest.fixture(scope="module")
def dashboards(tree: Path) -> list[dict[str, Any]]:
    found = [json.loads(file.read_text()) for file in sorted((tree / "grafana").glob("*.json"))]
    assert found
    return found


def panels(dashboard: dict[str, Any]) -> list[dict[str, Any]]:
    return [panel for panel in dashboard["panels"] if panel["type"] != "row"]


def test_alerts_ask_for_what_there_is(rules: list[dict[str, Any]]) -> None:
    assert len(rules) > 20
    assert not [f"{rule['alert']}: {problem}" for rule in rules for problem in wrong(rule["expr"])]


def test_alerts_say_what_is_wrong_and_what_to_do(rules: list[dict[str, Any]]) -> None:
    assert len({rule["alert"] for rule in rules}) == len(rules)
    for rule in rules:
        assert set(rule) <= {"alert", "expr", "for", "labels", "annotations"}, rule["alert"]
        assert re.fullmatch(r"\d+[smh]", rule.get("for", "1m")), rule["alert"]
        assert rule["labels"]["severity"] in {"page", "ticket"}
        assert set(rule["annotations"]) == {"summary", "runbook"}
        page, _, heading = rule["annotations"]["runbook"].rsplit(" ", 1)[1].partition("#")
        text = (ROOT / page).read_text()
        headings = re.findall(r"^#+ (.+)$", text, re.M)
        names = {re.sub(r"[^\w -]", "", name.lower()).replace(" ", "-") for name in headings}
        assert not heading or heading in names, f"{rule['alert']}: {page} has no heading {heading}"
        kept = {label for use in uses(promql_parser.parse(rule["expr"])) for label in use.asked} | TARGET
        shown = set(re.findall(r"\$labels\.(\w+)", json.dumps(rule["annotations"])))
        assert shown <= kept, f"{rule['alert']} shows {shown - kept}, which the expression does not keep"


def test_dashboards_ask_for_what_there_is(dashboards: list[dict[str, Any]]) -> None:
    for dashboard in dashboards:
        asked = [(panel["title"], target["expr"]) for panel in panels(dashboard) for target in panel["targets"]]
        assert len(asked) > 30
        assert not [f"{title}: {problem}" for title, expression in asked for problem in wrong(expression)]
        for variable in dashboard["templating"]["list"]:
            if variable["type"] == "query":
                series, label = re.fullmatch(r"label_values\((\w+), (\w+)\)", variable["query"]["query"]).groups()  # type: ignore[union-attr]
                assert label in SERIES[series].labels


def test_dashboards_can_be_imported(dashboards: list[dict[str, Any]]) -> None:
    for dashboard in dashboards:
        ids = [panel["id"] for panel in dashboard["panels"]]
        assert len(set(ids)) == len(ids)
        assert dashboard["uid"]
        assert dashboard["schemaVersion"] >= 36
        for panel in panels(dashboard):
            # Of whoever imports it, never one of ours.
            assert panel["datasource"] == {"type": "prometheus", "uid": "${datasource}"}
            place = panel["gridPos"]
            assert place["x"] + place["w"] <= 24
            shown = {label for target in panel["targets"] for label in re.findall(r"{{(\w+)}}", target["legendFormat"])}
            known = set().union(*(SERIES[use.name].labels for target in panel["targets"] for use in in_panel(target)))
            assert shown <= known, panel["title"]
        covered = [
            (one, two)
            for one in dashboard["panels"]
            for two in dashboard["panels"]
            if one["id"] < two["id"] and overlap(one["gridPos"], two["gridPos"])
        ]
        assert not covered


def in_panel(target: dict[str, Any]) -> list[Use]:
    expression = target["expr"]
    for name, value in VARIABLES.items():
        expression = expression.replace(name, value)
    return list(uses(promql_parser.parse(expression)))


def overlap(one: dict[str, int], two: dict[str, int]) -> bool:
    return (
        one["x"] < two["x"] + two["w"]
        and two["x"] < one["x"] + one["w"]
        and one["y"] < two["y"] + two["h"]
        and two["y"] < one["y"] + one["h"]
    )


@pytest.mark.parametrize(
    ("expression", "problem"),
    [
        ("pipecat_manager_calls", "no series is named pipecat_manager_calls"),
        ("pipecat_manager_turn_latency_seconds", "no series is named pipecat_manager_turn_latency_seconds"),
        ('pipecat_manager_sessions{host="a"}', "pipecat_manager_sessions has no label host"),
        ("sum by (reason) (pipecat_manager_sessions)", "pipecat_manager_sessions has no label reason"),
        (
            'pipecat_manager_sessions_ended_total{reason=~"internal|tired"}',
            "pipecat_manager_sessions_ended_total: reason is never tired",
        ),
    ],
)
def test_what_is_not_there_is_found(expression: str, problem: str) -> None:
    assert wrong(expression) == [problem]
