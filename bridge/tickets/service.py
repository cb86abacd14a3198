"""The queue: call tickets once, move them, and forget them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from sqlalchemy import select, update

from bridge.audit.rules import SYSTEM, Actor, Subject, Tag
from bridge.audit.service import append
from bridge.core.db import Db, announce
from bridge.core.errors import NotFound
from bridge.core.ids import new_id
from bridge.counters.models import Counter
from bridge.counters.rules import CounterState
from bridge.counters.service import CounterNotReady
from bridge.offices.models import Office, Person
from bridge.tickets.errors import (
    CounterTaken,
    NotToday,
    TicketAlreadyCalled,
    TicketElsewhere,
    TooOften,
    TooSoon,
)
from bridge.tickets.models import IS_OVER, OCCUPIES, Period, Ticket
from bridge.tickets.rules import (
    FIRST,
    IN_HAND,
    PAST,
    TICKET,
    Outcome,
    TicketState,
    recall_refusal,
)

_TAGS = {
    "call": Tag.TICKET_CALLED,
    "recall": Tag.TICKET_RECALLED,
    "miss": Tag.TICKET_MISSED,
    "leave": Tag.TICKET_LEFT,
    "park": Tag.TICKET_PARKED,
    "resume": Tag.TICKET_RESUMED,
    "reinstate": Tag.TICKET_REINSTATED,
    "transfer": Tag.TICKET_TRANSFERRED,
    "forget": Tag.TICKET_ANONYMISED,
}


def day_of(office: Office, now: datetime) -> datetime:
    """Return ``now`` by the clock on the office's wall."""
    return now.astimezone(ZoneInfo(office.time_zone))


def find(db: Db, ticket_id: str, *, office_id: str) -> Ticket:
    """Return a ticket of an office as it is now. Raises ``NotFound``."""
    ticket = db.get(Ticket, ticket_id, populate_existing=True)
    if ticket is None or ticket.office_id != office_id:
        raise NotFound(ticket=ticket_id)
    return ticket


def open_at(db: Db, counter_id: str) -> Ticket | None:
    """Return the ticket that occupies a counter's screen, None when there is none."""
    return db.scalar(select(Ticket).where(Ticket.counter_id == counter_id, OCCUPIES))


def move(
    db: Db,
    ticket: Ticket,
    event: str,
    *,
    actor: Actor,
    now: datetime,
    values: Mapping[str, object] | None = None,
    facts: Mapping[str, object] | None = None,
) -> Ticket:
    """Move a ticket by ``event`` of ``rules.TICKET``, if it is still as ``ticket`` says.

    ``values`` are columns to set in the same statement, ``facts`` go to the audit. Announced as
    ``ticket:<past>``. Raises ``TicketElsewhere`` with the present state; nothing is changed then.
    """
    before, state = ticket.state, TICKET.after(ticket.state, event)
    moved = None
    if state is not None:
        # One compare-and-set on state and version: of two that try, one sees no row (R1).
        moved = db.execute(
            update(Ticket)
            .where(
                Ticket.id == ticket.id,
                Ticket.state == ticket.state,
                Ticket.version == ticket.version,
            )
            .values(state=state, version=Ticket.version + 1, **(values or {}))
            .returning(Ticket.version)
            .execution_options(synchronize_session=False)
        ).scalar()
        db.refresh(ticket)
    if state is None or moved is None:
        raise TicketElsewhere(state=ticket.state, ticket=ticket.id, event=event)
    if state is not before:
        _end_period(db, ticket, now=now)
        begin_period(db, ticket, now=now)
    told = {"from": before, "event": event, "to": state, **(facts or {})}
    record(db, ticket, _TAGS.get(event, Tag.TICKET_MOVED), actor, told, now=now)
    tell(db, ticket, PAST[event])
    return ticket


def call(
    db: Db, ticket: Ticket, clerk: Person, *, now: datetime, version: int | None = None
) -> Ticket:
    """Let a clerk call a waiting ticket; of two clerks one gets it.

    Raises ``TicketAlreadyCalled`` with the other's name, ``TicketElsewhere``.
    """
    event = "resume" if ticket.state is TicketState.PARKED else "call"
    if version is not None and version != ticket.version and ticket.state not in IN_HAND:
        raise TicketElsewhere(state=ticket.state, ticket=ticket.id, version=ticket.version)
    values = {"clerk_id": clerk.id, "called_at": now, "calls": 1, "counter_id": ticket.counter_id}
    try:
        return move(db, ticket, event, actor=Actor("person", clerk.id), now=now, values=values)
    except TicketElsewhere as error:
        if ticket.state in IN_HAND and ticket.clerk is not None:
            raise TicketAlreadyCalled(
                clerk=ticket.clerk.name, state=ticket.state, ticket=ticket.id
            ) from error
        raise


