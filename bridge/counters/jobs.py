"""Device jobs: asked for by a clerk, allowed by the citizen, done by the agent, confirmed."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, Literal

from sqlalchemy import Select, select

from bridge.audit.rules import SYSTEM, Actor, Subject, Tag, plain_facts
from bridge.audit.service import append
from bridge.core.config import JobSettings
from bridge.core.db import LOCK, Db, announce
from bridge.core.errors import N_, NotFound, NotNow
from bridge.core.ids import new_id
from bridge.counters import choices, offers, screen
from bridge.counters.models import IS_OPEN, Counter, CounterDevice, DeviceJob
from bridge.counters.options import DeviceIncapable, check_options
from bridge.counters.rules import (
    AT_AGENT,
    BAD_ENDS,
    JOB,
    OPEN_JOBS,
    REPORTS,
    SEEN_EVERY_S,
    JobState,
)
from counter_hooks import wire


class JobElsewhere(NotNow):
    """The job is in a state that does not allow this."""

    key = "job-elsewhere"
    text = N_("This job is no longer where that is possible.")


class DeviceAway(NotNow):
    """The device is not plugged in."""

    key = "device-away"
    text = N_("This device is not connected.")


@dataclass(frozen=True, slots=True, kw_only=True)
class JobRequest:
    """What a job is asked for with; see ``models.DeviceJob``.

    ``needs_consent`` is False when the citizen allowed this kind of thing for the step before.
    """

    counter_id: str
    visit_id: str | None
    requested_by: str | None
    kind: Literal["scan", "print", "action"]
    device_id: str
    idempotency_key: str
    options: Mapping[str, Any] = field(default_factory=dict)
    purpose: str = ""
    step_id: str | None = None
    document_id: str | None = None
    replaces_page_id: str | None = None
    side: Literal["front", "back"] | None = None
    repeats_id: str | None = None
    needs_consent: bool = True


def request_job(db: Db, wanted: JobRequest, *, now: datetime) -> DeviceJob:
    """Ask for a job; it awaits consent, or is ordered at once. The same key gives the same job.

    Raises ``DeviceAway``, ``DeviceIncapable``, ``ActionAway``, ``FormUnfit``.
    """
    earlier = db.scalar(
        select(DeviceJob).where(
            DeviceJob.counter_id == wanted.counter_id,
            DeviceJob.idempotency_key == wanted.idempotency_key,
        )
    )
    if earlier is not None:
        return earlier
    job = _row(wanted, _checked(db, wanted), now=now)
    db.add(job)
    db.flush()
    actor = Actor("person", wanted.requested_by) if wanted.requested_by else SYSTEM
    move(db, job, "ask" if wanted.needs_consent else "allow", now=now)
    record(db, job, Tag.JOB_REQUESTED, actor, now=now)
    return job


def _checked(db: Db, wanted: JobRequest) -> dict[str, Any]:
    if wanted.kind == "action":
        return offers.check_action(db, wanted.counter_id, wanted.device_id, wanted.options)
    device = db.get(CounterDevice, (wanted.counter_id, wanted.device_id))
    if device is None or not device.is_present:
        raise DeviceAway(device=wanted.device_id)
    if screen.is_of_screen(device.id):
        return dict(wanted.options)
    options = check_options(wanted.kind, wanted.options, device.description)
    offered = {one.key for one in offers.of(db.get_one(Counter, wanted.counter_id)).filters}
    if not offered.issuperset(options.get("filters", [])):
        raise DeviceIncapable(option="filters")
    # One page is scanned again for one that is there.
    unasked = {"page_by_page"} if wanted.replaces_page_id else set()
    asked = {name: it for name, it in options.items() if it or name not in wire.OPTIONS_SINCE}
    return {name: it for name, it in asked.items() if name not in unasked}


def job_at(db: Db, job_id: str, *, counter_id: str) -> DeviceJob:
    """Return the job of that counter, locked for a change. Raises ``NotFound``."""
    job = db.get(DeviceJob, job_id, with_for_update=LOCK, populate_existing=True)
    if job is None or job.counter_id != counter_id:
        raise NotFound(job=job_id)
    return job


def open_jobs(db: Db, *, visit_id: str) -> list[DeviceJob]:
    """Return the jobs of a visit that have not ended, oldest first."""
    return list(db.scalars(_open_in(visit_id)))


def consent(db: Db, job: DeviceJob, *, allow: bool, now: datetime) -> DeviceJob:
    """Let the citizen allow or refuse a job. Raises ``JobElsewhere``."""
    move(db, job, "allow" if allow else "refuse", now=now)
    actor = Actor("citizen", job.counter_id)
    record(db, job, Tag.JOB_ALLOWED if allow else Tag.JOB_REFUSED, actor, now=now)
    return job


def cancel(db: Db, job: DeviceJob, *, actor: Actor, now: datetime) -> DeviceJob:
    """Cancel a job that has not ended; its agent is told. Raises ``JobElsewhere``."""
    was_at_agent = job.state in AT_AGENT
    move(db, job, "cancel", now=now)
    if was_at_agent:
        announce(db, "job:withdrawn", job=job.id, counter=job.counter_id)
    record(db, job, Tag.JOB_CANCELLED, actor, now=now)
    return job


def cancel_open_jobs(db: Db, *, visit_id: str, actor: Actor, now: datetime) -> int:
    """Cancel every job of a visit that has not ended. Return how many."""
    jobs = list(db.scalars(_to_change(_open_in(visit_id))))
    for job in jobs:
        cancel(db, job, actor=actor, now=now)
    return len(jobs)


def confirm(db: Db, job: DeviceJob, *, came_out: bool, actor: Actor, now: datetime) -> DeviceJob:
    """Let somebody who sees the paper say whether it came out. Raises ``JobElsewhere``."""
    move(db, job, "confirm" if came_out else "deny", now=now)
    if not came_out:
        job.reason = "not-come-out"
    record(db, job, Tag.JOB_CONFIRMED, actor, now=now)
    return job


def report(db: Db, counter_id: str, message: wire.JobState, *, now: datetime) -> DeviceJob:
    """Take an agent's report of a job; one that was taken before changes nothing.

    A report about a job that has ended here meanwhile is taken and changes nothing either.
    Raises ``NotFound``.
    """
    job = job_at(db, message.job, counter_id=counter_id)
    if screen.is_of_screen(job.device_id):
        raise NotFound(job=job.id)
    if message.sequence <= job.reported:
        return job
    job.reported = message.sequence
    job.facts = {**job.facts, **plain_facts(message.facts)}
    event = REPORTS[message.state.value]
    if event == "attend" and job.state is JobState.QUEUED:
        job.state = JobState.RUNNING
    if event is None or JOB.after(job.state, event) is None:
        if job.state is JobState.NEEDS_ATTENTION and event == "attend":
            if job.reason != _short(message.reason):
                job.reason, job.changed_at = _short(message.reason), now
            _tell(db, job)
        db.flush()
        return job
    move(db, job, event, now=now)
    job.reason = _short(message.reason)
    offers.keep_answer(job, message.answer)
    if job.state is JobState.PRODUCED:
        choices.remember(db, job)
    record(db, job, Tag.JOB_MOVED, Actor("agent", counter_id), now=now)
    return job


def expire_jobs(db: Db, chosen: JobSettings, *, now: datetime) -> int:
    """Expire jobs that waited too long for consent or for an agent. Return how many."""
    limits = {
        JobState.REQUESTED: chosen.consent_minutes,
        JobState.AWAITING_CONSENT: chosen.consent_minutes,
        JobState.QUEUED: chosen.queue_minutes,
    }
    query = select(DeviceJob).where(IS_OPEN, DeviceJob.state.in_(limits))
    stale = [
        job
        for job in db.scalars(_to_change(query.order_by(DeviceJob.requested_at, DeviceJob.id)))
        if now - job.changed_at >= timedelta(minutes=limits[job.state])
    ]
    for job in stale:
        if job.state in AT_AGENT:
            announce(db, "job:withdrawn", job=job.id, counter=job.counter_id)
        move(db, job, "expire", now=now)
        record(db, job, Tag.JOB_EXPIRED, SYSTEM, now=now)
    return len(stale)


def give_up_at_agent(db: Db, counter_id: str, reason: str, *, now: datetime) -> None:
    """Let the jobs fail that a counter's agent has: another would print or scan them again."""
    for job in db.scalars(_to_change(_at_agent(counter_id))).all():
        move(db, job, "fail", now=now)
        job.reason = reason
        record(db, job, Tag.JOB_MOVED, SYSTEM, now=now)


