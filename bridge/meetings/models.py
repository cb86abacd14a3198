"""Rows: what a Jitsi server told, who is in its rooms, and which rooms it still has to close."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import BigInteger, Index, String
from sqlalchemy.orm import Mapped, mapped_column

from bridge.core.db import Base


class Spool(Base):
    """How far the events of one start of a server's spool were taken."""

    __tablename__ = "meeting_spools"

    server: Mapped[str] = mapped_column(String(255), primary_key=True)
    boot: Mapped[str] = mapped_column(String(80), primary_key=True)
    last_number: Mapped[int] = mapped_column(BigInteger)
    taken_at: Mapped[datetime]


class SeenNonce(Base):
    """A post that was taken; the same one again is an echo."""

    __tablename__ = "meeting_nonces"
    __table_args__ = (Index("ix_meeting_nonces_seen_at", "seen_at"),)

    nonce: Mapped[str] = mapped_column(String(32), primary_key=True)
    seen_at: Mapped[datetime]


class RoomOccupant(Base):
    """One connection in a room; a person who came back has two while the old one fades."""

    __tablename__ = "room_occupants"

    room: Mapped[str] = mapped_column(String(60), primary_key=True)
    nick: Mapped[str] = mapped_column(String(80), primary_key=True)
    side: Mapped[str] = mapped_column(String(20))


class RoomEnding(Base):
    """A room that nobody has business in any more, until the server has closed it."""

    __tablename__ = "room_endings"

    room: Mapped[str] = mapped_column(String(60), primary_key=True)
    visit_id: Mapped[str] = mapped_column(String(26))
    reason: Mapped[str] = mapped_column(String(20))
    wanted_at: Mapped[datetime]
