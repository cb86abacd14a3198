"""The bell at the counter."""

from __future__ import annotations

from pathlib import Path

import pytest
from oac_bell import agent
from PIL import Image

from counter_hooks import DeviceGone
from counter_hooks.testing import FakeAgent


@pytest.fixture
def terminal(tmp_path: Path) -> Path:
    """Return what is written to instead of a loudspeaker."""
    file = tmp_path / "terminal"
    file.touch()
    return file


@pytest.fixture
def counter(terminal: Path, tmp_path: Path) -> FakeAgent:
    """Return a counter with the plugin."""
    return FakeAgent({"bell": agent}, {"bell": {"terminal": str(terminal)}}, folder=tmp_path)


def test_the_button_rings(counter: FakeAgent, terminal: Path) -> None:
    """It rings as often as the clerk wished, and says so."""
    assert counter.act("ring-bell", times=3) == {"rung": 3}
    assert terminal.read_text() == "\a\a\a"


def test_a_bell_that_is_gone_is_said(counter: FakeAgent, terminal: Path) -> None:
    """Without its terminal the action fails as a device that is away."""
    terminal.unlink()
    terminal.mkdir()
    with pytest.raises(DeviceGone):
        counter.act("ring-bell")


def test_it_rings_when_paper_came_out(counter: FakeAgent, terminal: Path) -> None:
    """A print that came out rings, a scan does not."""
    counter.finish("scan", "produced")
    counter.finish("print", "failed")
    assert terminal.read_text() == ""
    counter.finish("print", "produced")
    assert terminal.read_text() == "\a"


def test_pages_are_turned_round(counter: FakeAgent, tmp_path: Path) -> None:
    """What was at the top is at the bottom."""
    image = Image.new("L", (100, 200), 255)
    image.paste(0, (0, 0, 100, 20))
    image.save(tmp_path / "page.png", dpi=(300, 300))
    made = counter.filter("upside-down", tmp_path / "page.png")
    assert made is not None
    assert made.image is not None
    with Image.open(made.image) as turned:
        assert (turned.getpixel((50, 190)), turned.getpixel((50, 10))) == (0, 255)
