"""What a clerk brings to be printed, and looks at before it is."""

from __future__ import annotations

from flask import Blueprint, Response, make_response, request

from bridge.audit.rules import Actor, Subject, Tag
from bridge.audit.service import refusals_kept
from bridge.core.db import Db
from bridge.core.security import limited
from bridge.core.web import database, now
from bridge.documents import pdfs
from bridge.documents import service as documents
from bridge.documents.errors import PdfTooHeavy
from bridge.documents.papers import Sheets
from bridge.documents.rules import MOST_PAGE_BYTES
from bridge.offices.web import current_person
from bridge.visits import devices, finding
from bridge.visits.models import Visit
from bridge.visits.tools import tools
from bridge.visits.web import in_visit

pages = Blueprint("papers", __name__)


@pages.post("/api/visits/<visit_id>/forms/<key>")
def draw_form(visit_id: str, key: str) -> Response:
    """Draw a form of the visit, to be looked at before it is printed."""

    def do(db: Db, visit: Visit) -> None:
        devices.require_meeting(visit)
        devices.draw(db, tools(), visit, key, now=now())

    return make_response(in_visit(visit_id, do, right="device:use"), 201)


@pages.post("/api/visits/<visit_id>/documents")
@limited("uploads", by="caller")
def bring_paper(visit_id: str) -> Response:
    """Take a PDF that is to be printed; one that cannot be is refused, and that is recorded."""
    person = current_person("device:use")
    with database().reading() as db:
        devices.require_meeting(finding.own(db, person.id, visit_id, to_change=False))
    sheets = _sheets(visit_id, Actor("person", person.id))

    def do(db: Db, visit: Visit) -> None:
        actor = Actor("person", visit.clerk_id)
        owner = devices.owner_of(visit)
        documents.keep_sheets(
            db,
            tools().store,
            sheets,
            owner=owner,
            title_key=devices.title_key_of_brought(db, visit),
            actor=actor,
            now=now(),
        )

    return make_response(in_visit(visit_id, do, right="device:use"), 201)


def _sheets(visit_id: str, actor: Actor) -> Sheets:
    content = request.stream.read(MOST_PAGE_BYTES + 1)
    with refusals_kept(
        database(),
        Tag.DOCUMENT_REFUSED,
        actor=actor,
        now=now(),
        subject=Subject("visit", visit_id),
        facts={"bytes": len(content)},
    ):
        if len(content) > MOST_PAGE_BYTES:
            raise PdfTooHeavy
        return Sheets(content=content, pages=pdfs.pages_of(content))
