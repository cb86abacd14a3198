"""What a document and its pages may become, and the limits they keep."""

from __future__ import annotations

from enum import StrEnum

from bridge.core.rules import Lifecycle

LEAST_DPI = 200  # NTI de Digitalización de Documentos, resolution of 19 July 2011
MOST_PAGE_BYTES = 10 * 1024 * 1024  # the registry exchange (SIR) takes no larger file
MOST_PAGES = 100
MEDIA_TYPES = frozenset({"image/jpeg", "image/png"})
ROTATIONS = (0, 90, 180, 270)


class DocumentKind(StrEnum):
    """Where a document comes from."""

    SCAN = "scan"
    FORM = "form"


class DocumentState(StrEnum):
    """How far a document is."""

    DRAFT = "draft"
    CHECKED = "checked"
    ERASED = "erased"


class PageState(StrEnum):
    """Whether anybody may see a page."""

    QUARANTINE = "quarantine"
    VISIBLE = "visible"
    BARRED = "barred"
    REPLACED = "replaced"
    REMOVED = "removed"


PAGE = Lifecycle[PageState](
    {
        (PageState.QUARANTINE, "clear"): PageState.VISIBLE,
        (PageState.QUARANTINE, "bar"): PageState.BARRED,
        (PageState.VISIBLE, "replace"): PageState.REPLACED,
        (PageState.BARRED, "replace"): PageState.REPLACED,
        (PageState.VISIBLE, "remove"): PageState.REMOVED,
        (PageState.BARRED, "remove"): PageState.REMOVED,
    }
)
