"""Somebody in the hall is called when a device waits for what the citizen cannot do."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

from sqlalchemy import select

from bridge.audit.rules import SYSTEM
from bridge.core.db import LOCK, Database, Db
from bridge.core.events import Event, Events
from bridge.counters import jobs
from bridge.counters.models import Counter, DeviceJob
from bridge.helpers import service as helpers
from bridge.helpers.rules import NEEDS_HANDS, HelpReason, hands_for


class Paging:
    """Follows the jobs of every counter; whatever it missed is made up for by ``sweep``."""

    def __init__(self, database: Database, clock: Callable[[], datetime]) -> None:
        self._database = database
        self._clock = clock

    def subscribe(self, events: Events) -> None:
        """Follow what happens to jobs from now on."""
        events.on("job:changed", self._on_job)

    def sweep(self, now: datetime) -> None:
        """Follow every counter."""
        with self._database.reading() as db:
            counters = list(db.scalars(select(Counter.id)))
        for counter_id in counters:
            self._follow(counter_id, now)

    def _on_job(self, event: Event) -> None:
        self._follow(str(event.facts["counter"]), self._clock())

    def _follow(self, counter_id: str, now: datetime) -> None:
        with self._database.reading() as db:
            is_settled = _next(db, counter_id) is None
        if not is_settled:
            with self._database.transaction() as db:
                follow(db, counter_id, now=now)


def follow(db: Db, counter_id: str, *, now: datetime) -> None:
    """Bring a counter's request for help in line with its devices; once is as good as twice."""
    # The counter's row is what two that follow at once wait for.
    counter = db.get_one(Counter, counter_id, with_for_update=LOCK, populate_existing=True)
    act = _next(db, counter_id)
    if act is not None:
        act(db, counter, now)


_Act = Callable[[Db, Counter, datetime], object]


def _next(db: Db, counter_id: str) -> _Act | None:
    request, job = helpers.open_at(db, counter_id), _waiting(db, counter_id)
    if job is None:
        if request is None or request.detail not in NEEDS_HANDS:
            return None
        if request.reason is HelpReason.DEVICE:
            return _withdraw
        return lambda db, _counter, _now: helpers.note(db, request, None)
    hands = hands_for(job.reason)
    if request is None:
        # Who said "solved" has been there; the same trouble calls nobody twice.
        is_answered = helpers.was_solved(db, counter_id, since=job.changed_at)
        return None if is_answered else lambda db, counter, now: _call(db, counter, job, now)
    if request.detail == hands:
        return None
    return lambda db, _counter, _now: helpers.note(db, request, hands)


def _waiting(db: Db, counter_id: str) -> DeviceJob | None:
    return next(
        (
            job
            for job in jobs.needing_attention(db, counter_id)
            if job.visit_id is not None and hands_for(job.reason) is not None
        ),
        None,
    )


def _call(db: Db, counter: Counter, job: DeviceJob, now: datetime) -> None:
    helpers.raise_help(
        db,
        counter,
        HelpReason.DEVICE,
        actor=SYSTEM,
        now=now,
        visit_id=job.visit_id,
        detail=hands_for(job.reason),
    )


def _withdraw(db: Db, counter: Counter, now: datetime) -> None:
    helpers.withdraw(db, counter.id, reason=HelpReason.DEVICE, now=now)
