"""The two sides of an identity card: scanned one after the other, put on one page at true size."""

from __future__ import annotations

from typing import Literal

from bridge.core.db import Db
from bridge.documents import cutting, images
from bridge.documents.cutting import Picture
from bridge.documents.errors import CardIncomplete, CardNotFound, CardTooFine, CardUnfit, CardUnseen
from bridge.documents.making import Made
from bridge.documents.models import Document, DocumentPage
from bridge.documents.outlines import Outline
from bridge.documents.rules import CARD, PageState
from bridge.documents.service import SHOWN, card_sides, page_mm
from bridge.documents.store import DocumentStore

Side = Literal["front", "back"]
SIDES: tuple[Side, Side] = ("front", "back")


def sides_of(document: Document, db: Db) -> dict[Side, DocumentPage]:
    """Return the pages of a document that show a side of a card."""
    known = card_sides(db, [document.id])
    found: dict[Side, DocumentPage] = {}
    for page in document.pages:
        side = known.get(page.id)
        if side is not None and page.state in SHOWN:
            found["front" if side == "front" else "back"] = page
    return found


def wanted(db: Db, document_id: str | None) -> Literal["front", "back", "done"] | None:
    """Return the side that lies on the glass next; None where pages are scanned that are no card."""
    document = db.get(Document, document_id) if document_id else None
    if document is None:
        return "front"
    shown = [page for page in document.pages if page.state in SHOWN]
    if any((page.made or {}).get("how") == CARD for page in shown):
        return "done"
    sides = sides_of(document, db)
    if shown and not sides:
        return None
    missing = [side for side in SIDES if side not in sides or sides[side].state is PageState.BARRED]
    return missing[0] if missing else "done"


def put_together(db: Db, store: DocumentStore, document: Document) -> Made:
    """Return both sides of a card on one page; nothing is kept yet.

    Raises ``CardIncomplete``, ``CardNotFound``, ``CardTooFine``, ``CardUnfit``, ``CardUnseen``,
    ``PageUnreadable``.
    """
    sides = sides_of(document, db)
    pages = [sides[side] for side in SIDES if side in sides]
    if len(pages) < len(SIDES) or any(page.state is not PageState.VISIBLE for page in pages):
        raise CardIncomplete(state=document.state.value)
    dpi = pages[0].dpi
    if not dpi or any(page.dpi != dpi for page in pages):
        raise CardUnfit(state=document.state.value)
    if cutting.sheet_px(dpi) > images.MOST_PIXELS:
        raise CardTooFine(dpi=dpi)
    cuts = []
    for side, page in sides.items():
        outline = _outline(page, side)
        content = store.read(db, visit_id=document.visit_id, name=page.id)
        cuts.append((SIDES.index(side), cutting.within(content, outline, page.dpi, page.rotation)))
    sheet = cutting.on_sheet([cut for _, cut in sorted(cuts, key=lambda one: one[0])], dpi=dpi)
    if sheet is None:
        raise CardUnfit(state=document.state.value)
    picture: Picture = cutting.as_file(sheet, images.JPEG, dpi=dpi)
    return Made(how=CARD, of=tuple(page.id for page in pages), picture=picture, figures={})


def _outline(page: DocumentPage, side: Side) -> Outline | None:
    """Return where the card lies on a page; None when it was cropped by hand."""
    if page.made is not None:
        return None
    if page.outline is None:
        raise CardUnseen(side=side, state=page.state.value)
    found = Outline(**page.outline) if page.outline else None
    if found is None or not found.is_card():
        raise CardNotFound(side=side, state=page.state.value)
    return found.turned(page.rotation, page_mm(page))
