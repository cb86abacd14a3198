"""Who waits, before whom, and who is called next; only open tickets and today's are looked at."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime

from sqlalchemy import ColumnElement, and_, func, or_, select
from sqlalchemy.orm import selectinload

from bridge.core.db import Db
from bridge.counters.models import Counter
from bridge.counters.rules import CounterState
from bridge.offices.models import Office, Person
from bridge.offices.rules import ClerkState
from bridge.tickets.models import OCCUPIES, Ticket
from bridge.tickets.rules import OPEN, TicketState
from bridge.tickets.service import day_of
from counter_hooks.views import DeskView, TicketView

# How many of the waiting are offered to the hook that chooses the next one.
MOST_OFFERED = 200
_SHOWN = OPEN | {TicketState.PARKED, TicketState.WRAP_UP}

# Chooses one of the waiting for a clerk, or None to leave it to the order of the queue.
Choose = Callable[[DeskView, Sequence[TicketView]], str | None]


def in_order(_desk: DeskView, _waiting: Sequence[TicketView]) -> str | None:
    """Leave the choice to the order of the queue."""
    return None


def queue(db: Db, office: Office, *, now: datetime) -> list[Ticket]:
    """Return the office's open tickets in the order of the queue, and those missed today."""
    today = day_of(office, now).date()
    # Two questions, each with an index of its own: one with "or" would read the whole history.
    found = [
        ticket
        for which in (
            Ticket.state.in_(_SHOWN),
            and_(Ticket.day == today, Ticket.state == TicketState.NO_SHOW),
        )
        for ticket in db.scalars(
            select(Ticket)
            .where(Ticket.office_id == office.id, which)
            .options(
                selectinload(Ticket.services),
                selectinload(Ticket.counter),
                selectinload(Ticket.clerk),
            )
        )
    ]
    return sorted(found, key=lambda one: (one.priority, one.issued_at, one.day, one.ordinal))


def count_waiting(db: Db, office_id: str) -> int:
    """Return how many tickets of an office wait."""
    query = select(func.count()).where(
        Ticket.office_id == office_id, Ticket.state == TicketState.WAITING
    )
    return db.scalar(query) or 0


def ahead_of(db: Db, ticket: Ticket) -> int:
    """Return how many wait before ``ticket``."""
    before = or_(
        Ticket.priority < ticket.priority,
        and_(Ticket.priority == ticket.priority, Ticket.issued_at < ticket.issued_at),
        and_(
            Ticket.priority == ticket.priority,
            Ticket.issued_at == ticket.issued_at,
            Ticket.ordinal < ticket.ordinal,
        ),
    )
    query = select(func.count()).where(
        Ticket.office_id == ticket.office_id, Ticket.state == TicketState.WAITING, before
    )
    return db.scalar(query) or 0


def counters_of_waiting(db: Db, office_id: str) -> list[str]:
    """Return the ids of the counters at which somebody waits."""
    query = select(Ticket.counter_id).where(
        Ticket.office_id == office_id,
        Ticket.state == TicketState.WAITING,
        Ticket.counter_id.is_not(None),
    )
    return [counter_id for counter_id in db.scalars(query) if counter_id is not None]


def callable_by(db: Db, clerk: Person) -> list[Ticket]:
    """Return whom a clerk could call now, in order: waiting, for everybody or for this clerk, at a
    counter that is ready, or at none yet while one is free.
    """  # noqa: D205  # one sentence
    is_ready = Counter.state == CounterState.IDLE
    # One that has no place must not hold up those who sit at theirs.
    if free_counter(db, clerk.office_id) is not None:
        is_ready = or_(is_ready, Counter.id.is_(None))
    query = (
        select(Ticket)
        .join(Counter, Ticket.counter_id == Counter.id, isouter=True)
        .where(
            Ticket.office_id == clerk.office_id,
            Ticket.state == TicketState.WAITING,
            _is_for(clerk),
            is_ready,
        )
        .order_by(Ticket.priority, Ticket.issued_at, Ticket.ordinal)
        .limit(MOST_OFFERED)
        .options(selectinload(Ticket.services), selectinload(Ticket.counter))
    )
    return list(db.scalars(query))


def next_for(db: Db, clerk: Person, choose: Choose) -> Ticket | None:
    """Return the ticket that a clerk should call, locked; None when nobody is there to be called.

    What another clerk is calling at this moment is passed over (``SKIP LOCKED`` where there is
    one; SQLite has one writer at a time anyway).
    """
    waiting = callable_by(db, clerk)
    desk = DeskView(clerk_id=clerk.id, office_key=clerk.office.key)
    while waiting:
        chosen = choose(desk, [view_of(ticket) for ticket in waiting])
        wanted = next((one for one in waiting if one.id == chosen), waiting[0])
        locked = db.scalar(
            select(Ticket)
            .where(Ticket.id == wanted.id, Ticket.state == TicketState.WAITING)
            .with_for_update(skip_locked=True, key_share=True)
            .execution_options(populate_existing=True)
        )
        if locked is not None:
            return locked
        waiting.remove(wanted)
    return None


def first_blocked(db: Db, clerk: Person) -> Ticket | None:
    """Return the first ticket that waits for a clerk without a counter that is ready."""
    query = (
        select(Ticket)
        .join(Counter, Ticket.counter_id == Counter.id, isouter=True)
        .where(
            Ticket.office_id == clerk.office_id,
            Ticket.state == TicketState.WAITING,
            _is_for(clerk),
            or_(Counter.id.is_(None), Counter.state != CounterState.IDLE),
        )
        .order_by(Ticket.priority, Ticket.issued_at, Ticket.ordinal)
        .limit(1)
    )
    return db.scalar(query)


def _is_for(clerk: Person) -> ColumnElement[bool]:
    """Say which tickets wait for everybody, for this clerk, or for one who is not there any more."""
    gone = select(Person.id).where(or_(Person.state == ClerkState.OFFLINE, ~Person.is_active))
    return or_(Ticket.clerk_id.is_(None), Ticket.clerk_id == clerk.id, Ticket.clerk_id.in_(gone))


def view_of(ticket: Ticket) -> TicketView:
    """Return what a hook is shown of a ticket."""
    return TicketView(
        id=ticket.id,
        number=ticket.number,
        priority=ticket.priority,
        issued_at=ticket.issued_at,
        counter_key=ticket.counter.key if ticket.counter else None,
        procedures=tuple(service.procedure_key for service in ticket.services),
        language=ticket.language,
    )


def free_counter(db: Db, office_id: str) -> Counter | None:
    """Return a counter of an office that is ready and at which nobody waits."""
    query = (
        select(Counter)
        .where(
            Counter.office_id == office_id,
            Counter.state == CounterState.IDLE,
            ~select(Ticket.id).where(Ticket.counter_id == Counter.id, OCCUPIES).exists(),
        )
        .order_by(Counter.key)
        .limit(1)
    )
    return db.scalar(query)


def left_over(db: Db, office: Office, *, now: datetime) -> list[Ticket]:
    """Return the waiting and parked tickets of an office's earlier days."""
    states = (TicketState.WAITING, TicketState.PARKED)
    query = select(Ticket).where(
        Ticket.office_id == office.id,
        Ticket.state.in_(states),
        Ticket.day < day_of(office, now).date(),
    )
    return list(db.scalars(query))
