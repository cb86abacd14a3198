"""The only module that emits to pages and agents; rooms are ``<noun>:<id>``."""

from __future__ import annotations

import logging
from collections.abc import Iterable, Mapping
from typing import Any

from flask_socketio import SocketIO

from counter_hooks.wire import NAMESPACE as AGENT_NAMESPACE

log = logging.getLogger(__name__)


def room(noun: str, identifier: str) -> str:
    """Return the room of one counter, clerk or office."""
    return f"{noun}:{identifier}"


class Push:
    """Sends events to rooms; a room that nobody is in costs nothing."""

    def __init__(self, socketio: SocketIO) -> None:
        self._socketio = socketio

    def to_pages(self, rooms: Iterable[str], name: str, payload: Mapping[str, object]) -> None:
        """Send an event to every page in one of ``rooms``, once each."""
        self._socketio.emit(name, dict(payload), to=sorted(set(rooms)))  # type: ignore[arg-type]  # the stubs forget lists

    def end(self, connection: str, *, namespace: str = "/") -> None:
        """End one connection of this process; works outside of a request too."""
        server: Any = self._socketio.server  # type: ignore[attr-defined]  # the stubs forget it
        server.disconnect(connection, namespace=namespace)

    def to_agent(self, counter_id: str, name: str, payload: Mapping[str, object]) -> None:
        """Send a message to the agent of a counter, if it is connected."""
        target = room("counter", counter_id)
        self._socketio.emit(name, dict(payload), to=target, namespace=AGENT_NAMESPACE)
