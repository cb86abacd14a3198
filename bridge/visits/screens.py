"""The whole state of a kiosk, a desk and the hall; a page that lost its link asks for nothing else."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import select

from bridge.core.db import Db
from bridge.counters.models import Counter
from bridge.counters.rules import OPEN_JOBS, JobState
from bridge.counters.service import is_agent_there
from bridge.helpers import service as helpers
from bridge.helpers.models import HelpRequest
from bridge.offices.models import Office, Person
from bridge.offices.rules import RIGHTS, SERVES, may
from bridge.offices.service import clerks_on_duty, is_office_open
from bridge.procedures.service import Procedures
from bridge.tickets import service as tickets
from bridge.tickets import waiting
from bridge.tickets.models import Ticket
from bridge.tickets.rules import TicketState
from bridge.visits import finding, guests, presence, views
from bridge.visits.models import Visit
from bridge.visits.tools import Tools
from bridge.visits.views import Plain, Translate


def kiosk_state(db: Db, tools: Tools, counter_id: str, *, now: datetime) -> Plain:
    """Return the KioskState of a counter."""
    counter = db.get_one(Counter, counter_id, populate_existing=True)
    office = counter.office
    visit = finding.on_screen(db, counter)
    ticket = tickets.open_at(db, counter.id) or (visit.ticket if visit else None)
    request = helpers.open_at(db, counter.id)
    return {
        "now": now,
        "counter": views.counter_brief(counter),
        "office": {
            "name": office.name,
            "is_open": is_office_open(office, now=now),
            "waiting": waiting.count_waiting(db, office.id),
            "clerks": clerks_on_duty(db, office.id),
        },
        "procedures": [views.procedure_card(one) for one in tools.procedures],
        "ticket": _kiosk_ticket(db, ticket) if ticket else None,
        "visit": _kiosk_visit(db, tools, visit) if visit else None,
        **_kiosk_jobs(db, tools, visit),
        "help": views.help_of(request) if request else None,
    }


def desk_state(
    db: Db, tools: Tools, person_id: str, *, translate: Translate, now: datetime
) -> Plain:
    """Return the DeskState of a clerk."""
    person = db.get_one(Person, person_id, populate_existing=True)
    office = person.office
    visit = finding.of_clerk(db, person.id)
    return {
        "now": now,
        "clerk": {
            "id": person.id,
            "name": person.name,
            "role": person.role,
            "state": person.state,
            "rights": sorted(right for right in RIGHTS if may(person.role, right)),
        },
        "office": {
            "id": office.id,
            "name": office.name,
            "is_open": is_office_open(office, now=now),
        },
        "queue": [
            _queue_row(ticket, tools.procedures) for ticket in waiting.queue(db, office, now=now)
        ],
        "counters": _counters(db, office, now=now),
        "colleagues": _colleagues(db, person),
        "meeting": {**tools.health.state.plain(), "choices": list(tools.meetings.choices)},
        "visit": views.of_visit(db, tools, visit, translate=translate, now=now) if visit else None,
    }


def helper_state(db: Db, tools: Tools, person_id: str, *, now: datetime) -> Plain:
    """Return the HelperState of somebody in the hall."""
    person = db.get_one(Person, person_id)
    counters = db.scalars(
        select(Counter).where(Counter.office_id == person.office_id).order_by(Counter.key)
    )
    missed = [
        _whom(ticket, tools.procedures)
        for ticket in waiting.queue(db, person.office, now=now)
        if ticket.state is TicketState.NO_SHOW
    ]
    ways_in = _ways_in(db, person)
    return {
        "now": now,
        "counters": [
            {**_hall_counter(counter, now=now), "way_in": ways_in.get(counter.id)}
            for counter in counters
        ],
        "requests": [
            {**_request(db, tools, one, now=now), "way_in": ways_in.get(one.counter_id)}
            for one in helpers.open_in(db, person.office_id)
        ],
        "missed": missed if may(person.role, "ticket:reinstate") else [],
    }


def _ways_in(db: Db, person: Person) -> dict[str, str]:
    """Return by which addresses somebody may join the meetings that go on, by their counters."""
    for right, whose in (("meeting:help", "helper"), ("meeting:oversee", "office")):
        if may(person.role, right):
            going = guests.meetings_in(db, person.office_id)
            return {at: f"/api/{whose}/visits/{visit}/meeting" for at, visit in going.items()}
    return {}


def _request(db: Db, tools: Tools, request: HelpRequest, *, now: datetime) -> Plain:
    helper = db.get(Person, request.helper_id) if request.helper_id else None
    visit = finding.on_screen(db, request.counter)
    ticket = tickets.open_at(db, request.counter_id) or (visit.ticket if visit else None)
    return {
        "id": request.id,
        "counter": _hall_counter(request.counter, now=now),
        "reason": request.reason,
        "detail": request.detail,
        "state": request.state,
        "raised_at": request.raised_at,
        "helper": helper.name if helper else None,
        "ticket": _whom(ticket, tools.procedures) if ticket else None,
    }


def _hall_counter(counter: Counter, *, now: datetime) -> Plain:
    return {**views.counter_brief(counter), "agent": is_agent_there(counter, now=now)}


def _whom(ticket: Ticket, offered: Procedures) -> Plain:
    """Return whom a helper meets: a number, a language, an errand."""
    return {
        "id": ticket.id,
        "number": ticket.number,
        "language": ticket.language,
        "procedures": _errands(ticket, offered),
    }


def _errands(ticket: Ticket, offered: Procedures) -> list[Plain]:
    return [
        {"key": one.procedure_key, "title": offered.title_of_procedure(one.procedure_key)}
        for one in ticket.services
    ]


def _kiosk_ticket(db: Db, ticket: Ticket) -> Plain:
    is_waiting = ticket.state is TicketState.WAITING
    return {
        "id": ticket.id,
        "number": ticket.number,
        "state": ticket.state,
        "language": ticket.language,
        "ahead": waiting.ahead_of(db, ticket) if is_waiting else 0,
        "procedures": [service.procedure_key for service in ticket.services],
        "called_at": ticket.called_at,
    }


def _kiosk_visit(db: Db, tools: Tools, visit: Visit) -> Plain:
    return {
        "id": visit.id,
        "clerk": visit.clerk.name,
        "is_met": visit.met_at is not None,
        "is_paused": visit.is_paused,
        "camera": visit.camera,
        "provider": visit.provider,
        "script": tools.meetings.script if visit.provider == "jitsi" else None,
        "is_talking": visit.provider == "phone" and presence.is_there(visit, "citizen"),
        "refusal": views.refusals(db, visit)["citizen"],
        "others": views.others_in(db, visit),
        "step": views.step_for_citizen(db, visit, tools.procedures),
        "left_behind": views.left_behind(db, visit) if visit.ended_at is not None else [],
    }


def _kiosk_jobs(db: Db, tools: Tools, visit: Visit | None) -> Plain:
    if visit is None or visit.ended_at is not None:
        return {"jobs": [], "last_job": None}
    jobs = views.jobs_of(db, visit, tools.procedures)
    shown = [job for job in jobs if job["state"] in OPEN_JOBS or _awaits_paper(job)]
    ended = [job for job in jobs if job not in shown]
    return {
        "jobs": shown,
        "last_job": max(ended, key=lambda job: str(job["changed_at"]), default=None),
    }


def _awaits_paper(job: Plain) -> bool:
    return job["kind"] == "print" and job["state"] == JobState.PRODUCED


def _queue_row(ticket: Ticket, offered: Procedures) -> Plain:
    counter = ticket.counter
    return {
        "id": ticket.id,
        "number": ticket.number,
        "state": ticket.state,
        "version": ticket.version,
        "priority": ticket.priority,
        "issued_at": ticket.issued_at,
        "language": ticket.language,
        "counter": {"key": counter.key, "name": counter.name} if counter else None,
        "procedures": _errands(ticket, offered),
        "clerk": ticket.clerk.name if ticket.clerk else None,
    }


def _counters(db: Db, office: Office, *, now: datetime) -> list[Plain]:
    rows = db.scalars(select(Counter).where(Counter.office_id == office.id).order_by(Counter.key))
    asked = {request.counter_id: request.state for request in helpers.open_in(db, office.id)}
    return [
        {
            **_hall_counter(counter, now=now),
            "help": asked.get(counter.id),
        }
        for counter in rows
    ]


def _colleagues(db: Db, person: Person) -> list[Plain]:
    query = select(Person).where(
        Person.office_id == person.office_id,
        Person.id != person.id,
        Person.is_active,
        Person.role.in_(SERVES),
    )
    return [views.person_brief(one) for one in db.scalars(query.order_by(Person.name))]
