"""Only bearers of a room's own token come in; who is refused gets a reason, and so does the bridge."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from pathlib import Path

import pytest
import requests
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa

from tests.integration.prosody.conftest import own_server
from tests.integration.prosody.people import NotConnected, Person, focus
from tests.integration.prosody.programs import Program
from tests.integration.prosody.receiver import Receiver
from tests.integration.prosody.server import MeetingServer
from tests.integration.prosody.tickets import Tickets, in_seconds

pytestmark = pytest.mark.prosody

Forge = Callable[[Tickets], str | None]
REFUSED: dict[str, tuple[Forge, str, bool]] = {
    "no token": (lambda t: None, "token-missing", False),
    "an empty one": (lambda t: "", "token-missing", False),
    "no token at all": (lambda t: "hello", "token-unsound", False),
    "a huge one": (lambda t: "a" * 9000, "token-unsound", False),
    "three empty parts": (lambda t: "e30.e30.", "token-unsigned", False),
    "a header of brackets": (lambda t: "W1tbW1tb.e30.eA", "token-unsound", False),
    "alg none": (Tickets.unsigned, "token-unsigned", False),
    "alg none with a signature": (lambda t: t.misnamed("none"), "token-unsigned", False),
    "alg RS256 with the secret": (lambda t: t.misnamed("RS256"), "token-unsigned", False),
    "another's signature": (Tickets.forged, "token-unsigned", False),
    "changed afterwards": (Tickets.doctored, "token-unsigned", False),
    "expired": (lambda t: t.changed(exp=in_seconds(-1)), "token-expired", True),
    "without an end": (lambda t: t.changed(exp=None), "token-unsound", True),
    "an end in words": (lambda t: t.changed(exp="never"), "token-unsound", True),
    "not yet": (lambda t: t.changed(nbf=in_seconds(600)), "token-early", True),
    "another issuer": (lambda t: t.changed(iss="other"), "token-issuer", True),
    "another audience": (lambda t: t.changed(aud="other"), "token-issuer", True),
    "no audience": (lambda t: t.changed(aud=None), "token-issuer", True),
    "another server": (lambda t: t.changed(sub="other.test"), "token-subject", True),
    "any server": (lambda t: t.changed(sub="*"), "token-subject", True),
    "another room": (lambda t: t.changed(room="oac-other"), "token-room", True),
    "any room": (lambda t: t.changed(room="*"), "token-room", True),
    "a room by pattern": (
        lambda t: t.changed(
            room="oac-.*", context={"room": {"regex": True}, "user": {"id": "citizen-v1"}}
        ),
        "token-room",
        True,
    ),
    "nobody's": (lambda t: t.changed(context={}), "token-unsound", False),
    "no context": (lambda t: t.changed(context="x"), "token-unsound", False),
    "features that seem to end early": (
        lambda t: t.changed(context={"user": {"id": "citizen-v1"}, "features": {"a": "}"}}),
        "token-unsound",
        False,
    ),
    "a person of control signs": (
        lambda t: t.changed(context={"user": {"id": "a\nb"}}),
        "token-unsound",
        False,
    ),
}


@pytest.mark.parametrize("role", ["clerk", "citizen", "helper", "interpreter", "supervisor"])
def test_the_bearer_of_the_rooms_token_comes_in(
    server: MeetingServer, receiver: Receiver, tickets: Tickets, role: str
) -> None:
    """Every role of ours, alone in a new room; the bridge is told."""
    with Person(server.port, tickets.token(role)) as person:
        assert person.join(tickets.room, "3d312af7") is None
        plays = "moderator" if role == "clerk" else "participant"
        receiver.hears(tickets.room, "room:opened", f"occupant:joined 3d312af7 {role}-v1 {plays}")


@pytest.mark.parametrize("name", list(REFUSED))
def test_everybody_else_is_refused_with_a_reason(
    server: MeetingServer, receiver: Receiver, tickets: Tickets, name: str
) -> None:
    """The page and the bridge hear why; a person is named only by a token that we signed."""
    forge, reason, is_known = REFUSED[name]
    with Person(server.port, forge(tickets)) as person:
        assert person.join(tickets.room, "n1") == f"not-allowed: Not let in: {reason}"
    who = " n1 citizen-v1 participant" if is_known else ""
    receiver.hears(tickets.room, f"occupant:refused{who} ({reason})")


def test_a_list_of_audiences_may_hold_ours(server: MeetingServer, tickets: Tickets) -> None:
    """RFC 7519 allows for several."""
    with Person(server.port, tickets.changed(aud=["other", "jitsi"])) as person:
        assert person.join(tickets.room, "n1") is None


@pytest.mark.parametrize(
    "context",
    [
        {"user": {"id": "citizen-v1"}},
        {"features": {"flip": {"a": {}}}, "user": {"id": "citizen-v1"}},
        {"user": {"id": "citizen-v1", "name": 'Àngels "features":{ \\'}, "features": {}},
    ],
)
def test_what_jitsi_alone_reads_may_be_anything(
    server: MeetingServer, receiver: Receiver, tickets: Tickets, context: dict[str, object]
) -> None:
    """Features may be missing or more than flags, and a name may look like them."""
    with Person(server.port, tickets.changed(context=context)) as person:
        assert person.join(tickets.room, "n1") is None
    receiver.waits_for(lambda: len(receiver.told(tickets.room)) >= 2, "the joining is told")
    assert receiver.told(tickets.room)[1] == "occupant:joined n1 citizen-v1 participant"


def test_a_room_that_somebody_is_in_refuses_just_the_same(
    server: MeetingServer, tickets: Tickets
) -> None:
    """The door does not stand open once somebody went through."""
    with Person(server.port, tickets.token("clerk")) as clerk, Person(server.port) as other:
        assert clerk.join(tickets.room, "n1") is None
        assert other.join(tickets.room, "n2") == "not-allowed: Not let in: token-missing"


def test_the_servers_helper_needs_no_token_and_is_nobody(
    server: MeetingServer, receiver: Receiver, tickets: Tickets
) -> None:
    """Jicofo opens the room first; the bridge hears of the room and not of jicofo."""
    with focus(server.port) as helper, Person(server.port, tickets.token("citizen")) as citizen:
        assert helper.join(tickets.room, "focus") is None
        assert citizen.join(tickets.room, "n1") is None
        receiver.hears(tickets.room, "room:opened", "occupant:joined n1 citizen-v1 participant")
        control = server.control()
        assert [one.nick for one in control.occupants(tickets.room) or ()] == ["n1"]
        control.close()


@pytest.mark.parametrize("room", ["standup", "oac", "my-oac-room"])
def test_other_rooms_are_not_touched(server: MeetingServer, receiver: Receiver, room: str) -> None:
    """Whoever uses the server for something else notices nothing, and we tell nothing of it."""
    with Person(server.port) as one, Person(server.port, "no token") as other:
        assert one.join(room, "n1") is None
        assert other.join(room, "n2") is None
        assert one.give(room, nick="n2", role="moderator") is None
        assert other.role_of(room, "n2") == "moderator"
        control = server.control()
        assert control.occupants(room) is None
        assert not control.end_room(room)
        control.close()
        one.settle()
    assert receiver.told(room) == []


@pytest.mark.parametrize("room", ["oac-", "oac--a", "oac-ñ", "oac-a.b", "oac-" + "a" * 80])
def test_names_that_the_bridge_never_gives_are_refused_and_not_told(
    server: MeetingServer, receiver: Receiver, room: str
) -> None:
    """They begin as ours do: nobody comes in, and the bridge is not sent what it would refuse."""
    with Person(server.port) as person:
        assert person.join(room, "n1") == "not-allowed: Not let in: token-missing"
    assert receiver.refused == []


@pytest.mark.parametrize(
    ("forge", "reason"),
    [
        (lambda t: None, "token-missing"),
        (Tickets.forged, "token-unsigned"),
        (lambda t: t.changed(exp=1), "token-expired"),
        (lambda t: t.token("clerk"), "token-unsound"),
    ],
)
def test_who_is_refused_at_the_connection_is_told_of_too(
    program: Program, receiver: Receiver, tickets: Tickets, forge: Forge, reason: str
) -> None:
    """Jitsi's token authentication is earlier than any room; other rooms are nobody's business."""
    with own_server(program, receiver, authentication="internal_plain") as server:
        for room in (tickets.room.upper(), "standup", "oac--unsound", "any"):
            with pytest.raises(NotConnected):
                Person(server.port, forge(tickets), account="nobody", room=room)
        receiver.hears(tickets.room, f"occupant:refused ({reason})")
    assert receiver.told("standup") == []
    assert receiver.refused == []


def test_a_public_key_is_enough(
    program: Program, receiver: Receiver, tickets: Tickets, tmp_path: Path
) -> None:
    """RS256: the key's tokens come in; a shared secret made of the public key opens nothing."""
    key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    private = key.private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.PKCS8,
        serialization.NoEncryption(),
    ).decode()
    public = key.public_key().public_bytes(
        serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo
    )
    file = tmp_path / "key.pem"
    file.write_bytes(public)
    good = tickets.token("clerk", algorithm="RS256", secret=private, key_id="k1")
    options: dict[str, str | None] = {
        "oac_app_secret": None,
        "oac_public_key_file": f'"{file}"',
        "oac_key_id": '"k1"',
    }
    with own_server(program, receiver, **options) as server:
        with Person(server.port, good) as clerk:
            assert clerk.join(tickets.room, "n1") is None
            assert clerk.role_of(tickets.room, "n1") == "moderator"
        for bad in (tickets.token("clerk"), good[:-8] + "AAAAAAAA", tickets.unsigned()):
            with Person(server.port, bad) as other:
                assert other.join(tickets.room, "n2") == "not-allowed: Not let in: token-unsigned"
        assert _key_of(server, "k1") == (200, public)
        assert _key_of(server, "k2")[0] == 404


