"""A visit goes on another way when its meeting does not come about, with nothing lost."""

from __future__ import annotations

import pytest

from tests.makers import House
from tests.unit.bridge.meeting_world import Meeting
from tests.unit.bridge.visit_world import Citizen, Clerk, World, ask, heard, say


@pytest.fixture
def world(meeting: Meeting) -> World:
    """Give the people."""
    return meeting.world


@pytest.fixture
def citizen(world: World) -> Citizen:
    """Give somebody at a counter with devices."""
    citizen = world.citizen()
    world.plugs_in(citizen)
    return citizen


@pytest.fixture
def clerk(world: World) -> Clerk:
    """Give a clerk who is available."""
    return world.clerk()


def _kept(clerk: Clerk) -> tuple[object, ...]:
    visit = clerk.visit()
    return (
        visit["id"],
        visit["ticket"]["number"],
        visit["current_step"],
        [step["state"] for service in visit["services"] for step in service["steps"]],
        [(job["id"], job["state"]) for job in visit["jobs"]],
        [page["id"] for document in visit["documents"] for page in document["pages"]],
    )


def test_a_visit_goes_on_between_the_browsers(
    meeting: Meeting, citizen: Citizen, clerk: Clerk
) -> None:
    """Steps and jobs stay, the room is closed, and the pages meet anew."""
    meeting.begins(citizen, clerk)
    meeting.meets()
    clerk.changes_step("what-you-need", state="done")
    assert clerk.wants("scan").status == 201
    meeting.server.rooms[meeting.room] = []
    theirs, ours = citizen.page(), clerk.page()
    theirs.get_received()
    before = _kept(clerk)
    moved = clerk.does("meeting", provider="direct")
    assert (moved.status, moved.json["visit"]["provider"]) == (200, "direct")
    assert _kept(clerk) == before
    assert "visit:moved" in [one["because"] for one in heard(theirs, "state:changed")]
    assert citizen.state()["visit"]["provider"] == "direct"
    join = citizen.browser.get("/api/kiosk/meeting").get_json()
    assert (join["provider"], "jwt" in join) == ("direct", False)
    visit = clerk.visit()
    assert (visit["citizen_joined"], visit["clerk_joined"]) == (False, False)
    meeting.house.app.errands.sweep()
    assert meeting.server.rooms == {}
    say(theirs, "meeting:joined", visit=meeting.visit)
    assert say(ours, "meeting:joined", visit=meeting.visit)["peer"] is True
    meeting.leaves("citizen")
    visit = clerk.visit()
    assert (visit["citizen_joined"], visit["ticket"]["state"]) == (True, "serving")


def test_a_visit_goes_on_by_telephone(meeting: Meeting, citizen: Citizen, clerk: Clerk) -> None:
    """Who is there is the clerk's word, whatever pages and server say."""
    meeting.begins(citizen, clerk)
    assert clerk.does("meeting", provider="phone").status == 200
    page = citizen.page()
    assert say(page, "meeting:joined", visit=meeting.visit) == {"ok": True, "peer": False}
    meeting.meets()
    assert clerk.visit()["citizen_joined"] is False
    path = f"/api/visits/{meeting.visit}/presence"
    assert ask(clerk.browser, "PUT", path, is_met=True).status == 200
    visit = clerk.visit()
    assert (visit["ticket"]["state"], visit["is_met"]) == ("serving", True)
    page.disconnect()
    assert clerk.visit()["citizen_joined"] is True
    assert ask(clerk.browser, "PUT", path, is_met=False).json["visit"]["citizen_joined"] is False
    assert clerk.does("ending").status == 200


def test_a_telephone_rings_beside_a_dark_screen(
    meeting: Meeting, citizen: Citizen, clerk: Clerk
) -> None:
    """A visit by telephone goes on without the screen, for as long as the clerk says so."""
    meeting.begins(citizen, clerk)
    assert clerk.does("meeting", provider="phone").status == 200
    page = citizen.page()
    meeting.sweeps()
    page.disconnect()
    path = f"/api/visits/{meeting.visit}/presence"
    assert ask(clerk.browser, "PUT", path, is_met=True).status == 200
    for _ in range(40):
        meeting.sweeps(seconds=10)
    assert (clerk.visit()["id"], clerk.visit()["ticket"]["state"]) == (meeting.visit, "serving")
    ask(clerk.browser, "PUT", path, is_met=False)
    meeting.sweeps()
    meeting.sweeps(seconds=15)
    assert clerk.visit()["ticket"]["state"] == "interrupted"


