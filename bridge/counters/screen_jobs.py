"""How jobs of the counter's own screen end: nobody but the screen reports them."""

from __future__ import annotations

from datetime import datetime

from bridge.audit.rules import Actor, Tag
from bridge.core.db import Db
from bridge.counters import jobs
from bridge.counters.models import DeviceJob


def refuse_for_paper(db: Db, job: DeviceJob, *, now: datetime) -> None:
    """Let the citizen ask for paper instead of the screen. Raises ``JobElsewhere``."""
    jobs.move(db, job, "refuse", now=now)
    job.reason = "on-paper"
    jobs.record(db, job, Tag.JOB_REFUSED, Actor("citizen", job.counter_id), now=now)


def end(db: Db, job: DeviceJob, *, fault: str | None = None, now: datetime) -> None:
    """Note that the screen did what it was to do, or why it could not. Raises ``JobElsewhere``."""
    jobs.move(db, job, "fail" if fault else "produce", now=now)
    job.reason = fault
    jobs.record(db, job, Tag.JOB_MOVED, Actor("citizen", job.counter_id), now=now)
