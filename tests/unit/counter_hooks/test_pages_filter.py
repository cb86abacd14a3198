"""Blank backs are dropped on request, and nothing else ever is."""

from __future__ import annotations

from pathlib import Path

import pytest
from PIL import Image, ImageDraw

from counter_hooks import Source
from counter_hooks.plugins import pages
from counter_hooks.testing import FakeAgent


def paper(path: Path, draw: str = "", *, shade: int = 250) -> Path:
    """Write an A4 page at 150 dpi with noise of the paper, and on it what ``draw`` says."""
    image = Image.effect_noise((1240, 1754), 12).point(lambda value: min(255, value + shade - 128))
    pen = ImageDraw.Draw(image)
    if draw == "line":
        pen.text((300, 400), "Firmado en Paiporta, a 3 de marzo", fill=30, font_size=28)
    if draw == "edge":
        pen.rectangle((0, 0, 20, 1754), fill=20)
    image.save(path, quality=85, dpi=(150, 150))
    return path


@pytest.mark.parametrize(
    ("draw", "side", "source", "is_dropped"),
    [
        ("", 2, Source.FEEDER_DUPLEX, True),
        ("edge", 4, Source.FEEDER_DUPLEX, True),
        ("line", 2, Source.FEEDER_DUPLEX, False),
        ("", 1, Source.FEEDER_DUPLEX, False),
        ("", 2, Source.FEEDER, False),
        ("", 2, Source.GLASS, False),
    ],
)
def test_only_a_blank_back_is_dropped(
    draw: str, side: int, source: Source, is_dropped: bool, tmp_path: Path
) -> None:
    """A front, a written back, and a sheet scanned on one side stay, however pale they are."""
    counter = FakeAgent({"pages": pages}, folder=tmp_path)
    made = counter.filter(
        "blank-backs", paper(tmp_path / "page.jpg", draw), side=side, source=source, dpi=150
    )
    assert (made is not None and made.is_dropped) is is_dropped


def test_coloured_paper_is_paper(tmp_path: Path) -> None:
    """What is blank is told from the paper's own shade, not from white."""
    counter = FakeAgent({"pages": pages}, folder=tmp_path)
    grey = paper(tmp_path / "page.jpg", shade=180)
    made = counter.filter("blank-backs", grey, side=2, source=Source.FEEDER_DUPLEX, dpi=150)
    assert made is not None
    assert made.is_dropped
