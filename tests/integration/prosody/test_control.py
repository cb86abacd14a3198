"""What the bridge orders is done, for the bridge alone."""

from __future__ import annotations

import json
from collections.abc import Iterator

import httpx
import pytest

from jitsi_oac_plugin import Control, ControlRefused, Occupant, ServerUnreachable
from tests.integration.prosody.conftest import own_server
from tests.integration.prosody.people import Person, focus
from tests.integration.prosody.programs import Program
from tests.integration.prosody.receiver import Receiver
from tests.integration.prosody.server import CONTROL_SECRET, DOMAIN, MeetingServer
from tests.integration.prosody.tickets import Tickets

pytestmark = pytest.mark.prosody


@pytest.fixture
def control(server: MeetingServer) -> Iterator[Control]:
    """Give the bridge's control."""
    made = server.control()
    yield made
    made.close()


def test_the_status_says_how_the_module_is(
    program: Program, server: MeetingServer, control: Control, receiver: Receiver
) -> None:
    """Versions, clock, and nothing that waits once the bridge has everything."""
    receiver.waits_for(lambda: control.status().spool == 0, "the bridge has everything")
    status = control.status()
    assert (status.module, status.prosody, status.server) == ("1.0", program.version, DOMAIN)
    assert status.last_error is None
    assert status.oldest_s is None
    assert status.rooms >= 0


def test_the_room_ends_for_everybody(
    server: MeetingServer, control: Control, receiver: Receiver, tickets: Tickets
) -> None:
    """Both are out, the room is gone, the bridge hears why; once more is no error."""
    with (
        focus(server.port) as helper,
        Person(server.port, tickets.token("clerk")) as clerk,
        Person(server.port, tickets.token("citizen")) as citizen,
    ):
        helper.join(tickets.room, "focus")
        clerk.join(tickets.room, "n1")
        citizen.join(tickets.room, "n2")
        assert control.end_room(tickets.room, reason="visit ended")
        for person in (helper, clerk, citizen):
            person.waits_for(lambda one: one.find(".//{*}destroy") is not None)
        assert control.occupants(tickets.room) is None
        assert not control.end_room(tickets.room)
    receiver.waits_for(lambda: "room:closed (visit ended)" in receiver.told(tickets.room), "closed")
    told = receiver.told(tickets.room)
    assert set(told[3:5]) == {
        "occupant:left n1 clerk-v1 moderator (visit ended)",
        "occupant:left n2 citizen-v1 participant (visit ended)",
    }
    assert told[5:] == ["room:closed (visit ended)"]


def test_a_long_reason_is_cut_between_characters(
    server: MeetingServer, control: Control, receiver: Receiver, tickets: Tickets
) -> None:
    """Two hundred bytes of it are told; half a character would spoil the whole batch."""
    with Person(server.port, tickets.token("clerk")) as clerk:
        clerk.join(tickets.room, "n1")
        assert control.end_room(tickets.room, reason="a" + "ñ" * 150)
    told = f"room:closed (a{'ñ' * 99})"
    receiver.waits_for(lambda: told in receiver.told(tickets.room), "closed")


@pytest.mark.parametrize("is_empty", [True, False])
def test_an_ended_room_opens_only_to_tokens_made_afterwards(
    server: MeetingServer, control: Control, tickets: Tickets, is_empty: bool
) -> None:
    """A page that was asleep cannot bring a visit back; the bridge can."""
    with Person(server.port, tickets.token("citizen")) as citizen:
        if not is_empty:
            assert citizen.join(tickets.room, "n1") is None
        assert control.end_room(tickets.room) is not is_empty
        assert citizen.join(tickets.room, "n1") == "not-allowed: Not let in: token-expired"
    with Person(server.port, tickets.token("citizen", seconds=30)) as citizen:
        assert citizen.join(tickets.room, "n1") is None


