"""What hooks are shown: frozen pictures of rows and jobs."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class TicketView:
    """A ticket; ``priority`` 1 is first, ``issued_at`` is UTC."""

    id: str
    number: str
    priority: int
    issued_at: datetime
    counter_key: str | None
    procedures: tuple[str, ...]
    language: str


@dataclass(frozen=True, slots=True, kw_only=True)
class DeskView:
    """The clerk who asks for the next ticket, or who called one."""

    clerk_id: str
    office_key: str


@dataclass(frozen=True, slots=True, kw_only=True)
class PageView:
    """A page that has arrived and is not yet shown to anybody.

    ``declared_dpi`` is what the file says of itself; ``ink`` is the share (0 to 1) of pixels that
    differ clearly from the paper. A page ``from_feeder`` may be as long as its sheet, whatever
    was ordered.
    """

    id: str
    number: int
    media_type: str
    size_bytes: int
    width_px: int
    height_px: int
    declared_dpi: int
    ordered_width_mm: float
    ordered_height_mm: float
    ink: float
    from_feeder: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Problem:
    """Something wrong with a page: a key that screens translate, and whether it bars the page."""

    key: str
    bars: bool
    facts: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class JobView:
    """A job at the counter; ``kind`` is ``scan``, ``print`` or ``action``."""

    id: str
    kind: str
    device_id: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ResultView:
    """How a job came out: ``produced``, ``failed`` or ``cancelled``, and why.

    ``facts`` are the figures that the audit gets, never content.
    """

    outcome: str
    reason: str | None = None
    facts: Mapping[str, str | int | float | bool] = field(default_factory=dict)
