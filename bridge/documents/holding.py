"""Documents as whoever changes them or their pages holds them: one after the other (ADR 19)."""

from __future__ import annotations

from sqlalchemy import select

from bridge.core.db import LOCK, Db
from bridge.core.errors import NotFound
from bridge.documents.models import Document, DocumentPage


def held(db: Db, document_id: str | None) -> Document:
    """Return a document, locked, with its pages as they are now. Raises ``NotFound``."""
    document = db.get(Document, document_id, with_for_update=LOCK, populate_existing=True)
    if document is None:
        raise NotFound(what="document")
    # What was read of them before the lock may have changed while it was waited for.
    pages = select(DocumentPage).where(DocumentPage.document_id == document_id)
    db.scalars(pages.execution_options(populate_existing=True)).all()
    return document


def held_page(db: Db, page_id: str) -> DocumentPage:
    """Return a page, its document held. Raises ``NotFound``."""
    where = select(DocumentPage.document_id).where(DocumentPage.id == page_id)
    document_id = db.scalar(where)
    if document_id is None:
        raise NotFound(what="page")
    held(db, document_id)
    return db.get_one(DocumentPage, page_id)
