"""Rows: visits, and the steps that are being done in them."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import ForeignKey, Index, String, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from bridge.core.db import Base, unique_where
from bridge.counters.models import Counter
from bridge.offices.models import Person
from bridge.tickets.models import Service, Ticket
from bridge.visits.rules import Camera, CameraFault, StepState


class Visit(Base):
    """One citizen served by one clerk at one counter, from call to wrap-up.

    ``room`` is the unguessable name of its meeting, ``provider`` who carries it, since ``moved_at``
    when that was chosen in mid-visit, and ``met_by`` by whom both last met. ``*_joined_at`` is None
    while that side is not in the meeting; ``room_version`` grows with everything that the meeting
    server tells of the room. ``ended_at`` is when the citizen was let go, ``closed_at`` when the clerk
    finished the paperwork. The ticket's state says how far it is. ``camera_fault`` is why the last
    order to show a document was not followed.
    """

    __tablename__ = "visits"
    __table_args__ = (
        Index("ix_visits_ticket", "ticket_id"),
        unique_where("uq_visits_clerk_open", "clerk_id", where=text("closed_at IS NULL")),
    )

    id: Mapped[str] = mapped_column(String(26), primary_key=True)
    ticket_id: Mapped[str] = mapped_column(ForeignKey("tickets.id"))
    counter_id: Mapped[str] = mapped_column(ForeignKey("counters.id"))
    clerk_id: Mapped[str] = mapped_column(ForeignKey("people.id"))
    room: Mapped[str] = mapped_column(String(60), unique=True)
    provider: Mapped[str] = mapped_column(String(10))
    moved_at: Mapped[datetime | None]
    met_by: Mapped[str | None] = mapped_column(String(10))
    room_version: Mapped[int] = mapped_column(default=0)
    started_at: Mapped[datetime]
    clerk_joined_at: Mapped[datetime | None]
    citizen_joined_at: Mapped[datetime | None]
    met_at: Mapped[datetime | None]
    ended_at: Mapped[datetime | None]
    closed_at: Mapped[datetime | None]
    current_step_id: Mapped[str | None] = mapped_column(String(26))
    is_paused: Mapped[bool] = mapped_column(default=False)
    camera: Mapped[Camera] = mapped_column(default=Camera.PERSON)
    camera_fault: Mapped[CameraFault | None]
    ticket: Mapped[Ticket] = relationship()
    counter: Mapped[Counter] = relationship()
    clerk: Mapped[Person] = relationship()


class Refusal(Base):
    """A side that the meeting server does not let in, until it is in; ``paged_at`` once told."""

    __tablename__ = "refusals"

    visit_id: Mapped[str] = mapped_column(ForeignKey("visits.id"), primary_key=True)
    side: Mapped[str] = mapped_column(String(20), primary_key=True)
    reason: Mapped[str] = mapped_column(String(40))
    refused_at: Mapped[datetime]
    paged_at: Mapped[datetime | None]


class GuestLink(Base):
    """A link that lets an interpreter into one meeting, once; stored as a digest."""

    __tablename__ = "guest_links"
    __table_args__ = (Index("ix_guest_links_expires_at", "expires_at"),)

    secret_digest: Mapped[str] = mapped_column(String(64), primary_key=True)
    visit_id: Mapped[str] = mapped_column(ForeignKey("visits.id"))
    expires_at: Mapped[datetime]


class Step(Base):
    """One thing to do in a service; it belongs to the ticket, so a transfer keeps it."""

    __tablename__ = "steps"
    __table_args__ = (UniqueConstraint("service_id", "key"),)

    id: Mapped[str] = mapped_column(String(26), primary_key=True)
    service_id: Mapped[str] = mapped_column(ForeignKey("services.id"))
    ordinal: Mapped[int]
    key: Mapped[str] = mapped_column(String(60))
    state: Mapped[StepState] = mapped_column(default=StepState.TO_DO)
    note: Mapped[str | None] = mapped_column(String(300))
    document_id: Mapped[str | None] = mapped_column(String(26))
    consented_at: Mapped[datetime | None]
    changed_at: Mapped[datetime | None]
    service: Mapped[Service] = relationship()
