"""Queue and visits on a real PostgreSQL, where writers do not wait for each other by themselves."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from bridge.visits.models import Visit
from tests.makers import House, make_house, settings_in
from tests.meeting_server import Server, jitsi_settings, running
from tests.postgres import postgres
from tests.unit.bridge import (
    test_meeting_events,
    test_meeting_guests,
    test_meeting_presence,
    test_visits_calls,
    test_visits_link,
    test_visits_story,
)
from tests.unit.bridge.meeting_world import Meeting
from tests.unit.bridge.visit_world import Citizen, Clerk, World

pytestmark = pytest.mark.postgres


def _next(meeting: Meeting, clerk: Clerk, number: str) -> tuple[Citizen, Clerk]:
    """End the visit in hand; give somebody at another counter."""
    clerk.does("ending")
    clerk.does("closing")
    return meeting.world.citizen(f"counter-{number}"), clerk


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


@pytest.fixture
def meeting(tmp_path: Path) -> Iterator[Meeting]:
    """Give a day on a meeting server, by a bridge on an empty PostgreSQL."""
    with postgres() as url, running(Server()) as server:
        settings = jitsi_settings(server.url) | {"database_url": url}
        made = make_house(settings_in(tmp_path / "jitsi", **settings))
        yield Meeting(World(made), server)
        made.app.stop()
        made.app.database.engine.dispose()


def test_the_server_tells_who_is_there(meeting: Meeting) -> None:
    """Events, ghosts, refusals, links and rooms to close are kept there too."""
    citizen, clerk = meeting.world.citizen(), meeting.world.clerk()
    test_meeting_presence.test_a_ghost_is_not_the_person(meeting, citizen, clerk)
    test_meeting_guests.test_a_link_is_good_once(meeting, *_next(meeting, clerk, "2"))
    test_meeting_events.test_a_nick_of_any_length_counts(meeting)
    assert clerk.does("ending").status == 200
    assert clerk.does("closing").status == 200
    meeting.house.app.errands.sweep()
    assert meeting.server.rooms == {}


def test_events_at_once(meeting: Meeting) -> None:
    """The same events over and over, all at once: taken once, and nobody waits for ever."""
    meeting.begins(meeting.world.citizen(), meeting.world.clerk())
    events = [
        meeting.reports.event("occupant:joined", meeting.room, f"n{n}", f"citizen-{meeting.visit}")
        for n in range(4)
    ]
    with ThreadPoolExecutor(8) as pool:
        answers = list(pool.map(lambda _: meeting.posts(*events).status, range(8)))
    assert set(answers) <= {204, 409}
    assert 204 in answers
    assert meeting.posts(*events).status == 204
    for number in range(4):
        meeting.leaves("citizen", f"n{number}")
    with meeting.house.app.database.reading() as db:
        assert db.get_one(Visit, meeting.visit).citizen_joined_at is None


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
