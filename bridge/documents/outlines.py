"""Outlines of papers on the glass, in millimetres: pure geometry.

An outline is a rectangle that was turned clockwise around its middle. Lengths count from the top
left corner of the page as it is shown.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

# ISO/IEC 7810: an identity card is of the format ID-1.
CARD_MM = (85.60, 53.98)
# What shadow, lens and a worn edge may add or take.
CARD_TOLERANCE_MM = 2.0
MOST_ANGLE = 45.0

Point = tuple[float, float]


@dataclass(frozen=True, slots=True, kw_only=True)
class Outline:
    """Where a paper lies; ``left_mm`` and ``top_mm`` are of the rectangle before it is turned."""

    left_mm: float
    top_mm: float
    width_mm: float
    height_mm: float
    angle: float = 0.0

    @property
    def middle(self) -> Point:
        """Return the point around which it is turned."""
        return self.left_mm + self.width_mm / 2, self.top_mm + self.height_mm / 2

    def is_card(self) -> bool:
        """Say whether it is as large as an identity card, whichever way it lies."""
        sides = sorted((self.width_mm, self.height_mm), reverse=True)
        return all(
            abs(side - wanted) <= CARD_TOLERANCE_MM
            for side, wanted in zip(sides, CARD_MM, strict=True)
        )

    def turned(self, rotation: int, page_mm: tuple[float, float]) -> Outline:
        """Return the same outline on the page turned clockwise by ``rotation`` degrees.

        ``page_mm`` are width and height of the page before that.
        """
        outline, (width, height) = self, page_mm
        for _ in range(rotation // 90 % 4):
            x, y = outline.middle
            outline = around(
                (height - y, x), outline.height_mm, outline.width_mm, angle=outline.angle
            )
            width, height = height, width
        return outline


def around(middle: Point, width: float, height: float, *, angle: float = 0.0) -> Outline:
    """Return the outline with that middle and those sides."""
    return Outline(
        left_mm=middle[0] - width / 2,
        top_mm=middle[1] - height / 2,
        width_mm=width,
        height_mm=height,
        angle=angle,
    )


def smallest_around(points: Iterable[Point]) -> Outline | None:
    """Return the smallest rectangle around ``points``, turned by 45 degrees at most.

    One side of it lies along a side of the hull (Freeman and Shapira, 1975).
    """
    hull = _hull(points)
    if len(hull) < 3:
        return None
    found = (_along(hull, start, end) for start, end in zip(hull, hull[1:] + hull[:1], strict=True))
    return min(found, key=lambda one: one.width_mm * one.height_mm)


def _along(hull: Sequence[Point], start: Point, end: Point) -> Outline:
    angle = math.degrees(math.atan2(end[1] - start[1], end[0] - start[0]))
    angle = (angle + MOST_ANGLE) % 90 - MOST_ANGLE
    turn = math.radians(angle)
    cosine, sine = math.cos(turn), math.sin(turn)
    across = [x * cosine + y * sine for x, y in hull]
    down = [y * cosine - x * sine for x, y in hull]
    middle_across = (min(across) + max(across)) / 2
    middle_down = (min(down) + max(down)) / 2
    middle = (
        middle_across * cosine - middle_down * sine,
        middle_across * sine + middle_down * cosine,
    )
    return around(middle, max(across) - min(across), max(down) - min(down), angle=angle)


def _hull(points: Iterable[Point]) -> list[Point]:
    """Return the convex hull of ``points`` (Andrew's monotone chain)."""
    ordered = sorted(set(points))
    lower = _chain(ordered)
    upper = _chain(ordered[::-1])
    return lower[:-1] + upper[:-1]


def _chain(ordered: Iterable[Point]) -> list[Point]:
    chain: list[Point] = []
    for point in ordered:
        while len(chain) > 1 and _turn(chain[-2], chain[-1], point) <= 0:
            chain.pop()
        chain.append(point)
    return chain


def _turn(first: Point, second: Point, third: Point) -> float:
    return (second[0] - first[0]) * (third[1] - first[1]) - (second[1] - first[1]) * (
        third[0] - first[0]
    )
