"""Make documents, change and show their pages, and forget them."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime

from sqlalchemy import select

from bridge.audit.rules import SYSTEM, Actor, Subject, Tag
from bridge.audit.service import append
from bridge.core.db import Db, announce
from bridge.core.errors import NotFound, NotNow, Refused
from bridge.core.ids import new_id
from bridge.counters.models import DeviceJob
from bridge.documents import images, pdfs, titles
from bridge.documents.errors import DocumentErased, PageNotVisible
from bridge.documents.models import Document, DocumentPage, VisitKey
from bridge.documents.outlines import Outline
from bridge.documents.papers import BoundPage, FormText, Sheets, bound_pdf, form_pdf
from bridge.documents.rules import (
    CARD,
    LEAST_DPI,
    PAGE,
    PROBLEM_TEXTS,
    ROTATIONS,
    DocumentKind,
    DocumentState,
    PageState,
)
from bridge.documents.store import DocumentStore
from bridge.documents.titles import Title
from counter_hooks.model import MM_PER_INCH

# A picture that nobody has measured is bound so that it fits a sheet.
UNMEASURED_DPI = 240
SHOWN = (PageState.VISIBLE, PageState.BARRED, PageState.QUARANTINE)
Translate = Callable[[str, dict[str, object]], str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Owner:
    """The visit that a document is made in, and the ticket that it stays with."""

    visit_id: str
    ticket_id: str


def make_form(
    db: Db, store: DocumentStore, *, owner: Owner, title_key: str, form: FormText, now: datetime
) -> Document:
    """Draw ``form``, keep it as a PDF and return its document."""
    sheets = form_pdf(form)
    return keep_sheets(db, store, sheets, owner=owner, title_key=title_key, actor=SYSTEM, now=now)


def keep_sheets(
    db: Db,
    store: DocumentStore,
    sheets: Sheets,
    *,
    owner: Owner,
    title_key: str,
    actor: Actor,
    now: datetime,
) -> Document:
    """Keep what is to be printed and return its document."""
    document = Document(
        id=new_id(now),
        ticket_id=owner.ticket_id,
        visit_id=owner.visit_id,
        kind=DocumentKind.FORM,
        title_key=title_key,
        state=DocumentState.CHECKED,
        media_type=pdfs.PDF,
        sha256=sheets.sha256,
        size_bytes=len(sheets.content),
        page_count=sheets.pages,
        created_at=now,
    )
    db.add(document)
    store.write(db, visit_id=owner.visit_id, name=document.id, content=sheets.content, now=now)
    facts = {"visit": owner.visit_id, "kind": document.kind, "sha256": document.sha256}
    subject = Subject("document", document.id)
    append(db, tag=Tag.DOCUMENT_MADE, actor=actor, now=now, subject=subject, facts=facts)
    return document


def begin_scan(db: Db, *, owner: Owner, title_key: str, now: datetime) -> Document:
    """Return a new, empty document that scanned pages will go into."""
    document = Document(
        id=new_id(now),
        ticket_id=owner.ticket_id,
        visit_id=owner.visit_id,
        kind=DocumentKind.SCAN,
        title_key=title_key,
        state=DocumentState.DRAFT,
        media_type="image/jpeg",
        created_at=now,
    )
    db.add(document)
    db.flush()
    return document


def find(db: Db, document_id: str) -> Document:
    """Return a document. Raises ``NotFound``."""
    document = db.get(Document, document_id)
    if document is None:
        raise NotFound(what="document")
    return document


def find_page(db: Db, page_id: str) -> DocumentPage:
    """Return a page. Raises ``NotFound``."""
    page = db.get(DocumentPage, page_id)
    if page is None:
        raise NotFound(what="page")
    return page


def content(db: Db, store: DocumentStore, document: Document, *, title: str) -> bytes:
    """Return a document as one PDF. Raises ``DocumentErased``, ``PageNotVisible``."""
    if document.kind == DocumentKind.FORM:
        return store.read(db, visit_id=document.visit_id, name=document.id)
    pages = [page for page in document.pages if page.state == PageState.VISIBLE]
    if not pages:
        raise PageNotVisible
    return bound_pdf(
        [
            BoundPage(
                content=store.read(db, visit_id=document.visit_id, name=page.id),
                width_px=page.width_px,
                height_px=page.height_px,
                dpi=page.dpi or UNMEASURED_DPI,
                rotation=page.rotation,
            )
            for page in pages
        ],
        title=title,
    )


def page_image(db: Db, store: DocumentStore, page: DocumentPage, *, width_px: int) -> bytes:
    """Return a JPEG of a page to look at. Raises ``PageNotVisible``, ``DocumentErased``.

    A barred page is shown to the clerk all the same, so that they see why.
    """
    if page.state not in (PageState.VISIBLE, PageState.BARRED):
        raise PageNotVisible
    kept = store.read(db, visit_id=page.document.visit_id, name=page.id)
    return images.shown(kept, rotation=page.rotation, width_px=width_px)


def sheets_content(db: Db, store: DocumentStore, document: Document) -> bytes:
    """Return what is to be printed. Raises ``PageNotVisible``, ``DocumentErased``."""
    if document.kind != DocumentKind.FORM:
        raise PageNotVisible
    return store.read(db, visit_id=document.visit_id, name=document.id)


def rotate(db: Db, page: DocumentPage, *, rotation: int, actor: Actor, now: datetime) -> None:
    """Keep how a page is turned; its image is not touched. Raises ``Refused``."""
    if rotation not in ROTATIONS:
        raise Refused(rotation=rotation)
    page.rotation = rotation
    tell_changed(db, page, tag=Tag.PAGE_CHANGED, actor=actor, now=now)


def place(db: Db, page: DocumentPage, *, at: int, actor: Actor, now: datetime) -> None:
    """Make a page that is held the ``at``-th of its document, from one. Raises ``NotNow``, ``Refused``."""
    if page.state not in SHOWN:
        raise NotNow(state=page.state.value)
    others = [one for one in page.document.pages if one.state in SHOWN and one is not page]
    if not 1 <= at <= len(others) + 1:
        raise Refused(place=at)
    others.insert(at - 1, page)
    for position, one in enumerate(others, start=1):
        one.position = position
    db.flush()
    db.expire(page.document, ["pages"])
    tell_changed(db, page, tag=Tag.PAGE_CHANGED, actor=actor, now=now)


def remove(
    db: Db, store: DocumentStore, page: DocumentPage, *, actor: Actor, now: datetime
) -> None:
    """Take a page out of its document and its image off the disk. Raises ``NotNow``."""
    after = PAGE.after(page.state, "remove")
    if after is None:
        raise NotNow(state=page.state.value)
    page.state = after
    store.forget(db, visit_id=page.document.visit_id, name=page.id)
    tell_changed(db, page, tag=Tag.PAGE_REMOVED, actor=actor, now=now)


def originals_of(page: DocumentPage) -> list[DocumentPage]:
    """Return the pages that a page was made of, none unless all of them are still kept."""
    wanted = set((page.made or {}).get("of", ()))
    pages = page.document.pages if wanted else []
    kept = [one for one in pages if one.id in wanted and one.state is PageState.REPLACED]
    return kept if len(kept) == len(wanted) else []


def has_checked_pages(db: Db, document_id: str | None) -> bool:
    """Say whether a document has a page, and every page of it may be used."""
    if document_id is None:
        return False
    states = db.scalars(
        select(DocumentPage.state).where(
            DocumentPage.document_id == document_id, DocumentPage.state.in_(SHOWN)
        )
    ).all()
    return bool(states) and all(state == PageState.VISIBLE for state in states)


def card_sides(db: Db, documents: Sequence[str]) -> dict[str, str]:
    """Return which side of a card each page of some documents shows, of those that show one."""
    query = (
        select(DocumentPage, DeviceJob.side)
        .join(DeviceJob, DeviceJob.id == DocumentPage.job_id)
        .where(DocumentPage.document_id.in_(documents), DeviceJob.side.is_not(None))
    )
    return {
        page.id: side
        for page, side in db.execute(query)
        if side is not None and (page.made or {}).get("how") != CARD
    }


def views(db: Db, *, ticket_id: str, title: Title, translate: Translate) -> list[dict[str, object]]:
    """Return the documents of a ticket as the desk sees them, oldest first.

    ``title`` gives the texts of a title key in each language; ``translate`` the reader's own.
    """
    rows = db.scalars(
        select(Document)
        .where(Document.ticket_id == ticket_id, Document.state != DocumentState.ERASED)
        .order_by(Document.created_at, Document.id)
    )
    found = list(rows)
    sides = card_sides(db, [document.id for document in found])
    return [
        {
            **_view(document, title),
            "pages": [
                {**_page_view(page, translate), "side": sides.get(page.id)}
                for page in document.pages
                if page.state in SHOWN
            ],
        }
        for document in found
    ]


def erase_visit(db: Db, store: DocumentStore, visit_id: str, *, now: datetime) -> None:
    """Erase the key and the files of a visit whose retention is over."""
    documents = select(Document).where(Document.visit_id == visit_id).order_by(Document.id)
    for document in db.scalars(documents.with_for_update(key_share=True)):
        document.state = DocumentState.ERASED
        document.title = None
    db.flush()
    store.erase(db, visit_id=visit_id, now=now)
    subject = Subject("visit", visit_id)
    append(db, tag=Tag.DOCUMENT_ERASED, actor=SYSTEM, now=now, subject=subject)


def due_for_erasure(db: Db, *, before: datetime) -> list[str]:
    """Return the visits whose keys were made before ``before`` and still exist."""
    kept = select(VisitKey.visit_id).where(
        VisitKey.wrapped.is_not(None), VisitKey.created_at < before
    )
    return list(db.scalars(kept))


def erased_since(db: Db, moment: datetime) -> list[str]:
    """Return the visits that were erased since then."""
    return list(db.scalars(select(VisitKey.visit_id).where(VisitKey.erased_at >= moment)))


def print_content(db: Db, store: DocumentStore, job: DeviceJob, *, title: str) -> bytes:
    """Return the PDF that a print job is about. Raises ``DocumentErased``."""
    if job.document_id is None:
        raise DocumentErased
    return content(db, store, find(db, job.document_id), title=title)


def page_mm(page: DocumentPage) -> tuple[float, float]:
    """Return width and height of a page as it is kept; of one without resolution as at the least."""
    dpi = page.dpi or LEAST_DPI
    return page.width_px / dpi * MM_PER_INCH, page.height_px / dpi * MM_PER_INCH


def tell_changed(db: Db, page: DocumentPage, *, tag: Tag, actor: Actor, now: datetime) -> None:
    """Record that a page is another one now, and tell those who look at it."""
    append(
        db,
        tag=tag,
        actor=actor,
        now=now,
        subject=Subject("page", page.id),
        facts={
            "document": page.document_id,
            "rotation": page.rotation,
            "place": page.position,
            "state": page.state,
        },
    )
    announce(db, "page:changed", page=page.id, job=page.job_id, visit=page.document.visit_id)


def _view(document: Document, title: Title) -> dict[str, object]:
    return {
        "id": document.id,
        "kind": document.kind,
        "title": titles.of(document, title),
        "state": document.state,
        "key": document.title_key if document.kind == DocumentKind.FORM else None,
        "is_brought": titles.is_brought(document),
        "sheets": document.page_count,
        "created_at": document.created_at,
    }


def _page_view(page: DocumentPage, translate: Translate) -> dict[str, object]:
    return {
        "id": page.id,
        "number": page.number,
        "job": page.job_id,
        "state": page.state,
        "rotation": page.rotation,
        "width_px": page.width_px,
        "height_px": page.height_px,
        "dpi": page.dpi,
        "size_bytes": page.size_bytes,
        "sha256": page.sha256,
        "problems": _problems(page.problems, translate),
        "outline": _outline(page),
        "is_looked_at": page.outline is not None,
        "made": _made(page),
    }


def _outline(page: DocumentPage) -> dict[str, float] | None:
    if not page.outline:
        return None
    shown = Outline(**page.outline).turned(page.rotation, page_mm(page))
    return {name: round(length, 1) for name, length in asdict(shown).items()}


def _made(page: DocumentPage) -> dict[str, object] | None:
    if page.made is None:
        return None
    return {"how": page.made["how"], "can_restore": bool(originals_of(page))}


def _problems(
    problems: Iterable[dict[str, object]], translate: Translate
) -> list[dict[str, object]]:
    shown = []
    for problem in problems:
        facts = problem["facts"]
        text = PROBLEM_TEXTS.get(str(problem["key"]), PROBLEM_TEXTS["check-failed"])
        known: dict[str, object] = dict(facts) if isinstance(facts, dict) else {}
        shown.append(
            {"key": problem["key"], "bars": problem["bars"], "text": translate(text, known)}
        )
    return shown
