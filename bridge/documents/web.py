"""Pages come in from agents, and are shown to the clerk of their visit."""

from __future__ import annotations

import base64
import binascii
import re
from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import dataclass

from flask import Blueprint, Response, jsonify, make_response, request
from werkzeug.exceptions import ClientDisconnected

from bridge.audit.rules import Actor, Subject, Tag
from bridge.audit.service import append, refusals_kept
from bridge.core.db import Db
from bridge.core.errors import Refused
from bridge.core.security import limited
from bridge.core.web import database, decode_body, now
from bridge.counters.models import Counter
from bridge.counters.web import current_agent
from bridge.documents import arrivals, making, pdfs, prints, service
from bridge.documents.arrivals import Part
from bridge.documents.errors import HashMismatch, PageTooLarge
from bridge.documents.holding import held_page
from bridge.documents.models import DocumentPage
from bridge.documents.rules import MOST_PAGE_BYTES
from bridge.documents.store import DocumentStore
from bridge.offices.models import Person
from bridge.offices.web import current_person

MOST_SHOWN_PX = 3000
_DIGEST = re.compile(r"sha-256=:([A-Za-z0-9+/=]{44}):")
_RANGE = re.compile(r"bytes (\d{1,10})-(\d{1,10})/(\d{1,10})")

# Raises NotFound unless the person's own open visit is about this ticket.
Guard = Callable[[Db, Person, str], None]


class UploadUnsound(Refused):
    """An upload whose headers do not say what is coming."""

    key = "upload-unsound"


@dataclass(frozen=True, slots=True, kw_only=True)
class PageChange:
    """How a page is turned from now on, in degrees clockwise, and which of its document it is."""

    rotation: int | None = None
    place: int | None = None


def agent_blueprint(store: DocumentStore) -> Blueprint:
    """Return the addresses that agents use."""
    pages = Blueprint("arrivals", __name__)

    @pages.get("/api/agent/jobs/<job_id>/pages/<int:number>")
    def state_of_page(job_id: str, number: int) -> Response:
        """Say how much of a page is here."""
        counter = current_agent()
        with database().reading() as db:
            job = arrivals.wanted_job(db, job_id=job_id, counter_id=counter.id)
            receipt = arrivals.received(db, store, job, number)
        return jsonify({"received": receipt.received, "complete": receipt.is_complete})

    @pages.put("/api/agent/jobs/<job_id>/pages/<int:number>")
    @limited("uploads", by="caller")
    def take_page(job_id: str, number: int) -> Response:
        """Take a page, or a part of one; what can never be one is refused, and that is recorded."""
        counter = current_agent()
        with _refusals_kept(counter, job_id, number):
            part = _part()
            with database().transaction() as db:
                job = arrivals.wanted_job(db, job_id=job_id, counter_id=counter.id)
                receipt = arrivals.receive(db, store, job, number, part=part, now=now())
        status = 202 if not receipt.is_complete else 201 if receipt.is_new else 200
        plain = {"received": receipt.received, "complete": receipt.is_complete}
        return make_response(jsonify(plain), status)

    @pages.get("/api/agent/prints/<secret>")
    def print_file(secret: str) -> Response:
        """Give the agent what it prints."""
        counter = current_agent()
        with database().reading() as db:
            content = prints.fetch(db, store, secret, counter_id=counter.id)
        return _file(content, pdfs.PDF)

    return pages


def _refusals_kept(counter: Counter, job_id: str, number: int) -> AbstractContextManager[None]:
    return refusals_kept(
        database(),
        Tag.PAGE_REFUSED,
        actor=Actor("agent", counter.id),
        now=now(),
        subject=Subject("counter", counter.id),
        facts={"job": job_id, "number": str(number)},
    )


def desk_blueprint(store: DocumentStore, guard: Guard) -> Blueprint:
    """Return the addresses that clerks use; ``guard`` knows whose visit a ticket is in."""
    pages = Blueprint("documents", __name__)
    seen = _Seen(store, guard)
    pages.add_url_rule("/api/documents/<document_id>/file", view_func=seen.document_file)
    pages.add_url_rule(
        "/api/documents/<document_id>/sheets/<int:number>/image", view_func=seen.sheet_image
    )
    pages.add_url_rule("/api/pages/<page_id>/image", view_func=seen.page_image)
    pages.add_url_rule("/api/pages/<page_id>", view_func=seen.change_page, methods=["PATCH"])
    pages.add_url_rule("/api/pages/<page_id>", view_func=seen.remove_page, methods=["DELETE"])
    return pages


