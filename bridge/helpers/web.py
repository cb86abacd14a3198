"""The helper's page and what it asks and says."""

from __future__ import annotations

from flask import Blueprint, Response, jsonify, make_response, render_template
from sqlalchemy import select

from bridge.core.db import Db
from bridge.core.errors import NotFound
from bridge.core.web import database, now
from bridge.counters.models import Counter
from bridge.counters.service import is_agent_there
from bridge.helpers import service
from bridge.helpers.models import HelpRequest
from bridge.offices.models import Person
from bridge.offices.web import current_person

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


def _state(db: Db, person: Person) -> dict[str, object]:
    counters = db.scalars(
        select(Counter).where(Counter.office_id == person.office_id).order_by(Counter.key)
    )
    return {
        "now": now(),
        "counters": [_counter(counter) for counter in counters],
        "requests": [_request(db, one) for one in service.open_in(db, person.office_id)],
    }


def _counter(counter: Counter) -> dict[str, object]:
    return {
        "key": counter.key,
        "name": counter.name,
        "state": counter.state,
        "agent": is_agent_there(counter, now=now()),
    }


def _request(db: Db, request: HelpRequest) -> dict[str, object]:
    helper = db.get(Person, request.helper_id) if request.helper_id else None
    return {
        "id": request.id,
        "counter": _counter(request.counter),
        "reason": request.reason,
        "detail": request.detail,
        "state": request.state,
        "raised_at": request.raised_at,
        "helper": helper.name if helper else None,
    }
