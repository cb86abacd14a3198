"""The two ways in which Jitsi's page speaks XMPP: WebSocket (RFC 7395) and BOSH (XEP-0206)."""

from __future__ import annotations

import contextlib
from collections import deque
from typing import Protocol
from xml.etree import ElementTree

import requests
import websocket

PATIENCE_S = 60
FRAMING = "urn:ietf:params:xml:ns:xmpp-framing"
HTTPBIND = "http://jabber.org/protocol/httpbind"
Stanza = ElementTree.Element


class Line(Protocol):
    """A connection: stanzas go, stanzas come."""

    def open(self, domain: str) -> None:
        """Begin a stream, or begin it again after signing in."""

    def send(self, text: str) -> None:
        """Send a stanza."""

    def next(self) -> Stanza | None:
        """Return the next stanza; None once the server has closed the line."""

    def close(self) -> None:
        """Say goodbye."""

    def cut(self) -> None:
        """Be gone without a word."""


class WebSocketLine:
    """XMPP over WebSocket: one stanza a frame."""

    def __init__(self, port: int, query: str) -> None:
        self._socket = websocket.create_connection(
            f"ws://127.0.0.1:{port}/xmpp-websocket{query}",
            subprotocols=["xmpp"],
            timeout=PATIENCE_S,
        )

    def open(self, domain: str) -> None:
        """Begin a stream, or begin it again after signing in."""
        self.send(f"<open xmlns='{FRAMING}' to='{domain}' version='1.0'/>")

    def send(self, text: str) -> None:
        """Send a stanza."""
        self._socket.send(text)

    def next(self) -> Stanza | None:
        """Return the next stanza; None once the server has closed the line."""
        text = self._socket.recv()
        assert isinstance(text, str)
        return ElementTree.fromstring(text) if text else None  # noqa: S314  # from our own server

    def close(self) -> None:
        """Say goodbye."""
        self._socket.close()

    def cut(self) -> None:
        """Be gone without a word."""
        self._socket.shutdown()


class BoshLine:
    """XMPP in HTTP requests, each answered as soon as there is something to say, or after a second."""

    def __init__(self, port: int, query: str) -> None:
        self._address = f"http://127.0.0.1:{port}/http-bind{query}"
        self._http = requests.Session()
        self._heard: deque[Stanza] = deque()
        self._number = 1000
        self._sid = ""
        self._is_over = False

    def open(self, domain: str) -> None:
        """Begin a stream, or begin it again after signing in."""
        if self._sid:
            self._post("xmpp:restart='true' xmlns:xmpp='urn:xmpp:xbosh'")
        else:
            self._post(f"to='{domain}' wait='1' hold='1' ver='1.6' xml:lang='en'")

    def send(self, text: str) -> None:
        """Send a stanza."""
        self._post("", text)

    def next(self) -> Stanza | None:
        """Return the next stanza; None once the server has closed the line."""
        while not self._heard and not self._is_over:
            self._post("")
        return self._heard.popleft() if self._heard else None

    def close(self) -> None:
        """Say goodbye."""
        if not self._is_over:
            with contextlib.suppress(requests.ConnectionError):
                self._post("type='terminate'")
        self.cut()

    def cut(self) -> None:
        """Be gone without a word."""
        self._http.close()

    def _post(self, attributes: str, stanza: str = "") -> None:
        self._number += 1
        sid = f"sid='{self._sid}'" if self._sid else ""
        body = f"<body xmlns='{HTTPBIND}' rid='{self._number}' {sid} {attributes}>{stanza}</body>"
        answer = self._http.post(self._address, data=body.encode(), timeout=PATIENCE_S)
        heard = ElementTree.fromstring(answer.content)  # noqa: S314  # from our own server
        self._sid = heard.get("sid", self._sid)
        self._is_over = heard.get("type") == "terminate"
        self._heard.extend(heard)
