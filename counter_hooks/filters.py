"""What may be done to a scanned page before it is kept, and only because the clerk asked for it.

The law allows a faithful image some clean-up and nothing else (NTI de Digitalización, 2011):
turning, cutting off black borders, a threshold. A filter is named in the order of the scan, it is
told to the clerk, and what it left out is counted; there are no silent ones.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from dataclasses import dataclass
from pathlib import Path

from counter_hooks.model import Source
from counter_hooks.texts import Text


@dataclass(frozen=True, slots=True, kw_only=True)
class ScannedSide:
    """One side of a sheet as it left the scanner.

    ``number`` counts the sides of the job from 1, whatever a filter has dropped. ``image`` is a
    copy, erased after the call.
    """

    number: int
    source: Source
    image: Path
    media_type: str
    width_px: int
    height_px: int
    dpi: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Filtered:
    """What a filter made of a side: another image, or nothing because the side is dropped."""

    image: Path | None = None
    is_dropped: bool = False


class PageFilter(ABC):
    """Does one thing to the sides of a scan that asks for it by ``key``.

    Filters are applied by their ``order``, low ones first; ``title`` is what the clerk ticks.
    """

    key: str
    title: Text
    order: int = 100

    @abstractmethod
    def apply(self, side: ScannedSide, workdir: Path) -> Filtered | None:
        """Return what became of ``side``; None leaves it as it is.

        Called in a thread of its own while the lane waits, up to ten seconds; a filter that
        raises, or takes longer, leaves the side as it was, and the job says so. A new image is a
        JPEG or PNG below ``workdir``, of the same resolution.
        """
