"""What may be done to the pages of a scan when the clerk asks for it.

Blank back sides: of a stack scanned on both sides, the backs on which there is next to nothing.
Fronts are never dropped, so that a sheet is always there; a back with a stamp has far more ink.
"""

from __future__ import annotations

from pathlib import Path

from counter_hooks import Filtered, PageFilter, ScannedSide, Source, Text, hookimpl

# Less than this share of a page is dust; a single line of type is ten times as much.
BLANK_INK = 0.0005
SAMPLE_PX = 600
DIFFERENCE = 60
# Beyond this far from the edge a shadow of the feeder cannot reach.
MARGIN = 0.03


class BlankBacks(PageFilter):
    """Leaves out the blank back sides of sheets that were scanned on both sides."""

    key = "blank-backs"
    title = Text(
        ca="Sense els dorsos en blanc", es="Sin los dorsos en blanco", en="Without blank backs"
    )
    order = 10

    def apply(self, side: ScannedSide, workdir: Path) -> Filtered | None:
        """Drop a back that is blank."""
        is_back = side.source is Source.FEEDER_DUPLEX and side.number % 2 == 0
        if is_back and ink(side.image) < BLANK_INK:
            return Filtered(is_dropped=True)
        return None


@hookimpl
def register_page_filters() -> list[PageFilter]:
    """Bring the one filter."""
    return [BlankBacks()]


def ink(file: Path) -> float:
    """Return the share (0 to 1) of a page, without its edges, that differs from its paper."""
    # Imported when the first page comes: an idle counter does without its memory.
    from PIL import Image

    with Image.open(file, formats=("JPEG", "PNG")) as image:
        image.draft("L", (SAMPLE_PX, SAMPLE_PX))
        grey = image.convert("L")
    across, down = (round(length * MARGIN) for length in grey.size)
    inner = grey.crop((across, down, grey.width - across, grey.height - down))
    # Averaging over a few points takes the noise of the paper away and leaves strokes.
    histogram = inner.reduce(max(1, min(inner.size) // SAMPLE_PX)).histogram()
    paper = max(range(256), key=histogram.__getitem__)
    inked = sum(n for shade, n in enumerate(histogram) if abs(shade - paper) > DIFFERENCE)
    return inked / max(1, sum(histogram))
