"""Rows: help requests."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import ForeignKey, String, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from bridge.core.db import Base, unique_where
from bridge.counters.models import Counter
from bridge.helpers.rules import HelpReason, HelpState

_OPEN = text("state NOT IN ('solved', 'withdrawn')")
# The same as in the index, letter for letter: SQLite uses a partial index for nothing else.
IS_OPEN = text(f"help_requests.{_OPEN.text}")


class HelpRequest(Base):
    """A counter asks for a person; at most one that is open a counter."""

    __tablename__ = "help_requests"
    __table_args__ = (unique_where("uq_help_requests_open", "counter_id", where=_OPEN),)

    id: Mapped[str] = mapped_column(String(26), primary_key=True)
    counter_id: Mapped[str] = mapped_column(ForeignKey("counters.id"))
    visit_id: Mapped[str | None] = mapped_column(String(26))
    reason: Mapped[HelpReason]
    detail: Mapped[str | None] = mapped_column(String(60))
    state: Mapped[HelpState] = mapped_column(default=HelpState.RAISED)
    helper_id: Mapped[str | None] = mapped_column(ForeignKey("people.id"))
    raised_at: Mapped[datetime]
    acknowledged_at: Mapped[datetime | None]
    ended_at: Mapped[datetime | None]
    counter: Mapped[Counter] = relationship()
