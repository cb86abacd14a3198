"""What desk and kiosk are shown, as plain values."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import datetime

from sqlalchemy import select

from bridge.core.db import Db
from bridge.counters import offers, screen, turns
from bridge.counters.models import Counter, CounterDevice, DeviceJob
from bridge.counters.rules import JobState
from bridge.counters.screen import ScreenTool, is_of_screen
from bridge.counters.service import is_agent_there
from bridge.documents import cards, titles
from bridge.documents import service as documents
from bridge.helpers import service as helpers
from bridge.helpers.models import HelpRequest
from bridge.meetings import Side, rooms
from bridge.offices.models import Person
from bridge.procedures.rules import RECEIPT, Layout, Procedure, StepDefinition
from bridge.procedures.service import Procedures
from bridge.tickets.models import Service, Ticket
from bridge.visits import finding, presence, scanning
from bridge.visits.models import Step, Visit
from bridge.visits.tools import Tools
from counter_hooks.model import Source
from counter_hooks.steps import Proof
from counter_hooks.texts import Text
from counter_hooks.wire import ActionEntry, encode

Plain = dict[str, object]
Translate = Callable[[str, dict[str, object]], str]


def of_visit(db: Db, tools: Tools, visit: Visit, *, translate: Translate, now: datetime) -> Plain:
    """Return a visit as its clerk sees it; ``translate`` gives texts in the clerk's language."""
    ticket, counter = visit.ticket, visit.counter
    request = helpers.open_at(db, visit.counter_id)
    offered = tools.procedures
    steps = finding.steps_of(db, visit)
    return {
        "id": visit.id,
        "ticket": {
            "id": ticket.id,
            "number": ticket.number,
            "state": ticket.state,
            "language": ticket.language,
            "called_at": ticket.called_at,
            "calls": ticket.calls,
            "note": ticket.note,
        },
        "counter": counter_brief(counter),
        "is_met": visit.met_at is not None,
        "is_paused": visit.is_paused,
        "camera": visit.camera,
        "camera_fault": visit.camera_fault,
        "ended_at": visit.ended_at,
        "started_at": visit.started_at,
        "citizen_joined": visit.citizen_joined_at is not None,
        "clerk_joined": visit.clerk_joined_at is not None,
        "provider": visit.provider,
        "phone": tools.meetings.phone_of(counter.key),
        "refusals": refusals(db, visit),
        "others": others_in(db, visit),
        "services": [_service(one, steps, offered) for one in ticket.services],
        "current_step": visit.current_step_id,
        "devices": [_device(device) for device in _devices(db, counter.id)],
        **_offered(db, tools, counter),
        "jobs": jobs_of(db, visit, offered, for_clerk=True),
        "documents": _documents(db, visit, steps, offered=offered, translate=translate),
        **_papers(tools, ticket),
        "help": {**help_of(request), "reason": request.reason} if request else None,
        "agent": is_agent_there(counter, now=now),
    }


def refusals(db: Db, visit: Visit) -> dict[str, str | None]:
    """Return why the meeting server keeps a side out that is not in the meeting."""
    found = presence.refusals_of(db, visit) if visit.provider == "jitsi" else {}
    sides: tuple[Side, ...] = ("citizen", "clerk")
    return {side: None if presence.is_there(visit, side) else found.get(side) for side in sides}


def others_in(db: Db, visit: Visit) -> list[str]:
    """Return who else is in the meeting: a helper, an interpreter, a supervisor."""
    found = rooms.places_in(db, visit.room) if visit.provider == "jitsi" else set()
    return sorted(found - {"citizen", "clerk"})


def _offered(db: Db, tools: Tools, counter: Counter) -> Plain:
    offer = offers.of(counter)
    plain = encode(offer)
    off = {*offer.plugins_off, *tools.plugins_off()}
    return {
        "actions": [
            {**described, "device": action.device}
            for described, action in zip(plain["actions"], offer.actions, strict=True)
        ],
        "filters": plain["filters"],
        "plugins_off": sorted(off),
        "is_safe": offer.is_safe,
        "troubles": offer.troubles,
        "can_sign": screen.can(db, counter.id, ScreenTool.SIGNATURE),
        "can_photograph": screen.can(db, counter.id, ScreenTool.CAMERA),
    }


