"""A room is closed at the server when its visit is over, whoever is gone by then."""

from __future__ import annotations

import pytest
from sqlalchemy import select

from bridge.meetings.models import RoomEnding
from tests.unit.bridge.meeting_world import Meeting
from tests.unit.bridge.visit_world import Clerk


def _opens(meeting: Meeting) -> None:
    meeting.server.rooms[meeting.room] = [
        {"nick": "c", "person": f"clerk-{meeting.visit}", "role": "moderator"}
    ]


def _begins(meeting: Meeting) -> Clerk:
    citizen, clerk = meeting.world.citizen(), meeting.world.clerk()
    meeting.begins(citizen, clerk)
    meeting.meets()
    citizen.page()
    _opens(meeting)
    return clerk


def _left_to_close(meeting: Meeting) -> int:
    with meeting.house.app.database.reading() as db:
        return len(list(db.scalars(select(RoomEnding))))


def test_every_ending_closes_the_room(meeting: Meeting) -> None:
    """Ended, parked, handed on, given up, missed: each closes the room that it was in."""
    endings = {
        "ending": {},
        "parking": {},
        "transfer": {"to": "queue", "reason": "another"},
    }
    clerk = meeting.world.clerk()
    for number, (what, body) in enumerate(endings.items()):
        meeting.begins(meeting.world.citizen(f"counter-{number}"), clerk)
        meeting.meets()
        _opens(meeting)
        assert clerk.does(what, **body).status == 200
        meeting.house.app.errands.sweep()
        assert meeting.room not in meeting.server.rooms
        if what == "ending":
            clerk.does("closing")
    assert _left_to_close(meeting) == 0


def test_a_room_that_nobody_came_to_is_closed(meeting: Meeting) -> None:
    """A clerk who waited in the room for somebody who did not come does not keep it open."""
    citizen, clerk = meeting.world.citizen(), meeting.world.clerk()
    citizen.takes_ticket()
    clerk.calls()
    meeting.of(clerk)
    meeting.joins("clerk")
    _opens(meeting)
    meeting.house.clock.go(minutes=2)
    assert clerk.does("no-show").status == 200
    meeting.house.app.errands.sweep()
    assert meeting.server.rooms == {}


def test_a_meeting_that_was_given_up_is_closed(meeting: Meeting) -> None:
    """After five minutes without one of the two, the ticket waits again and the room is gone."""
    clerk = _begins(meeting)
    meeting.tells("room:closed")
    meeting.server.rooms.clear()
    meeting.sweeps()
    meeting.sweeps(seconds=20)
    assert clerk.visit()["ticket"]["state"] == "interrupted"
    _opens(meeting)
    # The sweeper alone: the server's own list would say that the clerk is there.
    meeting.house.clock.go(minutes=6)
    meeting.house.app.sweeper.sweep()
    meeting.house.app.errands.sweep()
    assert meeting.server.rooms == {}
    assert clerk.state()["visit"] is None


def test_a_server_that_was_away_closes_it_later(meeting: Meeting) -> None:
    """The end of a visit waits for no server; the room is closed when it is back."""
    clerk = _begins(meeting)
    meeting.server.refuses_with = 503
    assert clerk.does("ending").status == 200
    for _ in range(3):
        meeting.sweeps(seconds=5)
    assert (_left_to_close(meeting), meeting.room in meeting.server.rooms) == (1, True)
    meeting.server.refuses_with = None
    meeting.sweeps(seconds=5)
    assert (_left_to_close(meeting), meeting.server.rooms) == (0, {})


def _two_go_on(meeting: Meeting) -> tuple[list[Clerk], list[str]]:
    """Have two visits go on, the rooms of both with the clerk alone in them."""
    clerks, rooms = [], []
    for key, login in (("counter-1", "empar"), ("counter-2", "vicent")):
        citizen, clerk = meeting.world.citizen(key), meeting.world.clerk(login)
        meeting.begins(citizen, clerk)
        _opens(meeting)
        clerks.append(clerk)
        rooms.append(meeting.room)
    return clerks, rooms


@pytest.mark.parametrize(("status", "is_of_all"), [(500, False), (404, False), (401, True)])
def test_one_room_that_is_not_closed_keeps_no_other_open(
    meeting: Meeting, status: int, is_of_all: bool
) -> None:
    """Only a server that refuses whoever asks is not asked for the next one, until it is mended."""
    clerks, (first, second) = _two_go_on(meeting)
    for clerk in clerks:
        meeting.house.clock.go(seconds=1)
        assert clerk.does("ending").status == 200
    meeting.server.broken[first] = status
    meeting.house.app.errands.sweep()
    assert (second in meeting.server.rooms) is is_of_all
    assert _left_to_close(meeting) == (2 if is_of_all else 1)
    meeting.server.broken.clear()
    meeting.sweeps(seconds=5)
    assert (_left_to_close(meeting), meeting.server.rooms) == (0, {})


@pytest.mark.parametrize(("status", "is_of_all"), [(500, False), (403, True)])
def test_one_room_that_cannot_be_looked_into_hides_no_other(
    meeting: Meeting, status: int, is_of_all: bool
) -> None:
    """Who is in the others is still taken over from the server's own list."""
    clerks, (first, _second) = _two_go_on(meeting)
    meeting.server.broken[first] = status
    meeting.sweeps()
    joined = [clerk.visit()["clerk_joined"] for clerk in clerks]
    assert joined == [False, not is_of_all]


def test_the_server_is_told_why_a_room_is_closed(meeting: Meeting) -> None:
    """A visit that goes on another way is none that ended."""
    clerk = _begins(meeting)
    clerk.does("meeting", provider="direct")
    meeting.house.app.errands.sweep()
    clerk.does("meeting", provider="jitsi")
    _opens(meeting)
    clerk.does("ending")
    meeting.house.app.errands.sweep()
    assert meeting.server.reasons == ["visit-moved", "visit-ended"]


def test_a_room_that_is_gone_already_is_done(meeting: Meeting) -> None:
    """Nothing is to be closed where there is nothing."""
    clerk = _begins(meeting)
    meeting.server.rooms.clear()
    clerk.does("ending")
    meeting.house.app.errands.sweep()
    assert _left_to_close(meeting) == 0


def test_who_comes_back_after_the_end_is_sent_out(meeting: Meeting) -> None:
    """A token that is still good opens the room anew, and it is closed again."""
    clerk = _begins(meeting)
    clerk.does("ending")
    meeting.house.app.errands.sweep()
    _opens(meeting)
    meeting.house.clock.go(seconds=1)
    meeting.tells("room:opened")
    meeting.joins("citizen")
    meeting.house.app.errands.sweep()
    assert meeting.server.rooms == {}
    assert clerk.visit()["citizen_joined"] is False


def test_the_end_is_not_waited_for(meeting: Meeting) -> None:
    """In a bridge that runs, the end of a visit wakes up who closes its room."""
    clerk = _begins(meeting)
    closed = meeting.server.closed
    meeting.house.app.errands.start()
    clerk.does("ending")
    assert closed.wait(30)


def test_it_is_known_how_many_are_left(meeting: Meeting) -> None:
    """Monitoring sees rooms that the server does not close."""
    clerk = _begins(meeting)
    meeting.server.refuses_with = 500
    clerk.does("ending")
    meeting.house.app.errands.sweep()
    figures = meeting.house.browser().get("/metrics").get_data(as_text=True)
    assert "oac_rooms_to_close 1.0" in figures
    assert 'oac_meetings_ready{provider="jitsi",reason="down"} 0.0' in figures