class _Seen:
    """Documents as the clerk of their visit sees and changes them."""

    def __init__(self, store: DocumentStore, guard: Guard) -> None:
        self._store = store
        self._guard = guard

    def document_file(self, document_id: str) -> Response:
        """Give a document as a PDF, and record that it was read."""
        person = current_person("document:read")
        # Binding many pages takes a while; nobody who writes waits for it.
        with database().reading() as db:
            document = service.find(db, document_id)
            self._guard(db, person, document.ticket_id)
            content = service.content(db, self._store, document, title=document.id)
        with database().transaction() as db:
            append(
                db,
                tag=Tag.DOCUMENT_READ,
                actor=Actor("person", person.id),
                now=now(),
                subject=Subject("document", document.id),
            )
        return _file(content, pdfs.PDF)

    def page_image(self, page_id: str) -> Response:
        """Show a page."""
        person = current_person("document:read")
        with database().reading() as db:
            page = self._page(db, person, page_id)
            content = service.page_image(db, self._store, page, width_px=_width_px())
        return _file(content, "image/jpeg")

    def sheet_image(self, document_id: str, number: int) -> Response:
        """Show a page of what is to be printed."""
        person = current_person("document:read")
        with database().reading() as db:
            document = service.find(db, document_id)
            self._guard(db, person, document.ticket_id)
            content = service.sheets_content(db, self._store, document)
        # Outside of any transaction: it is drawn in a process of its own, and others may wait there.
        return _file(pdfs.picture(content, number, width_px=_width_px()), "image/jpeg")

    def change_page(self, page_id: str) -> Response:
        """Keep how a page is turned, or where in its document it stands."""
        person = current_person("document:read")
        body = decode_body(PageChange)
        if body == PageChange():
            raise Refused(fields="rotation, place")
        with database().transaction() as db:
            page = self._held(db, person, page_id)
            actor = Actor("person", person.id)
            if body.rotation is not None:
                service.rotate(db, page, rotation=body.rotation, actor=actor, now=now())
            if body.place is not None:
                service.place(db, page, at=body.place, actor=actor, now=now())
        return make_response("", 204)

    def remove_page(self, page_id: str) -> Response:
        """Take a page out of its document."""
        person = current_person("document:read")
        with database().transaction() as db:
            page = self._held(db, person, page_id)
            actor = Actor("person", person.id)
            service.remove(db, self._store, page, actor=actor, now=now())
            making.forget_originals(db, self._store, page, actor=actor, now=now())
        return make_response("", 204)

    def _held(self, db: Db, person: Person, page_id: str) -> DocumentPage:
        page = held_page(db, page_id)
        self._guard(db, person, page.document.ticket_id)
        return page

    def _page(self, db: Db, person: Person, page_id: str) -> DocumentPage:
        page = service.find_page(db, page_id)
        self._guard(db, person, page.document.ticket_id)
        return page


def _width_px() -> int:
    return max(16, min(request.args.get("width", 900, type=int), MOST_SHOWN_PX))


def _part() -> Part:
    """Return what this upload brings. Raises ``UploadUnsound``, ``PageTooLarge``.

    A connection that ends early still leaves the part that came; the agent asks and goes on.
    """
    said = _DIGEST.fullmatch(request.headers.get("Repr-Digest", ""))
    if said is None:
        raise UploadUnsound(header="Repr-Digest")
    try:
        sha256 = base64.b64decode(said[1], validate=True).hex()
    except binascii.Error as error:
        raise UploadUnsound(header="Repr-Digest") from error
    if (request.content_length or 0) > MOST_PAGE_BYTES:
        raise PageTooLarge(most_mib=MOST_PAGE_BYTES // 2**20)
    first, total = _place()
    content = _body()
    if first + len(content) > total:
        raise HashMismatch(received=first + len(content), total=total)
    return Part(content=content, first=first, total=total, sha256=sha256)


def _place() -> tuple[int, int]:
    length = request.content_length
    header = request.headers.get("Content-Range")
    if header is None:
        if length is None:
            raise UploadUnsound(header="Content-Length")
        return 0, length
    said = _RANGE.fullmatch(header)
    if said is None:
        raise UploadUnsound(header="Content-Range")
    first, last, total = (int(number) for number in said.groups())
    if not first <= last < total:
        raise UploadUnsound(header="Content-Range")
    return first, total


def _body() -> bytes:
    content = bytearray()
    try:
        while len(content) <= MOST_PAGE_BYTES and (block := request.stream.read(64 * 1024)):
            content += block
    except ClientDisconnected:
        # What came before the line broke is as good as a part that was meant to be one.
        pass
    return bytes(content)


def _file(content: bytes, media_type: str) -> Response:
    response = make_response(content)
    response.content_type = media_type
    response.headers["Content-Disposition"] = "inline"
    return response
