"""What a document and its pages may become, and the limits they keep."""

from __future__ import annotations

from enum import StrEnum

from bridge.core.errors import N_
from bridge.core.rules import Lifecycle
from counter_hooks import wire

LEAST_DPI = 200  # NTI de Digitalización de Documentos, resolution of 19 July 2011
MOST_PAGE_BYTES = wire.MOST_PAGE_BYTES
MOST_PAGES = 100
MEDIA_TYPES = frozenset({"image/jpeg", "image/png"})
MOST_TITLE_CHARACTERS = 80
ROTATIONS = (0, 90, 180, 270)
# How a page was made of others: cropped, or the two sides of a card put together.
TRIM, CARD = "trim", "card"


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
        (PageState.REPLACED, "restore"): PageState.VISIBLE,
        (PageState.REPLACED, "forget"): PageState.REMOVED,
    }
)

# What the checks that come along find; a stranger's problem is shown by the last one.
PROBLEM_TEXTS: dict[str, str] = {
    "resolution-too-low": N_(
        "The page has %(dpi)s dots per inch; the law asks for %(minimum_dpi)s. Scan it again."
    ),
    "resolution-unknown": N_(
        "Nobody has measured how fine this picture is: it is no copy in the sense of the law."
    ),
    "size-mismatch": N_("The page is %(width_mm)s × %(height_mm)s mm, not as ordered."),
    "blank-page": N_("The page looks blank. Does it lie face down?"),
    "format-unknown": N_("The page is of a format that cannot be kept."),
    "check-left-out": N_("One of the checks is switched off: look at the page yourself."),
    "check-failed": N_("The page could not be checked, so it cannot be used. Scan it again."),
}