def recall(db: Db, ticket: Ticket, *, actor: Actor, now: datetime) -> Ticket:
    """Call a called ticket again. Raises ``TooSoon``, ``TooOften``, ``TicketElsewhere``."""
    office = ticket.office
    if ticket.state is TicketState.CALLED and ticket.called_at is not None:
        refusal = recall_refusal(
            called_at=ticket.called_at,
            calls=ticket.calls,
            now=now,
            gap_s=office.recall_gap_s,
            most=office.most_calls,
        )
        if refusal == "too-often":
            raise TooOften(state=ticket.state, most=office.most_calls)
        if refusal == "too-soon":
            raise TooSoon(state=ticket.state, seconds=office.recall_gap_s)
    values = {"called_at": now, "calls": ticket.calls + 1}
    return move(db, ticket, "recall", actor=actor, now=now, values=values)


def miss(db: Db, ticket: Ticket, *, actor: Actor, now: datetime) -> Ticket:
    """Note that a called citizen did not come.

    Not in the first seconds after a call, unless the last one was made. Raises ``TooSoon``.
    """
    office = ticket.office
    if ticket.state is TicketState.CALLED and ticket.called_at is not None:
        refusal = recall_refusal(
            called_at=ticket.called_at,
            calls=ticket.calls,
            now=now,
            gap_s=office.recall_gap_s,
            most=office.most_calls,
        )
        if refusal == "too-soon":
            raise TooSoon(state=ticket.state, seconds=office.recall_gap_s)
    values = {"clerk_id": None, "ended_at": now}
    return move(db, ticket, "miss", actor=actor, now=now, values=values)


def reinstate(db: Db, ticket: Ticket, *, actor: Actor, now: datetime) -> Ticket:
    """Bring a missed ticket back, first in the queue, on its own day (R4).

    Raises ``NotToday``, ``CounterTaken``, ``TicketElsewhere``.
    """
    if ticket.state is TicketState.NO_SHOW:
        if ticket.day != day_of(ticket.office, now).date():
            raise NotToday(state=ticket.state)
        _check_unoccupied(db, ticket.counter_id)
    values = {"priority": FIRST, "ended_at": None, "called_at": None, "calls": 0}
    facts = {"priority": FIRST}
    return move(db, ticket, "reinstate", actor=actor, now=now, values=values, facts=facts)


def leave(db: Db, ticket: Ticket, *, actor: Actor, now: datetime, reason: str = "") -> Ticket:
    """Take a waiting or parked ticket out of the queue. Raises ``TicketElsewhere``."""
    values = {"ended_at": now, "reason": reason[:60] or None, "clerk_id": None}
    return move(db, ticket, "leave", actor=actor, now=now, values=values)


def park(db: Db, ticket: Ticket, *, actor: Actor, now: datetime) -> Ticket:
    """Put a served ticket aside; its steps and documents stay with it."""
    return move(db, ticket, "park", actor=actor, now=now, values={"clerk_id": None})


@dataclass(frozen=True, slots=True, kw_only=True)
class Target:
    """Where a ticket is handed to: the queue of all, or of one clerk, at a counter.

    ``counter_id`` None leaves the citizen where they sit.
    """

    counter_id: str | None = None
    clerk_id: str | None = None


def transfer(
    db: Db, ticket: Ticket, target: Target, *, reason: str, actor: Actor, now: datetime
) -> Ticket:
    """Hand a ticket on: it waits again with its time of issue and its priority (R3).

    A ticket whose meeting broke off comes first. Raises ``CounterTaken``, ``TicketElsewhere``.
    """
    counter_id = ticket.counter_id
    if target.counter_id is not None and target.counter_id != counter_id:
        check_free(db, db.get_one(Counter, target.counter_id))
        counter_id = target.counter_id
    priority = FIRST if ticket.state is TicketState.INTERRUPTED else ticket.priority
    values = {
        "clerk_id": target.clerk_id,
        "counter_id": counter_id,
        "priority": priority,
        "note": reason[:500] or None,
        "called_at": None,
        "calls": 0,
    }
    facts = {"priority": priority, "counter": counter_id, "person": target.clerk_id}
    return move(db, ticket, "transfer", actor=actor, now=now, values=values, facts=facts)


