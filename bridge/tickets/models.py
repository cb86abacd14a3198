"""Rows: tickets, their services, and the append-only record of their times."""

from __future__ import annotations

from datetime import date, datetime

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from bridge.core.db import Base, index_where, one_of, unique_where
from bridge.counters.models import Counter
from bridge.offices.models import Office, Person
from bridge.tickets.rules import ENDED, Outcome, TicketState

_OCCUPIES = text("state IN ('waiting','called','connecting','serving','interrupted')")
# The same as in the index, letter for letter: SQLite uses a partial index for nothing else.
OCCUPIES = text(f"tickets.{_OCCUPIES.text}")
IS_OVER = one_of("state", ENDED)
_IN_HAND = text("state IN ('called','connecting','serving','interrupted','wrap_up')")


class Ticket(Base):
    """A citizen's place in the queue. Nothing in it says who the citizen is.

    ``counter_id`` is where the citizen sits; None when the ticket was issued elsewhere and a
    counter is chosen at the call. ``clerk_id`` is who has it in hand.
    """

    __tablename__ = "tickets"
    __table_args__ = (
        UniqueConstraint("office_id", "day", "ordinal"),
        UniqueConstraint("office_id", "idempotency_key"),
        CheckConstraint("priority BETWEEN 1 AND 3", name="priority"),
        Index("ix_tickets_queue", "office_id", "state", "priority", "issued_at"),
        unique_where("uq_tickets_counter_open", "counter_id", where=_OCCUPIES),
        unique_where("uq_tickets_clerk_in_hand", "clerk_id", where=_IN_HAND),
        index_where("ix_tickets_over", "ended_at", "id", where=IS_OVER),
    )

    id: Mapped[str] = mapped_column(String(26), primary_key=True)
    office_id: Mapped[str] = mapped_column(ForeignKey("offices.id"))
    day: Mapped[date]
    ordinal: Mapped[int]
    number: Mapped[str] = mapped_column(String(8))
    counter_id: Mapped[str | None] = mapped_column(ForeignKey("counters.id"))
    clerk_id: Mapped[str | None] = mapped_column(ForeignKey("people.id"))
    language: Mapped[str] = mapped_column(String(5))
    state: Mapped[TicketState]
    version: Mapped[int] = mapped_column(default=0)
    priority: Mapped[int] = mapped_column(default=2)
    calls: Mapped[int] = mapped_column(default=0)
    issued_at: Mapped[datetime]
    called_at: Mapped[datetime | None]
    ended_at: Mapped[datetime | None]
    reason: Mapped[str | None] = mapped_column(String(60))
    note: Mapped[str | None] = mapped_column(String(500))
    idempotency_key: Mapped[str] = mapped_column(String(80))
    office: Mapped[Office] = relationship()
    counter: Mapped[Counter | None] = relationship()
    clerk: Mapped[Person | None] = relationship()
    services: Mapped[list[Service]] = relationship(
        cascade="all, delete-orphan", order_by="Service.ordinal"
    )


class Service(Base):
    """One procedure asked for on a ticket, with its own outcome."""

    __tablename__ = "services"
    __table_args__ = (UniqueConstraint("ticket_id", "ordinal"),)

    id: Mapped[str] = mapped_column(String(26), primary_key=True)
    ticket_id: Mapped[str] = mapped_column(ForeignKey("tickets.id"))
    ordinal: Mapped[int]
    procedure_key: Mapped[str] = mapped_column(String(60))
    outcome: Mapped[Outcome | None]


class Period(Base):
    """A stretch of time that a ticket spent in a state; only ever added to and closed."""

    __tablename__ = "periods"
    __table_args__ = (Index("ix_periods_ticket", "ticket_id", "started_at"),)

    id: Mapped[str] = mapped_column(String(26), primary_key=True)
    ticket_id: Mapped[str] = mapped_column(ForeignKey("tickets.id"))
    state: Mapped[TicketState]
    person_id: Mapped[str | None] = mapped_column(ForeignKey("people.id"))
    started_at: Mapped[datetime]
    ended_at: Mapped[datetime | None]
    is_corrected: Mapped[bool] = mapped_column(default=False)