def test_one_person_is_sent_out_and_stays_out(
    server: MeetingServer, control: Control, receiver: Receiver, tickets: Tickets
) -> None:
    """The other stays; who was sent out needs a new token."""
    with (
        Person(server.port, tickets.token("clerk")) as clerk,
        Person(server.port, tickets.token("citizen")) as citizen,
    ):
        clerk.join(tickets.room, "n1")
        citizen.join(tickets.room, "n 2/ñ")
        assert control.remove(tickets.room, "n 2/ñ", reason="moved")
        assert not control.remove(tickets.room, "n 2/ñ")
        citizen.waits_for(lambda one: one.get("type") == "unavailable")
        assert citizen.join(tickets.room, "n2") == "not-allowed: Not let in: token-expired"
        assert control.occupants(tickets.room) == (
            Occupant(nick="n1", person="clerk-v1", role="moderator"),
        )
        assert clerk.role_of(tickets.room, "n 2/ñ") == "none"
    with Person(server.port, tickets.token("citizen", seconds=30)) as citizen:
        assert citizen.join(tickets.room, "n2") is None
    receiver.waits_for(lambda: len(receiver.told(tickets.room)) > 3, "it is told")
    assert receiver.told(tickets.room)[3] == "occupant:left n 2/ñ citizen-v1 participant (moved)"


def test_pages_are_told_one_or_all(
    server: MeetingServer, control: Control, tickets: Tickets
) -> None:
    """Any JSON object with a type arrives whole, at whom it is for."""
    message = {"type": "oac", "list": [], "n": 1.5, "text": 'Això: "és" \\ <b>\n€', "no": None}
    with (
        Person(server.port, tickets.token("clerk")) as clerk,
        Person(server.port, tickets.token("citizen")) as citizen,
    ):
        clerk.join(tickets.room, "n1")
        citizen.join(tickets.room, "n2")
        assert control.tell(tickets.room, {"type": "first"}, to="n1")
        assert control.tell(tickets.room, message)
        assert json.loads(citizen.message()) == message
        assert json.loads(clerk.message()) == {"type": "first"}
        assert not control.tell(tickets.room, message, to="nobody")
        assert not control.tell("oac-nowhere", message)


def test_people_cannot_send_what_looks_like_the_servers_word(
    server: MeetingServer, tickets: Tickets
) -> None:
    """Pages take a message for the server's only when it comes from the room itself."""
    with (
        Person(server.port, tickets.token("clerk")) as clerk,
        Person(server.port, tickets.token("citizen")) as citizen,
    ):
        clerk.join(tickets.room, "n1")
        citizen.join(tickets.room, "n2")
        citizen.say_json(tickets.room, "n1", '{"type":"oac"}')
        clerk.message()
        (one,) = [one for one in clerk.heard if one.find(".//{*}json-message") is not None]
        assert one.get("from", "").endswith("/n2")


def test_without_the_secret_nothing_is_done(server: MeetingServer, tickets: Tickets) -> None:
    """Another secret, part of it, none, or another scheme."""
    with Person(server.port, tickets.token("clerk")) as clerk:
        clerk.join(tickets.room, "n1")
        for secret in ("x" * 32, CONTROL_SECRET[:-1], CONTROL_SECRET + "x"):
            control = server.control(secret)
            with pytest.raises(ControlRefused, match="control_secret"):
                control.end_room(tickets.room)
            with pytest.raises(ControlRefused):
                control.status()
            control.close()
        for headers in ({}, {"Authorization": f"Basic {CONTROL_SECRET}"}):
            answer = httpx.get(server.control_url + "/status", headers=headers, trust_env=False)
            assert (answer.status_code, answer.json()) == (401, {"error": "secret-wrong"})
        assert clerk.role_of(tickets.room, "n1") == "moderator"


