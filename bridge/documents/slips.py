"""Small papers for a roll of 80 mm: a citizen's number, a visit's receipt."""

from __future__ import annotations

from dataclasses import dataclass
from io import BytesIO

from bridge.documents.papers import Sheets, mm, register_fonts, split

_WIDTH = 80 * mm
_MARGIN = 5 * mm
_LEAD = 1.35
_SMALL, _LARGE, _NUMBER = 9.0, 12.0, 44.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Slip:
    """What stands on it, from the top: the office, a title, a number in large, lines, small print."""

    office: str
    title: str
    number: str
    lines: tuple[str, ...]
    notice: str = ""


def slip_pdf(slip: Slip) -> Sheets:
    """Return ``slip`` as a PDF of one page as long as it needs; the same slip gives the same bytes."""
    from reportlab.pdfgen.canvas import Canvas

    register_fonts()
    rows = list(_rows(slip))
    height = 2 * _MARGIN + sum(size * _LEAD for _, _, size in rows)
    out = BytesIO()
    canvas = Canvas(out, pagesize=(_WIDTH, height), invariant=True, pageCompression=1)
    canvas.setTitle(slip.title)
    canvas.setAuthor(slip.office)
    y = height - _MARGIN
    for text, font, size in rows:
        y -= size * _LEAD
        canvas.setFont(font, size)
        canvas.drawCentredString(_WIDTH / 2, y + size * (_LEAD - 1), text)
    canvas.save()
    return Sheets(content=out.getvalue(), pages=1)


def _rows(slip: Slip) -> list[tuple[str, str, float]]:
    texts = [
        (slip.office, "Vera", _SMALL),
        (slip.title, "VeraBd", _LARGE),
        (slip.number, "VeraBd", _NUMBER),
        *((line, "Vera", _LARGE) for line in slip.lines),
        (slip.notice, "Vera", _SMALL),
    ]
    return [
        (row, font, size)
        for text, font, size in texts
        for row in split(text, font, size, width=_WIDTH - 2 * _MARGIN)
    ]