def test_whoever_is_moved_has_time_to_meet(
    meeting: Meeting, citizen: Citizen, clerk: Clerk
) -> None:
    """A telephone has to ring: only after a minute somebody is sent."""
    meeting.begins(citizen, clerk)
    meeting.meets()
    citizen.page()
    meeting.server.rooms[meeting.room] = [
        {"nick": f"{side}-nick", "person": f"{side}-{meeting.visit}", "role": "participant"}
        for side in ("citizen", "clerk")
    ]
    meeting.sweeps()
    clerk.does("meeting", provider="phone")
    meeting.sweeps()
    meeting.sweeps(seconds=59)
    assert clerk.visit()["ticket"]["state"] == "serving"
    meeting.sweeps(seconds=1)
    assert clerk.visit()["ticket"]["state"] == "interrupted"


def test_a_broken_meeting_is_not_given_up_right_after_a_move(
    meeting: Meeting, citizen: Citizen, clerk: Clerk
) -> None:
    """An interrupted ticket that goes on by telephone is not sent back to the queue meanwhile."""
    meeting.begins(citizen, clerk)
    meeting.meets()
    meeting.tells("room:closed")
    page = citizen.page()
    meeting.sweeps()
    meeting.sweeps(seconds=20)
    assert clerk.visit()["ticket"]["state"] == "interrupted"
    meeting.sweeps(minutes=4)
    clerk.does("meeting", provider="phone")
    meeting.sweeps(minutes=2)
    path = f"/api/visits/{meeting.visit}/presence"
    assert (
        ask(clerk.browser, "PUT", path, is_met=True).json["visit"]["ticket"]["state"] == "serving"
    )
    page.disconnect()


def test_a_visit_comes_back(meeting: Meeting, citizen: Citizen, clerk: Clerk) -> None:
    """Moved back, whoever stayed in the room is known, and the room is not closed."""
    meeting.begins(citizen, clerk)
    meeting.meets()
    clerk.does("meeting", provider="direct")
    assert clerk.does("meeting", provider="jitsi").status == 200
    meeting.server.rooms[meeting.room] = []
    visit = clerk.visit()
    assert (visit["citizen_joined"], visit["clerk_joined"]) == (True, True)
    assert clerk.does("meeting", provider="jitsi").status == 200
    meeting.house.app.errands.sweep()
    assert meeting.room in meeting.server.rooms


def test_what_cannot_be_moved_is_not(meeting: Meeting, citizen: Citizen, clerk: Clerk) -> None:
    """A kind that there is not, somebody else's visit, one that is over, a word that is not asked."""
    meeting.begins(citizen, clerk)
    other = meeting.world.clerk("vicent")
    path = f"/api/visits/{meeting.visit}/meeting"
    assert ask(other.browser, "POST", path, provider="phone").status == 404
    assert clerk.does("meeting", provider="pigeon").status == 400
    assert clerk.does("meeting").status == 400
    word = f"/api/visits/{meeting.visit}/presence"
    refused = ask(clerk.browser, "PUT", word, is_met=True)
    assert (refused.status, refused.json["key"]) == (409, "meeting-unfit")
    assert clerk.visit()["provider"] == "jitsi"
    clerk.does("ending")
    assert clerk.does("meeting", provider="phone").json["key"] == "visit-over"


def test_no_word_is_taken_before_the_arrival(
    meeting: Meeting, citizen: Citizen, clerk: Clerk
) -> None:
    """Somebody who has not come to the counter is not met, whoever says so."""
    citizen.takes_ticket()
    clerk.calls()
    assert clerk.does("meeting", provider="phone").status == 200
    path = f"/api/visits/{clerk.visit()['id']}/presence"
    assert ask(clerk.browser, "PUT", path, is_met=True).status == 409


def test_no_visit_is_moved_to_a_server_that_there_is_not(house: House) -> None:
    """Where meetings are direct there is no other choice but the telephone."""
    world = World(house)
    citizen, clerk = world.citizen(), world.clerk()
    world.sit(citizen, clerk)
    assert clerk.state()["meeting"]["choices"] == ["direct", "phone"]
    assert clerk.does("meeting", provider="jitsi").json["key"] == "meeting-unfit"
    assert clerk.does("meeting", provider="phone").status == 200


def test_the_number_at_the_counter_is_shown(
    meeting: Meeting, citizen: Citizen, clerk: Clerk
) -> None:
    """Nobody has to look up which telephone stands there."""
    meeting.begins(citizen, clerk)
    assert clerk.visit()["phone"] == "961 234 567"
