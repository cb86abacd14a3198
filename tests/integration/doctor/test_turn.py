"""TURN, broken in turn."""

from __future__ import annotations

import socket
from contextlib import closing

import pytest

from tests.integration.doctor.conftest import Open, Parts, prosody, service
from tests.integration.doctor.turn import SECRET
from tests.integration.prosody.server import free_port

pytestmark = pytest.mark.prosody


def test_no_turn_at_all(host: Open, parts: Parts) -> None:
    """A server that offers none is told what to set; what it would do is not looked at."""
    with prosody(parts, services="") as server:
        meeting = host(server)
        assert meeting.one("TURN offered").startswith("mend The server offers no TURN")
        assert meeting.one("TURN by UDP").startswith("unchecked no TURN is offered")


def test_turn_without_credentials(host: Open, parts: Parts) -> None:
    """The common slip of a "turns" without its algorithm is told."""
    line = service("turns", parts.turn.tls, "tcp").replace(', algorithm = "turn"', "")
    with prosody(parts, services=line) as server:
        meeting = host(server)
        said = meeting.one("TURN offered")
        assert said.startswith(
            f"mend TURN at meet.test port {parts.turn.tls} tls is offered without"
        )
        assert meeting.one("TURN by TLS").startswith("unchecked no credentials")


def test_turn_that_does_not_run(host: Open, parts: Parts) -> None:
    """Closed ports are told, by UDP and by TLS."""
    udp, tls = free_port(), free_port()
    lines = service("turn", udp, "udp") + service("turns", tls, "tcp")
    with prosody(parts, services=lines) as server:
        meeting = host(server)
        said = meeting.one("TURN by UDP")
        assert said.startswith(f"mend TURN at meet.test port {udp} udp does not work, ")
        assert "start coturn" in said
        said = meeting.one("TURN by TLS", turn_tls_port=tls)
        assert said.startswith("mend TURN at")
        assert "the connection is refused" in said


def test_turn_that_never_answers(host: Open, parts: Parts) -> None:
    """A firewall that swallows UDP is told when the limit is over."""
    with closing(socket.socket(type=socket.SOCK_DGRAM)) as silent:
        silent.bind(("127.0.0.1", 0))
        line = service("turn", silent.getsockname()[1], "udp")
        with prosody(parts, services=line) as server:
            said = host(server).one("TURN by UDP", limit_s=8.0)
    assert "does not work, there is no answer within 8 s" in said


def test_turn_with_another_secret(host: Open, parts: Parts) -> None:
    """Credentials that TURN refuses are told with the two settings that have to agree."""
    lines = parts.services().replace("secret = true", f'secret = "{SECRET[::-1]}"')
    with prosody(parts, services=lines) as server:
        meeting = host(server)
        for name in ("TURN by UDP", "TURN by TLS"):
            assert "static-auth-secret have to be the same" in meeting.one(name)


def test_turn_on_another_port_than_443(host: Open) -> None:
    """Strict firewalls let nothing but 443 through."""
    said = host().one("TURN by TLS", turn_tls_port=443)
    assert said.startswith("mend No TURN by TLS on port 443 is offered")


def test_something_else_on_turns_port(host: Open, parts: Parts) -> None:
    """A web server where TURN is said to be is told."""
    meeting = host()
    with prosody(parts, services=service("turns", meeting.web.port, "tcp")) as server:
        said = host(server).one("TURN by TLS", turn_tls_port=meeting.web.port)
    assert said.startswith("mend What answers at meet.test port")
    assert "is no TURN server" in said


def test_turn_without_tls(host: Open, parts: Parts) -> None:
    """A port that speaks no TLS is told."""
    port = parts.receiver.port
    with prosody(parts, services=service("turns", port, "tcp")) as server:
        said = host(server).one("TURN by TLS", turn_tls_port=port)
    assert said.startswith(f"mend TURN at meet.test port {port} tls takes no TLS")
