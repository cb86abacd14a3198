"""What the clerk has made of scanned pages: cropped, straightened, taken back."""

from __future__ import annotations

from flask import Blueprint, Response, make_response

from bridge.audit.rules import Actor
from bridge.core.db import Db
from bridge.core.web import database, decode_body, now
from bridge.documents import making, service
from bridge.documents.models import DocumentPage
from bridge.documents.outlines import Outline
from bridge.documents.store import DocumentStore
from bridge.documents.web import Guard
from bridge.offices.models import Person
from bridge.offices.web import current_person


def making_blueprint(store: DocumentStore, guard: Guard) -> Blueprint:
    """Return the addresses that clerks use; ``guard`` knows whose visit a ticket is in."""
    pages = Blueprint("making", __name__)

    def page_of(db: Db, person: Person, page_id: str) -> DocumentPage:
        page = service.find_page(db, page_id)
        guard(db, person, page.document.ticket_id)
        return page

    @pages.post("/api/pages/<page_id>/trimming")
    def trim_page(page_id: str) -> Response:
        """Put a part of a page, straightened, in the place of the page."""
        person = current_person("document:read")
        outline = decode_body(Outline)
        # Pictures take a while; nobody who writes waits for that.
        with database().reading() as db:
            made = making.trim(db, store, page_of(db, person, page_id), outline)
        with database().transaction() as db:
            page_of(db, person, page_id)
            making.keep(db, store, made, actor=Actor("person", person.id), now=now())
        return make_response("", 204)

    @pages.post("/api/pages/<page_id>/restoration")
    def restore_page(page_id: str) -> Response:
        """Bring back what a page was made of."""
        person = current_person("document:read")
        with database().transaction() as db:
            page = page_of(db, person, page_id)
            making.restore(db, store, page, actor=Actor("person", person.id), now=now())
        return make_response("", 204)

    return pages
