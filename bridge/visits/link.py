"""What the two pages of a visit say to each other: presence, signals, typed text.

Signals and text are handed on and kept nowhere. Only the two members of a visit that is going on
are heard, and each only towards the other.
"""

from __future__ import annotations

import json
import threading
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from bridge.core.db import Database
from bridge.core.errors import NotFound, Refused, TooLarge
from bridge.core.ids import new_id
from bridge.core.push import Push, room
from bridge.core.sockets import Caller, PageSockets
from bridge.meetings import Meetings, Side
from bridge.tickets.errors import TicketElsewhere
from bridge.tickets.rules import IN_MEETING
from bridge.visits import presence
from bridge.visits.models import Visit

MOST_SIGNAL_BYTES = 64 * 1024
MOST_TYPED_CHARACTERS = 500
_MOST_EPOCH_CHARACTERS = 80
# A session description, a candidate, and which of the clerk's devices are off.
_SIGNALS = frozenset({"description", "candidate", "off"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Presence:
    """A page joined or left; ``epoch`` is new for every joining."""

    visit: str
    epoch: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Signal:
    """What one browser has to tell the other to connect to it."""

    visit: str
    data: dict[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class Typed:
    """A line of real-time text as far as it is written."""

    visit: str
    line: int
    text: str
    is_ended: bool


@dataclass(frozen=True, slots=True)
class _There:
    epoch: str
    connection: str
    since: datetime


class VisitLink:
    """Connects the pages of a visit. Everything it remembers may be lost.

    Where a meeting server tells who is in a room, what a page says of it is only a hint.
    """

    def __init__(
        self,
        pages: PageSockets,
        database: Database,
        push: Push,
        *,
        meetings: Meetings,
        clock: Callable[[], datetime],
    ) -> None:
        self._database = database
        self._push = push
        self._meetings = meetings
        self._clock = clock
        self._lock = threading.Lock()
        self._there: dict[tuple[str, Side], _There] = {}
        pages.on("meeting:joined", Presence, self._joined)
        pages.on("meeting:left", Presence, self._left)
        pages.on("meeting:signal", Signal, self._signal)
        pages.on("say:typed", Typed, self._typed)
        pages.on_left(self._gone)

    def hints_before(self, moment: datetime) -> set[tuple[str, str]]:
        """Return the visits and sides whose pages have said since before then that they are in."""
        with self._lock:
            return {key for key, there in self._there.items() if there.since < moment}

    def _joined(self, caller: Caller, told: Presence) -> dict[str, object]:
        side = _side(caller)
        epoch = told.epoch or new_id(self._clock())
        if len(epoch) > _MOST_EPOCH_CHARACTERS:
            raise TooLarge(most=_MOST_EPOCH_CHARACTERS)
        with self._database.transaction() as db:
            visit = presence.member(db, told.visit, side, caller.id)
            if self._is_believed(visit):
                is_peer_there = presence.join(db, visit, side, now=self._clock())
            else:
                is_peer_there = presence.is_there(visit, presence.other(side))
            target = _room_of(visit, presence.other(side))
        with self._lock:
            self._there[visit.id, side] = _There(epoch, caller.connection, self._clock())
        self._tell_peer(target, visit.id, side, is_there=True, epoch=epoch)
        return {"peer": is_peer_there}

    def _left(self, caller: Caller, told: Presence) -> None:
        side = _side(caller)
        with self._lock:
            there = self._there.get((told.visit, side))
        # A page that was replaced by a newer one says goodbye for itself alone.
        if there is not None and told.epoch is not None and told.epoch != there.epoch:
            return
        self._leave(told.visit, side, caller.id)

    def _gone(self, caller: Caller) -> None:
        with self._lock:
            lost = [
                key for key, there in self._there.items() if there.connection == caller.connection
            ]
        for visit_id, side in lost:
            try:
                self._leave(visit_id, side, caller.id)
            except NotFound:  # the visit ended before the page went
                with self._lock:
                    self._there.pop((visit_id, side), None)

    def _leave(self, visit_id: str, side: Side, identifier: str) -> None:
        with self._lock:
            there = self._there.pop((visit_id, side), None)
        with self._database.transaction() as db:
            visit = presence.member(db, visit_id, side, identifier)
            if self._is_believed(visit):
                presence.leave(db, visit, side)
            target = _room_of(visit, presence.other(side))
        epoch = there.epoch if there else ""
        self._tell_peer(target, visit_id, side, is_there=False, epoch=epoch)

    def _is_believed(self, visit: Visit) -> bool:
        return visit.provider != "phone" and not self._meetings.is_told(visit.provider)

    def _tell_peer(
        self, target: str, visit_id: str, side: Side, *, is_there: bool, epoch: str
    ) -> None:
        payload = {"visit": visit_id, "side": side, "is_there": is_there, "epoch": epoch}
        self._push.to_pages([target], "meeting:peer", payload)

    def _signal(self, caller: Caller, told: Signal) -> None:
        if not told.data or told.data.keys() - _SIGNALS:
            raise Refused(fields="data")
        if len(json.dumps(told.data, default=str).encode()) > MOST_SIGNAL_BYTES:
            raise TooLarge(most_bytes=MOST_SIGNAL_BYTES)
        side = _side(caller)
        payload = {"visit": told.visit, "from": side, "data": told.data}
        self._push.to_pages([self._peer_room(caller, told.visit)], "meeting:signal", payload)

    def _typed(self, caller: Caller, told: Typed) -> None:
        if len(told.text) > MOST_TYPED_CHARACTERS:
            raise TooLarge(most=MOST_TYPED_CHARACTERS)
        payload = {
            "visit": told.visit,
            "side": _side(caller),
            "line": told.line,
            "text": told.text,
            "is_ended": told.is_ended,
        }
        self._push.to_pages([self._peer_room(caller, told.visit)], "say:typed", payload)

    def _peer_room(self, caller: Caller, visit_id: str) -> str:
        side = _side(caller)
        with self._database.reading() as db:
            visit = presence.member(db, visit_id, side, caller.id, to_change=False)
            if visit.ticket.state not in IN_MEETING:
                raise TicketElsewhere(state=visit.ticket.state, ticket=visit.ticket_id)
            return _room_of(visit, presence.other(side))


def _side(caller: Caller) -> Side:
    return "citizen" if caller.side == "kiosk" else "clerk"


def _room_of(visit: Visit, side: Side) -> str:
    if side == "citizen":
        return room("counter", visit.counter_id)
    return room("clerk", visit.clerk_id)
