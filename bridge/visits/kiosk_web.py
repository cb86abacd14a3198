"""The kiosk: its page, its state, and what a citizen touches."""

from __future__ import annotations

import logging
from collections.abc import Callable
from dataclasses import asdict, dataclass
from typing import Literal

from flask import Blueprint, Response, jsonify, make_response, redirect, render_template
from sqlalchemy.exc import SQLAlchemyError

from bridge.audit.rules import Actor
from bridge.core.db import Db
from bridge.core.errors import BridgeError, NotNow, Refused
from bridge.core.security import limited
from bridge.core.web import database, decode_body, now, read_body
from bridge.counters import jobs, turns
from bridge.counters.models import Counter
from bridge.counters.service import counter_by_key
from bridge.counters.turns import PageTurn
from bridge.counters.web import current_kiosk, paired_kiosk
from bridge.helpers.rules import HelpReason
from bridge.tickets import issuing
from bridge.tickets import service as tickets
from bridge.tickets.errors import TicketElsewhere
from bridge.tickets.issuing import NewTicket
from bridge.tickets.models import Ticket
from bridge.visits import cameras, devices, finding, presence, screens, service, slips
from bridge.visits.models import Visit
from bridge.visits.rules import CameraFault
from bridge.visits.tools import tools
from bridge.visits.web import MOST_KEY_CHARACTERS, Confirmation

log = logging.getLogger(__name__)

pages = Blueprint("kiosk", __name__)

_MOST_LEFT = 1_000_000


