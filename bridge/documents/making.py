"""Pages that the bridge makes of scanned ones: offered, asked for by the clerk, taken back.

What a page was made of is replaced by it and kept, so that the clerk may go back; when it is
forgotten its file is erased. The audit says what was made of which pages, and how.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime

from sqlalchemy import func, select

from bridge.audit.rules import Actor, Subject, Tag
from bridge.audit.service import append
from bridge.core.db import Db, announce
from bridge.core.errors import NotNow
from bridge.core.ids import new_id
from bridge.documents import cutting
from bridge.documents.cutting import Picture
from bridge.documents.errors import NotRestorable, OutlineUnfit
from bridge.documents.holding import held_page
from bridge.documents.models import Document, DocumentPage
from bridge.documents.outlines import Outline
from bridge.documents.rules import MOST_PAGES, PAGE, TRIM, PageState
from bridge.documents.service import SHOWN, originals_of, tell_changed
from bridge.documents.store import DocumentStore


@dataclass(frozen=True, slots=True, kw_only=True)
class Made:
    """A picture that takes the place of ``of``; ``figures`` go into the audit."""

    how: str
    of: tuple[str, ...]
    picture: Picture
    figures: Mapping[str, float]


def trim(db: Db, store: DocumentStore, page: DocumentPage, outline: Outline) -> Made:
    """Return what is within ``outline`` of a page as it is shown; nothing is kept yet.

    Raises ``NotNow``, ``OutlineUnfit``, ``PageUnreadable``, ``PageTooLarge``.
    """
    _require_visible(page)
    if not page.dpi:
        raise OutlineUnfit
    content = store.read(db, visit_id=page.document.visit_id, name=page.id)
    picture = cutting.trimmed(content, outline, dpi=page.dpi, rotation=page.rotation)
    figures = {name: round(length, 1) for name, length in asdict(outline).items()}
    return Made(how=TRIM, of=(page.id,), picture=picture, figures=figures)


def keep(db: Db, store: DocumentStore, made: Made, *, actor: Actor, now: datetime) -> None:
    """Put what was made in the place of what it was made of. Raises ``NotNow``."""
    # Pages that are made at once of one job's come one after the other: each has its own number.
    document = held_page(db, made.of[-1]).document
    replaced = [db.get_one(DocumentPage, one) for one in made.of]
    for page in replaced:
        _require_visible(page)
        page.state = PAGE.moves[(page.state, "replace")]
    last = replaced[-1]
    page = _new_page(db, made, last, now=now)
    page.position = min(one.position for one in replaced)
    db.add(page)
    db.flush()
    store.write(db, visit_id=document.visit_id, name=page.id, content=made.picture.content, now=now)
    facts = {
        "how": made.how,
        "of": ",".join(made.of),
        "document": document.id,
        "sha256": page.sha256,
        "bytes": page.size_bytes,
        "dpi": page.dpi,
        **made.figures,
    }
    append(
        db, tag=Tag.PAGE_MADE, actor=actor, now=now, subject=Subject("page", page.id), facts=facts
    )
    # Checked as a page that was scanned is, before anybody sees it.
    announce(db, "page:stored", page=page.id, job=page.job_id, visit=document.visit_id)


def restore(
    db: Db, store: DocumentStore, page: DocumentPage, *, actor: Actor, now: datetime
) -> None:
    """Bring back what a page that is held was made of. Raises ``NotRestorable``, ``NotNow``."""
    originals = originals_of(page)
    if not originals:
        raise NotRestorable(state=page.state.value)
    after = PAGE.after(page.state, "remove")
    if after is None:
        raise NotNow(state=page.state.value)
    # Where the page stands now: the clerk may have moved it, or others past it.
    shown = [one for one in page.document.pages if one.state in SHOWN]
    at = shown.index(page)
    shown[at : at + 1] = originals
    page.state = after
    store.forget(db, visit_id=page.document.visit_id, name=page.id)
    for original in originals:
        original.state = PAGE.moves[(original.state, "restore")]
    for position, one in enumerate(shown, start=1):
        one.position = position
    tell_changed(db, page, tag=Tag.PAGE_RESTORED, actor=actor, now=now)


def forget_replaced(
    db: Db, store: DocumentStore, document: Document, *, actor: Actor, now: datetime
) -> None:
    """Erase the files of every page that another one has replaced."""
    replaced = [page for page in document.pages if page.state is PageState.REPLACED]
    _forget(db, store, replaced, actor=actor, now=now)


def forget_originals(
    db: Db, store: DocumentStore, page: DocumentPage, *, actor: Actor, now: datetime
) -> None:
    """Erase what a removed page was made of, however often it was made anew."""
    originals = originals_of(page)
    _forget(db, store, originals, actor=actor, now=now)
    for original in originals:
        forget_originals(db, store, original, actor=actor, now=now)


def _forget(
    db: Db, store: DocumentStore, pages: Sequence[DocumentPage], *, actor: Actor, now: datetime
) -> None:
    for page in pages:
        page.state = PAGE.moves[(page.state, "forget")]
        store.forget(db, visit_id=page.document.visit_id, name=page.id)
        tell_changed(db, page, tag=Tag.PAGE_REMOVED, actor=actor, now=now)


def _require_visible(page: DocumentPage) -> None:
    if page.state is not PageState.VISIBLE:
        raise NotNow(state=page.state.value)


def _new_page(db: Db, made: Made, last: DocumentPage, *, now: datetime) -> DocumentPage:
    picture = made.picture
    numbered = db.scalar(
        select(func.max(DocumentPage.number)).where(DocumentPage.job_id == last.job_id)
    )
    return DocumentPage(
        id=new_id(now),
        document_id=last.document_id,
        job_id=last.job_id,
        number=max(MOST_PAGES, numbered or 0) + 1,
        media_type=picture.media_type,
        sha256=hashlib.sha256(picture.content).hexdigest(),
        size_bytes=len(picture.content),
        width_px=picture.width_px,
        height_px=picture.height_px,
        dpi=picture.dpi,
        problems=[],
        outline={},
        made={"how": made.how, "of": list(made.of)},
        stored_at=now,
    )
