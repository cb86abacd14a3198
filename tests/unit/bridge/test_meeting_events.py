"""What the meeting server reports is taken once, in order, from our own server only."""

from __future__ import annotations

import json

import pytest
from sqlalchemy import select

from bridge.meetings.models import SeenNonce, Spool
from bridge.visits.models import Visit
from tests.makers import House
from tests.meeting_server import Reports, post_of
from tests.unit.bridge.meeting_world import Meeting


def _joined(meeting: Meeting) -> tuple[bool, bool]:
    with meeting.house.app.database.reading() as db:
        visit = db.get_one(Visit, meeting.visit)
    return visit.citizen_joined_at is not None, visit.clerk_joined_at is not None


@pytest.fixture
def going(meeting: Meeting) -> Meeting:
    """Give a meeting that nobody is in yet."""
    world = meeting.world
    return meeting.begins(world.citizen(), world.clerk())


def test_events_are_taken_once(going: Meeting) -> None:
    """The same events again, in a new post, are answered as taken and change nothing."""
    came = going.reports.event("occupant:joined", going.room, "n", f"citizen-{going.visit}")
    left = going.reports.event("occupant:left", going.room, "n", f"citizen-{going.visit}")
    assert going.posts(came).status == 204
    assert _joined(going) == (True, False)
    assert going.posts(came, left).status == 204
    assert _joined(going) == (False, False)
    assert going.posts(came).status == 204
    assert _joined(going) == (False, False)


def test_events_that_overtake_each_other_are_made_up_for(going: Meeting) -> None:
    """What comes after a later one is known by its number; the rooms are asked instead."""
    came = going.reports.event("occupant:joined", going.room, "k", f"citizen-{going.visit}")
    clerk = going.reports.event("occupant:joined", going.room, "c", f"clerk-{going.visit}")
    assert going.posts(clerk).status == 204
    assert "reports:missed" in going.house.names()
    assert going.posts(came).status == 204
    assert _joined(going) == (False, True)
    going.server.rooms[going.room] = [came["occupant"], clerk["occupant"]]
    going.house.app.errands.sweep()
    assert _joined(going) == (True, True)


def test_another_start_of_the_server_counts_anew(going: Meeting) -> None:
    """A spool that was lost begins at one again, under another name."""
    going.tells("room:opened")
    going.joins("citizen")
    going.reports = Reports(boot="boot-2")
    going.leaves("citizen")
    assert _joined(going) == (False, False)


def test_a_post_is_taken_once(going: Meeting) -> None:
    """Whoever overheard a post cannot send it again."""
    body = going.reports.body(going.reports.event("room:opened", going.room))
    headers = post_of(body, at=going.house.clock())
    assert going.posts_body(body, headers=headers).status == 204
    again = going.posts_body(body, headers=headers)
    assert (again.status, again.json["key"]) == (401, "reports-replayed")


def test_only_our_own_server_is_heard(going: Meeting) -> None:
    """Signed by nobody, by another secret, long ago, or for another town: nothing happens."""
    event = going.reports.event("occupant:joined", going.room, "n", f"citizen-{going.visit}")
    body, now = going.reports.body(event), going.house.clock()
    foreign = Reports(server="meet.elsewhere").body(event)
    tries = [
        going.posts_body(body, headers={"Content-Type": "application/json"}),
        going.posts_body(body, secret="x" * 32),
        going.posts_body(body, headers=post_of(body + b" ", at=now)),
        going.posts_body(body, at=now.replace(hour=now.hour - 1)),
        going.posts_body(body, at=now.replace(hour=now.hour + 1)),
        going.posts_body(foreign),
    ]
    assert [one.status for one in tries] == [401] * 6
    assert {one.json["key"] for one in tries} == {"reports-refused", "server-foreign"}
    assert _joined(going) == (False, False)
    assert going.posts_body(body).status == 204


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"null",
        b"[" * 5000,
        b'{"version": 2, "server": "meet.example", "boot": "b", "events": []}',
        b"\xff\xfe",
    ],
)
def test_what_cannot_be_understood_is_said_to_be(going: Meeting, body: bytes) -> None:
    """Well signed and senseless is 400: the server drops it and goes on."""
    answer = going.posts_body(body)
    assert (answer.status, answer.json["key"]) == (400, "reports-unsound")


@pytest.mark.parametrize(
    "change",
    [
        {"boot": "b" * 81},
        {"boot": "nul\0"},
        {"number": 2**63},
        {"number": 0},
        {"type": "room:painted"},
        {"room": "Not Ours"},
        {"at": "yesterday"},
    ],
)
def test_what_no_row_can_hold_is_refused(going: Meeting, change: dict[str, object]) -> None:
    """Numbers, names and times that the database has no place for are no server error."""
    event = going.reports.event("room:opened", going.room)
    boot = change.pop("boot", "boot-1")
    body = json.dumps(
        {"version": 1, "server": "meet.example", "boot": boot, "events": [{**event, **change}]}
    ).encode()
    assert going.posts_body(body).status == 400


def test_a_giant_is_not_read(going: Meeting) -> None:
    """More than a batch may hold is refused before anything is looked at."""
    answer = going.posts_body(b" " * (256 * 1024 + 1))
    assert (answer.status, answer.json["key"]) == (413, "too-large")


def test_a_nick_of_any_length_counts(going: Meeting) -> None:
    """A client names itself: whatever it chooses is one connection, coming and going."""
    for nick in ("n" * 1000, "☎" * 90, "' OR 1=1 --"):
        assert going.joins("citizen", nick).status == 204
        assert _joined(going)[0] is True
        assert going.leaves("citizen", nick).status == 204
        assert _joined(going)[0] is False


def test_strangers_cannot_fill_the_log(going: Meeting, caplog: pytest.LogCaptureFixture) -> None:
    """After twenty refusals in a minute an address is not listened to any more."""
    statuses = {going.posts_body(b"{}", secret="x" * 32).status for _ in range(60)}
    assert statuses == {401, 429}
    assert caplog.text.count("were refused") <= 20


def test_without_a_server_nobody_listens(house: House) -> None:
    """A bridge whose meetings are direct has no such address."""
    body = Reports().body(Reports().event("room:opened", "oac-abc"))
    answer = house.browser().post(
        "/api/meeting/events", data=body, headers=post_of(body, at=house.clock())
    )
    assert answer.status_code == 404


def test_posts_are_forgotten(going: Meeting) -> None:
    """What would be too old by now needs no memory; neither does a spool of last month."""
    going.tells("room:opened")
    going.sweeps(seconds=299)
    with going.house.app.database.reading() as db:
        assert len(list(db.scalars(select(SeenNonce)))) == 1
    going.sweeps(days=31)
    with going.house.app.database.reading() as db:
        assert list(db.scalars(select(SeenNonce))) == list(db.scalars(select(Spool))) == []


def test_rooms_of_others_are_nothing_to_us(going: Meeting) -> None:
    """Events of a room that no visit has are taken, and forgotten."""
    event = going.reports.event("occupant:joined", "oac-unknown", "n", "citizen-v1")
    assert going.posts(event).status == 204
    assert _joined(going) == (False, False)