def reroute(
    db: Db, ticket: Ticket, *, keeps_counter: bool = True, actor: Actor, now: datetime
) -> Ticket:
    """Give up a broken meeting: the ticket waits again, before all others.

    Without ``keeps_counter`` it waits for any counter that is free.
    """
    move(db, ticket, "reroute", actor=actor, now=now, values={"clerk_id": None})
    counter_id = ticket.counter_id if keeps_counter else None
    values = {"priority": FIRST, "called_at": None, "calls": 0, "counter_id": counter_id}
    facts = {"priority": FIRST, "counter": counter_id}
    return move(db, ticket, "queue", actor=actor, now=now, values=values, facts=facts)


def put_back(db: Db, ticket: Ticket, *, actor: Actor, now: datetime) -> Ticket:
    """Undo a call that nobody answered for: the ticket waits again where it was."""
    values = {"clerk_id": None, "called_at": None, "calls": 0}
    return move(db, ticket, "put_back", actor=actor, now=now, values=values)


def set_outcomes(ticket: Ticket, outcomes: Mapping[str, Outcome]) -> None:
    """Keep how each service ended; those that are not named are done.

    Raises ``NotFound`` for a service of another ticket.
    """
    unknown = outcomes.keys() - {service.id for service in ticket.services}
    if unknown:
        raise NotFound(service=min(unknown))
    for service in ticket.services:
        service.outcome = outcomes.get(service.id, service.outcome or Outcome.DONE)


def close(db: Db, ticket: Ticket, *, actor: Actor, now: datetime) -> Ticket:
    """End the paperwork; what is to be followed up stays marked. Notes are cleared."""
    is_open = any(service.outcome is Outcome.TO_FOLLOW_UP for service in ticket.services)
    values = {"ended_at": now, "note": None}
    event = "follow_up" if is_open else "close"
    return move(db, ticket, event, actor=actor, now=now, values=values)


def forget(db: Db, ticket: Ticket, *, now: datetime) -> Ticket:
    """Take everything from an ended ticket but its times, its procedures and their outcomes."""
    values = {"clerk_id": None, "note": None, "reason": None, "counter_id": None}
    move(db, ticket, "forget", actor=SYSTEM, now=now, values=values)
    db.execute(update(Period).where(Period.ticket_id == ticket.id).values(person_id=None))
    return ticket


def due_for_forgetting(db: Db, *, before: datetime, most: int = 200) -> list[Ticket]:
    """Return tickets that ended before ``before``, oldest first, at most ``most``."""
    query = (
        select(Ticket)
        .where(IS_OVER, Ticket.ended_at < before)
        .order_by(Ticket.ended_at, Ticket.id)
        .limit(most)
    )
    return list(db.scalars(query))


def tell(db: Db, ticket: Ticket, past: str) -> None:
    """Announce ``ticket:<past>`` with what a listener needs to know whom it concerns."""
    announce(
        db,
        f"ticket:{past}",
        ticket=ticket.id,
        office=ticket.office_id,
        counter=ticket.counter_id,
        clerk=ticket.clerk_id,
        state=ticket.state.value,
    )


def check_free(db: Db, counter: Counter) -> None:
    """Raise unless a counter is ready and nobody waits there: ``CounterNotReady``, ``CounterTaken``."""
    if counter.state is not CounterState.IDLE:
        raise CounterNotReady(state=counter.state, counter=counter.key)
    _check_unoccupied(db, counter.id)


def _check_unoccupied(db: Db, counter_id: str | None) -> None:
    there = open_at(db, counter_id) if counter_id is not None else None
    if there is not None:
        raise CounterTaken(state=there.state, ticket=there.id)


def begin_period(db: Db, ticket: Ticket, *, now: datetime) -> None:
    """Note since when a ticket is in its present state (R7)."""
    db.add(
        Period(
            id=new_id(now),
            ticket_id=ticket.id,
            state=ticket.state,
            person_id=ticket.clerk_id,
            started_at=now,
        )
    )
    db.flush()


def _end_period(db: Db, ticket: Ticket, *, now: datetime) -> None:
    db.execute(
        update(Period)
        .where(Period.ticket_id == ticket.id, Period.ended_at.is_(None))
        .values(ended_at=now)
    )


def record(
    db: Db,
    ticket: Ticket,
    tag: Tag,
    actor: Actor,
    facts: Mapping[str, object],
    *,
    now: datetime,
) -> None:
    """Write to the audit what happened to a ticket."""
    subject = Subject("ticket", ticket.id)
    known = {"number": ticket.number, **facts}
    append(db, tag=tag, actor=actor, subject=subject, facts=known, now=now)