def jobs_of(db: Db, visit: Visit, offered: Procedures, *, for_clerk: bool = False) -> list[Plain]:
    """Return the jobs of a visit, for the citizen oldest first, for the clerk newest first.

    What an action said, and what was asked of it, is the clerk's alone.
    """
    rows = _job_rows(db, visit)
    if for_clerk:
        rows.reverse()
    actions = {one.device: one for one in offers.of(visit.counter).actions}
    names = {device.id: device.name for device in _devices(db, visit.counter_id)}
    asked_once = _asked_once(db, visit, offered) if rows else frozenset()
    titles = _form_titles(db, rows, offered)
    return [
        {
            "id": job.id,
            "visit": job.visit_id,
            "kind": job.kind,
            "state": job.state,
            "reason": job.reason,
            "purpose": job.purpose,
            "title": titles.get(job.id),
            "device": {"id": job.device_id, "name": names.get(job.device_id, job.device_id)},
            "pages": job.pages,
            "side": job.side,
            "replaces": job.replaces_page_id,
            "options": job.options if for_clerk or job.kind != "action" else {},
            "document": job.document_id,
            "step": job.step_id,
            "is_for_all_pages": _is_for_all_pages(job, asked_once),
            "awaits_page": turns.awaited_page(job),
            "requested_at": job.requested_at,
            "changed_at": job.changed_at,
            "clerk": visit.clerk.name,
            **_signed(job, offered),
            **(_action(job, actions.get(job.device_id)) if job.kind == "action" else {}),
            **(_told(job) if for_clerk else {}),
        }
        for job in rows
    ]


def _job_rows(db: Db, visit: Visit) -> list[DeviceJob]:
    ours = select(DeviceJob).where(DeviceJob.visit_id == visit.id)
    return list(db.scalars(ours.order_by(DeviceJob.requested_at, DeviceJob.id)))


def _is_for_all_pages(job: DeviceJob, asked_once: frozenset[str]) -> bool:
    is_page_by_page = job.options.get("page_by_page") is True
    return job.kind == "scan" and (is_page_by_page or job.step_id in asked_once)


def left_behind(db: Db, visit: Visit) -> list[str]:
    """Return where the citizen's papers may lie still: ``tray``, ``glass``, ``feeder``."""
    places = {_place(job) for job in _job_rows(db, visit) if job.reported}
    return [place for place in ("tray", "glass", "feeder") if place in places]


def _place(job: DeviceJob) -> str | None:
    if job.kind == "action" or is_of_screen(job.device_id):
        return None
    if job.kind == "print":
        # Whoever says that the paper came out has it in hand.
        return None if job.state is JobState.CONFIRMED else "tray"
    return "glass" if job.options.get("source", Source.GLASS) == Source.GLASS else "feeder"


def _action(job: DeviceJob, action: ActionEntry | None) -> Plain:
    known = {"title": action.title, "consent": action.consent} if action else {}
    keyed = _keyed(job.purpose)
    return {name: known[name].plain() if name in known else keyed for name in ("title", "consent")}


def _signed(job: DeviceJob, offered: Procedures) -> Plain:
    """Return what is signed on the screen, nothing for another job."""
    form = offered.form(job.purpose) if job.device_id == screen.SIGNATURE else None
    return {"signs": form.declaration.plain(), "title": form.title.plain()} if form else {}


def _told(job: DeviceJob) -> Plain:
    return {
        "answer": job.answer or {},
        "dropped": job.facts.get("pages_dropped", 0),
        "filters_failed": job.facts.get("filters_failed", ""),
        "may_lie_there": _may_lie_there(job),
    }


def _may_lie_there(job: DeviceJob) -> bool:
    # What the agent had taken up may have been out before it was stopped.
    return job.kind == "print" and job.state is JobState.CANCELLED and bool(job.reported)


def _form_titles(
    db: Db, rows: Iterable[DeviceJob], offered: Procedures
) -> dict[str, dict[str, str]]:
    forms = {job.id: job.document_id for job in rows if job.kind == "print" and job.document_id}
    found = titles.of_all(db, set(forms.values()), offered.title_of)
    return {job: found[form] for job, form in forms.items() if form in found}


def _asked_once(db: Db, visit: Visit, offered: Procedures) -> frozenset[str]:
    definitions = {step.id: _definition(step, offered) for step in finding.steps_of(db, visit)}
    return frozenset(key for key, one in definitions.items() if one and one.is_asked_once)


def counter_brief(counter: Counter) -> Plain:
    """Return a counter by key and name, and what it is doing."""
    return {"key": counter.key, "name": counter.name, "state": counter.state}


def help_of(request: HelpRequest) -> Plain:
    """Return a help request as kiosk and desk show it."""
    return {"id": request.id, "state": request.state}


def procedure_card(procedure: Procedure) -> Plain:
    """Return a procedure as the kiosk offers it."""
    return {
        "key": procedure.key,
        "title": procedure.title.plain(),
        "summary": procedure.summary.plain(),
        "icon": procedure.icon,
        "minutes": procedure.minutes,
    }


