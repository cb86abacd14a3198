"""Queue and visits on a real PostgreSQL, where writers do not wait for each other by themselves."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from tests.makers import House, make_house, settings_in
from tests.postgres import postgres
from tests.unit.bridge import test_visits_calls, test_visits_link, test_visits_story
from tests.unit.bridge.visit_world import World

pytestmark = pytest.mark.postgres


@pytest.fixture
def house(tmp_path: Path) -> Iterator[House]:
    """Give a whole bridge on an empty PostgreSQL."""
    with postgres() as url:
        made = make_house(settings_in(tmp_path / "data", database_url=url))
        yield made
        made.app.stop()
        made.app.database.engine.dispose()


@pytest.fixture
def world(house: House) -> World:
    """Give the day at the counter."""
    return World(house)


def test_a_whole_visit(world: World) -> None:
    """The story of a visit is the same on both databases."""
    test_visits_story.test_a_visit_from_ticket_to_wiped_screen(world)


def test_calls_at_once(world: World) -> None:
    """Whoever is slower passes over the row that another clerk holds (``SKIP LOCKED``)."""
    test_visits_calls.test_no_ticket_is_called_twice(world)


def test_a_link_is_lost_and_comes_back(world: World) -> None:
    """Presence, sweeper and help requests work there too."""
    test_visits_link.test_a_lost_side_interrupts_and_brings_help(world)


def test_numbers_are_given_out_one_by_one(world: World) -> None:
    """Citizens who touch their screens at once get different numbers, each counter one ticket."""
    citizens = [world.citizen(f"counter-{number}") for number in range(4)]
    with ThreadPoolExecutor(8) as pool:
        answers = list(pool.map(lambda citizen: citizen.takes_ticket(key="k"), citizens * 2))
    assert {answer.status for answer in answers} == {201}
    numbers = sorted({answer.json["ticket"]["number"] for answer in answers})
    assert numbers == ["A001", "A002", "A003", "A004"]
