"""Help requests: one open a counter, answered by whoever is in the hall."""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlalchemy import select
from sqlalchemy.orm import joinedload

from bridge.audit.rules import SYSTEM, Actor, Subject, Tag
from bridge.audit.service import append
from bridge.core.db import LOCK, Db, announce
from bridge.core.errors import N_, NotFound, NotNow
from bridge.core.ids import new_id
from bridge.counters.models import Counter
from bridge.counters.rules import CounterState
from bridge.counters.service import move_counter
from bridge.helpers.models import IS_OPEN, HelpRequest
from bridge.helpers.rules import ESCALATE_AFTER_S, HELP, NEEDS_HANDS, OPEN, HelpReason, HelpState
from bridge.offices.models import Person

_PAST = {
    "acknowledge": "acknowledged",
    "set_out": "set-out",
    "arrive": "arrived",
    "solve": "solved",
    "withdraw": "withdrawn",
    "escalate": "escalated",
}
EVENTS = ("raised", "noted", *_PAST.values())


class HelpElsewhere(NotNow):
    """The request is in a state that does not allow this."""

    key = "help-elsewhere"
    text = N_("Somebody has seen to this already.")


def raise_help(
    db: Db,
    counter: Counter,
    reason: HelpReason,
    *,
    actor: Actor,
    now: datetime,
    visit_id: str | None = None,
    detail: str | None = None,
) -> tuple[HelpRequest, bool]:
    """Ask for a person at a counter, and say whether this is new: one request is open at most.

    One that a device opened is for ``reason`` from now on: its recovery calls nobody off then.
    """
    _hold(db, counter.id)
    there = open_at(db, counter.id)
    if there is not None:
        if _is_devices(there) and (reason is not HelpReason.DEVICE or detail not in NEEDS_HANDS):
            there.reason, there.visit_id = reason, there.visit_id or visit_id
            if reason is HelpReason.DEVICE:
                there.detail = detail
            _record_raised(db, there, counter, actor=actor, now=now)
            _tell(db, there, "noted")
        return there, False
    request = HelpRequest(
        id=new_id(now),
        counter_id=counter.id,
        visit_id=visit_id,
        reason=reason,
        detail=detail[:60] if detail else None,
        state=HelpState.RAISED,
        raised_at=now,
    )
    db.add(request)
    db.flush()
    _record_raised(db, request, counter, actor=actor, now=now)
    _tell(db, request, "raised")
    return request, True


def open_at(db: Db, counter_id: str) -> HelpRequest | None:
    """Return the open request of a counter, None when there is none."""
    return db.scalar(select(HelpRequest).where(HelpRequest.counter_id == counter_id, IS_OPEN))


def open_in(db: Db, office_id: str) -> list[HelpRequest]:
    """Return the open requests of an office, oldest first."""
    query = (
        select(HelpRequest)
        .join(Counter)
        .where(Counter.office_id == office_id, IS_OPEN)
        .order_by(HelpRequest.raised_at, HelpRequest.id)
        .options(joinedload(HelpRequest.counter))
    )
    return list(db.scalars(query))


def was_solved(db: Db, counter_id: str, *, since: datetime) -> bool:
    """Say whether somebody has solved a request about a device of a counter since then."""
    query = select(HelpRequest.id).where(
        HelpRequest.counter_id == counter_id,
        HelpRequest.state == HelpState.SOLVED,
        HelpRequest.detail.in_(NEEDS_HANDS),
        HelpRequest.ended_at >= since,
    )
    return db.scalar(query.limit(1)) is not None


def note(db: Db, request: HelpRequest, detail: str | None) -> None:
    """Say in an open request what is wrong there, or that nothing is any more."""
    request.detail = detail
    db.flush()
    _tell(db, request, "noted")


def find(db: Db, request_id: str, *, office_id: str) -> HelpRequest:
    """Return a request of an office, locked for a change. Raises ``NotFound``."""
    request = db.get(HelpRequest, request_id)
    if request is None or request.counter.office_id != office_id:
        raise NotFound(help=request_id)
    _hold(db, request.counter_id)
    db.refresh(request, with_for_update=LOCK)
    return request


def answer(db: Db, request: HelpRequest, event: str, helper: Person, *, now: datetime) -> None:
    """Let a helper move a request: ``acknowledge``, ``set_out``, ``arrive`` or ``solve``.

    Whoever answers has it in hand. Solving mends a counter that needed help. Raises
    ``HelpElsewhere``.
    """
    actor = Actor("person", helper.id)
    move(db, request, event, actor=actor, now=now)
    request.helper_id = helper.id
    if event == "acknowledge":
        request.acknowledged_at = now
    counter = request.counter
    if event == "solve" and counter.state is CounterState.NEEDS_HELP:
        move_counter(db, counter, "mend", now=now, actor=actor)


def withdraw(
    db: Db, counter_id: str, *, now: datetime, reason: HelpReason | None = None
) -> HelpRequest | None:
    """Take back the open request of a counter, if there is one and it is for ``reason``."""
    _hold(db, counter_id)
    request = open_at(db, counter_id)
    if request is None or (reason is not None and request.reason is not reason):
        return None
    move(db, request, "withdraw", actor=SYSTEM, now=now)
    return request


def escalate(db: Db, *, now: datetime) -> int:
    """Escalate the requests that nobody answered for a minute. Return how many."""
    late = now - timedelta(seconds=ESCALATE_AFTER_S)
    stale = db.scalars(
        select(HelpRequest)
        .where(IS_OPEN, HelpRequest.state == HelpState.RAISED, HelpRequest.raised_at <= late)
        .with_for_update(skip_locked=True, key_share=True)
    ).all()
    for request in stale:
        move(db, request, "escalate", actor=SYSTEM, now=now)
    return len(stale)


def move(db: Db, request: HelpRequest, event: str, *, actor: Actor, now: datetime) -> None:
    """Move a request by ``event`` of ``rules.HELP``. Raises ``HelpElsewhere``."""
    before, state = request.state, HELP.after(request.state, event)
    if state is None:
        raise HelpElsewhere(state=request.state, help=request.id)
    request.state = state
    if state not in OPEN:
        request.ended_at = now
    db.flush()
    facts = {"from": before, "event": event, "to": state}
    subject = Subject("help", request.id)
    append(db, tag=Tag.HELP_MOVED, actor=actor, subject=subject, facts=facts, now=now)
    _tell(db, request, _PAST[event])


def _hold(db: Db, counter_id: str) -> None:
    # The counter's row is what two that ask, answer or withdraw at once wait for.
    db.get_one(Counter, counter_id, with_for_update=LOCK)


def _is_devices(request: HelpRequest) -> bool:
    return request.reason is HelpReason.DEVICE and request.detail in NEEDS_HANDS


def _record_raised(
    db: Db, request: HelpRequest, counter: Counter, *, actor: Actor, now: datetime
) -> None:
    facts = {
        "counter": counter.key,
        "reason": request.reason,
        "detail": request.detail,
        "visit": request.visit_id,
    }
    subject = Subject("help", request.id)
    append(db, tag=Tag.HELP_RAISED, actor=actor, subject=subject, facts=facts, now=now)


def _tell(db: Db, request: HelpRequest, past: str) -> None:
    counter = db.get_one(Counter, request.counter_id)
    announce(
        db,
        f"help:{past}",
        help=request.id,
        counter=counter.id,
        office=counter.office_id,
        visit=request.visit_id,
        state=request.state.value,
    )
