"""The helper's page and what it asks and says."""

from __future__ import annotations

from flask import Blueprint, Response, jsonify, make_response, render_template

from bridge.audit.rules import Actor
from bridge.core.db import Db
from bridge.core.errors import NotFound
from bridge.core.web import database, now
from bridge.helpers import service
from bridge.offices.models import Person
from bridge.offices.web import current_person
from bridge.tickets import service as tickets
from bridge.visits import screens, views
from bridge.visits.tools import tools

pages = Blueprint("helpers", __name__)

_ANSWERS = frozenset({"acknowledge", "set_out", "arrive", "solve"})


@pages.get("/helper")
def helper_page() -> Response:
    """Show the helper's page; it asks for its state itself."""
    person = current_person("help:answer")
    return make_response(render_template("helper.html", person=person, office=person.office))


@pages.get("/api/helper")
def helper_state() -> Response:
    """Say how the counters are and who asked for help."""
    person = current_person("help:answer")
    with database().reading() as db:
        return jsonify(_state(db, person))


@pages.post("/api/helper/requests/<request_id>/<event>")
def answer(request_id: str, event: str) -> Response:
    """Move a help request."""
    person = current_person("help:answer")
    if event not in _ANSWERS:
        raise NotFound(event=event)
    with database().transaction() as db:
        request = service.find(db, request_id, office_id=person.office_id)
        service.answer(db, request, event, person, now=now())
        return jsonify(_state(db, person))


@pages.post("/api/helper/tickets/<ticket_id>/reinstatement")
def reinstate(ticket_id: str) -> Response:
    """Bring a missed ticket back into the queue."""
    person = current_person("ticket:reinstate")
    with database().transaction() as db:
        ticket = tickets.find(db, ticket_id, office_id=person.office_id)
        tickets.reinstate(db, ticket, actor=Actor("person", person.id), now=now())
        return jsonify(_state(db, person))


def _state(db: Db, person: Person) -> views.Plain:
    db.flush()
    return screens.helper_state(db, tools(), person.id, now=now())
