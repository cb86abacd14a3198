"""The meetings' addresses: ways in for everybody, another kind of meeting, the server's reports."""

from __future__ import annotations

import logging
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from flask import Blueprint, Response, jsonify, make_response, render_template, request

from bridge.core.db import Db, announce
from bridge.core.errors import N_, NotFound, TooLarge
from bridge.core.i18n import gettext
from bridge.core.security import count, limited
from bridge.core.web import database, decode_body, now, settings
from bridge.meetings import Place, reports
from bridge.offices.web import current_person
from bridge.visits import finding, guests, moving, occupancy
from bridge.visits.models import Visit
from bridge.visits.tools import tools
from bridge.visits.web import in_visit
from jitsi_oac_plugin.errors import BatchUnsound, SignatureWrong, TooOld
from jitsi_oac_plugin.webhooks import MOST_BYTES, Batch, MeetingEvent, read_batch

log = logging.getLogger(__name__)
pages = Blueprint("meetings", __name__)

_INTERPRETER = N_("Interpreter")


@dataclass(frozen=True, slots=True, kw_only=True)
class Choice:
    """Who is to carry the meeting from now on."""

    provider: Literal["jitsi", "direct", "phone"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Word:
    """Whether clerk and citizen talk to each other on the telephone."""

    is_met: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Follower:
    """Somebody who follows a link into a meeting."""

    secret: str


@pages.post("/api/visits/<visit_id>/meeting")
def move(visit_id: str) -> Response:
    """Let the visit go on in another kind of meeting."""

    def do(db: Db, visit: Visit) -> None:
        moving.move(db, tools(), visit, decode_body(Choice).provider, now=now())

    return in_visit(visit_id, do)


@pages.put("/api/visits/<visit_id>/presence")
def say_met(visit_id: str) -> Response:
    """Take the clerk's word on who is on the telephone."""

    def do(db: Db, visit: Visit) -> None:
        moving.say_met(db, visit, is_met=decode_body(Word).is_met, now=now())

    return in_visit(visit_id, do)


@pages.post("/api/helper/visits/<visit_id>/meeting")
def join_as_helper(visit_id: str) -> Response:
    """Let a helper into a meeting."""
    return _join_as("helper", visit_id, right="meeting:help")


@pages.post("/api/office/visits/<visit_id>/meeting")
def join_as_supervisor(visit_id: str) -> Response:
    """Let a supervisor into a meeting."""
    return _join_as("supervisor", visit_id, right="meeting:oversee")


@pages.post("/api/visits/<visit_id>/guests")
def invite(visit_id: str) -> Response:
    """Make a link for an interpreter; it is shown this once."""
    person = current_person("guest:invite")
    with database().transaction() as db:
        visit = finding.own(db, person.id, visit_id)
        secret, expires_at = guests.invite(db, visit, now=now())
    # Behind a #, so that no server's log and no proxy ever reads it.
    link = {"url": f"{settings().origin}/guest#{secret}", "expires_at": expires_at}
    return make_response(jsonify(link), 201)


@pages.get("/guest")
def guest_page() -> Response:
    """Show what a guest's link leads to; the page sends what stands behind the #."""
    return make_response(render_template("guest.html"))


@pages.post("/api/guests")
@limited("pairing")
def follow() -> Response:
    """Say how a guest joins, once."""
    secret = decode_body(Follower).secret
    with database().transaction() as db:
        seat = guests.follow(db, secret, gettext(_INTERPRETER), now=now())
    return jsonify(tools().meetings.join(seat, now=now()))


@pages.post("/api/meeting/events")
def take_events() -> Response:
    """Take what the meeting server reports; what is known already is taken as well."""
    batch, nonce = _read_batch(now())
    with database().transaction() as db:
        if reports.note_post(db, batch, nonce, server=tools().meetings.server, now=now()):
            announce(db, "reports:missed", boot=batch.boot)
    for event in batch.events:
        _take(batch, event)
    return make_response("", 204)


def _read_batch(at: datetime) -> tuple[Batch, str]:
    secret = tools().meetings.events_secret
    if not secret:
        raise NotFound
    if (request.content_length or 0) > MOST_BYTES:
        raise TooLarge(most_bytes=MOST_BYTES)
    body = request.stream.read(MOST_BYTES + 1)
    if len(body) > MOST_BYTES:
        raise TooLarge(most_bytes=MOST_BYTES)
    try:
        return read_batch(dict(request.headers), body, secret=secret, now=at)
    except (SignatureWrong, TooOld) as error:
        count("pairing", f"events {request.remote_addr}")  # or a stranger could fill the log
        log.warning("events of a meeting server were refused: %s", error)
        raise reports.ReportsRefused from error
    except BatchUnsound as error:
        log.warning("events of the meeting server were dropped: %s", error)
        raise reports.ReportsUnsound from error


def _take(batch: Batch, event: MeetingEvent) -> None:
    # One transaction an event: each locks one visit only, and a crash takes none twice.
    with database().transaction() as db:
        if reports.begin_taking(db, batch, event.number):
            occupancy.take(db, event, now=now())
            reports.note_taken(db, batch, event.number, now=now())


def _join_as(place: Place, visit_id: str, *, right: str) -> Response:
    person = current_person(right)
    with database().transaction() as db:
        seat = guests.join(db, person, visit_id, place, now=now())
    return jsonify(tools().meetings.join(seat, now=now()))
