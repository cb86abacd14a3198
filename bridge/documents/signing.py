"""A declaration that was signed on the screen, as one page: what it says, and the name under it."""

from __future__ import annotations

from io import BytesIO
from pathlib import Path
from typing import TYPE_CHECKING

from bridge.core.errors import N_, Refused
from bridge.documents.errors import PageTooLarge, PageUnreadable
from bridge.documents.images import MOST_PIXELS
from bridge.documents.papers import FormText

if TYPE_CHECKING:
    from PIL.Image import Image
    from PIL.ImageDraw import ImageDraw
    from PIL.ImageFont import FreeTypeFont

# The page: A5 across, at the least resolution that the law takes with room to spare.
DPI = 300
WIDTH_MM, HEIGHT_MM = 210.0, 148.0
MOST_SIGNATURE_BYTES = 200 * 1024
# What the screen draws on: 80 by 32 mm.
MOST_SIDE_PX = 2400
LEAST_INK_DOTS = 200
_FIELD_MM = (80, 32)
_MARGIN_MM = 12
_SIZES_MM = (4.4, 4.0, 3.6, 3.2, 2.8, 2.4)
_DARK = 140


class SignatureEmpty(Refused):
    """What came has no line in it."""

    key = "signature-empty"
    text = N_("Please sign in the field first.")


class DeclarationTooLong(Refused):
    """The declaration does not fit above a signature."""

    key = "declaration-too-long"
    text = N_("This text is too long to be signed on the screen. Please use paper.")


def cleaned(content: bytes) -> Image:
    """Return the lines of a signature, black on white, and nothing else of what came.

    Raises ``PageTooLarge``, ``PageUnreadable``, ``SignatureEmpty``.
    """
    from PIL import Image

    if len(content) > MOST_SIGNATURE_BYTES:
        raise PageTooLarge(most_mib=1)
    try:
        with Image.open(BytesIO(content), formats=("PNG",)) as opened:
            if max(opened.size) > MOST_SIDE_PX or opened.width * opened.height > MOST_PIXELS:
                raise PageUnreadable(pixels=opened.width * opened.height)
            shown = opened.convert("RGBA")
    except (OSError, SyntaxError, ValueError, Image.DecompressionBombError) as error:
        raise PageUnreadable from error
    white = Image.new("RGBA", shown.size, "white")
    grey = Image.alpha_composite(white, shown).convert("L")
    if sum(grey.histogram()[:_DARK]) < LEAST_INK_DOTS:
        raise SignatureEmpty
    return grey


def sheet(form: FormText, signature: Image, *, where: str) -> bytes:
    """Return the signed page as a PNG. Raises ``DeclarationTooLong``."""
    from PIL import Image, ImageDraw

    page = Image.new("L", (_dots(WIDTH_MM), _dots(HEIGHT_MM)), 255)
    draw = ImageDraw.Draw(page)
    top = _head(draw, form)
    bottom = _dots(HEIGHT_MM - _MARGIN_MM - _FIELD_MM[1] - 6)
    _declaration(draw, form.declaration, top, bottom)
    left, foot = _dots(WIDTH_MM - _MARGIN_MM - _FIELD_MM[0]), bottom + _dots(6)
    draw.text((left, bottom), form.signature, font=_font(3.2))
    draw.text((_dots(_MARGIN_MM), bottom), where, font=_font(3.2))
    size = (_dots(_FIELD_MM[0]), _dots(_FIELD_MM[1]))
    fitted = _fitted(signature, size)
    page.paste(fitted, (left + (size[0] - fitted.width) // 2, foot))
    draw.rectangle((left, foot, left + size[0], foot + size[1]), outline=0, width=3)
    out = BytesIO()
    page.save(out, "PNG", dpi=(DPI, DPI))
    return out.getvalue()


def _head(draw: ImageDraw, form: FormText) -> int:
    margin, right = _dots(_MARGIN_MM), _dots(WIDTH_MM - _MARGIN_MM)
    draw.text((margin, margin), form.office, font=_font(3.6))
    draw.text((right, margin), form.reference, font=_font(3.2), anchor="ra")
    draw.line((margin, margin + _dots(6), right, margin + _dots(6)), width=4)
    top = margin + _dots(10)
    for line in _lines(draw, form.title, 5.2, is_bold=True):
        draw.text((margin, top), line, font=_font(5.2, is_bold=True))
        top += _dots(7)
    return top + _dots(3)


def _declaration(draw: ImageDraw, text: str, top: int, bottom: int) -> None:
    for size in _SIZES_MM:
        lines, pitch = _lines(draw, text, size), _dots(size * 1.5)
        if top + pitch * len(lines) <= bottom:
            for number, line in enumerate(lines):
                draw.text((_dots(_MARGIN_MM), top + pitch * number), line, font=_font(size))
            return
    raise DeclarationTooLong(characters=len(text))


def _lines(draw: ImageDraw, text: str, size: float, *, is_bold: bool = False) -> list[str]:
    width, font = _dots(WIDTH_MM - 2 * _MARGIN_MM), _font(size, is_bold=is_bold)
    lines = [""]
    for word in text.split():
        longer = f"{lines[-1]} {word}".strip()
        if lines[-1] and draw.textlength(longer, font=font) > width:
            lines.append(word)
        else:
            lines[-1] = longer
    return lines


def _fitted(signature: Image, size: tuple[int, int]) -> Image:
    factor = min(size[0] / signature.width, size[1] / signature.height)
    return signature.resize((round(signature.width * factor), round(signature.height * factor)))


def _font(size_mm: float, *, is_bold: bool = False) -> FreeTypeFont:
    import reportlab
    from PIL import ImageFont

    name = "VeraBd.ttf" if is_bold else "Vera.ttf"
    return ImageFont.truetype(Path(reportlab.__file__).parent / "fonts" / name, _dots(size_mm))


def _dots(length_mm: float) -> int:
    return round(length_mm / 25.4 * DPI)