def test_it_answers_this_machine_alone(program: Program, receiver: Receiver) -> None:
    """Neither another address nor one that a web server speaks for, even with the secret."""
    headers = {"Authorization": f"Bearer {CONTROL_SECRET}"}
    with own_server(program, receiver, oac_control_from='{ "192.0.2.7/32" }') as server:
        for spoken_for in ({}, {"X-Forwarded-For": "192.0.2.7"}):
            answer = httpx.get(
                server.control_url + "/status", headers=headers | spoken_for, trust_env=False
            )
            assert (answer.status_code, answer.json()) == (403, {"error": "not-from-here"})
    with own_server(program, receiver) as server:
        for address in ("192.0.2.7", "2001:db8::7", "192.0.2.7, 127.0.0.1", "rubbish"):
            forwarded = headers | {"X-Forwarded-For": address}
            answer = httpx.get(server.control_url + "/status", headers=forwarded, trust_env=False)
            assert answer.status_code in (403, 500), address
            assert "module" not in answer.text
        plain = httpx.get(server.control_url + "/status", headers=headers, trust_env=False)
        assert plain.status_code == 200


def test_a_server_that_was_away_is_controlled_again(program: Program, receiver: Receiver) -> None:
    """A connection kept from before does not fail the first order after."""
    with own_server(program, receiver) as server:
        control = server.control()
        assert control.status().rooms == 0
        server.stop()
        with pytest.raises(ServerUnreachable):
            control.status()
        server.start()
        assert control.status().rooms == 0
        server.stop()
        server.start()
        assert not control.end_room("oac-nowhere")
        control.close()


HOSTILE = [
    b"{",
    b"[" * 16000,
    b'{"a":' * 3000,
    b"null",
    b'"text"',
    b"\xff\xfe",
    b"{}",
    b'{"message": 1}',
    b'{"message": []}',
    b'{"message": {}}',
    b'{"message": {"type": 1}}',
    b'{"to": 1, "message": {"type": "a"}}',
    b'{"to": {}, "message": {"type": "a"}}',
]


@pytest.mark.parametrize("number", range(len(HOSTILE)))
def test_bodies_that_are_none_are_refused(
    server: MeetingServer, control: Control, tickets: Tickets, number: int
) -> None:
    """Broken, deep, or of another form: a sentence back, the room goes on."""
    headers = {"Authorization": f"Bearer {CONTROL_SECRET}"}
    with Person(server.port, tickets.token("clerk")) as clerk:
        clerk.join(tickets.room, "n1")
        place = f"{server.control_url}/rooms/{tickets.room}/messages"
        answer = httpx.post(place, content=HOSTILE[number], headers=headers, trust_env=False)
        assert (answer.status_code, answer.json()) == (400, {"error": "body-unsound"})
        assert control.occupants(tickets.room)


def test_large_bodies_and_strange_places_are_refused(
    server: MeetingServer, control: Control, tickets: Tickets
) -> None:
    """Too much, rooms that are not ours, and orders that there are not."""
    headers = {"Authorization": f"Bearer {CONTROL_SECRET}"}

    def ask(method: str, place: str, content: bytes = b"") -> int:
        return httpx.request(
            method, server.control_url + place, content=content, headers=headers, trust_env=False
        ).status_code

    with Person(server.port, tickets.token("clerk")) as clerk:
        clerk.join(tickets.room, "n1")
        assert ask("POST", f"/rooms/{tickets.room}/messages", b" " * 20000) == 413
        for place in (
            "/rooms/",
            "/rooms/%00",
            "/rooms/oac-%2e%2e",
            "/rooms/../../etc",
            "/rooms/a/b/c/d",
        ):
            assert ask("GET", place) == 404, place
        assert ask("POST", f"/rooms/{tickets.room}") == 405
        assert ask("GET", f"/rooms/{tickets.room}/occupants/n1") == 405
        assert ask("DELETE", f"/rooms/{tickets.room}/occupants/%00") == 404
        assert ask("DELETE", f"/rooms/{tickets.room}/occupants/{'n' * 4000}") == 404
        assert control.occupants(tickets.room)