def step_for_citizen(db: Db, visit: Visit, offered: Procedures) -> Plain | None:
    """Return the current step as the citizen reads it, None when there is none."""
    rows = finding.steps_of(db, visit)
    for position, step in enumerate(rows, start=1):
        if step.id == visit.current_step_id:
            definition = _definition(step, offered)
            is_card = definition and definition.scan and definition.scan.layout is Layout.CARD
            card = cards.wanted(db, step.document_id) if is_card else None
            texts = _texts(step, definition)
            return {**texts, "id": step.id, "card": card, "position": position, "total": len(rows)}
    return None


def _service(service: Service, steps: Iterable[Step], offered: Procedures) -> Plain:
    return {
        "id": service.id,
        "procedure": service.procedure_key,
        "title": offered.title_of_procedure(service.procedure_key),
        "outcome": service.outcome,
        "steps": [_step(step, offered) for step in steps if step.service_id == service.id],
    }


def _step(step: Step, offered: Procedures) -> Plain:
    definition = _definition(step, offered)
    scan = definition.scan if definition else None
    return {
        "id": step.id,
        **_texts(step, definition),
        "prompt": definition.prompt.plain() if definition else _keyed(""),
        "state": step.state,
        "note": step.note,
        "document": step.document_id,
        "scan": {
            "purpose": scan.purpose,
            "quality": scanning.quality_of(scan),
            "page_by_page": scan.page_by_page,
            "resolution_dpi": scan.resolution_dpi,
            "colour": scan.colour,
            "source": scan.source,
            "layout": scan.layout,
        }
        if scan
        else None,
        "form": definition.form if definition else None,
        "action": definition.action if definition else None,
        "is_signed": offered.is_signed_on_screen(definition) if definition else False,
        "proof": offered.proof_of(definition) if definition else Proof.NOTHING,
    }


def _texts(step: Step, definition: StepDefinition | None) -> Plain:
    if definition is None:  # the procedure has changed since
        texts: Plain = {"kind": "information", "title": _keyed(step.key), "text": _keyed("")}
        return {"key": step.key, **texts, "picture": "document"}
    return {
        "key": step.key,
        "kind": definition.kind,
        "title": definition.title.plain(),
        "text": definition.text.plain(),
        "picture": definition.picture,
    }


_DESCRIBED: Plain = {
    "capabilities": [],
    "sources": [],
    "resolutions_dpi": [],
    "colours": [],
    "sides": [],
    "papers": [],
    "scalings": [],
    "can_staple": False,
    "takes_pages": False,
    "is_for_tickets": False,
}
"""What an agent may have told of a device, and what holds when it did not."""


def _device(device: CounterDevice) -> Plain:
    return {
        "id": device.id,
        "name": device.name,
        **{name: device.description.get(name, usual) for name, usual in _DESCRIBED.items()},
        "qualities": scanning.qualities_of(device),
        "last_choice": device.last_choice,
        "attention": device.attention,
        "is_present": device.is_present,
    }


def _devices(db: Db, counter_id: str) -> list[CounterDevice]:
    query = select(CounterDevice).where(
        CounterDevice.counter_id == counter_id, CounterDevice.driver != screen.DRIVER
    )
    return list(db.scalars(query.order_by(CounterDevice.name, CounterDevice.id)))


def _documents(
    db: Db, visit: Visit, steps: Iterable[Step], *, offered: Procedures, translate: Translate
) -> list[Plain]:
    step_of = {step.document_id: step.id for step in steps if step.document_id}
    found = documents.views(
        db, ticket_id=visit.ticket_id, title=offered.title_of, translate=translate
    )
    return [{**one, "step": step_of.get(str(one["id"]))} for one in found]


def _papers(tools: Tools, ticket: Ticket) -> Plain:
    """Return what may be printed, and how long all papers are kept."""
    return {
        "forms": _forms(ticket, tools.procedures),
        "documents_days": tools.documents_days,
    }


def _forms(ticket: Ticket, offered: Procedures) -> list[Plain]:
    procedures = [offered.find(service.procedure_key) for service in ticket.services]
    forms: list[Plain] = [
        {"key": form.key, "title": form.title.plain()}
        for procedure in procedures
        if procedure
        for form in procedure.form
    ]
    return [*forms, {"key": RECEIPT, "title": offered.title_of(RECEIPT)}]


def _definition(step: Step, offered: Procedures) -> StepDefinition | None:
    procedure = offered.find(step.service.procedure_key)
    return procedure.step_by_key(step.key) if procedure else None


def _keyed(text: str) -> dict[str, str]:
    return Text(ca=text, es=text, en=text).plain()


def person_brief(person: Person) -> Plain:
    """Return a colleague by id and name, and what they are doing."""
    return {"id": person.id, "name": person.name, "state": person.state}
