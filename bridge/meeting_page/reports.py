"""How often the meeting's page could not show the panel, in this process; for monitoring."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from threading import Lock

from prometheus_client.core import CounterMetricFamily, Metric
from prometheus_client.registry import Collector

from bridge.meeting_page.rules import Trouble


class Reports(Collector):
    """Counts troubles by kind; there are only so many kinds."""

    def __init__(self) -> None:
        self._counts: Counter[Trouble] = Counter()
        self._lock = Lock()

    def add(self, trouble: Trouble) -> None:
        """Count one more."""
        with self._lock:
            self._counts[trouble] += 1

    def collect(self) -> Iterator[Metric]:
        """Yield the figure that monitoring asks for."""
        family = CounterMetricFamily(
            "oac_meeting_page_troubles",
            "Meeting pages without the panel, as they reported to this process",
            labels=["reason"],
        )
        for trouble in Trouble:
            family.add_metric([trouble.value], self._counts[trouble])
        yield family
