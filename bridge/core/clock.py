"""The only place that asks what time it is."""

from __future__ import annotations

import time
from datetime import UTC, datetime


def now() -> datetime:
    """Return the present moment in UTC."""
    return datetime.now(UTC)  # noqa: TID251  # this is the one place


def monotonic_s() -> float:
    """Return seconds that never jump, for measuring and for deadlines."""
    return time.monotonic()
