"""Fixtures that every kind of test may use."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.makers import Clock, House, make_house, settings_in


@pytest.fixture
def clock() -> Clock:
    """Give a clock that stands still until it is told to go."""
    return Clock()


@pytest.fixture
def house(tmp_path: Path, clock: Clock) -> Iterator[House]:
    """Give a whole bridge on an empty SQLite database; nothing of it runs in the background."""
    made = make_house(settings_in(tmp_path / "data"), clock)
    yield made
    made.close()
