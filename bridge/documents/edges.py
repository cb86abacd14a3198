"""The edges of a paper to a tenth of a millimetre: a sharp step beside a soft shadow."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations, pairwise
from statistics import median
from typing import TYPE_CHECKING

from bridge.documents.cutting import cut
from bridge.documents.outlines import Outline, around

if TYPE_CHECKING:
    from PIL import Image

# Round corners are left out; the rest of a side is looked at in so many pieces.
CORNER, PIECES, LEAST_PIECES = 0.12, 8, 5
# The least sharp step, of 255, and how far from the line of its side it may be.
STEP, ASTRAY_MM = 5.0, 0.4
# A step is sharp when nothing rises a few points before and after it; a shadow does.
_AROUND = (-5, -4, 4, 5)
# How often the sides are looked at, and how far outside and inside of where they seem to be:
# a shadow makes a paper look larger.
_LOOKS_MM = ((1.5, 6.0), (1.0, 1.5))


@dataclass(frozen=True, slots=True, kw_only=True)
class _Side:
    """A side: how far inside of the outline it is, how askew to it, and for how much of it."""

    inset_mm: float
    slope: float
    length: float
    seen: float


def refine(picture: Image.Image, outline: Outline, per_mm: float) -> tuple[Outline, float] | None:
    """Return where the edges near ``outline`` really are, and the share of the sides that shows.

    None when one side shows no edge. ``picture`` has ``per_mm`` points to a millimetre.
    """
    seen = 0.0
    for outside, inside in _LOOKS_MM:
        sides = _sides(picture, outline, per_mm, (outside, inside))
        if sides is None:
            return None
        outline = _moved(outline, sides)
        if outline.width_mm <= 0 or outline.height_mm <= 0:
            return None
        seen = min(side.seen for side in sides.values())
    return outline, seen


def _sides(
    picture: Image.Image, outline: Outline, per_mm: float, look_mm: tuple[float, float]
) -> dict[str, _Side] | None:
    from PIL import Image

    outside, inside = look_mm
    upright = cut(picture, outline, per_mm, margin_mm=outside)
    deep = round((outside + inside) * per_mm)
    turns = {
        "left": None,
        "top": Image.Transpose.ROTATE_90,
        "right": Image.Transpose.ROTATE_180,
        "bottom": Image.Transpose.ROTATE_270,
    }
    found = {}
    for name, turn in turns.items():
        seen = _side(upright if turn is None else upright.transpose(turn), deep, per_mm)
        if seen is None:
            return None
        found[name] = _Side(
            inset_mm=seen.inset_mm - outside,
            slope=seen.slope,
            length=seen.length,
            seen=seen.seen,
        )
    return found


def _side(upright: Image.Image, deep: int, per_mm: float) -> _Side | None:
    """Look at the left side of ``upright``, ``deep`` points into it."""
    from PIL import Image

    height = upright.height
    first, last = height * CORNER, height * (1 - CORNER)
    strip = upright.crop((0, round(first), deep, round(last)))
    strip = strip.resize((deep, PIECES), Image.Resampling.BOX)
    piece = (last - first) / PIECES
    places = [
        (first + (number + 0.5) * piece - height / 2, at)
        for number, row in enumerate(_rows(strip))
        if (at := _step(row)) is not None
    ]
    if len(places) < LEAST_PIECES:
        return None
    slope = median((b - a) / (y - x) for (x, a), (y, b) in combinations(places, 2))
    inset = median(at - slope * y for y, at in places)
    on_line = sum(abs(at - inset - slope * y) < ASTRAY_MM * per_mm for y, at in places)
    return _Side(inset_mm=inset / per_mm, slope=slope, length=height, seen=on_line / PIECES)


def _rows(strip: Image.Image) -> list[list[tuple[int, ...]]]:
    data, bands = strip.tobytes(), len(strip.getbands())
    points = [tuple(data[start : start + bands]) for start in range(0, len(data), bands)]
    return [points[start : start + strip.width] for start in range(0, len(points), strip.width)]


def _step(row: Sequence[tuple[int, ...]]) -> float | None:
    """Return where the outermost sharp step of ``row`` is."""
    rises = [
        max(abs(a - b) for a, b in zip(one, other, strict=True)) for one, other in pairwise(row)
    ]
    last = len(rises) - 1

    def sharp(at: int) -> float:
        here = sum(rises[min(last, max(0, at + aside))] for aside in (-1, 0, 1))
        return here - 3 * sum(rises[min(last, max(0, at + far))] for far in _AROUND) / len(_AROUND)

    sharpness = [sharp(at) for at in range(len(rises))]
    for at in range(1, last):
        before, here, after = sharpness[at - 1 : at + 2]
        if here >= STEP and before <= here >= after:
            bend = before - 2 * here + after
            return at + 1 + (0.5 * (before - after) / bend if bend else 0.0)
    return None


def _moved(outline: Outline, sides: Mapping[str, _Side]) -> Outline:
    left, top, right, bottom = (sides[name].inset_mm for name in ("left", "top", "right", "bottom"))
    around_all = sum(side.length for side in sides.values())
    slope = sum(side.slope * side.length for side in sides.values()) / around_all
    turn = math.radians(outline.angle)
    aside, down = (left - right) / 2, (top - bottom) / 2
    x, y = outline.middle
    middle = (
        x + aside * math.cos(turn) - down * math.sin(turn),
        y + aside * math.sin(turn) + down * math.cos(turn),
    )
    return around(
        middle,
        outline.width_mm - left - right,
        outline.height_mm - top - bottom,
        angle=outline.angle - math.degrees(math.atan(slope)),
    )
