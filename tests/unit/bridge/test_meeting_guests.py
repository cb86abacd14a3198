"""Who else may come into a meeting: by right, or once by a link."""

from __future__ import annotations

from typing import Any

import jwt
import pytest
from sqlalchemy import select

from bridge.audit.models import Entry
from bridge.offices.rules import Role
from tests.makers import House
from tests.unit.bridge.meeting_world import Meeting
from tests.unit.bridge.visit_world import Answer, Citizen, Clerk, ask


@pytest.fixture
def citizen(meeting: Meeting) -> Citizen:
    """Give somebody at a counter."""
    return meeting.world.citizen()


@pytest.fixture
def clerk(meeting: Meeting) -> Clerk:
    """Give a clerk who is available."""
    return meeting.world.clerk()


def _role_of(join: dict[str, Any]) -> tuple[str, bool]:
    claims = jwt.decode(join["jwt"], options={"verify_signature": False})
    return claims["context"]["oac"]["role"], claims["context"]["user"]["moderator"]


def _follows(meeting: Meeting, secret: str) -> Answer:
    return ask(meeting.house.browser(), "POST", "/api/guests", secret=secret)


def _secret(link: Answer) -> str:
    assert link.status == 201
    return str(link.json["url"]).partition("#")[2]


@pytest.mark.parametrize(
    ("path", "role", "place"),
    [
        ("/api/helper/visits/{visit}/meeting", Role.HELPER, "helper"),
        ("/api/office/visits/{visit}/meeting", Role.SUPERVISOR, "supervisor"),
    ],
)
def test_only_who_may_gets_a_place(
    meeting: Meeting, citizen: Citizen, clerk: Clerk, path: str, role: Role, place: str
) -> None:
    """Of all roles one gets a token, of its own kind and without moderating; the rest get none."""
    meeting.begins(citizen, clerk)
    address = path.format(visit=meeting.visit)
    for one in Role:
        person = meeting.house.person(f"p-{one.value}", one)
        answer = ask(meeting.house.desk(person), "POST", address)
        assert answer.status == (200 if one is role else 403), one
        if one is role:
            assert _role_of(answer.json) == (place, False)
    assert ask(meeting.house.browser(), "POST", address).status == 401
    assert ask(citizen.browser, "POST", address).status == 401


def test_everybody_in_a_meeting_is_somebody_else(
    meeting: Meeting, citizen: Citizen, clerk: Clerk
) -> None:
    """Two helpers and two interpreters push nobody out; each comes back as who they were."""
    meeting.begins(citizen, clerk)
    helpers = [meeting.house.desk(meeting.house.person(f"h{n}", Role.HELPER)) for n in range(2)]
    path = f"/api/helper/visits/{meeting.visit}/meeting"
    persons = [ask(one, "POST", path).json["person"] for one in (*helpers, *helpers)]
    persons += [_follows(meeting, _secret(clerk.does("guests"))).json["person"] for _ in range(2)]
    assert persons[:2] == persons[2:4]
    assert len(set(persons)) == 4
    for number, person in enumerate(set(persons)):
        event = meeting.reports.event("occupant:joined", meeting.room, f"n{number}", person)
        assert meeting.posts(event).status == 204
    assert citizen.state()["visit"]["others"] == ["helper", "interpreter"]


@pytest.mark.parametrize("role", [Role.HELPER, Role.SUPERVISOR])
def test_who_may_join_is_shown_where(
    meeting: Meeting, citizen: Citizen, clerk: Clerk, role: Role
) -> None:
    """The way in stands at the counter and at its request, while there is one; the audit has who."""
    person = meeting.house.person("rosa", role)
    browser = meeting.house.desk(person)

    def ways_in() -> list[str | None]:
        state = ask(browser, "GET", "/api/helper").json
        return [one["way_in"] for one in (*state["counters"], *state["requests"])]

    meeting.begins(citizen, clerk)
    citizen.does("help")
    here, at_request = ways_in()
    assert here is not None
    assert here == at_request
    assert ask(browser, "POST", here).status == 200
    with meeting.house.app.database.reading() as db:
        (entry,) = db.scalars(select(Entry).where(Entry.tag == "visit:guest-joined"))
    assert (entry.actor_id, entry.subject_id) == (person.id, meeting.visit)
    place = "helper" if role is Role.HELPER else "supervisor"
    assert entry.facts == {"ticket": clerk.visit()["ticket"]["id"], "place": place}
    clerk.does("meeting", provider="direct")
    assert ways_in() == [None, None]
    clerk.does("meeting", provider="jitsi")
    clerk.does("ending")
    assert ways_in()[:1] == [None]


