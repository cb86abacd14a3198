"""Whether the meeting server can be relied on is known before anybody is called."""

from __future__ import annotations

import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from bridge.meetings import health
from tests.makers import Clock, House, make_house, settings_in
from tests.meeting_server import PageServer, Server, jitsi_settings, page_server
from tests.unit.bridge.meeting_world import Meeting
from tests.unit.bridge.visit_world import World, heard, say


def _looks(house: House) -> dict[str, Any]:
    house.app.health.look(house.clock())
    readiness: dict[str, Any] = house.browser().get("/readyz").get_json()
    assert readiness["ok"] is True
    found: dict[str, Any] = readiness["meeting"]
    return found


def test_a_direct_meeting_needs_no_server(house: House) -> None:
    """Nothing is looked at, and everything is ready."""
    assert _looks(house) == {
        "provider": "direct",
        "is_ready": True,
        "reason": None,
        "since": None,
    }


@pytest.mark.parametrize(
    ("change", "reason", "is_ready"),
    [
        ({}, None, True),
        ({"refuses_with": 503}, "down", False),
        ({"refuses_with": 401}, "version-unknown", False),
        ({"status": {"module": "2.0"}}, "version-unknown", False),
        ({"status": {"module": None}}, "version-unknown", False),
        ({"status": {"spool": 9, "oldest_s": 60.0, "last_error": "401"}}, "events-missing", False),
        ({"status": {"spool": 9, "oldest_s": 5.0}}, None, True),
    ],
)
def test_what_the_module_says_is_judged(
    meeting: Meeting, change: dict[str, Any], reason: str | None, *, is_ready: bool
) -> None:
    """Down, of an unknown version, or with events that do not get through: each has its name."""
    for name, value in change.items():
        setattr(meeting.server, name, value)
    found = _looks(meeting.house)
    assert (found["reason"], found["is_ready"]) == (reason, is_ready)


def test_nobody_at_the_door_is_down(meeting: Meeting) -> None:
    """A server that does not listen is down; the desk is told, and told again when it is back."""
    clerk = meeting.world.clerk()
    page = clerk.page()
    page.get_received()
    meeting.server.refuses_with = 500
    first = _looks(meeting.house)
    assert first["reason"] == "down"
    assert heard(page, "state:changed") == [{"because": "meetings:changed"}]
    assert clerk.state()["meeting"]["reason"] == "down"
    meeting.house.clock.go(minutes=1)
    assert _looks(meeting.house)["since"] == first["since"]
    assert heard(page, "state:changed") == []
    meeting.server.refuses_with = None
    assert _looks(meeting.house)["is_ready"] is True
    assert heard(page, "state:changed") == [{"because": "meetings:changed"}]


def test_one_late_answer_is_no_trouble(meeting: Meeting, monkeypatch: pytest.MonkeyPatch) -> None:
    """Slow is who is slow twice; then a visit may begin all the same."""
    late = iter([True, False, True, True])
    answer = meeting.server.answer

    def sometimes(method: str, path: str) -> tuple[int, object]:
        if next(late):
            time.sleep(health.SLOW_S * 1.2)
        return answer(method, path)

    monkeypatch.setattr(health, "SLOW_S", 0.5)
    meeting.server.answer = sometimes  # type: ignore[method-assign]  # a server that is slow
    assert _looks(meeting.house)["reason"] is None
    assert (found := _looks(meeting.house))["reason"] == "slow"
    assert found["is_ready"] is True


def test_the_queue_goes_on(meeting: Meeting) -> None:
    """With the server down tickets are taken and called, and the visit goes on another way."""
    citizen, clerk = meeting.world.citizen(), meeting.world.clerk()
    meeting.server.refuses_with = 500
    assert _looks(meeting.house)["reason"] == "down"
    meeting.world.sit(citizen, clerk)
    assert clerk.does("meeting", provider="direct").status == 200
    theirs, ours = citizen.page(), clerk.page()
    visit = clerk.visit()["id"]
    say(theirs, "meeting:joined", visit=visit)
    assert say(ours, "meeting:joined", visit=visit)["peer"] is True
    assert clerk.visit()["ticket"]["state"] == "serving"


@pytest.fixture
def pages(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[PageServer]:
    """Give a server of which only the page can be seen."""
    with page_server(tmp_path) as server:
        monkeypatch.setenv("SSL_CERT_FILE", str(server.certificate))
        yield server


@pytest.fixture
def unasked(tmp_path: Path, clock: Clock, pages: PageServer) -> Iterator[Meeting]:
    """Give a day with that server, which sends events and takes no orders."""
    settings = jitsi_settings() | {"meeting_domain": pages.domain}
    made = make_house(settings_in(tmp_path / "unasked", **settings), clock)
    meeting = Meeting(World(made), Server())
    meeting.reports.server = "127.0.0.1"
    yield meeting
    made.close()


def test_without_a_control_the_page_is_looked_at(unasked: Meeting, pages: PageServer) -> None:
    """Whether browsers could load the meeting is the next best thing to know."""
    assert _looks(unasked.house)["reason"] is None
    pages.status = 502
    assert _looks(unasked.house)["reason"] == "down"


def test_a_certificate_that_browsers_refuse_is_down(
    unasked: Meeting, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What a browser would not load is not there."""
    monkeypatch.delenv("SSL_CERT_FILE")
    assert _looks(unasked.house)["reason"] == "down"


def test_pages_that_are_not_heard_of_are_noticed(unasked: Meeting) -> None:
    """Where nothing can be asked, pages that say they are in for long betray a silent server."""
    citizen, clerk = unasked.world.citizen(), unasked.world.clerk()
    unasked.begins(citizen, clerk)
    say(clerk.page(), "meeting:joined", visit=unasked.visit)
    unasked.sweeps(seconds=10)
    assert _looks(unasked.house)["reason"] is None
    unasked.sweeps(seconds=6)
    assert _looks(unasked.house)["reason"] == "events-missing"
    unasked.house.clock.go(seconds=1)
    unasked.joins("clerk")
    assert _looks(unasked.house)["reason"] is None


def test_a_room_that_the_events_do_not_tell_of_is_noticed(meeting: Meeting) -> None:
    """Presence is right by the server's own list, and that its events are missing is said."""
    citizen, clerk = meeting.world.citizen(), meeting.world.clerk()
    meeting.begins(citizen, clerk)
    meeting.server.rooms[meeting.room] = [
        {"nick": "c", "person": f"clerk-{meeting.visit}", "role": "moderator"}
    ]
    meeting.house.app.errands.sweep()
    assert clerk.visit()["clerk_joined"] is True
    assert _looks(meeting.house)["reason"] == "events-missing"
