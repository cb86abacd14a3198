"""A WebSocket to the meeting server (RFC 6455), one text at a time."""

from __future__ import annotations

import contextlib
from collections import deque
from collections.abc import AsyncIterator

from wsproto import ConnectionType, WSConnection
from wsproto.events import (
    AcceptConnection,
    CloseConnection,
    Event,
    Ping,
    RejectConnection,
    Request,
    TextMessage,
)
from wsproto.utilities import ProtocolError

from jitsi_oac_plugin.doctor.findings import Silent, ToMend
from jitsi_oac_plugin.doctor.network import Wire, connected, why
from jitsi_oac_plugin.doctor.server import Server

PLACE = "/xmpp-websocket"
MOST_CHARACTERS = 256_000
_CHUNK = 65_536


class Cut(Exception):
    """The server closed the WebSocket."""


class WebSocket:
    """An open WebSocket; whoever reads bounds the time."""

    def __init__(self, wire: Wire) -> None:
        self._wire = wire
        self._protocol = WSConnection(ConnectionType.CLIENT)
        self._events: deque[Event] = deque()
        self._text = ""

    async def shake_hands(self, host: str, target: str, origin: str) -> None:
        """Ask for the WebSocket. Raises ``ToMend``, ``Cut``."""
        self._write(
            Request(
                host=host,
                target=target,
                subprotocols=["xmpp"],
                extra_headers=[(b"Origin", origin.encode())],
            )
        )
        answer = await self._event()
        if isinstance(answer, RejectConnection):
            raise ToMend(
                f"{PLACE} answers {answer.status_code} instead of opening: pass it on to Prosody with "
                "Upgrade and Connection, and load Prosody's module websocket."
            )
        if not isinstance(answer, AcceptConnection) or answer.subprotocol != "xmpp":
            raise ToMend(f"What answers at {PLACE} does not speak XMPP: pass it on to Prosody.")

    async def send(self, text: str) -> None:
        """Send a text."""
        self._write(TextMessage(data=text))
        await self._wire.writer.drain()

    async def read(self) -> str:
        """Return the next text. Raises ``Cut``, ``ToMend``."""
        while True:
            event = await self._event()
            if isinstance(event, CloseConnection):
                raise Cut
            if isinstance(event, Ping):
                self._write(event.response())
            elif isinstance(event, TextMessage):
                self._text += event.data
                if len(self._text) > MOST_CHARACTERS:
                    raise ToMend(f"What comes from {PLACE} is too long to be XMPP.")
                if event.message_finished:
                    whole, self._text = self._text, ""
                    return whole

    def _write(self, event: Event) -> None:
        self._wire.writer.write(self._protocol.send(event))

    async def _event(self) -> Event:
        while not self._events:
            data = await self._wire.reader.read(_CHUNK)
            if not data:
                raise Cut
            try:
                self._protocol.receive_data(data)
                self._events.extend(self._protocol.events())
            except (ProtocolError, UnicodeDecodeError) as error:
                raise ToMend(f"What answers at {PLACE} is no WebSocket: {error}.") from error
        return self._events.popleft()


@contextlib.asynccontextmanager
async def opened(server: Server, query: str) -> AsyncIterator[WebSocket]:
    """Open the WebSocket that meeting pages signal over. Raises ``Silent``, ``ToMend``."""
    target = server.target
    address = await server.address()
    try:
        async with connected(
            address, target.port, limit_s=target.limit_s, tls=server.tls, name=target.host
        ) as wire:
            socket = WebSocket(wire)
            await socket.shake_hands(target.domain, f"{PLACE}{query}", target.origin)
            yield socket
    except (OSError, TimeoutError) as error:
        reason = why(error, limit_s=target.limit_s)
        raise Silent(
            f"wss://{target.domain}{PLACE} does not work, {reason}: look whether Prosody runs behind it."
        ) from error
    except Cut as error:
        raise Silent(
            f"wss://{target.domain}{PLACE} is cut off: look at the logs of the web server and Prosody."
        ) from error
