"""Fixtures that every kind of test may use."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.makers import Clock, House, make_house, settings_in

# What takes minutes begins first, the longest in front: what is left for the end is short.
LONGEST = (
    "tests/integration/visit",
    "tests/integration/test_soak.py",
    "tests/integration/prosody",
    "tests/browser/meeting/test_jitsi_watchdog.py",
    "tests/browser/meeting/test_direct.py",
    "tests/integration/test_cups_faults.py",
)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Keep together what shares a stage, where several processes run the tests: a file, or a folder of integration."""
    for item in items:
        item.add_marker(pytest.mark.xdist_group(_together(item)))
    ranks = {name: rank for rank, name in enumerate(LONGEST)}
    items.sort(key=lambda item: ranks.get(_together(item), len(ranks)))


def _together(item: pytest.Item) -> str:
    path = item.path.relative_to(item.config.rootpath)
    return str(path.parent if path.parent.parent.name == "integration" else path)


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
