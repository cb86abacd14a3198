"""Who is in a meeting is what its server tells, and never what a page says."""

from __future__ import annotations

import logging
from datetime import datetime

import pytest
from sqlalchemy import select

from bridge.audit.models import Entry
from bridge.core.db import Db
from bridge.helpers.models import HelpRequest
from bridge.visits import presence
from tests.unit.bridge.meeting_world import Meeting
from tests.unit.bridge.visit_world import Citizen, Clerk, World, heard, say


@pytest.fixture
def world(meeting: Meeting) -> World:
    """Give the people."""
    return meeting.world


@pytest.fixture
def citizen(world: World) -> Citizen:
    """Give somebody at a counter."""
    return world.citizen()


@pytest.fixture
def clerk(world: World) -> Clerk:
    """Give a clerk who is available."""
    return world.clerk()


def test_both_meet_by_what_the_server_tells(
    meeting: Meeting, citizen: Citizen, clerk: Clerk
) -> None:
    """With both in the room the ticket is served; one that leaves and comes back is seen."""
    meeting.begins(citizen, clerk)
    page = clerk.page()
    assert meeting.joins("clerk").status == 204
    assert clerk.visit()["ticket"]["state"] == "connecting"
    meeting.joins("citizen")
    assert clerk.visit()["ticket"]["state"] == "serving"
    assert citizen.state()["visit"]["is_met"] is True
    assert "visit:joined" in [one["because"] for one in heard(page, "state:changed")]
    meeting.leaves("citizen")
    assert clerk.visit()["citizen_joined"] is False
    meeting.joins("citizen", "another")
    assert clerk.visit()["citizen_joined"] is True


def test_pages_are_not_believed(meeting: Meeting, citizen: Citizen, clerk: Clerk) -> None:
    """What a page says of itself is answered, and changes nothing."""
    meeting.begins(citizen, clerk)
    theirs, ours = citizen.page(), clerk.page()
    for page in (theirs, ours):
        assert say(page, "meeting:joined", visit=meeting.visit) == {"ok": True, "peer": False}
    assert clerk.visit()["ticket"]["state"] == "connecting"
    meeting.meets()
    assert say(ours, "meeting:joined", visit=meeting.visit)["peer"] is True
    assert say(ours, "meeting:left", visit=meeting.visit)["ok"]
    theirs.disconnect()
    visit = clerk.visit()
    assert (visit["clerk_joined"], visit["citizen_joined"]) == (True, True)


def test_a_ghost_is_not_the_person(meeting: Meeting, citizen: Citizen, clerk: Clerk) -> None:
    """Who came back beside their own ghost is there until the last connection went."""
    meeting.begins(citizen, clerk)
    meeting.meets()
    meeting.joins("citizen", "again")
    meeting.joins("citizen", "again")
    meeting.leaves("citizen")
    assert clerk.visit()["citizen_joined"] is True
    meeting.leaves("citizen", "unheard-of")
    assert clerk.visit()["citizen_joined"] is True
    meeting.leaves("citizen", "again")
    assert clerk.visit()["citizen_joined"] is False


def test_a_closed_room_is_empty(meeting: Meeting, citizen: Citizen, clerk: Clerk) -> None:
    """With the room everybody is gone, and fifteen seconds later somebody is sent."""
    meeting.begins(citizen, clerk)
    meeting.meets()
    meeting.tells("room:closed")
    visit = clerk.visit()
    assert (visit["clerk_joined"], visit["citizen_joined"]) == (False, False)
    citizen.page()
    meeting.sweeps()
    meeting.sweeps(seconds=15)
    visit = clerk.visit()
    assert (visit["ticket"]["state"], visit["help"]["reason"]) == ("interrupted", "link_lost")


def test_strangers_and_guests_are_no_side(meeting: Meeting, citizen: Citizen, clerk: Clerk) -> None:
    """Somebody of another visit is nobody; a helper is shown, and stands for no side."""
    meeting.begins(citizen, clerk)
    meeting.joins("clerk")
    meeting.tells("occupant:joined", "x")
    assert clerk.visit()["others"] == []
    page = citizen.page()
    page.get_received()
    meeting.joins("helper")
    assert clerk.visit()["others"] == citizen.state()["visit"]["others"] == ["helper"]
    assert [one["because"] for one in heard(page, "state:changed")] == ["visit:guests-changed"]
    assert clerk.visit()["ticket"]["state"] == "connecting"
    meeting.leaves("helper")
    assert clerk.visit()["others"] == []


