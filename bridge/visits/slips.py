"""Numbers and receipts, on the printer of the counter that is there for them."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import select

from bridge.audit.rules import SYSTEM
from bridge.core.db import Db
from bridge.counters import jobs
from bridge.counters.models import IS_OPEN, CounterDevice, DeviceJob
from bridge.counters.rules import JobState
from bridge.documents import service as documents
from bridge.documents.models import Document
from bridge.documents.rules import DocumentState
from bridge.documents.service import Owner
from bridge.documents.slips import Slip, slip_pdf
from bridge.procedures.rules import RECEIPT, TICKET
from bridge.tickets.models import Ticket
from bridge.tickets.rules import TicketState
from bridge.tickets.service import day_of
from bridge.visits.models import Visit
from bridge.visits.tools import Tools
from counter_hooks.model import Capability, Colour

_CALLED = {
    "ca": "El cridarem en la pantalla d'este lloc.",
    "es": "Le llamaremos en la pantalla de este puesto.",
    "en": "We will call you on the screen of this place.",
}
_NO_PROOF = {
    "ca": "Este paper diu que va ser atés. No substituïx el justificant de registre.",
    "es": "Este papel dice que fue atendido. No sustituye al justificante de registro.",
    "en": "This paper says that you were served. It does not replace a registry receipt.",
}


def order_ticket(db: Db, tools: Tools, ticket: Ticket, *, now: datetime) -> DeviceJob | None:
    """Have a ticket's number printed once, where the counter has a printer for it.

    Nobody is asked: who took the number did so with the touch that this follows.
    """
    device = _printer(db, ticket.counter_id) if ticket.counter_id else None
    if device is None:
        return None
    slip = _slip(tools, ticket, TICKET, at=ticket.issued_at, notice=_CALLED[ticket.language])
    # There is no visit yet: the key of the paper's file is the ticket's own.
    owner = Owner(visit_id=ticket.id, ticket_id=ticket.id)
    document = _kept(db, tools, slip, owner=owner, title_key=TICKET, now=now)
    wanted = jobs.JobRequest(
        counter_id=device.counter_id,
        visit_id=None,
        requested_by=None,
        kind="print",
        device_id=device.id,
        idempotency_key=f"ticket-{ticket.id}",
        options={"colour": _colour(device)},
        purpose=TICKET,
        document_id=document.id,
        needs_consent=False,
    )
    return jobs.request_job(db, wanted, now=now)


def withdraw_late(db: Db, *, now: datetime) -> None:
    """Print no number any more that waits for a person at the printer, and nobody waits with."""
    query = (
        select(DeviceJob.id, DeviceJob.counter_id)
        .join(Document, Document.id == DeviceJob.document_id)
        .join(Ticket, Ticket.id == Document.ticket_id)
        .where(
            IS_OPEN,
            DeviceJob.state == JobState.NEEDS_ATTENTION,
            DeviceJob.visit_id.is_(None),
            Document.title_key == TICKET,
            Ticket.state != TicketState.WAITING,
        )
        .order_by(DeviceJob.requested_at, DeviceJob.id)
    )
    for job_id, counter_id in db.execute(query).all():
        job = jobs.job_at(db, job_id, counter_id=counter_id)
        if job.state is JobState.NEEDS_ATTENTION:
            jobs.cancel(db, job, actor=SYSTEM, now=now)


def receipt(db: Db, tools: Tools, visit: Visit, *, now: datetime) -> Document:
    """Return the receipt of a visit as it is now; unchanged, it is the same document."""
    ticket, owner = visit.ticket, Owner(visit_id=visit.id, ticket_id=visit.ticket_id)
    at = visit.started_at or now
    slip = _slip(tools, ticket, RECEIPT, at=at, notice=_NO_PROOF[ticket.language])
    return _kept(db, tools, slip, owner=owner, title_key=RECEIPT, now=now)


def _printer(db: Db, counter_id: str) -> CounterDevice | None:
    query = select(CounterDevice).where(
        CounterDevice.counter_id == counter_id, CounterDevice.is_present
    )
    known = [
        device
        for device in db.scalars(query.order_by(CounterDevice.id))
        if device.description.get("is_for_tickets") is True
        and Capability.PRINT in device.description.get("capabilities", ())
    ]
    # One that waits for a person prints later; another that does not is better.
    return min(known, key=lambda device: device.attention is not None, default=None)


def _colour(device: CounterDevice) -> str:
    offered = device.description.get("colours") or [Colour.GREY.value]
    return Colour.GREY.value if Colour.GREY in offered else str(offered[0])


def _slip(tools: Tools, ticket: Ticket, kind: str, *, at: datetime, notice: str) -> Slip:
    language = ticket.language
    titles = [tools.procedures.title_of_procedure(one.procedure_key) for one in ticket.services]
    return Slip(
        office=ticket.office.name,
        title=tools.procedures.title_of(kind)[language],
        number=ticket.number,
        lines=(f"{day_of(ticket.office, at):%d/%m/%Y %H:%M}", *(one[language] for one in titles)),
        notice=notice,
    )


def _kept(
    db: Db, tools: Tools, slip: Slip, *, owner: Owner, title_key: str, now: datetime
) -> Document:
    sheets = slip_pdf(slip)
    before = db.scalar(
        select(Document)
        .where(
            Document.visit_id == owner.visit_id,
            Document.title_key == title_key,
            Document.state != DocumentState.ERASED,
        )
        .order_by(Document.id.desc())
        .limit(1)
    )
    if before is not None and before.sha256 == sheets.sha256:
        return before
    return documents.keep_sheets(
        db, tools.store, sheets, owner=owner, title_key=title_key, actor=SYSTEM, now=now
    )
