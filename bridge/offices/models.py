"""Rows: offices, opening hours, people, and their sign-ins."""

from __future__ import annotations

from datetime import datetime, time

from sqlalchemy import CheckConstraint, ForeignKey, String, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from bridge.core.db import Base, unique_where
from bridge.offices.rules import ClerkState, Role


class Office(Base):
    """The town hall's service: owns counters, queue and desks."""

    __tablename__ = "offices"

    id: Mapped[str] = mapped_column(String(26), primary_key=True)
    key: Mapped[str] = mapped_column(String(40), unique=True)
    name: Mapped[str] = mapped_column(String(120))
    dir3: Mapped[str | None] = mapped_column(String(9))
    time_zone: Mapped[str] = mapped_column(String(40), default="Europe/Madrid")
    recall_gap_s: Mapped[int] = mapped_column(default=15)
    most_calls: Mapped[int] = mapped_column(default=3)
    hours: Mapped[list[OpeningHours]] = relationship(cascade="all, delete-orphan")


class OpeningHours(Base):
    """One stretch of a weekday (0 is Monday) in the office's own time. None at all: always open."""

    __tablename__ = "opening_hours"
    __table_args__ = (CheckConstraint("weekday BETWEEN 0 AND 6", name="weekday"),)

    id: Mapped[str] = mapped_column(String(26), primary_key=True)
    office_id: Mapped[str] = mapped_column(ForeignKey("offices.id"), index=True)
    weekday: Mapped[int]
    opens: Mapped[time]
    closes: Mapped[time]


class Person(Base):
    """Somebody who works for the office; citizens have no row."""

    __tablename__ = "people"

    id: Mapped[str] = mapped_column(String(26), primary_key=True)
    office_id: Mapped[str] = mapped_column(ForeignKey("offices.id"), index=True)
    login: Mapped[str] = mapped_column(String(80), unique=True)
    name: Mapped[str] = mapped_column(String(120))
    role: Mapped[Role]
    password_hash: Mapped[str] = mapped_column(String(200))
    state: Mapped[ClerkState] = mapped_column(default=ClerkState.OFFLINE)
    version: Mapped[int] = mapped_column(default=0)
    is_active: Mapped[bool] = mapped_column(default=True)
    language: Mapped[str | None] = mapped_column(String(5))
    office: Mapped[Office] = relationship()


class SignIn(Base):
    """One sign-in of a person on one browser; a person has at most one that has not ended."""

    __tablename__ = "sign_ins"
    __table_args__ = (
        unique_where("uq_sign_ins_open", "person_id", where=text("ended_at IS NULL")),
    )

    id: Mapped[str] = mapped_column(String(26), primary_key=True)
    person_id: Mapped[str] = mapped_column(ForeignKey("people.id"))
    secret_digest: Mapped[str] = mapped_column(String(64), unique=True)
    created_at: Mapped[datetime]
    seen_at: Mapped[datetime]
    ended_at: Mapped[datetime | None]
    person: Mapped[Person] = relationship()
