"""Scans, prints and actions that a clerk asks for in a visit, and what the citizen says to them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Literal

from sqlalchemy import select

from bridge.audit.rules import Actor
from bridge.core.db import Db
from bridge.core.errors import NotFound, Refused
from bridge.counters import jobs, screen
from bridge.counters.models import CounterDevice, DeviceJob
from bridge.counters.rules import BAD_ENDS
from bridge.documents import cards, signing, titles
from bridge.documents import service as documents
from bridge.documents.cards import Side
from bridge.documents.models import Document
from bridge.documents.papers import Field, FormText
from bridge.documents.rules import DocumentKind, DocumentState
from bridge.documents.service import Owner
from bridge.procedures.rules import LOOSE, RECEIPT, FormDefinition, StepDefinition
from bridge.tickets.errors import TicketElsewhere
from bridge.tickets.rules import IN_MEETING
from bridge.visits import finding, scanning, slips, steps
from bridge.visits.errors import DocumentUnfit, FormUnknown, PagesUnfit, VisitPaused
from bridge.visits.models import Step, Visit
from bridge.visits.tools import Tools
from counter_hooks.actions import DEVICE_PREFIX
from counter_hooks.model import Colour, Quality
from counter_hooks.page_ranges import last_page

# What the drawn form says besides the procedure's own texts.
_PLACE_AND_DATE = {"ca": "Lloc i data", "es": "Lugar y fecha", "en": "Place and date"}
_SIGNATURE = {"ca": "Firma", "es": "Firma", "en": "Signature"}


@dataclass(frozen=True, slots=True, kw_only=True)
class JobWish:
    """What a clerk wants a device to do; ``options`` left out are the step's, then the usual ones.

    ``quality`` says what a page is scanned for, instead of numbers.

    An action's ``device`` is ``action:<key>``, its ``options`` are what its form was filled with.

    ``document`` is the scan that pages are added to, or the form that is printed; ``replaces``
    the page that is scanned again, ``repeats`` the print that did not come out well; ``side`` the
    side of a card, whose earlier page it replaces; ``title`` what the citizen is to read of a paper
    that the clerk brought.
    """

    kind: Literal["scan", "print", "action"]
    device: str
    idempotency_key: str
    options: dict[str, Any] = field(default_factory=dict)
    quality: Quality | None = None
    step: str | None = None
    document: str | None = None
    replaces: str | None = None
    repeats: str | None = None
    side: Side | None = None
    form: str | None = None
    title: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class _Paper:
    document: Document | None
    purpose: str


def ask(db: Db, tools: Tools, visit: Visit, wish: JobWish, *, now: datetime) -> DeviceJob:
    """Ask for a scan, a print or an action; the same key gives the same job.

    Raises ``TicketElsewhere`` outside the meeting, ``VisitPaused``, ``DeviceAway``,
    ``DeviceIncapable``, ``ActionAway``, ``FormUnfit``, ``DocumentUnfit``, ``FormUnknown``,
    ``PagesUnfit``, ``NotFound``, ``JobElsewhere`` for the repetition of what did not end badly,
    ``Refused`` for the key of another visit's job, another step's action, or what no screen does.
    """
    earlier = _earlier(db, visit, wish.idempotency_key)
    if earlier is not None:
        return earlier
    require_meeting(visit)
    if visit.is_paused:
        raise VisitPaused(state="paused")
    step = steps.find(db, visit, wish.step) if wish.step else None
    definition = steps.definition_of(step, tools.procedures) if step else None
    case = _Case(wish, step, definition)
    paper = _paper(db, tools, visit, case, now=now)
    if wish.title is not None:
        titles.entitle(paper.document, wish.title)
    _require_pages(paper.document, wish)
    replaces, side = _side(db, wish, paper)
    wanted = jobs.JobRequest(
        counter_id=visit.counter_id,
        visit_id=visit.id,
        requested_by=visit.clerk_id,
        kind=wish.kind,
        device_id=wish.device,
        idempotency_key=wish.idempotency_key,
        options=_options(db, visit, case),
        purpose=paper.purpose,
        step_id=step.id if step else None,
        document_id=paper.document.id if paper.document else None,
        replaces_page_id=replaces,
        side=side,
        repeats_id=_repeated(db, visit, wish),
        needs_consent=not _has_consent(db, visit, case),
    )
    return jobs.request_job(db, wanted, now=now)


def _paper(db: Db, tools: Tools, visit: Visit, case: _Case, *, now: datetime) -> _Paper:
    if screen.is_of_screen(case.wish.device) and case.wish.kind != "scan":
        raise Refused(fields="kind")
    make = {"scan": _scanned, "print": _printed, "action": _acted}[case.wish.kind]
    if case.wish.device == screen.SIGNATURE:
        make = _signed
    return make(db, tools, visit, case, now=now)


def require_meeting(visit: Visit) -> None:
    """Raise ``TicketElsewhere`` unless the citizen is in the meeting."""
    if visit.ticket.state not in IN_MEETING:
        raise TicketElsewhere(state=visit.ticket.state, ticket=visit.ticket_id)


def title_key_of_brought(db: Db, visit: Visit) -> str:
    """Return what a paper is called before its clerk calls it anything: by the errand."""
    current = db.get(Step, visit.current_step_id) if visit.current_step_id else None
    service = current.service if current else visit.ticket.services[0]
    return f"{LOOSE}/{service.procedure_key}"


def _require_pages(document: Document | None, wish: JobWish) -> None:
    pages = wish.options.get("pages")
    has = document.page_count if document else None
    if wish.kind == "print" and isinstance(pages, str) and has and last_page(pages) > has:
        raise PagesUnfit(pages=has)


def consent(db: Db, tools: Tools, job: DeviceJob, *, allow: bool, now: datetime) -> None:
    """Let the citizen allow or refuse a job; some steps ask only once. Raises ``JobElsewhere``."""
    jobs.consent(db, job, allow=allow, now=now)
    step = db.get(Step, job.step_id) if job.step_id else None
    definition = steps.definition_of(step, tools.procedures) if step else None
    is_lasting = job.kind == "scan" and definition is not None and definition.is_asked_once
    if allow and step is not None and is_lasting:
        step.consented_at = now


def job_of_visit(db: Db, visit: Visit, job_id: str) -> DeviceJob:
    """Return a job of a visit, locked for a change. Raises ``NotFound``."""
    job = jobs.job_at(db, job_id, counter_id=visit.counter_id)
    if job.visit_id != visit.id:
        raise NotFound(job=job_id)
    return job


def job_on_screen(db: Db, counter_id: str, job_id: str) -> DeviceJob:
    """Return a job of the visit that a counter's citizen sits in. Raises ``NotFound``."""
    visit = finding.open_at(db, counter_id)
    if visit is None:
        raise NotFound(job=job_id)
    return job_of_visit(db, visit, job_id)


