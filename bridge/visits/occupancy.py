"""What the meeting server tells of the room of a visit, and what follows for the visit."""

from __future__ import annotations

import logging
from collections.abc import Iterable
from datetime import datetime

from sqlalchemy import select

from bridge.core.db import LOCK, Db
from bridge.meetings import Place, Side, rooms
from bridge.meetings.seats import place_of
from bridge.tickets.rules import IN_MEETING
from bridge.visits import finding, presence
from bridge.visits.models import Visit
from jitsi_oac_plugin.webhooks import EventType, MeetingEvent, Occupant

log = logging.getLogger(__name__)

_SIDES: tuple[Side, ...] = ("citizen", "clerk")


def take(db: Db, event: MeetingEvent, *, now: datetime) -> None:
    """Do what follows from one event; a room that is not ours is nothing to us."""
    visit = _of_room(db, event.room)
    if visit is None:
        return
    visit.room_version += 1
    occupant = event.occupant
    if event.type is EventType.OCCUPANT_REFUSED:
        _refuse(db, visit, event, now=now)
        return
    others = _others_in(db, visit)
    if event.type is EventType.OCCUPANT_JOINED and occupant is not None:
        place = rooms.enter(db, visit.room, visit.id, occupant)
        if place is not None:
            presence.admit(db, visit, place)
    elif event.type is EventType.OCCUPANT_LEFT and occupant is not None:
        rooms.leave(db, visit.room, occupant)
    else:  # a room is opened, and closed, empty
        rooms.empty(db, visit.room)
    if _others_in(db, visit) != others:
        finding.tell(db, visit, "guests-changed")
    is_entered = event.type in (EventType.ROOM_OPENED, EventType.OCCUPANT_JOINED)
    if is_entered and _is_out_of_use(visit):
        # Somebody whose token was still good came back after the end.
        rooms.want_end(db, visit.room, visit.id, reason="visit-ended", now=now)
    settle(db, visit, now=now)


def compare(
    db: Db, visit_id: str, occupants: Iterable[Occupant], *, version: int, now: datetime
) -> bool:
    """Take over who is in the room of a visit by the server's own list; say whether it was news.

    An event that came since the list was asked for, at ``version``, knows better.
    """
    visit = db.get(Visit, visit_id, with_for_update=LOCK, populate_existing=True)
    if visit is None or visit.room_version != version:
        return False
    others = _others_in(db, visit)
    is_news = rooms.replace(db, visit.room, visit.id, occupants)
    if _others_in(db, visit) != others:
        finding.tell(db, visit, "guests-changed")
    settle(db, visit, now=now)
    return is_news


def settle(db: Db, visit: Visit, *, now: datetime) -> None:
    """Have the visit's two sides be in the meeting, or not, as its room says."""
    if visit.provider != "jitsi" or visit.ended_at is not None:
        return
    there = rooms.places_in(db, visit.room)
    for side in _SIDES:
        was_there = presence.is_there(visit, side)
        if side in there and not was_there and _may_be_there(visit, side):
            presence.join(db, visit, side, now=now)
        elif side not in there and was_there:
            presence.leave(db, visit, side)


def _refuse(db: Db, visit: Visit, event: MeetingEvent, *, now: datetime) -> None:
    person = event.occupant.person if event.occupant else ""
    place = place_of(person, visit.id)
    reason = (event.reason or "token-unsound")[:40]
    who = place or "somebody"
    log.warning("visit %s: the meeting server refused %s: %s", visit.id, who, reason)
    if visit.ended_at is not None or visit.provider != "jitsi":
        return
    # Without a name in it, it may be whoever is missing.
    places: list[Place] = (
        [place] if place else [side for side in _SIDES if _is_missing(visit, side)]
    )
    for one in places:
        presence.refuse(db, visit, one, reason, now=now)


def _others_in(db: Db, visit: Visit) -> set[Place]:
    return rooms.places_in(db, visit.room) - set(_SIDES)


def _of_room(db: Db, room: str) -> Visit | None:
    query = select(Visit).where(Visit.room == room).with_for_update(key_share=True)
    return db.scalar(query.execution_options(populate_existing=True))


def _is_out_of_use(visit: Visit) -> bool:
    return visit.ended_at is not None or visit.provider != "jitsi"


def _may_be_there(visit: Visit, side: Side) -> bool:
    return side == "clerk" or visit.ticket.state in IN_MEETING


def _is_missing(visit: Visit, side: Side) -> bool:
    return not presence.is_there(visit, side) and _may_be_there(visit, side)
