"""What goes wrong with documents, as claims."""

from __future__ import annotations

from bridge.core.errors import N_, Gone, NotFound, NotNow, Refused, TooLarge


class HashMismatch(NotNow):
    """What arrived is not what was sent; it is dropped and has to be sent again from the start."""

    key = "hash-mismatch"
    text = N_("The page did not arrive whole.")


class JobNotWanted(Gone):
    """Nobody waits for pages of this job any more."""

    key = "job-not-wanted"
    text = N_("Nobody waits for this page any more.")


class PageUnreadable(Refused):
    """The bytes are not the image that they claim to be."""

    key = "page-unreadable"
    status = 415
    text = N_("This is not an image that can be kept.")


class OutlineUnfit(Refused):
    """What is to be cut out does not lie on the page."""

    key = "outline-unfit"
    text = N_("That part is not on the page. Please draw it again.")


class CardIncomplete(NotNow):
    """A side of the card is missing, or may not be used."""

    key = "card-incomplete"
    text = N_("Scan both sides of the card first.")


class CardNotFound(NotNow):
    """On one of the pages nothing is as large as an identity card."""

    key = "card-not-found"
    text = N_("No identity card was found on one of the sides. Crop that side by hand.")


class CardUnseen(NotNow):
    """Nobody has looked yet where the card lies on one of the pages."""

    key = "card-unseen"
    text = N_("One side is still being looked at. Please try again in a moment.")


class CardTooFine(Refused):
    """A sheet of that resolution would have more points than any page may have."""

    key = "card-too-fine"
    text = N_("The sides are too fine for one page. Scan both again with less resolution.")


class CardUnfit(NotNow):
    """The sides differ in resolution, or are too large for one sheet."""

    key = "card-unfit"
    text = N_("The two sides do not fit on one page at their true size. Scan them again alike.")


class NotRestorable(NotNow):
    """The page is as it was scanned, or what it was made of was erased."""

    key = "not-restorable"
    text = N_("There is no other version of this page any more.")


class PageTooLarge(TooLarge):
    """A page over the limit of the registry exchange."""

    key = "page-too-large"
    text = N_("The page is larger than %(most_mib)s MiB. Please scan it with less resolution.")


class PartOutOfPlace(NotNow):
    """A part of an upload that does not begin where the last one ended."""

    key = "part-out-of-place"
    text = N_("A part of the page is missing.")


class DocumentErased(Gone):
    """The visit's key was erased; nobody can read its files any more."""

    key = "document-erased"
    text = N_("This document was erased.")


class PageNotVisible(NotFound):
    """The page is still being checked, or was barred, replaced or removed."""

    key = "page-not-visible"
    text = N_("This page cannot be shown.")


class PdfUnreadable(Refused):
    """The bytes are no PDF, a broken one, or one without pages."""

    key = "pdf-unreadable"
    status = 415
    text = N_("This is not a PDF that can be printed. Please save it again as PDF.")


class PdfLocked(Refused):
    """A PDF that wants a password, or forbids to print it."""

    key = "pdf-locked"
    text = N_("This PDF is locked. Please save it without a password.")


class PdfTooHeavy(TooLarge):
    """A PDF with too many or too large pages, or one that takes too long to draw."""

    key = "pdf-too-heavy"
    text = N_("This PDF is too large to be printed here. Please take only the pages you need.")
