"""The bridge's ear in these tests: takes batches as the bridge does, and can be away."""

from __future__ import annotations

import threading
from collections.abc import Callable
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from deploy.virtual.processes import wait_until
from jitsi_oac_plugin import BatchUnsound, JitsiError, MeetingEvent, read_batch
from tests.integration.prosody.server import EVENTS_SECRET, free_port

PATIENCE_S = 60


class Receiver:
    """Takes events once, in order, and remembers the last number of each spool."""

    def __init__(self) -> None:
        self.port = free_port()
        self.secret = EVENTS_SECRET
        self.events: list[MeetingEvent] = []
        self.again = 0
        self.posts = 0
        self.refused: list[str] = []
        self.servers: set[str] = set()
        self.boots: list[str] = []
        # Answers to give before it takes anything; "lost" takes it and loses the answer.
        self.moods: list[int | str] = []
        self._last: dict[str, int] = {}
        self._nonces: set[str] = set()
        self._lock = threading.Lock()
        self._http: ThreadingHTTPServer | None = None
        self._thread: threading.Thread | None = None

    @property
    def url(self) -> str:
        """Where the module posts to."""
        return f"http://127.0.0.1:{self.port}/api/meeting/events"

    def come(self) -> None:
        """Be there."""
        receiver = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["Content-Length"]))
                status = receiver.take(dict(self.headers.items()), body)
                if status is None:
                    self.close_connection = True
                    return
                self.send_response(status)
                self.send_header("Content-Length", "0")
                self.end_headers()

            def log_message(self, *_: object) -> None:
                """Say nothing."""

        self._http = ThreadingHTTPServer(("127.0.0.1", self.port), Handler)
        self._thread = threading.Thread(target=self._http.serve_forever, args=(0.05,))
        self._thread.start()

    def go(self) -> None:
        """Be away: nobody listens."""
        if self._http and self._thread:
            self._http.shutdown()
            self._http.server_close()
            self._thread.join()
            self._http = self._thread = None

    def take(self, headers: dict[str, str], body: bytes) -> int | None:
        """Take a batch as the bridge does; return the status, None for an answer that is lost."""
        with self._lock:
            self.posts += 1
            mood = self.moods.pop(0) if self.moods else None
            if isinstance(mood, int):
                return mood
            try:
                batch, nonce = read_batch(headers, body, secret=self.secret, now=datetime.now(UTC))
            except JitsiError as error:
                self.refused.append(error.key)
                return 400 if isinstance(error, BatchUnsound) else 401
            if nonce in self._nonces:
                self.refused.append("replayed")
                return 401
            self._nonces.add(nonce)
            self.servers.add(batch.server)
            if batch.boot not in self.boots:
                self.boots.append(batch.boot)
            for event in batch.events:
                if event.number > self._last.get(batch.boot, 0):
                    self.events.append(event)
                    self._last[batch.boot] = event.number
                else:
                    self.again += 1
            return None if mood == "lost" else 204

    def of(self, room: str) -> list[MeetingEvent]:
        """Return what was told of a room."""
        with self._lock:
            return [event for event in self.events if event.room == room]

    def told(self, room: str) -> list[str]:
        """Return what was told of a room, in a line each: who, where from, and why."""
        return [_line(event) for event in self.of(room)]

    def waits_for(self, condition: Callable[[], bool], what: str) -> None:
        """Return when it holds."""
        wait_until(condition, f"{what}; refused: {self.refused}", seconds=PATIENCE_S)

    def hears(self, room: str, *lines: str) -> None:
        """See that exactly this is told of a room, in this order."""
        try:
            self.waits_for(lambda: len(self.told(room)) >= len(lines), f"{len(lines)} events")
        except TimeoutError:
            assert self.told(room) == list(lines)
        assert self.told(room) == list(lines)


def _line(event: MeetingEvent) -> str:
    one = event.occupant
    who = f" {one.nick} {one.person} {one.role}" if one else ""
    return f"{event.type}{who}{f' ({event.reason})' if event.reason else ''}"
