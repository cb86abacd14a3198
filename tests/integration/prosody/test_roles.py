"""Power over a room is the clerk's, in every order of coming and whoever gives it."""

from __future__ import annotations

import itertools
from contextlib import ExitStack

import pytest

from tests.integration.prosody.people import Person, focus
from tests.integration.prosody.server import MeetingServer
from tests.integration.prosody.tickets import Tickets

pytestmark = pytest.mark.prosody

OTHERS = ("citizen", "helper", "interpreter", "supervisor")


@pytest.mark.parametrize("with_focus", [True, False])
@pytest.mark.parametrize("order", list(itertools.permutations(("clerk", "citizen", "helper"))))
def test_only_the_clerk_moderates_in_whatever_order_they_come(
    server: MeetingServer, tickets: Tickets, order: tuple[str, ...], with_focus: bool
) -> None:
    """Also when nobody was there before the citizen, who thereby made the room."""
    with ExitStack() as stack:
        if with_focus:
            assert stack.enter_context(focus(server.port)).join(tickets.room, "focus") is None
        people = {}
        for role in order:
            people[role] = stack.enter_context(Person(server.port, tickets.token(role)))
            assert people[role].join(tickets.room, role) is None
        for role in order:
            expected = "moderator" if role == "clerk" else "participant"
            assert people["citizen"].role_of(tickets.room, role) == expected


@pytest.mark.parametrize("role", OTHERS)
def test_nobody_becomes_moderator_while_the_clerk_is_away(
    server: MeetingServer, tickets: Tickets, role: str
) -> None:
    """The clerk leaves, the other stays alone, and the clerk comes back with another token."""
    with Person(server.port, tickets.token(role)) as other:
        assert other.join(tickets.room, "n1") is None
        with Person(server.port, tickets.token("clerk")) as clerk:
            assert clerk.join(tickets.room, "n2") is None
            clerk.leave(tickets.room, "n2")
        assert other.role_of(tickets.room, "n1") == "participant"
        with Person(server.port, tickets.token("clerk")) as clerk:
            assert clerk.join(tickets.room, "n3") is None
            assert clerk.role_of(tickets.room, "n3") == "moderator"
            assert clerk.role_of(tickets.room, "n1") == "participant"


@pytest.mark.parametrize("role", OTHERS)
def test_nobody_can_give_it_to_themselves(
    server: MeetingServer, tickets: Tickets, role: str
) -> None:
    """Neither a role nor an affiliation, alone or beside the clerk."""
    with (
        Person(server.port, tickets.token(role)) as other,
        Person(server.port, tickets.token("clerk")) as clerk,
    ):
        assert other.join(tickets.room, "n1") is None
        for _ in range(2):
            bare = other.jid.partition("/")[0]
            assert other.give(tickets.room, nick="n1", role="moderator") == "not-allowed"
            for affiliation in ("owner", "admin"):
                assert other.give(tickets.room, jid=bare, affiliation=affiliation) == "not-allowed"
            assert other.role_of(tickets.room, "n1") == "participant"
            assert clerk.join(tickets.room, "n2") is None


@pytest.mark.parametrize("giver", ["focus", "clerk"])
def test_nobody_else_can_give_it_to_them(
    server: MeetingServer, tickets: Tickets, giver: str
) -> None:
    """Jicofo's auto-owner and a well-meaning clerk are told no; the clerk keeps the room."""
    with (
        focus(server.port) as helper,
        Person(server.port, tickets.token("clerk")) as clerk,
        Person(server.port, tickets.token("citizen")) as citizen,
    ):
        assert helper.join(tickets.room, "focus") is None
        assert citizen.join(tickets.room, "n1") is None
        assert clerk.join(tickets.room, "n2") is None
        one = helper if giver == "focus" else clerk
        bare = citizen.jid.partition("/")[0]
        for affiliation in ("owner", "admin"):
            assert one.give(tickets.room, jid=bare, affiliation=affiliation) == "not-allowed"
        assert one.give(tickets.room, nick="n1", role="moderator") == "not-allowed"
        assert citizen.role_of(tickets.room, "n1") == "participant"
        assert citizen.role_of(tickets.room, "n2") == "moderator"


def test_a_token_that_contradicts_itself_gives_no_power(
    server: MeetingServer, tickets: Tickets
) -> None:
    """Jitsi's word and the bridge's own have to agree."""
    for context in (
        {"user": {"id": "x", "moderator": True}, "oac": {"role": "citizen"}},
        {"user": {"id": "x", "moderator": "true"}, "oac": {"role": "clerk"}},
        {"user": {"id": "x"}, "oac": {"role": "clerk"}},
        {"user": {"id": "x", "affiliation": "owner"}},
    ):
        with Person(server.port, tickets.changed(context=context)) as person:
            assert person.join(tickets.room, "n1") is None
            assert person.role_of(tickets.room, "n1") == "participant"


def test_the_clerk_can_send_somebody_out(server: MeetingServer, tickets: Tickets) -> None:
    """What is kept from the others works for the clerk."""
    with (
        Person(server.port, tickets.token("clerk")) as clerk,
        Person(server.port, tickets.token("citizen")) as citizen,
    ):
        assert citizen.join(tickets.room, "n1") is None
        assert clerk.join(tickets.room, "n2") is None
        assert citizen.give(tickets.room, nick="n2", role="none") == "not-allowed"
        assert clerk.give(tickets.room, nick="n1", role="none") is None
        assert clerk.role_of(tickets.room, "n1") == "none"


def test_nobody_changes_their_name_in_the_room(server: MeetingServer, tickets: Tickets) -> None:
    """Pages and bridge know people by it."""
    with Person(server.port, tickets.token("citizen")) as citizen:
        assert citizen.join(tickets.room, "n1") is None
        assert citizen.rename(tickets.room, "n12").get("type") == "error"
        control = server.control()
        assert [one.nick for one in control.occupants(tickets.room) or ()] == ["n1"]
        control.close()