def cancel(db: Db, job: DeviceJob, clerk_id: str, *, now: datetime) -> None:
    """Stop a job. Raises ``JobElsewhere``."""
    jobs.cancel(db, job, actor=Actor("person", clerk_id), now=now)


@dataclass(frozen=True, slots=True)
class _Case:
    wish: JobWish
    step: Step | None
    definition: StepDefinition | None


def _earlier(db: Db, visit: Visit, key: str) -> DeviceJob | None:
    earlier = db.scalar(
        select(DeviceJob).where(
            DeviceJob.counter_id == visit.counter_id, DeviceJob.idempotency_key == key
        )
    )
    if earlier is not None and earlier.visit_id != visit.id:
        raise Refused(fields="idempotency_key")
    return earlier


def _scanned(db: Db, _tools: Tools, visit: Visit, case: _Case, *, now: datetime) -> _Paper:
    document = _scan_document(db, visit, case)
    service_key = case.step.service.procedure_key if case.step else ""
    if document is None:
        title_key = f"{service_key}/{case.step.key}" if case.step else LOOSE
        document = documents.begin_scan(db, owner=owner_of(visit), title_key=title_key, now=now)
    if case.step is not None:
        case.step.document_id = document.id
    wanted = case.definition.scan if case.definition else None
    return _Paper(document=document, purpose=wanted.purpose if wanted else LOOSE)


def _signed(db: Db, tools: Tools, visit: Visit, case: _Case, *, now: datetime) -> _Paper:
    definition = case.definition
    if definition is None or not tools.procedures.is_signed_on_screen(definition):
        raise Refused(fields="step")
    paper = _scanned(db, tools, visit, case, now=now)
    return _Paper(document=paper.document, purpose=str(definition.form))


def _side(db: Db, wish: JobWish, paper: _Paper) -> tuple[str | None, Side | None]:
    """Return the page that is scanned again, and which side of a card it is."""
    if wish.side is not None and wish.kind != "scan":
        raise Refused(fields="side")
    sides = cards.sides_of(paper.document, db) if paper.document else {}
    if wish.replaces is not None:
        was = next((side for side, page in sides.items() if page.id == wish.replaces), None)
        return wish.replaces, was
    earlier = sides.get(wish.side) if wish.side else None
    return (earlier.id if earlier else None), wish.side


def _scan_document(db: Db, visit: Visit, case: _Case) -> Document | None:
    identifier = case.wish.document or (case.step.document_id if case.step else None)
    if case.wish.replaces is not None:
        page = documents.find_page(db, case.wish.replaces)
        if identifier not in (None, page.document_id):
            raise NotFound(page=page.id)
        identifier = page.document_id
    if identifier is None:
        return None
    document = _of_ticket(db, visit, identifier)
    if document.kind is not DocumentKind.SCAN:
        raise DocumentUnfit(state=document.state, document=document.id)
    return document


