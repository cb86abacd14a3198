"""Fixtures that every kind of test may use."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.makers import Clock, House, make_house, settings_in


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Keep together what shares a stage, where several processes run the tests: a file, or a folder of integration."""
    for item in items:
        path = item.path.relative_to(item.config.rootpath)
        together = path.parent if path.parent.parent.name == "integration" else path
        item.add_marker(pytest.mark.xdist_group(str(together)))


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
