"""Cuts papers out of scanned pages, upright and at their own scale."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from bridge.documents import images
from bridge.documents.errors import OutlineUnfit, PageTooLarge
from bridge.documents.outlines import Outline
from bridge.documents.rules import MOST_PAGE_BYTES
from counter_hooks.model import MM_PER_INCH

if TYPE_CHECKING:
    from PIL import Image

# A4 (ISO 216), and the room above and between two sides of a card.
_SHEET_MM = (210.0, 297.0, 25.0)
LEAST_MM = 5.0
MOST_ANGLE = 45.0
# A page is a point larger or smaller than its millimetres.
_ROUNDING_MM = 0.2


@dataclass(frozen=True, slots=True, kw_only=True)
class Picture:
    """The file of a page that was made here."""

    content: bytes
    media_type: str
    width_px: int
    height_px: int
    dpi: int


def check(outline: Outline, page_mm: tuple[float, float]) -> None:
    """Raise ``OutlineUnfit`` unless ``outline`` is a part of a page of that size."""
    sides = (outline.width_mm, outline.height_mm)
    if not all(map(math.isfinite, (*sides, *outline.middle, outline.angle))):
        raise OutlineUnfit
    is_within = all(
        LEAST_MM <= side <= length + _ROUNDING_MM and 0 <= at <= length
        for side, at, length in zip(sides, outline.middle, page_mm, strict=True)
    )
    if not is_within or abs(outline.angle) > MOST_ANGLE:
        raise OutlineUnfit


def trimmed(content: bytes, outline: Outline, *, dpi: int, rotation: int) -> Picture:
    """Return what is within ``outline`` of a page that is shown turned by ``rotation``.

    Raises ``OutlineUnfit``, ``PageUnreadable``, ``PageTooLarge``.
    """
    picture, media_type = images.upright(content, rotation=rotation)
    per_mm = dpi / MM_PER_INCH
    check(outline, (picture.width / per_mm, picture.height / per_mm))
    return as_file(cut(picture, outline, per_mm), media_type, dpi=dpi)


def within(content: bytes, outline: Outline | None, dpi: int, rotation: int) -> Image.Image:
    """Return what is within ``outline`` of a page that is shown turned, all of it for None.

    Raises ``PageUnreadable``.
    """
    picture, _ = images.upright(content, rotation=rotation)
    return picture if outline is None else cut(picture, outline, dpi / MM_PER_INCH)


def sheet_px(dpi: int) -> int:
    """Return how many points an A4 sheet has."""
    width, height, _margin = _sheet(dpi)
    return width * height


def on_sheet(pictures: Sequence[Image.Image], *, dpi: int) -> Image.Image | None:
    """Return ``pictures`` one below the other on a white A4 sheet, none of them scaled.

    None when they are too large for it.
    """
    from PIL import Image

    width, height, margin = _sheet(dpi)
    mode = "L" if all(picture.mode == "L" for picture in pictures) else "RGB"
    sheet = Image.new(mode, (width, height), "white")
    top = margin
    for picture in pictures:
        if picture.width > width or top + picture.height > height:
            return None
        sheet.paste(picture, ((width - picture.width) // 2, top))
        top += picture.height + margin
    return sheet


def _sheet(dpi: int) -> tuple[int, int, int]:
    width, height, margin = (round(side / MM_PER_INCH * dpi) for side in _SHEET_MM)
    return width, height, margin


def as_file(picture: Image.Image, media_type: str, *, dpi: int) -> Picture:
    """Return ``picture`` as it is kept. Raises ``PageTooLarge``."""
    content = images.encoded(picture, media_type, dpi=dpi)
    if len(content) > MOST_PAGE_BYTES:
        raise PageTooLarge(most_mib=MOST_PAGE_BYTES // 2**20)
    return Picture(
        content=content,
        media_type=media_type,
        width_px=picture.width,
        height_px=picture.height,
        dpi=dpi,
    )


def cut(
    picture: Image.Image, outline: Outline, per_mm: float, *, margin_mm: float = 0.0
) -> Image.Image:
    """Return what is within ``outline``, and ``margin_mm`` around it, upright and not scaled.

    What lies beyond the picture is white.
    """
    from PIL import Image

    width = max(1, round((outline.width_mm + 2 * margin_mm) * per_mm))
    height = max(1, round((outline.height_mm + 2 * margin_mm) * per_mm))
    turn = math.radians(outline.angle)
    cosine, sine = math.cos(turn), math.sin(turn)
    x, y = (length * per_mm for length in outline.middle)
    left = x - cosine * width / 2 + sine * height / 2
    top = y - sine * width / 2 - cosine * height / 2
    white = (255,) * len(picture.getbands())
    if not outline.angle:
        # Points fall on points: what is only cut out stays as it was scanned.
        moved = (1.0, 0.0, float(round(left)), 0.0, 1.0, float(round(top)))
        how = Image.Resampling.NEAREST
    else:
        moved, how = (cosine, -sine, left, sine, cosine, top), Image.Resampling.BICUBIC
    return picture.transform(
        (width, height),
        Image.Transform.AFFINE,
        moved,
        how,
        fillcolor=white if len(white) > 1 else white[0],
    )
