"""The desk: its pages, its state, and what a clerk does."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Literal

from flask import Blueprint, Response, jsonify, make_response, render_template, request

from bridge.audit.rules import Actor, Subject, Tag
from bridge.audit.service import refusals_kept
from bridge.core.db import Db
from bridge.core.errors import BridgeError, Refused
from bridge.core.i18n import current_language, gettext
from bridge.core.web import database, decode_body, now, read_body, settings
from bridge.counters import jobs, turns
from bridge.counters.turns import PageTurn
from bridge.helpers.rules import HelpReason
from bridge.offices.models import Person
from bridge.offices.rules import ClerkState
from bridge.offices.service import set_availability
from bridge.offices.web import current_person, signed_in_person
from bridge.tickets import service as tickets
from bridge.tickets.rules import Outcome
from bridge.visits import cameras, devices, finding, presence, screens, service, steps
from bridge.visits.devices import JobWish
from bridge.visits.models import Visit
from bridge.visits.rules import Camera
from bridge.visits.service import CallWish, Handover
from bridge.visits.steps import StepChange
from bridge.visits.tools import tools

pages = Blueprint("desk", __name__)

MOST_KEY_CHARACTERS = 80


@dataclass(frozen=True, slots=True, kw_only=True)
class Availability:
    """What a clerk chooses to be."""

    state: Literal["available", "break", "back_office", "offline"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Call:
    """Whom to call; nobody named is the next one."""

    ticket: str | None = None
    version: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Transfer:
    """Where to hand a ticket on to; ``id`` is a counter's key or a person's id."""

    to: Literal["queue", "counter", "person"]
    reason: str
    id: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Ending:
    """How each service ended, by its id."""

    outcomes: dict[str, Outcome] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Look:
    """Which camera the clerk wants to look through."""

    camera: Camera


@dataclass(frozen=True, slots=True, kw_only=True)
class Confirmation:
    """Whether the paper came out."""

    came_out: bool


@pages.get("/desk")
def desk_page() -> Response:
    """Show the desk: queue, meeting, panel."""
    person = current_person("desk:open")
    return make_response(
        render_template(
            "desk.html",
            person=person,
            office=person.office,
            between=settings().between_page,
        )
    )


@pages.get("/desk/panel")
def panel_page() -> Response:
    """Show the panel alone, as the meeting's own page embeds it.

    A frame is not led to the sign-in, which nobody may embed: it says how to get there.
    """
    meeting = settings().jitsi_origin
    if signed_in_person() is None and "in" in request.args:
        is_foreign = request.headers.get("Sec-Fetch-Site") == "cross-site"
        page = render_template("panel-away.html", meeting=meeting, is_foreign=is_foreign)
        return make_response(page, 401)
    person = current_person("desk:open")
    page = render_template("panel.html", person=person, office=person.office, meeting=meeting)
    return make_response(page)


@pages.get("/api/desk")
def desk_state() -> Response:
    """Return the whole state of one's desk."""
    person = current_person("desk:open")
    with database().reading() as db:
        return _state(db, person)


@pages.put("/api/desk/availability")
def change_availability() -> Response:
    """Become available, or go on a break."""
    person = current_person("desk:open")
    body = decode_body(Availability)
    with database().transaction() as db:
        set_availability(db, person.id, ClerkState(body.state))
        return _state(db, person)


@pages.post("/api/desk/calls")
def call() -> Response:
    """Call the next citizen, or the one named."""
    person = current_person("ticket:call")
    body = decode_body(Call)
    wish = CallWish(ticket_id=body.ticket, version=body.version)
    with database().transaction() as db:
        service.call_next(db, tools(), person.id, wish, now=now())
        return make_response(_state(db, person), 201)


@pages.post("/api/desk/tickets/<ticket_id>/resumption")
def resume(ticket_id: str) -> Response:
    """Call a parked ticket again."""
    person = current_person("ticket:call")
    with database().transaction() as db:
        service.resume(db, tools(), person.id, ticket_id, now=now())
        return make_response(_state(db, person), 201)


@pages.post("/api/desk/tickets/<ticket_id>/reinstatement")
def reinstate(ticket_id: str) -> Response:
    """Bring a missed ticket back into the queue."""
    person = current_person("ticket:reinstate")
    with database().transaction() as db:
        ticket = tickets.find(db, ticket_id, office_id=person.office_id)
        tickets.reinstate(db, ticket, actor=Actor("person", person.id), now=now())
        return _state(db, person)


@pages.post("/api/visits/<visit_id>/recall")
def recall(visit_id: str) -> Response:
    """Call the citizen again."""
    return in_visit(visit_id, lambda db, visit: service.recall(db, visit, now=now()))


@pages.post("/api/visits/<visit_id>/no-show")
def miss(visit_id: str) -> Response:
    """Note that the citizen did not come."""

    def do(db: Db, visit: Visit) -> None:
        service.miss(db, visit, actor=Actor("person", visit.clerk_id), now=now())

    return in_visit(visit_id, do)


@pages.post("/api/visits/<visit_id>/parking")
def park(visit_id: str) -> Response:
    """Put the ticket aside."""
    return in_visit(visit_id, lambda db, visit: service.park(db, visit, now=now()))


