"""Giving out tickets: a number a day and office, one at a counter, once for each intent."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func, select

from bridge.audit.rules import Actor, Tag
from bridge.core.db import LOCK, Db
from bridge.core.ids import digest, new_id
from bridge.counters.models import Counter
from bridge.offices.models import Office
from bridge.offices.service import is_office_open
from bridge.procedures.service import Procedures
from bridge.tickets.errors import OfficeClosed, TicketEmpty
from bridge.tickets.models import Service, Ticket
from bridge.tickets.rules import MOST_SERVICES, NORMAL, TicketState, number_text
from bridge.tickets.service import begin_period, check_free, day_of, record, tell

LETTER = "A"


@dataclass(frozen=True, slots=True, kw_only=True)
class NewTicket:
    """What a ticket is asked for with.

    ``counter_id`` is where the citizen sits. The key is new for each intent; it counts within its
    counter.
    """

    office_id: str
    counter_id: str | None
    language: str
    procedures: tuple[str, ...]
    idempotency_key: str
    priority: int = NORMAL


def issue(
    db: Db, wanted: NewTicket, offered: Procedures, *, actor: Actor, now: datetime
) -> tuple[Ticket, bool]:
    """Give out a ticket, and say whether it is new: the same key gives the same one.

    Raises ``ProcedureUnknown``, ``TicketEmpty``, ``OfficeClosed``, ``CounterNotReady``,
    ``CounterTaken``.
    """
    # The office's row is the one that gives out numbers: whoever issues waits for it.
    office = db.get_one(Office, wanted.office_id, with_for_update=LOCK)
    key = digest(f"{wanted.counter_id} {wanted.idempotency_key}")
    earlier = db.scalar(
        select(Ticket).where(Ticket.office_id == office.id, Ticket.idempotency_key == key)
    )
    if earlier is not None:
        return earlier, False
    keys = tuple(dict.fromkeys(wanted.procedures))
    if not 1 <= len(keys) <= MOST_SERVICES:
        raise TicketEmpty(most=MOST_SERVICES)
    for procedure in keys:
        offered.at(procedure)
    if not is_office_open(office, now=now):
        raise OfficeClosed(state="closed")
    if wanted.counter_id is not None:
        check_free(db, db.get_one(Counter, wanted.counter_id))
    ticket = _new(db, office, wanted, now=now)
    ticket.idempotency_key = key
    ticket.services = [
        Service(id=new_id(now), ordinal=number, procedure_key=procedure)
        for number, procedure in enumerate(keys, start=1)
    ]
    db.add(ticket)
    db.flush()
    begin_period(db, ticket, now=now)
    record(db, ticket, Tag.TICKET_ISSUED, actor, {"priority": ticket.priority}, now=now)
    tell(db, ticket, "issued")
    return ticket, True


def _new(db: Db, office: Office, wanted: NewTicket, *, now: datetime) -> Ticket:
    day = day_of(office, now).date()
    last = db.scalar(
        select(func.max(Ticket.ordinal)).where(Ticket.office_id == office.id, Ticket.day == day)
    )
    ordinal = (last or 0) + 1
    return Ticket(
        id=new_id(now),
        office_id=office.id,
        day=day,
        ordinal=ordinal,
        number=number_text(LETTER, ordinal),
        counter_id=wanted.counter_id,
        language=wanted.language,
        state=TicketState.WAITING,
        version=0,
        priority=wanted.priority,
        calls=0,
        issued_at=now,
    )
