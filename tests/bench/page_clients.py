"""Pages as the bridge sees them: Socket.IO 5 over WebSocket, with a cookie, many in one thread.

A browser's page costs far more than the bridge it is to measure, and so do three hundred clients
with threads of their own. These speak the same protocol and do nothing else.
"""

from __future__ import annotations

import json
import selectors
import socket
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from types import TracebackType
from typing import Any, Self

from wsproto import ConnectionType, WSConnection
from wsproto.events import (
    AcceptConnection,
    BytesMessage,
    CloseConnection,
    Ping,
    RejectConnection,
    Request,
    TextMessage,
)
from wsproto.utilities import ProtocolError

PATIENCE_S = 60.0


@dataclass(frozen=True, slots=True)
class Heard:
    """An event, and when its last byte was here (monotonic seconds)."""

    at: float
    name: str
    payload: dict[str, Any]


@dataclass(eq=False)
class PageClient:
    """One page's connection; ``heard`` grows as events come."""

    side: str
    cookie: str
    heard: list[Heard] = field(default_factory=list)
    is_connected: bool = False
    is_lost: bool = False
    socket: socket.socket | None = None
    protocol: WSConnection | None = None
    _text: str = ""
    _half: Heard | None = None

    def receive(self, data: bytes) -> None:
        """Take what came over the line and answer what has to be answered."""
        assert self.protocol is not None
        self.protocol.receive_data(data or None)
        for event in self.protocol.events():
            match event:
                case AcceptConnection():
                    self.say("40" + json.dumps({"page": self.side}))
                case TextMessage():
                    self._text += event.data
                    if event.message_finished:
                        text, self._text = self._text, ""
                        self._packet(text)
                case BytesMessage() if event.message_finished and self._half:
                    at = time.monotonic()
                    self.heard.append(Heard(at, self._half.name, self._half.payload))
                    self._half = None
                case Ping():
                    self._send(self.protocol.send(event.response()))
                case CloseConnection() | RejectConnection():
                    self.is_lost = True
                case _:
                    pass

    def say(self, packet: str) -> None:
        """Send one Engine.IO packet."""
        assert self.protocol is not None
        self._send(self.protocol.send(TextMessage(data=packet)))

    def _send(self, data: bytes) -> None:
        assert self.socket is not None
        with suppress(OSError):
            self.socket.sendall(data)

    def _packet(self, text: str) -> None:
        if text == "2":
            self.say("3")
        elif text.startswith("40"):
            self.is_connected = True
        elif text.startswith("44"):
            self.is_lost = True
        elif text.startswith("42"):
            name, *rest = json.loads(text[2:])
            self.heard.append(Heard(time.monotonic(), name, rest[0] if rest else {}))
        elif text.startswith("451-"):
            name, payload = json.loads(text[4:])
            self._half = Heard(0.0, name, payload)


class PageClients:
    """All pages of one measurement, served by one thread between ``with`` and its end."""

    def __init__(self, port: int) -> None:
        self._port = port
        self._selector = selectors.DefaultSelector()
        self._end = threading.Event()
        self._lock = threading.Lock()
        self.pages: list[PageClient] = []
        self._thread = threading.Thread(target=self._serve, daemon=True)

    def __enter__(self) -> Self:
        """Begin to listen."""
        self._thread.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Hang up."""
        self.leave()
        self._end.set()
        self._thread.join()
        self._selector.close()

    def open(self, *whom: tuple[str, str]) -> list[PageClient]:
        """Connect a page for each (side, cookie), all at once, and wait until all are in."""
        fresh = [PageClient(side, cookie) for side, cookie in whom]
        for page in fresh:
            self._dial(page)
        wait_for(lambda: all(page.is_connected for page in fresh), "all pages are connected")
        return fresh

    def leave(self) -> None:
        """Close every connection, as a browser does that is shut."""
        with self._lock:
            for page in self.pages:
                assert page.socket is not None
                with suppress(KeyError):
                    self._selector.unregister(page.socket)
                page.socket.close()
            self.pages.clear()

    def _dial(self, page: PageClient) -> None:
        page.protocol = WSConnection(ConnectionType.CLIENT)
        page.socket = socket.create_connection(("127.0.0.1", self._port), timeout=PATIENCE_S)
        page.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        host = f"127.0.0.1:{self._port}"
        hail = Request(
            host=host,
            target="/socket.io/?EIO=4&transport=websocket",
            extra_headers=[
                (b"Cookie", page.cookie.encode()),
                (b"Origin", f"http://{host}".encode()),
            ],
        )
        page.socket.sendall(page.protocol.send(hail))
        with self._lock:
            self.pages.append(page)
            self._selector.register(page.socket, selectors.EVENT_READ, page)

    def _serve(self) -> None:
        while not self._end.is_set():
            with self._lock:
                ready = self._selector.select(0)
            if not ready:
                self._end.wait(0.001)
            for key, _ in ready:
                page: PageClient = key.data
                try:
                    data = page.socket.recv(65536) if page.socket else b""
                    page.receive(data)
                except (OSError, ProtocolError):
                    data = b""
                if not data:
                    page.is_lost = True
                    with self._lock, suppress(KeyError, ValueError):
                        self._selector.unregister(key.fileobj)


def wait_for(condition: Callable[[], bool], what: str, *, seconds: float = PATIENCE_S) -> None:
    """Return as soon as the condition holds, looked at every 2 ms; raise ``TimeoutError``."""
    until = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > until:
            raise TimeoutError(f"not within {seconds} s: {what}")
        time.sleep(0.002)
