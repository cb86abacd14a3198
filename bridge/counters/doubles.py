"""Notices two agents with one token, as when a counter's disk was copied: each ends the other's connection."""

from __future__ import annotations

import threading
from collections import deque
from datetime import datetime, timedelta

# An agent whose line broke unnoticed replaces its own connection, but not so often: the bridge
# notices a dead line within 45 s.
MOST_REPLACED = 3
WITHIN = timedelta(minutes=5)
TOLD_AGAIN_AFTER = timedelta(hours=1)


class Doubles:
    """How often the standing connections of agents were replaced; may be lost."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._replaced: dict[str, deque[datetime]] = {}
        self._told: dict[str, datetime] = {}

    def replaces(self, counter_id: str, *, now: datetime) -> bool:
        """Note that somebody comes while another stands; True when that is a second agent."""
        with self._lock:
            times = self._replaced.setdefault(counter_id, deque(maxlen=MOST_REPLACED))
            is_double = len(times) == MOST_REPLACED and now - times[0] < WITHIN
            times.append(now)
            return is_double

    def is_news(self, counter_id: str, *, now: datetime) -> bool:
        """Say whether nobody was told of a counter's second agent lately; from now on somebody was."""
        with self._lock:
            told = self._told.get(counter_id)
            if told is not None and now - told < TOLD_AGAIN_AFTER:
                return False
            self._told[counter_id] = now
            return True
