"""The pages' Socket.IO connections: who is behind each, its rooms, and the slices' handlers."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Literal, TypeVar

from flask import request
from flask_socketio import SocketIO, join_room
from socketio.exceptions import ConnectionRefusedError as Refusal

from bridge.core.errors import BridgeError
from bridge.core.push import Push
from bridge.core.web import decode

log = logging.getLogger(__name__)

Message = TypeVar("Message")
Side = Literal["staff", "kiosk"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Caller:
    """Who is behind a connection.

    ``side`` is staff or kiosk, ``id`` that of the person or of the counter.
    """

    side: Side
    id: str
    rooms: tuple[str, ...]
    connection: str = ""


_SIDES: tuple[Side, ...] = ("staff", "kiosk")

WhoIs = Callable[[Side], Caller | None]
Watcher = Callable[[Caller], None]


class PageSockets:
    """The default namespace.

    ``who_is`` finds the caller in the cookies of the request. A browser that is desk and kiosk
    at once says in the connection's ``auth`` which of them connects: ``{"page": "kiosk"}``.
    """

    def __init__(self, socketio: SocketIO, push: Push, who_is: WhoIs) -> None:
        self._socketio = socketio
        self._push = push
        self._who_is = who_is
        self._lock = threading.Lock()
        self._callers: dict[str, Caller] = {}
        self._came: list[Watcher] = []
        self._left: list[Watcher] = []
        socketio.on_event("connect", self._connect)
        socketio.on_event("disconnect", self._disconnect)

    def on_came(self, watcher: Watcher) -> None:
        """Call ``watcher`` after a page connected."""
        self._came.append(watcher)

    def on_left(self, watcher: Watcher) -> None:
        """Call ``watcher`` after a page's connection ended."""
        self._left.append(watcher)

    def on(
        self,
        name: str,
        shape: type[Message],
        handler: Callable[[Caller, Message], Mapping[str, object] | None],
    ) -> None:
        """Handle messages called ``name``, decoded as the dataclass ``shape``.

        What ``handler`` returns is acknowledged with ``{"ok": true}`` added; a ``BridgeError`` is
        acknowledged as ``{"ok": false, "key": …, "facts": …}``.
        """

        def receive(data: object = None, *_more: object) -> dict[str, Any]:
            caller = self._callers.get(_connection())
            if caller is None:
                return {"ok": False, "key": "not-signed-in"}
            try:
                answer = handler(caller, decode(shape, data)) or {}
            except BridgeError as error:
                return {"ok": False, "key": error.key, "facts": error.facts}
            except Exception:  # an edge: one bad message may not end the connection
                log.exception("%s failed", name)
                return {"ok": False, "key": BridgeError.key}
            return {"ok": True, **answer}

        self._socketio.on_event(name, receive)

    def present(self, side: Side) -> list[Caller]:
        """Return who is connected to this process."""
        with self._lock:
            return [caller for caller in self._callers.values() if caller.side == side]

    def drop(self, side: Side, identifier: str) -> None:
        """End the connections of somebody whose sign-in or pairing has ended."""
        for caller in self.present(side):
            if caller.id == identifier:
                self._push.end(caller.connection)

    def _connect(self, auth: object = None) -> None:
        named = auth.get("page") if isinstance(auth, dict) else None
        sides: tuple[Side, ...] = tuple(side for side in _SIDES if named in (side, None))
        found = next((caller for side in sides if (caller := self._who_is(side))), None)
        if found is None:
            raise Refusal("not-signed-in")
        caller = Caller(side=found.side, id=found.id, rooms=found.rooms, connection=_connection())
        for name in caller.rooms:
            join_room(name)
        with self._lock:
            self._callers[caller.connection] = caller
        _tell(self._came, caller)

    def _disconnect(self, *_reason: object) -> None:
        with self._lock:
            caller = self._callers.pop(_connection(), None)
        if caller is not None:
            _tell(self._left, caller)


def _connection() -> str:
    connection: str = request.sid  # type: ignore[attr-defined]  # set by Flask-SocketIO
    return connection


def _tell(watchers: list[Watcher], caller: Caller) -> None:
    for watcher in watchers:
        try:
            watcher(caller)
        except Exception:  # one slice's failure may not keep a page from connecting
            log.exception("a watcher of connections failed")