@pages.post("/api/visits/<visit_id>/transfer")
def transfer(visit_id: str) -> Response:
    """Hand the ticket on."""

    def do(db: Db, visit: Visit) -> None:
        body = decode_body(Transfer)
        wish = Handover(to=body.to, reason=body.reason, target=body.id)
        service.transfer(db, visit, wish, now=now())

    return in_visit(visit_id, do)


@pages.post("/api/visits/<visit_id>/ending")
def end(visit_id: str) -> Response:
    """Let the citizen go."""

    def do(db: Db, visit: Visit) -> None:
        service.end(db, visit, decode_body(Ending).outcomes, now=now())

    return in_visit(visit_id, do)


@pages.post("/api/visits/<visit_id>/closing")
def close(visit_id: str) -> Response:
    """End the paperwork."""

    def do(db: Db, visit: Visit) -> None:
        actor = Actor("person", visit.clerk_id)
        service.close(db, visit, decode_body(Ending).outcomes, actor=actor, now=now())

    return in_visit(visit_id, do)


@pages.post("/api/visits/<visit_id>/help")
def ask_help(visit_id: str) -> Response:
    """Ask for somebody in the hall."""

    def do(db: Db, visit: Visit) -> None:
        actor = Actor("person", visit.clerk_id)
        service.ask_help(db, visit.counter, HelpReason.CLERK_ASKS, actor=actor, now=now())

    return in_visit(visit_id, do)


@pages.get("/api/visits/<visit_id>/meeting")
def join(visit_id: str) -> Response:
    """Say how to join the meeting."""
    person = current_person("visit:serve")
    with database().reading() as db:
        visit = finding.own(db, person.id, visit_id, to_change=False)
        seat = presence.seat_of(visit, "clerk", language=current_language())
    return jsonify(tools().meetings.join(seat, now=now()))


@pages.put("/api/visits/<visit_id>/camera")
def look_through(visit_id: str) -> Response:
    """Have the kiosk show the person, or the paper under its document camera."""
    return in_visit(visit_id, lambda db, visit: cameras.order(db, visit, decode_body(Look).camera))


@pages.patch("/api/visits/<visit_id>/steps/<step_id>")
def change_step(visit_id: str, step_id: str) -> Response:
    """Change a step, or make it the current one."""

    def do(db: Db, visit: Visit) -> None:
        step, wish = steps.find(db, visit, step_id), decode_body(StepChange)
        steps.change(db, visit, step, wish, tools(), now=now())

    return in_visit(visit_id, do)


@pages.post("/api/visits/<visit_id>/jobs")
def ask_job(visit_id: str) -> Response:
    """Ask for a scan or a print; one that makes no sense is refused, and that is recorded."""

    def do(db: Db, visit: Visit) -> None:
        wish = decode_body(JobWish)
        if not 1 <= len(wish.idempotency_key) <= MOST_KEY_CHARACTERS:
            raise Refused(fields="idempotency_key")
        devices.ask(db, tools(), visit, wish, now=now())

    with refusals_kept(
        database(),
        Tag.JOB_UNFIT,
        actor=Actor("person", current_person("device:use").id),
        now=now(),
        subject=Subject("visit", visit_id),
    ):
        return make_response(in_visit(visit_id, do, right="device:use"), 201)


@pages.post("/api/visits/<visit_id>/jobs/<job_id>/cancellation")
def cancel_job(visit_id: str, job_id: str) -> Response:
    """Stop a job."""

    def do(db: Db, visit: Visit) -> None:
        job = devices.job_of_visit(db, visit, job_id)
        devices.cancel(db, job, visit.clerk_id, now=now())

    return in_visit(visit_id, do, right="device:use")


@pages.post("/api/visits/<visit_id>/jobs/<job_id>/next-page")
def turn_page(visit_id: str, job_id: str) -> Response:
    """Say that the next page lies there, or that it was the last."""

    def do(db: Db, visit: Visit) -> None:
        job = devices.job_of_visit(db, visit, job_id)
        actor = Actor("person", visit.clerk_id)
        turns.turn_page(db, job, decode_body(PageTurn), actor=actor, now=now())

    return in_visit(visit_id, do, right="device:use")


@pages.post("/api/visits/<visit_id>/jobs/<job_id>/confirmation")
def confirm_job(visit_id: str, job_id: str) -> Response:
    """Say whether the paper came out."""

    def do(db: Db, visit: Visit) -> None:
        job = devices.job_of_visit(db, visit, job_id)
        came_out = decode_body(Confirmation).came_out
        actor = Actor("person", visit.clerk_id)
        jobs.confirm(db, job, came_out=came_out, actor=actor, now=now())

    return in_visit(visit_id, do, right="device:use")


def in_visit(
    visit_id: str, do: Callable[[Db, Visit], None], *, right: str = "visit:serve"
) -> Response:
    """Do something in the asking clerk's own visit, and answer with the new DeskState."""
    person = current_person(right)
    read_body()
    with database().transaction() as db:
        do(db, finding.own(db, person.id, visit_id))
        return _state(db, person)


def _state(db: Db, person: Person) -> Response:
    db.flush()
    state = screens.desk_state(db, tools(), person.id, translate=_translate, now=now())
    return jsonify(state)


def _translate(text: str, facts: dict[str, object]) -> str:
    try:
        return gettext(text, **facts)
    except (KeyError, TypeError, ValueError):  # a plugin's problem without the facts of its text
        return gettext(BridgeError.text)