@dataclass(frozen=True, slots=True, kw_only=True)
class TicketWish:
    """What the citizen came for, in which language."""

    language: Literal["ca", "es", "en"]
    procedures: list[str]
    idempotency_key: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Allowance:
    """Whether the citizen allows a job."""

    allow: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class MeetingFault:
    """Why the screen could not join the meeting."""

    cause: Literal["refused", "silent"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Fault:
    """Why the document cannot be shown."""

    fault: CameraFault


@dataclass(frozen=True, slots=True, kw_only=True)
class Remains:
    """How much of the visit was left on the screen after it was wiped."""

    storage: int
    caches: int
    elements: int


@pages.get("/kiosk/<key>")
def kiosk_page(key: str) -> Response:
    """Show a counter's screen; one that is paired with another counter is led to its own."""
    paired = paired_kiosk()
    if paired is not None and paired.key != key:
        return make_response(redirect(f"/kiosk/{paired.key}", 303))
    with database().reading() as db:
        counter = counter_by_key(db, key)
    return make_response(render_template("kiosk.html", counter=counter))


@pages.get("/api/kiosk")
def kiosk_state() -> Response:
    """Return the whole state of the screen."""
    counter = current_kiosk()
    with database().reading() as db:
        return _state(db, counter)


@pages.post("/api/kiosk/tickets")
@limited("tickets", by="caller")
def take_ticket() -> Response:
    """Give the citizen a number."""
    counter = current_kiosk()
    body = decode_body(TicketWish)
    if not 1 <= len(body.idempotency_key) <= MOST_KEY_CHARACTERS:
        raise Refused(fields="idempotency_key")
    wanted = NewTicket(
        office_id=counter.office_id,
        counter_id=counter.id,
        language=body.language,
        procedures=tuple(body.procedures),
        idempotency_key=body.idempotency_key,
    )
    with database().transaction() as db:
        actor = Actor("citizen", counter.id)
        ticket, _ = issuing.issue(db, wanted, tools().procedures, actor=actor, now=now())
    _print_number(ticket.id)
    with database().reading() as db:
        return make_response(_state(db, counter), 201)


@pages.post("/api/kiosk/departure")
def depart() -> Response:
    """Take the waiting ticket out of the queue."""

    def do(db: Db, counter: Counter) -> None:
        ticket = tickets.open_at(db, counter.id)
        if ticket is None:
            raise NotNow(state="none")
        tickets.leave(db, ticket, actor=Actor("citizen", counter.id), now=now())

    return _at_counter(do)


@pages.post("/api/kiosk/arrival")
def arrive() -> Response:
    """Note that the called citizen is there; the answer says how to join the meeting as well."""
    counter = current_kiosk()
    with database().transaction() as db:
        service.arrive(db, counter.id, now=now())
        db.flush()
        state = screens.kiosk_state(db, tools(), counter.id, now=now())
        return jsonify(state | {"join": _join(db, counter)})


@pages.get("/api/kiosk/meeting")
def join() -> Response:
    """Say how to join the meeting, from the arrival on."""
    counter = current_kiosk()
    with database().reading() as db:
        return jsonify(_join(db, counter))


@pages.post("/api/kiosk/meeting-fault")
@limited("tickets", by="caller")
def miss_meeting() -> Response:
    """Have somebody come because the meeting does not come about by itself."""

    def do(db: Db, counter: Counter) -> None:
        presence.give_up(db, _visit_at(db, counter), decode_body(MeetingFault).cause, now=now())

    return _at_counter(do)


@pages.post("/api/kiosk/camera-fault")
def miss_camera() -> Response:
    """Say that the document cannot be shown."""

    def do(db: Db, counter: Counter) -> None:
        cameras.give_up(db, _visit_at(db, counter), decode_body(Fault).fault)

    return _at_counter(do)


@pages.post("/api/kiosk/jobs/<job_id>/consent")
def consent(job_id: str) -> Response:
    """Allow or refuse a job."""

    def do(db: Db, counter: Counter) -> None:
        allow = decode_body(Allowance).allow
        job = devices.job_on_screen(db, counter.id, job_id)
        devices.consent(db, tools(), job, allow=allow, now=now())

    return _at_counter(do)


@pages.post("/api/kiosk/jobs/<job_id>/confirmation")
def confirm(job_id: str) -> Response:
    """Say whether the paper came out."""

    def do(db: Db, counter: Counter) -> None:
        came_out = decode_body(Confirmation).came_out
        job = devices.job_on_screen(db, counter.id, job_id)
        actor = Actor("citizen", counter.id)
        jobs.confirm(db, job, came_out=came_out, actor=actor, now=now())

    return _at_counter(do)


@pages.post("/api/kiosk/jobs/<job_id>/next-page")
def turn_page(job_id: str) -> Response:
    """Say that the next page lies there, or that it was the last."""

    def do(db: Db, counter: Counter) -> None:
        job = devices.job_on_screen(db, counter.id, job_id)
        actor = Actor("citizen", counter.id)
        turns.turn_page(db, job, decode_body(PageTurn), actor=actor, now=now())

    return _at_counter(do)


@pages.post("/api/kiosk/stop")
def stop() -> Response:
    """Stop everything."""
    return _at_counter(lambda db, counter: service.stop_everything(db, counter.id, now=now()))


@pages.post("/api/kiosk/resumption")
def go_on() -> Response:
    """End the pause."""
    return _at_counter(lambda db, counter: service.go_on(db, counter.id, now=now()))


@pages.post("/api/kiosk/help")
@limited("tickets", by="caller")
def ask_help() -> Response:
    """Ask for somebody in the hall; while they are asked for already, nothing is new."""
    counter = current_kiosk()
    with database().transaction() as db:
        actor = Actor("citizen", counter.id)
        here = db.get_one(Counter, counter.id)
        is_new = service.ask_help(db, here, HelpReason.CITIZEN_ASKS, actor=actor, now=now())
        return make_response(_state(db, counter), 201 if is_new else 200)


@pages.post("/api/kiosk/wiped")
def wiped() -> Response:
    """Take the proof that the screen forgot the visit."""

    def do(db: Db, counter: Counter) -> None:
        left = asdict(decode_body(Remains))
        if not all(0 <= number <= _MOST_LEFT for number in left.values()):
            raise Refused(fields=", ".join(left))
        service.wiped(db, counter.id, left, now=now())

    return _at_counter(do)


def _print_number(ticket_id: str) -> None:
    # By itself: a number is given whatever becomes of its paper, and no other number waits for it.
    try:
        with database().transaction() as db:
            slips.order_ticket(db, tools(), db.get_one(Ticket, ticket_id), now=now())
    except (BridgeError, OSError, SQLAlchemyError) as error:
        log.warning("ticket %s: its number is not printed: %s", ticket_id, type(error).__name__)


def _join(db: Db, counter: Counter) -> dict[str, object]:
    seat = presence.seat_of(_visit_at(db, counter, to_change=False), "citizen")
    return tools().meetings.join(seat, now=now())


def _visit_at(db: Db, counter: Counter, *, to_change: bool = True) -> Visit:
    visit = finding.open_at(db, counter.id, to_change=to_change)
    if visit is None:
        raise TicketElsewhere(state="none")
    return visit


def _at_counter(do: Callable[[Db, Counter], object]) -> Response:
    counter = current_kiosk()
    read_body()
    with database().transaction() as db:
        do(db, counter)
        return _state(db, counter)


def _state(db: Db, counter: Counter) -> Response:
    db.flush()
    return jsonify(screens.kiosk_state(db, tools(), counter.id, now=now()))
