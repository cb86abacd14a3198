"""Looks for the paper on a scanned page, and how askew it is: what is proposed to the clerk.

A paper is found by what differs from the lid around it. Where the paper covers the glass, only its
lines tell how askew it lies. Both are looked for in a small copy of the page.
"""

from __future__ import annotations

from itertools import accumulate, pairwise
from typing import TYPE_CHECKING

from bridge.documents import edges, images, patches
from bridge.documents.cutting import cut
from bridge.documents.outlines import Outline, Point, around, smallest_around
from counter_hooks.model import MM_PER_INCH

if TYPE_CHECKING:
    from PIL import Image

# Points to a millimetre: to see where something lies, how its lines run, where its edges are.
COARSE, LINES, FINE = 2.0, 3.0, 8.0
RING_MM = 2.0
# The least difference from the lid, of 255, that is no noise.
DIFFERENCE = 8
# What a paper is: not tiny, not the whole glass, full to its edges, and alone.
LEAST_MM, MOST_SHARE, LEAST_FILLED, LEAST_SEEN = 20.0, 0.9, 0.93, 0.75
MOST_BESIDE = 0.002
# How much of its edge differs from the lid; the margin of a text is broken by every line space.
LEAST_EDGE, EDGE_MM = 0.85, 1.0
# Less is not worth a change of the picture; more is no paper that was laid down in haste.
LEAST_ANGLE, MOST_ANGLE = 0.3, 7.0
# Steps in which the angle of the lines is looked for, and how much better the best must be.
_STEPS = (0.5, 0.1, 0.02)
_CLEARLY = 1.5


def propose(content: bytes, *, dpi: int) -> Outline | None:
    """Return where the paper lies on a page; None when there is nothing to crop or to straighten.

    A paper as large as the page is only straightened: its outline has the size of the page.
    Raises ``PageUnreadable``.
    """
    head = images.facts(content)
    across, down = (side / dpi * MM_PER_INCH for side in (head.width_px, head.height_px))
    # No paper is so small, and no glass so large: the file says a wrong resolution.
    if min(across, down) < LEAST_MM or across * down * FINE**2 > images.MOST_PIXELS:
        return None
    picture, page_mm = images.small(content, dpi=dpi, per_mm=FINE)
    mask = _unlike_lid(picture)
    return _paper(picture, mask, page_mm) or _askew(mask, page_mm)


def _unlike_lid(picture: Image.Image) -> Image.Image:
    """Return a mask of what differs from the lid, which is what most of the rim shows."""
    from PIL import Image, ImageChops

    ring = round(RING_MM * FINE)
    rim = Image.new("L", picture.size, 255)
    rim.paste(0, (ring, ring, picture.width - ring, picture.height - ring))
    lid = tuple(_median(band.histogram(rim)) for band in picture.split())
    red, green, blue = ImageChops.difference(picture, Image.new("RGB", picture.size, lid)).split()
    most = ImageChops.lighter(ImageChops.lighter(red, green), blue)
    return most.point([255 if shade > DIFFERENCE else 0 for shade in range(256)])


def _median(histogram: list[int]) -> int:
    half = sum(histogram) / 2
    return next(shade for shade, sofar in enumerate(accumulate(histogram)) if sofar >= half)


def _paper(picture: Image.Image, mask: Image.Image, page_mm: Point) -> Outline | None:
    """Return the one paper that lies on the glass with the lid all around it."""
    from PIL import ImageFilter

    coarse = _scaled(mask, COARSE, page_mm)
    closed = coarse.filter(ImageFilter.MaxFilter(5)).filter(ImageFilter.MinFilter(5))
    patch = patches.largest(closed)
    rough = smallest_around((x / COARSE, y / COARSE) for x, y in patches.corners(patch))
    if rough is None or not _is_alone(coarse, rough, patches.area(patch)):
        return None
    refined = edges.refine(picture, rough, FINE)
    if refined is None:
        return None
    paper, seen = refined
    is_whole = paper.width_mm * paper.height_mm > MOST_SHARE * page_mm[0] * page_mm[1]
    is_tiny = min(paper.width_mm, paper.height_mm) < LEAST_MM
    if is_whole or is_tiny or seen < LEAST_SEEN:
        return None
    return paper if _edge_share(mask, paper) >= LEAST_EDGE else None


def _is_alone(coarse: Image.Image, rough: Outline, area: int) -> bool:
    box = rough.width_mm * rough.height_mm * COARSE**2
    if area < LEAST_FILLED * box or min(rough.width_mm, rough.height_mm) < LEAST_MM:
        return False
    within = cut(coarse, rough, COARSE, margin_mm=RING_MM)
    beside = _count(coarse) - _count(within)
    return beside <= MOST_BESIDE * coarse.width * coarse.height


def _count(mask: Image.Image) -> int:
    return sum(mask.histogram()[128:])


def _edge_share(mask: Image.Image, paper: Outline) -> float:
    """Return the share of the worst side along which the mask shows something at the edge."""
    from PIL import Image

    upright = cut(mask, paper, FINE, margin_mm=EDGE_MM)
    deep = round(2 * EDGE_MM * FINE)
    shares = []
    for turn in (None, *list(Image.Transpose)[2:5]):
        side = upright if turn is None else upright.transpose(turn)
        corner = deep * 3
        strip = side.crop((0, corner, deep, side.height - corner)).tobytes()
        rows = [strip[start : start + deep] for start in range(0, len(strip), deep)]
        shares.append(sum(max(row) >= 128 for row in rows) / max(1, len(rows)))
    return min(shares)


def _askew(mask: Image.Image, page_mm: Point) -> Outline | None:
    """Return the page as it lies when its lines show that it is askew."""
    angle = _angle_of_lines(_scaled(mask, LINES, page_mm))
    if abs(angle) < LEAST_ANGLE:
        return None
    width, height = page_mm
    return around((width / 2, height / 2), width, height, angle=angle)


def _angle_of_lines(mask: Image.Image) -> float:
    """Return how far the lines of a text are turned clockwise, 0 when there are none to tell.

    Turned upright, the rows of a text are either full or empty: their sums differ most.
    """
    scores = {0.0: _contrast(mask, 0.0)}
    best, reach = 0.0, MOST_ANGLE
    for step in _STEPS:
        for number in range(-round(reach / step), round(reach / step) + 1):
            angle = round(best + number * step, 2)
            if angle not in scores:
                scores[angle] = _contrast(mask, angle)
        best, reach = max(scores, key=scores.__getitem__), step
    usual = sorted(scores.values())[len(scores) // 4]
    is_clear = abs(best) < MOST_ANGLE and scores[best] > _CLEARLY * usual
    return best if is_clear else 0.0


def _contrast(mask: Image.Image, angle: float) -> float:
    from PIL import Image

    turned = mask.rotate(angle, Image.Resampling.NEAREST)
    rows = turned.resize((1, turned.height), Image.Resampling.BOX).tobytes()
    columns = turned.resize((turned.width, 1), Image.Resampling.BOX).tobytes()
    return float(sum((a - b) ** 2 for sums in (rows, columns) for a, b in pairwise(sums)))


def _scaled(mask: Image.Image, per_mm: float, page_mm: Point) -> Image.Image:
    from PIL import Image

    size = (round(page_mm[0] * per_mm), round(page_mm[1] * per_mm))
    small = mask.resize(size, Image.Resampling.BOX)
    return small.point([255 if shade >= 128 else 0 for shade in range(256)])
