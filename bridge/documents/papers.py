"""Documents as PDF: the form to print, and scanned pages bound together.

The form is drawn in the citizen's language with embedded type, so that every printer shows the
same. Scanned pages go in as they are, not encoded again: what was hashed is what is read.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass
from io import BytesIO
from typing import Any

# reportlab is loaded with the first document: an idle bridge does without its 10 MiB.

mm = 72 / 25.4
_BODY, _BOLD = "Vera", "VeraBd"
_WIDTH, _HEIGHT = A4 = (210 * mm, 297 * mm)
_MARGIN = 20 * mm
# A line that is written on by hand; where the sheet has room, it is wider.
_LEAST_LINE, _MOST_LINE = 9 * mm, 12 * mm
_LABEL = 7 * mm
_LABEL_SIZE = _TEXT_SIZE = 11.5
_SIGNATURE = 44 * mm
_POINTS_PER_INCH = 72


@dataclass(frozen=True, slots=True, kw_only=True)
class Field:
    """Something to fill in by hand, on so many lines."""

    label: str
    lines: int = 1


@dataclass(frozen=True, slots=True, kw_only=True)
class FormText:
    """A form in one language, ready to be drawn; ``notice`` is the small print."""

    office: str
    title: str
    reference: str
    fields: tuple[Field, ...]
    declaration: str
    place_and_date: str
    signature: str
    notice: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class BoundPage:
    """One scanned page for a PDF; ``rotation`` is clockwise, in degrees."""

    content: bytes
    width_px: int
    height_px: int
    dpi: int
    rotation: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Sheets:
    """What is to be printed: a PDF of so many pages."""

    content: bytes
    pages: int

    @property
    def sha256(self) -> str:
        """The digest of the file."""
        return hashlib.sha256(self.content).hexdigest()


def form_pdf(form: FormText) -> Sheets:
    """Return ``form`` as a PDF of A4 pages; the same form gives the same bytes."""
    from reportlab.pdfgen.canvas import Canvas

    register_fonts()
    out = BytesIO()
    canvas = Canvas(out, pagesize=A4, invariant=True, pageCompression=1)
    canvas.setTitle(form.title)
    canvas.setAuthor(form.office)
    _Form(canvas, form).draw()
    pages: int = canvas.getPageNumber()
    canvas.save()
    return Sheets(content=out.getvalue(), pages=pages)


def bound_pdf(pages: Iterable[BoundPage], *, title: str) -> bytes:
    """Return scanned pages as one PDF at their true size."""
    from reportlab.lib.utils import ImageReader
    from reportlab.pdfgen.canvas import Canvas

    out = BytesIO()
    canvas = Canvas(out, invariant=True, pageCompression=0)
    canvas.setTitle(title)
    for page in pages:
        width = page.width_px / page.dpi * _POINTS_PER_INCH
        height = page.height_px / page.dpi * _POINTS_PER_INCH
        canvas.setPageSize((width, height))
        canvas.setPageRotation(page.rotation)
        canvas.drawImage(ImageReader(BytesIO(page.content)), 0, 0, width, height)
        canvas.showPage()
    canvas.save()
    return out.getvalue()


class _Form:
    """Draws a form from the top of the sheet down, on as many sheets as it needs."""

    def __init__(self, canvas: Any, form: FormText) -> None:
        self._canvas = canvas
        self._form = form
        self._y = _HEIGHT - _MARGIN
        self._line = _LEAST_LINE

    def draw(self) -> None:
        self._head()
        self._line = self._line_that_fits()
        for field in self._form.fields:
            self._field(field)
        self._y -= 6 * mm
        self._paragraph(self._form.declaration, size=_TEXT_SIZE)
        self._signature()
        if self._form.notice:
            self._paragraph(self._form.notice, size=7.5)

    def _line_that_fits(self) -> float:
        lines = sum(field.lines for field in self._form.fields) or 1
        labels = len(self._form.fields) * _LABEL
        words = len(split(self._form.declaration, _BODY, _TEXT_SIZE)) * _TEXT_SIZE * 1.4
        room = self._y - _MARGIN - labels - words - _SIGNATURE - 20 * mm
        return min(_MOST_LINE, max(_LEAST_LINE, room / lines))

    def _head(self) -> None:
        self._text(self._form.office, font=_BODY, size=11)
        self._canvas.setFont(_BODY, 10)
        self._canvas.drawRightString(_WIDTH - _MARGIN, self._y + 4.6 * mm, self._form.reference)
        self._canvas.setLineWidth(1.2)
        self._canvas.line(_MARGIN, self._y, _WIDTH - _MARGIN, self._y)
        self._y -= 12 * mm
        self._text(self._form.title, font=_BOLD, size=17)
        self._y -= 4 * mm

    def _field(self, field: Field) -> None:
        self._room_for(self._line * field.lines + _LABEL + 1 * mm)
        self._y -= _LABEL
        self._canvas.setFont(_BODY, _LABEL_SIZE)
        self._canvas.drawString(_MARGIN, self._y, field.label)
        self._canvas.setLineWidth(0.5)
        for _ in range(field.lines):
            self._y -= self._line
            self._canvas.line(_MARGIN, self._y, _WIDTH - _MARGIN, self._y)

    def _signature(self) -> None:
        self._room_for(_SIGNATURE)
        self._y -= 8 * mm
        half = (_WIDTH - 2 * _MARGIN - 10 * mm) / 2
        right = _MARGIN + half + 10 * mm
        self._canvas.setFont(_BODY, _LABEL_SIZE)
        self._canvas.drawString(_MARGIN, self._y, self._form.place_and_date)
        self._canvas.drawString(right, self._y, self._form.signature)
        self._canvas.line(_MARGIN, self._y - 20 * mm, _MARGIN + half, self._y - 20 * mm)
        self._canvas.rect(right, self._y - 28 * mm, half, 25 * mm)
        self._y -= 36 * mm

    def _paragraph(self, text: str, *, size: float) -> None:
        for line in split(text, _BODY, size):
            self._room_for(size * 1.5)
            self._text(line, font=_BODY, size=size)

    def _text(self, text: str, *, font: str, size: float) -> None:
        for line in split(text, font, size):
            self._y -= size * 1.4
            self._canvas.setFont(font, size)
            self._canvas.drawString(_MARGIN, self._y + size * 0.3, line)

    def _room_for(self, height: float) -> None:
        if self._y - height < _MARGIN:
            self._canvas.showPage()
            self._y = _HEIGHT - _MARGIN


def split(text: str, font: str, size: float, *, width: float = _WIDTH - 2 * _MARGIN) -> list[str]:
    """Return ``text`` in lines no wider than ``width``."""
    from reportlab.lib.utils import simpleSplit

    lines: list[str] = simpleSplit(text, font, size, width)
    return lines


def register_fonts() -> None:
    """Make the embedded type known to reportlab, once."""
    from reportlab.pdfbase import pdfmetrics
    from reportlab.pdfbase.ttfonts import TTFont

    for name in (_BODY, _BOLD):
        if name not in pdfmetrics.getRegisteredFontNames():
            pdfmetrics.registerFont(TTFont(name, f"{name}.ttf"))