def _printed(db: Db, tools: Tools, visit: Visit, case: _Case, *, now: datetime) -> _Paper:
    if case.wish.document is not None:
        document = _of_ticket(db, visit, case.wish.document)
        if document.kind is not DocumentKind.FORM:
            raise DocumentUnfit(state=document.state, document=document.id)
        return _Paper(document=document, purpose="form")
    form_key = case.wish.form or (case.definition.form if case.definition else None)
    return _Paper(document=draw(db, tools, visit, form_key, now=now), purpose="form")


def draw(db: Db, tools: Tools, visit: Visit, form_key: str | None, *, now: datetime) -> Document:
    """Return a form of the visit's procedures as a document, drawn once. Raises ``FormUnknown``.

    The form is blank and the same every time: a second print needs no second document. The receipt
    of the visit itself is drawn anew when the visit has changed.
    """
    if form_key == RECEIPT:
        return slips.receipt(db, tools, visit, now=now)
    form = next(
        (
            found
            for service in visit.ticket.services
            if form_key
            and (procedure := tools.procedures.find(service.procedure_key))
            and (found := procedure.form_by_key(form_key))
        ),
        None,
    )
    if form is None:
        raise FormUnknown(form=form_key)
    return _kept_form(db, visit, form.key) or documents.make_form(
        db,
        tools.store,
        owner=owner_of(visit),
        title_key=form.key,
        form=form_text(visit, form),
        now=now,
    )


def _repeated(db: Db, visit: Visit, wish: JobWish) -> str | None:
    if wish.repeats is None:
        return None
    before = job_of_visit(db, visit, wish.repeats)
    if before.kind != wish.kind or before.state not in BAD_ENDS:
        raise jobs.JobElsewhere(state=before.state, job=before.id)
    return before.id


def _acted(_db: Db, _tools: Tools, _visit: Visit, case: _Case, *, now: datetime) -> _Paper:
    key = case.wish.device.removeprefix(DEVICE_PREFIX)
    wanted = case.definition.action if case.definition else None
    if case.step is not None and wanted != key:
        raise Refused(fields="step")
    return _Paper(document=None, purpose=key)


def form_text(visit: Visit, form: FormDefinition) -> FormText:
    """Return a form in the language that the citizen chose, ready to be drawn."""
    language = visit.ticket.language
    return FormText(
        office=visit.ticket.office.name,
        title=form.title.plain()[language],
        reference=f"{visit.ticket.number} · {visit.ticket.day:%d/%m/%Y}",
        fields=tuple(
            Field(label=one.label.plain()[language], lines=one.lines) for one in form.fields
        ),
        declaration=form.declaration.plain()[language],
        place_and_date=_PLACE_AND_DATE[language],
        signature=_SIGNATURE[language],
    )


def _kept_form(db: Db, visit: Visit, form_key: str) -> Document | None:
    query = select(Document).where(
        Document.ticket_id == visit.ticket_id,
        Document.kind == DocumentKind.FORM,
        Document.title_key == form_key,
        Document.state != DocumentState.ERASED,
    )
    return db.scalar(query.limit(1))


def _of_ticket(db: Db, visit: Visit, document_id: str) -> Document:
    document = documents.find(db, document_id)
    if document.ticket_id != visit.ticket_id:
        raise NotFound(document=document_id)
    if document.state is DocumentState.ERASED:
        raise DocumentUnfit(state=document.state, document=document_id)
    return document


def _options(db: Db, visit: Visit, case: _Case) -> Mapping[str, Any]:
    wish, scan = case.wish, case.definition.scan if case.definition else None
    if wish.kind == "action":
        return wish.options
    if wish.device == screen.CAMERA:
        return {}
    if wish.device == screen.SIGNATURE:
        size = {"width_mm": signing.WIDTH_MM, "height_mm": signing.HEIGHT_MM}
        return {"resolution_dpi": signing.DPI, **size}
    device = db.get(CounterDevice, (visit.counter_id, wish.device))
    if wish.kind == "scan":
        return {**scanning.usual_options(scan, device, wish.quality), **wish.options}
    colours = (device.description.get("colours") if device else None) or [Colour.COLOUR.value]
    best = Colour.COLOUR.value if Colour.COLOUR.value in colours else colours[0]
    return {"colour": best, **wish.options}


def _has_consent(db: Db, visit: Visit, case: _Case) -> bool:
    step, definition = case.step, case.definition
    if step is None or definition is None or step.consented_at is None:
        return False
    if case.wish.kind != "scan" or not definition.is_asked_once:
        return False
    # A page that was refused or never finished ends what was allowed before it.
    return not jobs.has_ended_badly(db, visit_id=visit.id, step_id=step.id, since=step.consented_at)


def owner_of(visit: Visit) -> Owner:
    """Return whom what is made in a visit belongs to."""
    return Owner(visit_id=visit.id, ticket_id=visit.ticket_id)
