"""A receiver for the server's events that is open for the length of one check.

It takes nothing: every batch is answered 503, so that the module keeps it for the bridge.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator

from jitsi_oac_plugin.doctor.findings import NotChecked
from jitsi_oac_plugin.doctor.target import Target
from jitsi_oac_plugin.errors import JitsiError
from jitsi_oac_plugin.webhooks import MOST_BYTES, EventType, read_batch

_ANSWER = b"HTTP/1.1 503 Service Unavailable\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"


class Receiver:
    """Waits for somebody to have come into ``room``."""

    def __init__(self, target: Target, room: str) -> None:
        self.came = asyncio.Event()
        self.refused = ""
        self._target = target
        self._room = room

    @contextlib.asynccontextmanager
    async def opened(self) -> AsyncIterator[Receiver]:
        """Listen. Raises ``NotChecked``."""
        host, _, port = self._target.receive_at.rpartition(":")
        try:
            listening = await asyncio.start_server(
                self._serve, host.strip("[]") or "127.0.0.1", int(port), limit=MOST_BYTES
            )
        except (OSError, ValueError, OverflowError) as error:
            raise NotChecked(f"nothing can be received at {self._target.receive_at}.") from error
        async with listening:
            yield self

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            async with asyncio.timeout(self._target.limit_s):
                head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1")
                lines = [one.partition(":") for one in head.split("\r\n")[1:] if one]
                headers = {name.strip().lower(): value.strip() for name, _, value in lines}
                size = int(headers.get("content-length", "0"))
                if 0 <= size <= MOST_BYTES:
                    self._look(headers, await reader.readexactly(size))
                writer.write(_ANSWER)
                await writer.drain()
        # Whoever sends something else than a batch is not waited for.
        except (OSError, ValueError, EOFError, asyncio.LimitOverrunError):
            pass
        finally:
            writer.close()

    def _look(self, headers: dict[str, str], body: bytes) -> None:
        try:
            batch, _ = read_batch(
                headers, body, secret=self._target.events_secret, now=self._target.now()
            )
        except JitsiError as error:
            self.refused = str(error).rstrip(".")
            return
        for event in batch.events:
            if event.room == self._room and event.type is EventType.OCCUPANT_JOINED:
                self.came.set()