def not_understood(db: Db, counter_id: str, job_id: str, *, reason: str, now: datetime) -> None:
    """Let a job fail that the agent refuses and has not taken up. Raises ``NotFound``."""
    job = job_at(db, job_id, counter_id=counter_id)
    if job.state is not JobState.QUEUED or job.reported:
        return
    move(db, job, "fail", now=now)
    job.reason = reason
    record(db, job, Tag.JOB_MOVED, Actor("agent", counter_id), now=now)


def has_ended_badly(db: Db, *, visit_id: str, step_id: str, since: datetime) -> bool:
    """Say whether a visit's job for a step was refused, stopped or lost ``since`` then."""
    query = select(DeviceJob.id).where(
        DeviceJob.visit_id == visit_id,
        DeviceJob.step_id == step_id,
        DeviceJob.state.in_(BAD_ENDS),
        DeviceJob.changed_at >= since,
    )
    return db.scalar(query.limit(1)) is not None


def jobs_at_agent(db: Db, counter_id: str) -> list[DeviceJob]:
    """Return the jobs that a counter's agent should have, oldest first."""
    return list(db.scalars(_at_agent(counter_id)))


def needing_attention(db: Db, counter_id: str) -> list[DeviceJob]:
    """Return a counter's jobs whose device waits for a person, oldest first."""
    query = select(DeviceJob).where(
        DeviceJob.counter_id == counter_id, DeviceJob.state == JobState.NEEDS_ATTENTION
    )
    return list(db.scalars(query.order_by(DeviceJob.requested_at, DeviceJob.id)))


