"""The control of a Jitsi server asks exactly what was agreed, and says what is wrong in a sentence.

The other side here is a small HTTP server with ready answers; that the module gives these very
answers is seen in ``tests/integration/prosody``.
"""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from jitsi_oac_plugin import Control, ControlRefused, Occupant, ServerUnreachable

SECRET = "c" * 32
STATUS = {
    "module": "1.0",
    "prosody": "0.12.3",
    "server": "meet.example",
    "time": 1780000000,
    "rooms": 2,
    "spool": 3,
    "oldest_s": 4,
    "last_error": None,
}


class Answers:
    """What the other side answers next, and what it was asked."""

    def __init__(self) -> None:
        self.status, self.body = 204, b""
        self.asked: list[tuple[str, str, object]] = []
        self.secrets: list[str | None] = []
        self.url = ""

    def are(self, status: int, body: object = None) -> None:
        """Set what is answered from now on."""
        self.status = status
        self.body = b"" if body is None else json.dumps(body).encode()


@contextmanager
def _serving() -> Iterator[Answers]:
    answers = Answers()

    class Handler(BaseHTTPRequestHandler):
        def _answer(self) -> None:
            content = self.rfile.read(int(self.headers.get("Content-Length", 0)))
            asked = json.loads(content) if content else None
            answers.asked.append((self.command, self.path, asked))
            answers.secrets.append(self.headers.get("Authorization"))
            self.send_response(answers.status)
            self.send_header("Content-Length", str(len(answers.body)))
            self.end_headers()
            self.wfile.write(answers.body)

        do_GET = do_POST = do_DELETE = _answer  # noqa: N815  # the library's names

        def log_message(self, *_: object) -> None:
            """Say nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    answers.url = f"http://127.0.0.1:{server.server_address[1]}/oac"
    try:
        yield answers
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


@pytest.fixture
def answers() -> Iterator[Answers]:
    """Give the other side."""
    with _serving() as made:
        yield made


@pytest.fixture
def control(answers: Answers) -> Iterator[Control]:
    """Give a control of it."""
    made = Control(answers.url + "/", SECRET)
    yield made
    made.close()


def test_everything_is_asked_as_agreed(answers: Answers, control: Control) -> None:
    """Methods, places, bodies and the secret are those of the module."""
    assert control.end_room("oac-a", reason="over")
    assert control.remove("oac-a", "3d/1")
    assert control.tell("oac-a", {"type": "hello"}, to="3d31")
    assert answers.asked == [
        ("DELETE", "/oac/rooms/oac-a", {"reason": "over"}),
        ("DELETE", "/oac/rooms/oac-a/occupants/3d%2F1", {"reason": ""}),
        ("POST", "/oac/rooms/oac-a/messages", {"to": "3d31", "message": {"type": "hello"}}),
    ]
    assert set(answers.secrets) == {f"Bearer {SECRET}"}


def test_status_and_occupants_are_read(answers: Answers, control: Control) -> None:
    """What the module tells arrives typed."""
    answers.are(200, STATUS)
    status = control.status()
    assert (status.rooms, status.spool, status.oldest_s, status.last_error) == (2, 3, 4, None)
    plain = {"nick": "3d31", "person": "citizen-v1", "role": "participant"}
    answers.are(200, {"room": "oac-a", "occupants": [plain]})
    assert control.occupants("oac-a") == (
        Occupant(nick="3d31", person="citizen-v1", role="participant"),
    )
    assert [place for _, place, _ in answers.asked] == ["/oac/status", "/oac/rooms/oac-a"]


def test_what_is_not_there_is_no_error(answers: Answers, control: Control) -> None:
    """A room that is gone was ended, too."""
    answers.are(404, {"error": "no-such-room"})
    assert control.occupants("oac-a") is None
    assert not control.end_room("oac-a")
    assert not control.remove("oac-a", "x")
    assert not control.tell("oac-a", {"type": "hello"})


@pytest.mark.parametrize(
    ("status", "body", "word"),
    [
        (401, None, "control_secret"),
        (403, None, "control_secret"),
        (404, "<html>Not here</html>", "mod_oac_counter"),
        (400, {"error": "body-unsound"}, "400"),
        (500, None, "500"),
        (302, None, "302"),
    ],
)
def test_a_refusal_says_what_to_do(
    answers: Answers, control: Control, status: int, body: object, word: str
) -> None:
    """A wrong secret, a server without the module, and anything else are told apart."""
    answers.are(status, body)
    with pytest.raises(ControlRefused, match=word):
        control.end_room("oac-a")


@pytest.mark.parametrize("body", [None, [], {}, STATUS | {"rooms": "2"}])
def test_what_is_not_the_modules_answer_is_named(
    answers: Answers, control: Control, body: object
) -> None:
    """Something else listens there: better said than believed."""
    answers.are(200, body)
    with pytest.raises(ControlRefused):
        control.status()


def test_a_server_that_is_away_is_named() -> None:
    """Nobody listens, or the address is none: an error of ours, not of the library."""
    with _serving() as gone:
        url = gone.url
    for address in (url, "http://[", "nowhere"):
        control = Control(address, SECRET)
        with pytest.raises(ServerUnreachable):
            control.status()
        control.close()
