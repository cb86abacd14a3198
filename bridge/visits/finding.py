"""Which visit somebody may touch; everything else is not there for them."""

from __future__ import annotations

from sqlalchemy import select

from bridge.core.db import LOCK, Db, announce
from bridge.core.errors import NotFound
from bridge.counters.models import Counter
from bridge.counters.rules import CounterState
from bridge.offices.models import Person
from bridge.visits.errors import VisitOver
from bridge.visits.models import Step, Visit

# While the counter is so, its screen belongs to a visit.
_ON_SCREEN = frozenset({CounterState.RESERVED, CounterState.IN_VISIT, CounterState.CLEANING})


def own(db: Db, person_id: str, visit_id: str, *, to_change: bool = True) -> Visit:
    """Return the open visit of a clerk, locked ``to_change`` it.

    Raises ``NotFound`` for anybody else's, ``VisitOver``.
    """
    lock = LOCK if to_change else None
    visit = db.get(Visit, visit_id, with_for_update=lock, populate_existing=True)
    if visit is None or visit.clerk_id != person_id:
        raise NotFound(visit=visit_id)
    if visit.closed_at is not None:
        raise VisitOver(state="closed", visit=visit_id)
    return visit


def of_clerk(db: Db, person_id: str) -> Visit | None:
    """Return the visit that a clerk has in hand, None when there is none."""
    return db.scalar(select(Visit).where(Visit.clerk_id == person_id, Visit.closed_at.is_(None)))


def open_at(db: Db, counter_id: str, *, to_change: bool = True) -> Visit | None:
    """Return the visit at a counter that the citizen was not let go from, None when there is none.

    It is locked ``to_change`` it.
    """
    # Not closed either, which says no more, but there is an index of those few.
    query = select(Visit).where(
        Visit.counter_id == counter_id, Visit.closed_at.is_(None), Visit.ended_at.is_(None)
    )
    if to_change:
        query = query.with_for_update(key_share=True).execution_options(populate_existing=True)
    return db.scalar(query)


def about_same_ticket(db: Db, visit_id: str) -> Visit | None:
    """Return the open visit of a visit's ticket: itself, or whoever has the ticket in hand now."""
    ticket = select(Visit.ticket_id).where(Visit.id == visit_id).scalar_subquery()
    return db.scalar(select(Visit).where(Visit.ticket_id == ticket, Visit.closed_at.is_(None)))


def on_screen(db: Db, counter: Counter) -> Visit | None:
    """Return the visit that a counter's screen shows: from the call until it was wiped."""
    if counter.state not in _ON_SCREEN:
        return None
    if counter.state is not CounterState.CLEANING:
        return open_at(db, counter.id, to_change=False)
    # Identifiers grow with time: the last ones are looked at first, and one of them it is.
    query = select(Visit).where(Visit.counter_id == counter.id)
    return db.scalar(query.order_by(Visit.id.desc()).limit(1))


def guard_ticket(db: Db, person: Person, ticket_id: str) -> None:
    """Raise ``NotFound`` unless the person's own open visit is about this ticket."""
    visit = of_clerk(db, person.id)
    if visit is None or visit.ticket_id != ticket_id:
        raise NotFound(ticket=ticket_id)


def steps_of(db: Db, visit: Visit) -> list[Step]:
    """Return the steps of a visit's ticket, in the order in which they are done."""
    services = {service.id: service.ordinal for service in visit.ticket.services}
    rows = db.scalars(select(Step).where(Step.service_id.in_(services)))
    return sorted(rows, key=lambda step: (services[step.service_id], step.ordinal))


def tell(db: Db, visit: Visit, past: str) -> None:
    """Announce ``visit:<past>`` with whom it concerns."""
    announce(db, f"visit:{past}", visit=visit.id, counter=visit.counter_id, clerk=visit.clerk_id)