def test_only_the_clerk_of_the_visit_invites(
    meeting: Meeting, citizen: Citizen, clerk: Clerk
) -> None:
    """Another clerk's visit is not there; who does not serve may not invite."""
    meeting.begins(citizen, clerk)
    path = f"/api/visits/{meeting.visit}/guests"
    for one in Role:
        person = meeting.house.person(f"p-{one.value}", one)
        serves = one in (Role.CLERK, Role.CLERK_PLUS, Role.ENABLED_OFFICIAL)
        assert ask(meeting.house.desk(person), "POST", path).status == (404 if serves else 403)
    assert clerk.does("guests").status == 201


def test_a_link_is_good_once(meeting: Meeting, citizen: Citizen, clerk: Clerk) -> None:
    """An interpreter comes in by it without signing in; nobody does after that."""
    meeting.begins(citizen, clerk)
    link = clerk.does("guests")
    secret = _secret(link)
    assert link.json["url"].startswith(f"{meeting.house.app.settings.origin}/guest#")
    joined = _follows(meeting, secret)
    assert (joined.status, joined.json["side"]) == (200, "interpreter")
    assert _role_of(joined.json) == ("interpreter", False)
    again = _follows(meeting, secret)
    assert (again.status, again.json["key"]) == (410, "guest-link-gone")
    assert meeting.house.browser().get("/guest").status_code == 200


@pytest.mark.parametrize("secret", ["", "x", "nul\0", "☠", "'; --"])
def test_a_link_that_nobody_made_leads_nowhere(meeting: Meeting, secret: str) -> None:
    """Whatever somebody guesses is told the same."""
    assert _follows(meeting, secret).status in (400, 410)


def test_a_link_does_not_outlive_its_use(meeting: Meeting, citizen: Citizen, clerk: Clerk) -> None:
    """After a quarter of an hour, or with the visit, it is over."""
    meeting.begins(citizen, clerk)
    old, late = _secret(clerk.does("guests")), _secret(clerk.does("guests"))
    meeting.house.clock.go(minutes=15, seconds=1)
    assert _follows(meeting, old).status == 410
    young = _secret(clerk.does("guests"))
    assert _follows(meeting, late).status == 410
    clerk.does("ending")
    assert _follows(meeting, young).status == 410


def test_a_stranger_cannot_try_for_ever(meeting: Meeting) -> None:
    """Guessing is slow."""
    assert {_follows(meeting, f"guess-{number}").status for number in range(40)} == {410, 429}


def test_there_is_no_place_in_a_meeting_for_two(
    meeting: Meeting, citizen: Citizen, clerk: Clerk
) -> None:
    """Between browsers, on the telephone, before the arrival and after the end nobody comes in."""
    helper = meeting.house.desk(meeting.house.person("rosa", Role.HELPER))
    citizen.takes_ticket()
    clerk.calls()
    meeting.of(clerk)
    path = f"/api/helper/visits/{meeting.visit}/meeting"
    assert (ask(helper, "POST", path).status, clerk.does("guests").status) == (409, 409)
    citizen.does("arrival")
    secret = _secret(clerk.does("guests"))
    clerk.does("meeting", provider="direct")
    assert ask(helper, "POST", path).json["key"] == "no-place-for-guests"
    assert clerk.does("guests").status == 409
    assert _follows(meeting, secret).status == 410
    assert ask(helper, "POST", "/api/helper/visits/nobody/meeting").status == 404


def test_without_a_server_there_are_no_guests(house: House) -> None:
    """A bridge whose meetings are direct gives nobody a token."""
    from tests.unit.bridge.visit_world import World

    world = World(house)
    citizen, clerk = world.citizen(), world.clerk()
    world.sit(citizen, clerk)
    assert clerk.does("guests").json["key"] == "no-place-for-guests"
