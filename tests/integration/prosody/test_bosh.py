"""Whoever comes by BOSH, where a network lets no WebSocket through, is treated no differently."""

from __future__ import annotations

from contextlib import closing

import pytest

from tests.integration.prosody.conftest import own_server
from tests.integration.prosody.lines import BoshLine
from tests.integration.prosody.people import NotConnected, Person
from tests.integration.prosody.programs import Program
from tests.integration.prosody.receiver import Receiver
from tests.integration.prosody.server import MeetingServer
from tests.integration.prosody.test_admission import REFUSED
from tests.integration.prosody.tickets import Tickets

pytestmark = pytest.mark.prosody

BY_BOSH = ("no token", "alg none", "another's signature", "expired", "not yet", "another room")


def test_citizen_and_clerk_meet_by_either_way(
    server: MeetingServer, receiver: Receiver, tickets: Tickets
) -> None:
    """The citizen by BOSH, first; the clerk by WebSocket; each hears what the room is told."""
    citizen = Person(server.port, tickets.token("citizen"), line=BoshLine)
    with closing(server.control()) as control:
        assert citizen.join(tickets.room, "n1") is None
        with Person(server.port, tickets.token("clerk")) as clerk:
            assert clerk.join(tickets.room, "n2") is None
            assert citizen.role_of(tickets.room, "n1") == "participant"
            assert citizen.role_of(tickets.room, "n2") == "moderator"
            assert citizen.give(tickets.room, nick="n1", role="moderator") is not None
            assert control.tell(tickets.room, {"type": "hello"}, to="n1")
            assert citizen.message() == '{"type":"hello"}'
            citizen.close()
            receiver.hears(
                tickets.room,
                "room:opened",
                "occupant:joined n1 citizen-v1 participant",
                "occupant:joined n2 clerk-v1 moderator",
                "occupant:left n1 citizen-v1 participant",
            )


def test_the_clerk_moderates_and_the_end_reaches_both(
    server: MeetingServer, receiver: Receiver, tickets: Tickets
) -> None:
    """The bridge closes the room: nobody stays in it, however they came."""
    with (
        Person(server.port, tickets.token("clerk"), line=BoshLine) as clerk,
        Person(server.port, tickets.token("citizen"), line=BoshLine) as citizen,
        closing(server.control()) as control,
    ):
        assert clerk.join(tickets.room, "n1") is None
        assert citizen.join(tickets.room, "n2") is None
        assert citizen.role_of(tickets.room, "n1") == "moderator"
        assert control.end_room(tickets.room, reason="over")
        for person in (clerk, citizen):
            person.waits_for(lambda one: one.get("type") == "unavailable")
        assert control.occupants(tickets.room) is None
        assert citizen.join(tickets.room, "n3") == "not-allowed: Not let in: token-expired"


@pytest.mark.parametrize("name", BY_BOSH)
def test_who_has_no_good_token_is_refused_with_the_same_reason(
    server: MeetingServer, receiver: Receiver, tickets: Tickets, name: str
) -> None:
    """The page and the bridge hear why."""
    forge, reason, is_known = REFUSED[name]
    with Person(server.port, forge(tickets), line=BoshLine) as person:
        assert person.join(tickets.room, "n1") == f"not-allowed: Not let in: {reason}"
    who = " n1 citizen-v1 participant" if is_known else ""
    receiver.hears(tickets.room, f"occupant:refused{who} ({reason})")


def test_who_is_refused_at_the_connection_is_told_of_too(
    program: Program, receiver: Receiver, tickets: Tickets
) -> None:
    """Jitsi's token authentication is earlier than any room."""
    with own_server(program, receiver, authentication="internal_plain") as server:
        with pytest.raises(NotConnected):
            Person(server.port, None, account="nobody", room=tickets.room, line=BoshLine)
        receiver.hears(tickets.room, "occupant:refused (token-missing)")


def test_no_token_in_a_query_reaches_the_log(server: MeetingServer, tickets: Tickets) -> None:
    """Each request of a BOSH line repeats it; the log has everything here."""
    token = tickets.token("citizen")
    with Person(server.port, token, line=BoshLine) as person:
        assert person.join(tickets.room, "n1") is None
    assert token not in server.said()
    assert token.split(".")[1] not in server.said()
