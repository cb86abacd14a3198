"""The only module that emits to pages and agents; rooms are ``<noun>:<id>``."""

from __future__ import annotations

import logging
import threading
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any

from engineio.exceptions import SocketIsClosedError
from flask_socketio import SocketIO

from counter_hooks.wire import NAMESPACE as AGENT_NAMESPACE

log = logging.getLogger(__name__)

# What says no more than that a page's state is old.
_ASK_AGAIN = frozenset({"state:changed", "queue:changed"})


def room(noun: str, identifier: str) -> str:
    """Return the room of one counter, clerk or office."""
    return f"{noun}:{identifier}"


class _Here(threading.local):
    """What one thread holds back: payloads by event and room; None while it holds nothing back."""

    held: dict[tuple[str, str], Mapping[str, object]] | None = None


class Push:
    """Sends events to rooms; a room that nobody is in costs nothing."""

    def __init__(self, socketio: SocketIO) -> None:
        self._socketio = socketio
        self._here = _Here()

    @contextmanager
    def together(self) -> Iterator[None]:
        """Hold back what tells pages to ask again inside, and send it at the end, to each room once.

        A call moves a ticket, a visit, a clerk and a counter: a page that asked for the state after
        each of them would ask four times for the same. What a room heard first is the reason given.
        """
        if self._here.held is not None:
            yield
            return
        held: dict[tuple[str, str], Mapping[str, object]] = {}
        self._here.held = held
        try:
            yield
        finally:
            self._here.held = None
            for (name, reason), rooms in _by_message(held).items():
                self._emit(rooms, name, dict(reason))

    def to_pages(self, rooms: Iterable[str], name: str, payload: Mapping[str, object]) -> None:
        """Send an event to every page in one of ``rooms``, once each."""
        if self._here.held is None or name not in _ASK_AGAIN:
            self._emit(rooms, name, payload)
            return
        for one in rooms:
            self._here.held.setdefault((name, one), payload)

    def _emit(self, rooms: Iterable[str], name: str, payload: Mapping[str, object]) -> None:
        targets = sorted(set(rooms))
        if targets:  # or the library would send it to everybody
            _surely(lambda: self._socketio.emit(name, dict(payload), to=targets))  # type: ignore[arg-type]  # the stubs forget lists

    def end(self, connection: str, *, namespace: str = "/") -> None:
        """End one connection of this process; works outside of a request too."""
        server: Any = self._socketio.server  # type: ignore[attr-defined]  # the stubs forget it
        server.disconnect(connection, namespace=namespace)

    def to_agent(
        self,
        counter_id: str,
        name: str,
        payload: Mapping[str, object],
        *,
        answered: Callable[..., None] | None = None,
    ) -> None:
        """Send a message to the agent of a counter, if it is connected; it may answer once."""
        target = room("counter", counter_id)
        _surely(
            lambda: self._socketio.emit(
                name, dict(payload), to=target, namespace=AGENT_NAMESPACE, callback=answered
            )
        )


def _surely(emit: Callable[[], None]) -> None:
    """Send something to a room although somebody leaves it in this very moment.

    The library stops at who is gone, and the others would hear nothing. Some hear it twice then.
    """
    try:
        emit()
    except (KeyError, SocketIsClosedError):
        emit()


def _by_message(
    held: Mapping[tuple[str, str], Mapping[str, object]],
) -> dict[tuple[str, tuple[tuple[str, object], ...]], list[str]]:
    """Return the rooms of each message, in the order in which they were first told."""
    found: dict[tuple[str, tuple[tuple[str, object], ...]], list[str]] = defaultdict(list)
    for (name, one), payload in held.items():
        found[name, tuple(payload.items())].append(one)
    return found
