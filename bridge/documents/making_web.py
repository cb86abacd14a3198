"""What the clerk has made of scanned pages: cropped, put together, taken back."""

from __future__ import annotations

from flask import Blueprint, Response, make_response

from bridge.audit.rules import Actor
from bridge.core.db import Db
from bridge.core.web import database, decode_body, now
from bridge.documents import cards, making, service
from bridge.documents.holding import held_page
from bridge.documents.making import Made
from bridge.documents.models import DocumentPage
from bridge.documents.outlines import Outline
from bridge.documents.store import DocumentStore
from bridge.documents.web import Guard
from bridge.offices.models import Person
from bridge.offices.web import current_person


def making_blueprint(store: DocumentStore, guard: Guard) -> Blueprint:
    """Return the addresses that clerks use; ``guard`` knows whose visit a ticket is in."""
    pages = Blueprint("making", __name__)
    making_of = _Making(store, guard)
    for path, view in (
        ("/api/pages/<page_id>/trimming", making_of.trim_page),
        ("/api/pages/<page_id>/restoration", making_of.restore_page),
        ("/api/documents/<document_id>/card", making_of.put_card_together),
    ):
        pages.add_url_rule(path, view_func=view, methods=["POST"])
    return pages


class _Making:
    """Pages as the clerk of their visit has them made.

    Pictures take a while: they are made before anything is written, so that nobody waits.
    """

    def __init__(self, store: DocumentStore, guard: Guard) -> None:
        self._store = store
        self._guard = guard

    def trim_page(self, page_id: str) -> Response:
        """Put a part of a page, straightened, in the place of the page."""
        person = current_person("document:read")
        outline = decode_body(Outline)
        with database().reading() as db:
            page = self._page(db, person, page_id)
            made = making.trim(db, self._store, page, outline)
        return self._keep(person, page.document_id, made)

    def put_card_together(self, document_id: str) -> Response:
        """Put both sides of an identity card on one page."""
        person = current_person("document:read")
        with database().reading() as db:
            document = service.find(db, document_id)
            self._guard(db, person, document.ticket_id)
            made = cards.put_together(db, self._store, document)
        return self._keep(person, document_id, made)

    def restore_page(self, page_id: str) -> Response:
        """Bring back what a page was made of."""
        person = current_person("document:read")
        with database().transaction() as db:
            page = held_page(db, page_id)
            self._guard(db, person, page.document.ticket_id)
            making.restore(db, self._store, page, actor=Actor("person", person.id), now=now())
        return make_response("", 204)

    def _keep(self, person: Person, document_id: str, made: Made) -> Response:
        with database().transaction() as db:
            self._guard(db, person, service.find(db, document_id).ticket_id)
            making.keep(db, self._store, made, actor=Actor("person", person.id), now=now())
        return make_response("", 204)

    def _page(self, db: Db, person: Person, page_id: str) -> DocumentPage:
        page = service.find_page(db, page_id)
        self._guard(db, person, page.document.ticket_id)
        return page
