"""Looking for devices: a driver that hangs in it is named, and costs nobody else anything."""

from __future__ import annotations

import threading
from collections.abc import Sequence

from counter_hooks import Device, Driver
from counter_hooks.agent.directory import HANGS, LOOK_LIMIT_S, DeviceDirectory
from counter_hooks.plugins.fake import FakeDriver
from deploy.virtual.processes import wait_until


class Sleeper(Driver):
    """A driver that looks until somebody wakes it."""

    name = "sleeper"

    def __init__(self) -> None:
        self.looks = threading.Event()
        self.wake = threading.Event()

    def discover(self) -> Sequence[Device]:
        """Sleep."""
        self.looks.set()
        self.wake.wait()
        return []


class Refilled(FakeDriver):
    """A driver that counts how often it looked."""

    def __init__(self) -> None:
        super().__init__()
        self.looks = 0

    def discover(self) -> Sequence[Device]:
        """Look, once more."""
        self.looks += 1
        return super().discover()


def test_a_driver_looks_again_when_asked() -> None:
    """What a printer said of its tray is asked anew at once, not at the next turn of all drivers."""
    driver = Refilled()
    directory = DeviceDirectory({"fake": driver}, interval_s=600.0, on_change=lambda: None)
    directory.start()
    assert directory.wait_until_looked(30)
    directory.look_again_at("fake:printer")
    directory.look_again_at("nobody:printer")
    wait_until(lambda: driver.looks == 2, "it has looked again", seconds=30)
    directory.stop()


def test_a_driver_that_sleeps_in_discover_is_named() -> None:
    """Once, as soon as it takes too long; the others are found meanwhile, and it may come back."""
    now = [0.0]
    sleeper, changed = Sleeper(), threading.Event()
    drivers: dict[str, Driver] = {"fake": FakeDriver(), "sleeper": sleeper}
    directory = DeviceDirectory(
        drivers, interval_s=600.0, on_change=changed.set, clock=lambda: now[0]
    )
    directory.start()
    assert sleeper.looks.wait(30)
    assert directory.find("fake:scanner", timeout_s=30) is not None
    assert directory.newly_silent() == directory.silent() == []
    now[0] = LOOK_LIMIT_S + 1
    assert directory.newly_silent() == [sleeper]
    assert directory.newly_silent() == []
    assert directory.silent() == ["sleeper"]
    assert directory.faults()["sleeper"] == HANGS
    changed.clear()
    sleeper.wake.set()
    # The other driver may tell of its devices only now, too.
    wait_until(lambda: directory.silent() == [], "it has come back", seconds=30)
    assert changed.wait(30)
    assert directory.faults()["sleeper"] == ""
    directory.stop()
