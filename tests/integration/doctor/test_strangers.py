"""What answers is not a meeting server at all, and wants to harm whoever asks."""

from __future__ import annotations

import socket
import ssl
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress

import pytest
from wsproto import ConnectionType, WSConnection
from wsproto.events import AcceptConnection, Request, TextMessage

from tests.integration.doctor.conftest import Open, Parts
from tests.integration.prosody.server import DOMAIN

FEATURES = "<stream:features xmlns:stream='http://etherx.jabber.org/streams'/>"
SUCCESS = "<success xmlns='urn:ietf:params:xml:ns:xmpp-sasl'/>"
Serve = Callable[[socket.socket], None]
pytestmark = pytest.mark.prosody


@contextmanager
def stranger(parts: Parts, serve: Serve) -> Iterator[int]:
    """Listen with TLS; ``serve`` has each connection to itself."""
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.load_cert_chain(f"{parts.certificate}.crt", f"{parts.certificate}.key")
    threads: list[threading.Thread] = []

    def talk(plain: socket.socket) -> None:
        # Whoever hangs up is done with.
        with suppress(OSError), context.wrap_socket(plain, server_side=True) as one:
            one.settimeout(30)
            serve(one)

    def accept(listening: socket.socket) -> None:
        with suppress(OSError):
            while True:
                thread = threading.Thread(target=talk, args=(listening.accept()[0],))
                thread.start()
                threads.append(thread)

    with socket.create_server(("127.0.0.1", 0)) as listening:
        accepting = threading.Thread(target=accept, args=(listening,))
        accepting.start()
        yield listening.getsockname()[1]
        listening.shutdown(socket.SHUT_RDWR)
        accepting.join()
    for thread in threads:
        thread.join()


def speaks(*texts: str) -> Serve:
    """Open every WebSocket and say these, one after each thing that is said."""

    def serve(one: socket.socket) -> None:
        protocol, left = WSConnection(ConnectionType.SERVER), list(texts)
        while data := one.recv(65536):
            if b"GET /xmpp-websocket" not in data and not protocol.state.value:
                one.sendall(b"HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n")
                return
            protocol.receive_data(data)
            for event in protocol.events():
                if isinstance(event, Request):
                    one.sendall(protocol.send(AcceptConnection(subprotocol="xmpp")))
                elif isinstance(event, TextMessage) and left:
                    one.sendall(protocol.send(TextMessage(data=left.pop(0))))

    return serve


def drips(one: socket.socket) -> None:
    """Answer a byte at a time, for ever."""
    one.recv(65536)
    one.sendall(b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\n\r\n")
    waiting = threading.Event()
    while not waiting.wait(0.2):
        one.sendall(b"a")


@pytest.mark.parametrize(
    ("texts", "words"),
    [
        (("<<<",), "mend What answers at the WebSocket sends no sound XML"),
        (
            ("<!DOCTYPE a [<!ENTITY b 'c'>]><a>&b;</a>",),
            "mend Prosody's stream has a document type",
        ),
        (("x" * 300_000,), "mend What comes from /xmpp-websocket is too long"),
        ((), "mend Prosody neither answers nor refuses within 4 s"),
        ((FEATURES, SUCCESS), "mend Prosody neither answers nor refuses within 4 s"),
        (("<a/>", "<presence xmlns='jabber:client' from='\U0001f600'/>"), "mend Prosody neither"),
    ],
)
def test_a_websocket_of_strangers(
    host: Open, parts: Parts, texts: tuple[str, ...], words: str
) -> None:
    """Nonsense, entities, floods and silence each end in a sentence."""
    with stranger(parts, speaks(*texts)) as port:
        said = host().one("XMPP over WebSocket", domain=f"{DOMAIN}:{port}", limit_s=4.0)
    assert said.startswith(words)


def test_a_page_that_never_ends(host: Open, parts: Parts) -> None:
    """An answer that comes byte by byte is given up."""
    with stranger(parts, drips) as port:
        said = host().one("meeting page", domain=f"{DOMAIN}:{port}", limit_s=4.0)
    assert said.startswith("mend https://meet.test")
    assert "gives no whole answer within 8 s" in said


def test_a_refusal_full_of_signs(host: Open, parts: Parts) -> None:
    """A stranger's words reach the terminal on one line, without what it would obey, or a token."""
    words = "\x1b[2J&#10;" + "eyJ" + "a" * 40
    failure = (
        "<failure xmlns='urn:ietf:params:xml:ns:xmpp-sasl'><not-authorized/>"
        f"<text>{words.replace(chr(27), '')}</text></failure>"
    )
    with stranger(parts, speaks(FEATURES, failure)) as port:
        said = host().one("expired token", domain=f"{DOMAIN}:{port}", limit_s=30.0)
    assert said == "ok refused (not-authorized: [2J [token])"
