"""Patches of a mask: points that touch each other, found row by row."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from PIL import Image

_RUN = re.compile(rb"\xff+")
# A row of a patch: where it begins and ends, whatever lies between.
Extent = tuple[int, int]
Patch = dict[int, Extent]


def largest(mask: Image.Image) -> Patch:
    """Return the patch that covers most between its edges; nothing when ``mask`` is black.

    ``mask`` has one channel, in which a patch is 255.
    """
    joined: list[int] = []
    runs: list[tuple[int, Extent, int]] = []
    before: list[tuple[Extent, int]] = []
    for y, found in enumerate(_rows(mask)):
        row = []
        for run in found:
            label = len(joined)
            joined.append(label)
            for other, its in before:
                if other[0] <= run[1] and run[0] <= other[1]:
                    joined[_root(joined, its)] = _root(joined, label)
            row.append((run, label))
            runs.append((y, run, label))
        before = row
    patches: dict[int, Patch] = {}
    for y, (start, end), label in runs:
        patch = patches.setdefault(_root(joined, label), {})
        first, last = patch.get(y, (start, end))
        patch[y] = (min(first, start), max(last, end))
    return max(patches.values(), key=area, default={})


def area(patch: Patch) -> int:
    """Return how many points lie between the edges of ``patch``."""
    return sum(end - start for start, end in patch.values())


def corners(patch: Patch) -> Iterator[tuple[int, int]]:
    """Return the outer corners of every row of ``patch``."""
    for y, (start, end) in patch.items():
        for x in (start, end):
            yield x, y
            yield x, y + 1


def _rows(mask: Image.Image) -> Iterator[list[Extent]]:
    data, width = mask.tobytes(), mask.width
    for start in range(0, len(data), width):
        runs = _RUN.finditer(data, start, start + width)
        yield [(run.start() - start, run.end() - start) for run in runs]


def _root(joined: list[int], label: int) -> int:
    while joined[label] != label:
        joined[label] = joined[joined[label]]
        label = joined[label]
    return label