def not_taken_up(db: Db, counter_id: str, *, now: datetime) -> list[str]:
    """Return the jobs that were ordered a while ago and that the agent has said nothing about."""
    return [
        job.id
        for job in jobs_at_agent(db, counter_id)
        if job.reported == 0 and now - job.changed_at >= timedelta(seconds=SEEN_EVERY_S)
    ]


def not_wanted(db: Db, counter_id: str, job_ids: Iterable[str]) -> list[str]:
    """Return which of ``job_ids``, open at the agent, it should drop."""
    wanted = {job.id for job in jobs_at_agent(db, counter_id)}
    return [job_id for job_id in job_ids if job_id not in wanted]


def _at_agent(counter_id: str) -> Select[DeviceJob]:
    return (
        select(DeviceJob)
        .where(DeviceJob.counter_id == counter_id, DeviceJob.state.in_(AT_AGENT))
        .where(DeviceJob.device_id.not_like(f"{screen.PREFIX}%"))
        .order_by(DeviceJob.requested_at, DeviceJob.id)
    )


def _open_in(visit_id: str) -> Select[DeviceJob]:
    return (
        select(DeviceJob)
        .where(DeviceJob.visit_id == visit_id, DeviceJob.state.in_(OPEN_JOBS))
        .order_by(DeviceJob.requested_at, DeviceJob.id)
    )


def _to_change(query: Select[DeviceJob]) -> Select[DeviceJob]:
    # Citizen, agent and clock may move a job at the same moment; whoever is second sees the first.
    return query.with_for_update(key_share=True).execution_options(populate_existing=True)


def _row(wanted: JobRequest, options: dict[str, Any], *, now: datetime) -> DeviceJob:
    return DeviceJob(
        id=new_id(now),
        counter_id=wanted.counter_id,
        visit_id=wanted.visit_id,
        requested_by=wanted.requested_by,
        kind=wanted.kind,
        device_id=wanted.device_id,
        options=options,
        purpose=wanted.purpose[:80],
        step_id=wanted.step_id,
        document_id=wanted.document_id,
        replaces_page_id=wanted.replaces_page_id,
        side=wanted.side,
        repeats_id=wanted.repeats_id,
        idempotency_key=wanted.idempotency_key,
        state=JobState.REQUESTED,
        version=0,
        reported=0,
        pages=0,
        facts={},
        requested_at=now,
        changed_at=now,
    )


def move(db: Db, job: DeviceJob, event: str, *, now: datetime) -> None:
    """Move a job by ``event`` of ``rules.JOB``, and tell who is concerned. Raises ``JobElsewhere``."""
    state = JOB.after(job.state, event)
    if state is None:
        raise JobElsewhere(state=job.state, job=job.id)
    job.state, job.version, job.changed_at = state, job.version + 1, now
    db.flush()
    if state is JobState.QUEUED and not screen.is_of_screen(job.device_id):
        announce(db, "job:ordered", job=job.id, counter=job.counter_id)
    _tell(db, job)


def _tell(db: Db, job: DeviceJob) -> None:
    announce(
        db,
        "job:changed",
        job=job.id,
        visit=job.visit_id,
        counter=job.counter_id,
        clerk=job.requested_by,
        kind=job.kind,
        state=job.state.value,
    )


def record(db: Db, job: DeviceJob, tag: Tag, actor: Actor, *, now: datetime) -> None:
    """Note in the audit what became of a job."""
    facts = {
        "kind": job.kind,
        "device": job.device_id,
        "state": job.state,
        "reason": job.reason,
        "visit": job.visit_id,
        "pages": job.pages,
    }
    if job.repeats_id is not None:
        facts["repeats"] = job.repeats_id
    append(db, tag=tag, actor=actor, subject=Subject("job", job.id), facts=facts, now=now)


def _short(reason: str | None) -> str | None:
    return reason[:60] if reason else None
