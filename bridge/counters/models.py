"""Rows: counters, what is plugged in there, who is paired, and the jobs of their devices."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, CheckConstraint, ForeignKey, Index, String, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from bridge.core.db import Base, index_where, one_of, unique_where
from bridge.counters.rules import OPEN_JOBS, CounterState, JobState
from bridge.offices.models import Office

IS_OPEN = one_of("jobs.state", OPEN_JOBS)
# Of actions: what was asked and answered is still there. As text: PostgreSQL compares no JSON.
IS_TOLD = text("kind = 'action' AND (answer IS NOT NULL OR CAST(options AS VARCHAR) <> '{}')")


class Counter(Base):
    """The place where the citizen sits.

    ``kiosk_seen_at`` and ``agent_seen_at`` grow while they are connected; None once they said
    goodbye. ``offer`` is what plugins add to it, a ``wire.Offer`` as its agent last told.
    """

    __tablename__ = "counters"
    __table_args__ = (UniqueConstraint("office_id", "key"),)

    id: Mapped[str] = mapped_column(String(26), primary_key=True)
    office_id: Mapped[str] = mapped_column(ForeignKey("offices.id"), index=True)
    key: Mapped[str] = mapped_column(String(40), unique=True)
    name: Mapped[str] = mapped_column(String(120))
    state: Mapped[CounterState] = mapped_column(default=CounterState.OFFLINE)
    version: Mapped[int] = mapped_column(default=0)
    kiosk_seen_at: Mapped[datetime | None]
    agent_seen_at: Mapped[datetime | None]
    agent_version: Mapped[str | None] = mapped_column(String(40))
    offer: Mapped[dict[str, Any] | None] = mapped_column(JSON(none_as_null=True))
    office: Mapped[Office] = relationship()
    devices: Mapped[list[CounterDevice]] = relationship(cascade="all, delete-orphan")


class CounterDevice(Base):
    """A device as its agent last described it; ``is_present`` is False once it went away.

    ``last_choice`` is how a scanner was last used with success: resolution, colour, source.
    """

    __tablename__ = "devices"

    counter_id: Mapped[str] = mapped_column(ForeignKey("counters.id"), primary_key=True)
    id: Mapped[str] = mapped_column(String(200), primary_key=True)
    driver: Mapped[str] = mapped_column(String(40))
    name: Mapped[str] = mapped_column(String(200))
    description: Mapped[dict[str, Any]] = mapped_column(JSON)
    attention: Mapped[str | None] = mapped_column(String(30))
    is_present: Mapped[bool] = mapped_column(default=True)
    seen_at: Mapped[datetime]
    last_choice: Mapped[dict[str, Any] | None] = mapped_column(JSON(none_as_null=True))


class Pairing(Base):
    """A kiosk or agent that asks to belong to a counter; the code is for people, once, briefly."""

    __tablename__ = "pairings"
    __table_args__ = (CheckConstraint("kind IN ('kiosk', 'agent')", name="kind"),)

    id: Mapped[str] = mapped_column(String(26), primary_key=True)
    kind: Mapped[str] = mapped_column(String(10))
    code: Mapped[str] = mapped_column(String(9), unique=True)
    claim_digest: Mapped[str] = mapped_column(String(64), unique=True)
    counter_id: Mapped[str | None] = mapped_column(ForeignKey("counters.id"))
    created_at: Mapped[datetime]
    expires_at: Mapped[datetime] = mapped_column(index=True)
    approved_at: Mapped[datetime | None]


class DeviceToken(Base):
    """The long secret of a paired kiosk or agent, kept as its digest; one of a kind a counter."""

    __tablename__ = "device_tokens"
    __table_args__ = (
        CheckConstraint("kind IN ('kiosk', 'agent')", name="kind"),
        unique_where(
            "uq_device_tokens_valid", "counter_id", "kind", where=text("revoked_at IS NULL")
        ),
    )

    id: Mapped[str] = mapped_column(String(26), primary_key=True)
    counter_id: Mapped[str] = mapped_column(ForeignKey("counters.id"))
    kind: Mapped[str] = mapped_column(String(10))
    secret_digest: Mapped[str] = mapped_column(String(64), unique=True)
    created_at: Mapped[datetime]
    revoked_at: Mapped[datetime | None]
    counter: Mapped[Counter] = relationship()


class DeviceJob(Base):
    """One order to one device.

    ``visit_id`` is None only for a technician's test. ``options`` are those of ScanOptions or
    PrintOptions, or what an action's form was filled with. ``reported`` is the last sequence number that the agent's reports reached.
    ``document_id`` is what is printed, or what the scanned pages go into; ``replaces_page_id``
    is set when one page is scanned again; ``repeats_id`` when a print is made once more; ``side``
    when one side of an identity card is scanned.
    ``answer`` is what an action said to the clerk, until the visit is closed.
    """

    __tablename__ = "jobs"
    __table_args__ = (
        UniqueConstraint("counter_id", "idempotency_key"),
        CheckConstraint("kind IN ('scan', 'print', 'action')", name="kind"),
        Index("ix_jobs_counter_state", "counter_id", "state"),
        index_where("ix_jobs_open", "state", where=one_of("state", OPEN_JOBS)),
        index_where("ix_jobs_told", "changed_at", where=IS_TOLD),
    )

    id: Mapped[str] = mapped_column(String(26), primary_key=True)
    counter_id: Mapped[str] = mapped_column(ForeignKey("counters.id"))
    visit_id: Mapped[str | None] = mapped_column(String(26), index=True)
    requested_by: Mapped[str | None] = mapped_column(ForeignKey("people.id"))
    kind: Mapped[str] = mapped_column(String(10))
    device_id: Mapped[str] = mapped_column(String(200))
    options: Mapped[dict[str, Any]] = mapped_column(JSON)
    purpose: Mapped[str] = mapped_column(String(80), default="")
    step_id: Mapped[str | None] = mapped_column(String(26))
    document_id: Mapped[str | None] = mapped_column(String(26))
    replaces_page_id: Mapped[str | None] = mapped_column(String(26))
    repeats_id: Mapped[str | None] = mapped_column(ForeignKey("jobs.id"))
    side: Mapped[str | None] = mapped_column(String(5))
    idempotency_key: Mapped[str] = mapped_column(String(80))
    state: Mapped[JobState] = mapped_column(default=JobState.REQUESTED)
    version: Mapped[int] = mapped_column(default=0)
    reason: Mapped[str | None] = mapped_column(String(60))
    reported: Mapped[int] = mapped_column(default=0)
    pages: Mapped[int] = mapped_column(default=0)
    facts: Mapped[dict[str, Any]] = mapped_column(JSON, default=dict)
    answer: Mapped[dict[str, Any] | None] = mapped_column(JSON(none_as_null=True))
    requested_at: Mapped[datetime]
    changed_at: Mapped[datetime]
    fetch_digest: Mapped[str | None] = mapped_column(String(64), unique=True)
    counter: Mapped[Counter] = relationship()
