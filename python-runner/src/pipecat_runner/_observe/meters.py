"""The metrics of the whole runner, in its parent."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, generate_latest
from prometheus_client.metrics import MetricWrapperBase

from pipecat_runner._observe.table import METRICS, Metric

_PREFIX = "pipecat_runner_"


class Meters:
    """Holds the sums. Belongs to the event loop."""

    def __init__(self) -> None:
        """All are there from the start: a rate over a metric that appears with its first event misses that event."""
        self._registry = CollectorRegistry()
        self._metrics = {name: self._make(name, metric) for name, metric in METRICS.items()}

    def count(self, name: str, value: float = 1.0, **labels: str) -> None:
        """Add to a counter or observe a value of a histogram."""
        metric = self._labelled(name, labels)
        if isinstance(metric, Histogram):
            metric.observe(value)
        elif isinstance(metric, Counter):
            metric.inc(value)

    def set(self, name: str, value: float, **labels: str) -> None:
        """Set a gauge."""
        metric = self._labelled(name, labels)
        if isinstance(metric, Gauge):
            metric.set(value)

    def clear(self, *names: str) -> None:
        """Forget the values of gauges with labels: those of workers that are no longer there."""
        for name in names:
            self._metrics[name].clear()

    def apply(self, samples: Iterable[Any]) -> None:
        """Add what a worker has counted."""
        for name, value, labels in samples:
            self.count(name, value, **labels)

    def page(self) -> bytes:
        """The text for Prometheus."""
        return generate_latest(self._registry)

    def _make(self, name: str, metric: Metric) -> MetricWrapperBase:
        full, labels = _PREFIX + name, metric.labels
        if metric.kind == "histogram":
            return Histogram(full, metric.help, labels, buckets=metric.buckets, registry=self._registry)
        make = Counter if metric.kind == "counter" else Gauge
        return make(full, metric.help, labels, registry=self._registry)

    def _labelled(self, name: str, labels: dict[str, str]) -> MetricWrapperBase:
        metric = self._metrics[name]
        return metric.labels(**labels) if labels else metric