def test_a_clerk_may_be_there_first(meeting: Meeting, citizen: Citizen, clerk: Clerk) -> None:
    """Before the arrival the clerk waits in the room; a citizen's place is not taken before."""
    citizen.takes_ticket()
    clerk.calls()
    meeting.of(clerk)
    assert citizen.browser.get("/api/kiosk/meeting").status_code == 409
    meeting.meets()
    visit = clerk.visit()
    assert (visit["clerk_joined"], visit["citizen_joined"]) == (True, False)
    arrived = citizen.does("arrival").json
    assert arrived["join"]["jwt"]
    assert arrived["join"]["script"] == arrived["visit"]["script"]
    assert citizen.browser.get("/api/kiosk/meeting").get_json()["jwt"]


def test_a_missed_event_is_made_up_for(meeting: Meeting, citizen: Citizen, clerk: Clerk) -> None:
    """The server's own list puts right what no event told, in both directions."""
    meeting.begins(citizen, clerk)
    meeting.joins("clerk")
    occupant = {"nick": "k", "person": f"citizen-{meeting.visit}", "role": "participant"}
    meeting.server.rooms[meeting.room] = [occupant]
    meeting.sweeps()
    visit = clerk.visit()
    assert (visit["clerk_joined"], visit["citizen_joined"]) == (False, True)
    meeting.server.rooms.clear()
    meeting.sweeps()
    assert clerk.visit()["citizen_joined"] is False


def test_an_interpreter_found_by_comparing_is_told(
    meeting: Meeting, citizen: Citizen, clerk: Clerk
) -> None:
    """Somebody third whose coming and going no event told shows on the citizen's screen at once."""
    meeting.begins(citizen, clerk)
    page = citizen.page()
    meeting.server.rooms[meeting.room] = [
        {"nick": "i", "person": f"interpreter-{meeting.visit}", "role": "participant"}
    ]
    for others in (["interpreter"], []):
        page.get_received()
        meeting.sweeps()
        assert citizen.state()["visit"]["others"] == others
        assert [one["because"] for one in heard(page, "state:changed")] == ["visit:guests-changed"]
        meeting.server.rooms.clear()


def _is_full(meeting: Meeting) -> None:
    meeting.meets()
    meeting.server.rooms[meeting.room] = [
        {"nick": f"{side}-nick", "person": f"{side}-{meeting.visit}", "role": "participant"}
        for side in ("citizen", "clerk")
    ]


def test_a_screen_that_lost_only_the_bridge_keeps_its_meeting(
    meeting: Meeting, citizen: Citizen, clerk: Clerk
) -> None:
    """With the screen back the meeting that never broke goes on, and is not given up later."""
    meeting.begins(citizen, clerk)
    page = citizen.page()
    _is_full(meeting)
    page.disconnect()
    for _ in range(7):
        meeting.sweeps(seconds=10)
    visit = clerk.visit()
    assert (visit["ticket"]["state"], visit["help"]["reason"]) == ("interrupted", "link_lost")
    ours = clerk.page()
    citizen.page()
    meeting.sweeps()
    visit = clerk.visit()
    assert (visit["ticket"]["state"], visit["help"]) == ("serving", None)
    assert heard(ours, "state:changed")
    for _ in range(40):
        meeting.sweeps(seconds=10)
    assert (clerk.visit()["id"], clerk.visit()["ticket"]["state"]) == (meeting.visit, "serving")
    with meeting.house.app.database.reading() as db:
        tags = [entry.tag for entry in db.scalars(select(Entry))]
    assert (tags.count("visit:interrupted"), tags.count("visit:resumed")) == (1, 1)


