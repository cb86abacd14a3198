"""What the bridge has to say to the meeting server: close rooms, and tell who is in them."""

from __future__ import annotations

import logging
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select

from bridge.core.clock import monotonic_s
from bridge.core.db import LOCK, Database
from bridge.core.events import Event
from bridge.core.sweeper import Sweeper
from bridge.meetings import reports, rooms
from bridge.meetings.health import Health
from bridge.tickets.models import Ticket
from bridge.tickets.rules import IN_MEETING, TicketState
from bridge.visits import occupancy
from bridge.visits.models import Visit
from bridge.visits.rules import SILENT_FOR
from jitsi_oac_plugin.errors import JitsiError, ServerUnreachable
from jitsi_oac_plugin.servers import Control

log = logging.getLogger(__name__)

LOOK_EVERY_S = 10
END_EVERY_S = 5
COMPARE_EVERY_S = 20
# A server that is slow may not keep the one thread from everything else.
_MOST_ROUND_S = 5.0
_END, _COMPARE, _LOOK = "closing rooms", "comparing rooms", "looking at the meeting server"

# Gives the visits and sides whose pages have said since before a moment that they are in.
HintsBefore = Callable[[datetime], set[tuple[str, str]]]


@dataclass(frozen=True, slots=True, kw_only=True)
class _Going:
    visit_id: str
    room: str
    version: int
    missing: frozenset[str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Server:
    """The meeting server as the bridge knows it; ``is_telling`` when it sends events."""

    control: Control | None
    health: Health
    is_telling: bool


class Keeper:
    """Keeps rooms and visits in step; what it remembers is only whom it asked about last."""

    def __init__(self, database: Database, server: Server, hints_before: HintsBefore) -> None:
        self._database = database
        self._control = server.control
        self._health = server.health
        self._is_telling = server.is_telling
        self._hints_before = hints_before
        self._compared_s: dict[str, float] = {}
        self._is_away = False

    def register(self, sweeper: Sweeper) -> None:
        """Have everything done at its pace, and at once where somebody waits for it."""
        sweeper.every(LOOK_EVERY_S, _LOOK, self._health.look)
        sweeper.every(END_EVERY_S, _END, self.end_rooms)
        sweeper.every(COMPARE_EVERY_S, _COMPARE, self.compare_rooms)
        sweeper.every(60, "forgetting reports", self.forget)

        def hurry(chore: str) -> Callable[[Event], None]:
            return lambda _event: sweeper.hurry(chore)

        self._database.events.on("room:unwanted", hurry(_END))
        self._database.events.on("reports:missed", hurry(_COMPARE))
        for chore in (_LOOK, _COMPARE):  # whatever happened while the bridge was away
            sweeper.hurry(chore)

    def end_rooms(self, _now: datetime) -> None:
        """Close the rooms of visits that are over or were moved, as far as the server answers."""
        with self._database.reading() as db:
            endings = rooms.to_end(db)
        for ending in endings:
            try:
                if self._control is not None:
                    self._control.end_room(ending.room, reason=ending.reason)
            except JitsiError as error:
                self._note_kept(ending.visit_id, error)
                if _is_of_all(error):
                    return
                continue
            self._is_away = False
            with self._database.transaction() as db:
                # What happens to a room is done by whoever holds its visit.
                db.get(Visit, ending.visit_id, with_for_update=LOCK)
                rooms.note_ended(db, ending)
            log.info("visit %s: its room is closed (%s)", ending.visit_id, ending.reason)

    def compare_rooms(self, now: datetime) -> None:
        """Ask who is in the rooms of the visits that go on: an event may have been missed."""
        if not self._is_telling:
            return
        going = self._going()
        self._compared_s = {one.visit_id: self._compared_s.get(one.visit_id, 0.0) for one in going}
        if self._control is None:
            self._hear_pages(going, now)
            return
        ends_s = monotonic_s() + _MOST_ROUND_S
        for one in sorted(going, key=lambda one: self._compared_s[one.visit_id]):
            if monotonic_s() > ends_s or not self._compare(self._control, one, now):
                return
            self._compared_s[one.visit_id] = monotonic_s()

    def forget(self, now: datetime) -> None:
        """Forget which posts were taken, once they would be too old to be taken."""
        with self._database.transaction() as db:
            reports.forget(db, now=now)

    def _note_kept(self, visit_id: str, error: JitsiError) -> None:
        if not self._is_away:
            log.warning("visit %s: its room cannot be closed yet: %s", visit_id, error)
        self._is_away = True

    def _compare(self, control: Control, one: _Going, now: datetime) -> bool:
        try:
            occupants = control.occupants(one.room) or ()
        except ServerUnreachable:  # the look at the server's health says so
            return False
        except JitsiError as error:
            log.info("visit %s: its room cannot be looked into: %s", one.visit_id, error)
            return not _is_of_all(error)
        with self._database.transaction() as db:
            is_news = occupancy.compare(db, one.visit_id, occupants, version=one.version, now=now)
        if is_news:
            log.info("visit %s: its room was not as the events said", one.visit_id)
            self._health.note_missed(now)
        return True

    def _hear_pages(self, going: list[_Going], now: datetime) -> None:
        # No page is believed; but that the server is silent about it is to be noticed.
        said = self._hints_before(now - SILENT_FOR)
        if any((one.visit_id, side) in said for one in going for side in one.missing):
            self._health.note_missed(now)

    def _going(self) -> list[_Going]:
        query = (
            select(Visit)
            .join(Ticket)
            .where(
                Visit.closed_at.is_(None),
                Visit.ended_at.is_(None),
                Visit.provider == "jitsi",
                Ticket.state.in_(IN_MEETING | {TicketState.CALLED}),
            )
        )
        with self._database.reading() as db:
            return [_going(visit) for visit in db.scalars(query)]


def _is_of_all(error: JitsiError) -> bool:
    """Say whether the server would answer the same for every other room."""
    return isinstance(error, ServerUnreachable) or error.facts.get("status") in (401, 403)


def _going(visit: Visit) -> _Going:
    joined = {"citizen": visit.citizen_joined_at, "clerk": visit.clerk_joined_at}
    missing = frozenset(side for side, at in joined.items() if at is None)
    version = visit.room_version
    return _Going(visit_id=visit.id, room=visit.room, version=version, missing=missing)
