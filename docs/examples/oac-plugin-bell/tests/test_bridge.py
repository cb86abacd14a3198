"""The bell in the server."""

from __future__ import annotations

from pathlib import Path

from oac_bell import bridge

from counter_hooks.testing import FakeBridge


def test_it_rings_when_a_citizen_is_called(tmp_path: Path) -> None:
    """Once for everybody, twice for whoever comes first."""
    terminal = tmp_path / "terminal"
    hall = FakeBridge({"bell": bridge}, {"bell": {"terminal": str(terminal)}})
    hall.call(priority=5)
    hall.call(priority=1)
    assert terminal.read_text() == "\a\a\a"


def test_the_procedure_is_there() -> None:
    """The plugin brings one procedure."""
    assert [file.name for file in FakeBridge({"bell": bridge}).procedures()] == ["bell.toml"]
