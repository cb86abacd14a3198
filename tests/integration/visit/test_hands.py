"""The demo's hands: what somebody types is done at the counter."""

from __future__ import annotations

import pytest

from deploy.stage.hands import acts_of, obey
from deploy.stage.town import NotPlayable, Town
from deploy.virtual.printer import VirtualPrinter
from deploy.virtual.processes import wait_until
from deploy.virtual.scanner import VirtualScanner


def test_a_pulled_cable_is_noticed(town: Town, scanner: VirtualScanner) -> None:
    """Unplugged, the counter cannot scan; plugged in again, it can."""
    assert scanner is town.scanner
    acts = acts_of(town)
    assert obey(acts, "unplug") == "Done: pull the scanner's cable."
    wait_until(lambda: "scan" not in town.records.capabilities(), "it is missed", seconds=60)
    obey(acts, "plug")
    wait_until(lambda: "scan" in town.records.capabilities(), "it is back", seconds=60)


@pytest.mark.usefixtures("printer")
def test_an_unknown_word_lists_the_others(town: Town, scanner: VirtualScanner) -> None:
    """Every paper and every fault is named, for the devices that are there."""
    assert scanner is town.scanner
    assert isinstance(town.printer, VirtualPrinter)
    said = obey(acts_of(town), "hello")
    for word in ("card-back", "form", "scan-jam", "no-paper", "print-off", "mend"):
        assert f"\n  {word} " in said


def test_a_taken_port_is_said(town: Town, tmp_path_factory: pytest.TempPathFactory) -> None:
    """A second town on the same port does not begin, and says what to do."""
    with (
        pytest.raises(NotPlayable, match=f"port {town.port} cannot be had .* another with --port"),
        Town(tmp_path_factory.mktemp("second"), port=town.port),
    ):
        pass