def _key_of(server: MeetingServer, key_id: str) -> tuple[int, bytes]:
    """Ask for a public key as Jitsi's token authentication does."""
    name = hashlib.sha256(key_id.encode()).hexdigest()
    answer = requests.get(f"{server.control_url}/keys/{name}.pem", timeout=60)
    return answer.status_code, answer.content


def test_no_token_and_no_secret_is_ever_written(server: MeetingServer, tickets: Tickets) -> None:
    """Neither the log, which has everything here, nor the spool holds what opens a door."""
    tokens = [tickets.token("clerk"), tickets.forged(), tickets.changed(exp=1)]
    for token in tokens:
        with Person(server.port, token) as person:
            person.join(tickets.room, "n1")
    control = server.control()
    control.status()
    control.close()
    written = server.said() + server.spool.read_text()
    for secret in (*tokens, *(token.split(".")[1] for token in tokens), *server.secrets):
        assert secret not in written


def test_a_flood_of_refusals_does_not_bury_what_matters(
    program: Program, receiver: Receiver, tickets: Tickets
) -> None:
    """Anybody can knock without end: after some in a minute only the door answers."""
    with own_server(program, receiver) as server, Person(server.port) as other:
        for number in range(400):
            assert other.join(f"oac-flood-{number}", "n1") is not None
        with Person(server.port, tickets.token("clerk")) as clerk:
            assert clerk.join(tickets.room, "n1") is None
            receiver.hears(tickets.room, "room:opened", "occupant:joined n1 clerk-v1 moderator")
        told = [event for event in receiver.events if event.room.startswith("oac-flood-")]
        # At most two minutes begin while it knocks, or three on a very slow machine.
        assert 0 < len(told) <= 360
        assert "of more nothing is told" in server.said()
