"""Who is in a room by what its server says, and which rooms are to be closed."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from datetime import datetime

from sqlalchemy import delete, select

from bridge.core.db import Db, announce
from bridge.meetings.models import RoomEnding, RoomOccupant
from bridge.meetings.seats import Place, place_of
from jitsi_oac_plugin.webhooks import Occupant

_MOST_NICK_CHARACTERS = 80


def enter(db: Db, room: str, visit_id: str, occupant: Occupant) -> Place | None:
    """Note that somebody is in a room, and return whose place it is; strangers have none.

    Told twice it is the same.
    """
    side = place_of(occupant.person, visit_id)
    if side is not None:
        db.merge(RoomOccupant(room=room, nick=_nick(occupant), side=side))
        db.flush()
    return side


def leave(db: Db, room: str, occupant: Occupant) -> None:
    """Note that one connection left a room; another one of the same person may still be there."""
    gone = (RoomOccupant.room == room, RoomOccupant.nick == _nick(occupant))
    db.execute(delete(RoomOccupant).where(*gone))


def empty(db: Db, room: str) -> None:
    """Note that nobody is in a room."""
    db.execute(delete(RoomOccupant).where(RoomOccupant.room == room))


def replace(db: Db, room: str, visit_id: str, occupants: Iterable[Occupant]) -> bool:
    """Note who is in a room now; say whether that is news."""
    rows = db.scalars(select(RoomOccupant).where(RoomOccupant.room == room))
    known = {row.nick: row.side for row in rows}
    found = {_nick(one): place_of(one.person, visit_id) for one in occupants}
    found = {nick: side for nick, side in found.items() if side is not None}
    if found == known:
        return False
    empty(db, room)
    db.add_all(RoomOccupant(room=room, nick=nick, side=side) for nick, side in found.items())
    db.flush()
    return True


def places_in(db: Db, room: str) -> set[Place]:
    """Return whose places in a room are taken."""
    rows = db.scalars(select(RoomOccupant.side).where(RoomOccupant.room == room))
    found: set[Place] = set(rows)  # type: ignore[arg-type]  # written by ``place_of`` alone
    return found


def want_end(db: Db, room: str, visit_id: str, *, reason: str, now: datetime) -> None:
    """Have a room closed at the server, now or whenever it answers again."""
    db.merge(RoomEnding(room=room, visit_id=visit_id, reason=reason, wanted_at=now))
    db.flush()
    announce(db, "room:unwanted", visit=visit_id)


def keep_open(db: Db, room: str) -> None:
    """Take back that a room is to be closed."""
    db.execute(delete(RoomEnding).where(RoomEnding.room == room))


def to_end(db: Db) -> list[RoomEnding]:
    """Return the rooms that are still to be closed, oldest first."""
    return list(db.scalars(select(RoomEnding).order_by(RoomEnding.wanted_at, RoomEnding.room)))


def note_ended(db: Db, ending: RoomEnding) -> None:
    """Note that the server has closed a room, unless it was wanted anew meanwhile."""
    done = (RoomEnding.room == ending.room, RoomEnding.wanted_at == ending.wanted_at)
    ended = db.scalar(delete(RoomEnding).where(*done).returning(RoomEnding.room))
    if ended is not None:
        empty(db, ended)


def _nick(occupant: Occupant) -> str:
    # A client names itself: whatever is too long for a row still counts as one connection.
    if len(occupant.nick) <= _MOST_NICK_CHARACTERS:
        return occupant.nick
    return hashlib.sha256(occupant.nick.encode()).hexdigest()