def test_who_comes_back_while_it_is_looked_is_not_lost(
    meeting: Meeting, citizen: Citizen, clerk: Clerk, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A side that joins between the look and the giving up keeps the meeting."""
    meeting.begins(citizen, clerk)
    citizen.page()
    meeting.meets()
    meeting.leaves("citizen")
    meeting.house.app.sweeper.sweep()
    look = presence.Watch.lost

    def join_meanwhile(watch: presence.Watch, db: Db, *, now: datetime) -> list[str]:
        lost = look(watch, db, now=now)
        assert lost == [meeting.visit]
        meeting.joins("citizen")
        return lost

    monkeypatch.setattr(presence.Watch, "lost", join_meanwhile)
    meeting.house.clock.go(seconds=15)
    meeting.house.app.sweeper.sweep()
    assert clerk.visit()["ticket"]["state"] == "serving"


def test_a_restart_forgets_nobody(meeting: Meeting, citizen: Citizen, clerk: Clerk) -> None:
    """A bridge that starts again still knows who the server said is there."""
    meeting.begins(citizen, clerk)
    meeting.meets()
    meeting.house.app.start()
    visit = clerk.visit()
    assert (visit["clerk_joined"], visit["citizen_joined"]) == (True, True)


def test_an_event_during_the_look_knows_better(
    meeting: Meeting, citizen: Citizen, clerk: Clerk
) -> None:
    """A list that was asked for before an event came does not undo what it told."""
    meeting.begins(citizen, clerk)
    meeting.meets()
    answer = meeting.server.answer

    def leave_meanwhile(method: str, path: str) -> tuple[int, object]:
        found = answer(method, path)
        if path.startswith("rooms/") and clerk.visit()["citizen_joined"]:
            meeting.leaves("citizen")
        return found

    meeting.server.rooms[meeting.room] = [
        {"nick": f"{side}-nick", "person": f"{side}-{meeting.visit}", "role": "participant"}
        for side in ("citizen", "clerk")
    ]
    meeting.server.answer = leave_meanwhile  # type: ignore[method-assign]  # an answer that is slow
    meeting.sweeps()
    assert clerk.visit()["citizen_joined"] is False


def test_a_refused_citizen_is_told_and_helped(
    meeting: Meeting, citizen: Citizen, clerk: Clerk, caplog: pytest.LogCaptureFixture
) -> None:
    """Both screens say it, the log says why, and after some seconds the hall is asked to come."""
    meeting.begins(citizen, clerk)
    citizen.page()
    with caplog.at_level(logging.WARNING):
        meeting.tells("occupant:refused", "n", "citizen", reason="token-expired")
        meeting.tells("occupant:refused", "n", "citizen", reason="token-expired")
    assert (
        f"visit {meeting.visit}: the meeting server refused citizen: token-expired" in caplog.text
    )
    assert citizen.state()["visit"]["refusal"] == "token-expired"
    assert clerk.visit()["refusals"] == {"citizen": "token-expired", "clerk": None}
    meeting.sweeps(seconds=7)
    assert clerk.visit()["help"] is None
    meeting.sweeps(seconds=1)
    assert clerk.visit()["help"]["reason"] == "link_lost"
    with meeting.house.app.database.reading() as db:
        assert db.scalars(select(HelpRequest.detail)).one() == "meeting-refused"
        tags = [entry.tag for entry in db.scalars(select(Entry))]
    assert tags.count("visit:refused") == 1
    meeting.meets()
    assert citizen.state()["visit"]["refusal"] is None
    assert clerk.visit()["help"] is None


def test_who_gets_in_after_all_needs_nobody(
    meeting: Meeting, citizen: Citizen, clerk: Clerk
) -> None:
    """A refusal that resolves within some seconds brings no help."""
    meeting.begins(citizen, clerk)
    citizen.page()
    meeting.tells("occupant:refused", "n", "citizen", reason="token-expired")
    meeting.joins("citizen")
    meeting.sweeps(seconds=10)
    assert clerk.visit()["help"] is None


@pytest.mark.parametrize("reason", ["token-missing", "☠" * 300])
def test_somebody_refused_without_a_name_is_who_is_missing(
    meeting: Meeting, citizen: Citizen, clerk: Clerk, reason: str
) -> None:
    """Without a token there is no name: whoever is missing is told."""
    meeting.begins(citizen, clerk)
    meeting.joins("clerk")
    assert meeting.tells("occupant:refused", reason=reason).status == 204
    assert clerk.visit()["refusals"] == {"citizen": reason[:40], "clerk": None}
