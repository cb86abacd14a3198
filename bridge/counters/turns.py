"""The pause of a scan page by page: somebody says that the next page lies there, or that it was all."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from bridge.audit.rules import Actor, Subject, Tag
from bridge.audit.service import append
from bridge.core.db import Db, announce
from bridge.counters.jobs import DeviceAway, JobElsewhere
from bridge.counters.models import DeviceJob
from bridge.counters.rules import JobState
from bridge.counters.service import is_agent_there
from counter_hooks.model import Attention

_PLACED, _IS_LAST = "page_placed", "page_was_last"


@dataclass(frozen=True, slots=True, kw_only=True)
class PageTurn:
    """What is said of page ``page``: it lies there, or the one before it was the last."""

    page: int
    is_last: bool = False


def awaited_page(job: DeviceJob) -> int | None:
    """Return the number of the page that a job waits for, None when it waits for none."""
    waits = job.state is JobState.NEEDS_ATTENTION and job.reason == Attention.NEXT_PAGE
    page = job.facts.get("page")
    return page if waits and isinstance(page, int) else None


def turn_page(db: Db, job: DeviceJob, told: PageTurn, *, actor: Actor, now: datetime) -> None:
    """Let a scan go on with its next page, or end; its agent moves the job.

    Raises ``JobElsewhere`` when it waits for another page or none, ``DeviceAway``.
    """
    if awaited_page(job) != told.page:
        raise JobElsewhere(state=job.state, job=job.id)
    if not is_agent_there(job.counter, now=now):
        raise DeviceAway(device=job.device_id)
    # Kept until the agent goes on: it may not hear of it at once.
    job.facts = {**job.facts, _PLACED: told.page, _IS_LAST: told.is_last}
    facts = {"page": told.page, "is_last": told.is_last, "visit": job.visit_id}
    append(
        db,
        tag=Tag.JOB_CONTINUED,
        actor=actor,
        subject=Subject("job", job.id),
        facts=facts,
        now=now,
    )
    say_again(db, job)


def say_again(db: Db, job: DeviceJob) -> None:
    """Let the agent hear what was said of the page that it waits for; forget it when it goes on.

    Asked for the same page once more, after a fall in the middle of it, it is told nothing: whether
    the page lies there still only people know.
    """
    if job.state is JobState.RUNNING and _PLACED in job.facts:
        answered = {_PLACED, _IS_LAST}
        job.facts = {name: it for name, it in job.facts.items() if name not in answered}
    page = awaited_page(job)
    if page is not None and job.facts.get(_PLACED) == page:
        facts = {"page": page, "is_last": job.facts.get(_IS_LAST) is True}
        announce(db, "job:page-placed", job=job.id, counter=job.counter_id, **facts)
