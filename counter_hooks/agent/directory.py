"""Knows which devices are plugged in: one thread a driver asks it again and again."""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable, Mapping

from counter_hooks.calls import said
from counter_hooks.driver import Driver
from counter_hooks.errors import DeviceError
from counter_hooks.model import Device
from counter_hooks.wire import DeviceEntry, decode, encode

log = logging.getLogger(__name__)

# SANE may ask every device of the building, each for as long as its probe is allowed.
LOOK_LIMIT_S = 180.0
HANGS = "it does not come back from looking for devices"


class DeviceDirectory:
    """The devices present now; ``on_change`` is called, in any thread, when they change."""

    def __init__(
        self,
        drivers: Mapping[str, Driver],
        *,
        interval_s: float,
        on_change: Callable[[], None],
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._drivers = dict(drivers)
        self._interval_s = interval_s
        self._on_change = on_change
        self._changed = threading.Condition()
        self._devices: dict[str, tuple[Device, ...]] = {}
        self._faults: dict[str, str] = {}
        self._clock = clock
        self._looking_since: dict[str, float] = {}
        self._silent: set[str] = set()
        self._wakes = {name: threading.Event() for name in drivers}
        self._stopped = False

    def start(self) -> None:
        """Begin to look."""
        for name in self._drivers:
            threading.Thread(
                target=self._watch, args=(name,), name=f"discover-{name}", daemon=True
            ).start()

    def stop(self) -> None:
        """Look no more; a driver that hangs in ``discover`` is left to its thread."""
        self._stopped = True
        self.refresh()

    def refresh(self) -> None:
        """Look now instead of at the next turn."""
        for wake in self._wakes.values():
            wake.set()

    def look_again_at(self, device_id: str) -> None:
        """Have the driver of a device look now: what it last said of it may be over."""
        wake = self._wakes.get(device_id.partition(":")[0])
        if wake is not None:
            wake.set()

    def devices(self) -> list[Device]:
        """Return the devices present now, by id."""
        with self._changed:
            found = [device for devices in self._devices.values() for device in devices]
        return sorted(found, key=lambda device: device.id)

    def faults(self) -> dict[str, str]:
        """Return what went wrong while looking, by driver."""
        with self._changed:
            return dict(self._faults)

    def silent(self) -> list[str]:
        """Return the drivers that have not come back from ``discover`` for too long."""
        with self._changed:
            return sorted(self._silent)

    def newly_silent(self) -> list[Driver]:
        """Note which drivers hang in ``discover``, and return those that did not before.

        What they found earlier stays listed: the devices may well work.
        """
        too_early = self._clock() - LOOK_LIMIT_S
        with self._changed:
            hanging = {name for name, since in self._looking_since.items() if since < too_early}
            new = sorted(hanging - self._silent)
            self._silent |= hanging
            self._faults |= dict.fromkeys(new, HANGS)
        for name in new:
            log.error("driver %s: %s", name, HANGS)
        return [self._drivers[name] for name in new]

    def wait_until_looked(self, timeout_s: float) -> bool:
        """Wait until every driver has answered once; False when one has not."""
        with self._changed:
            return self._changed.wait_for(
                lambda: self._devices.keys() == self._drivers.keys(), timeout_s
            )

    def find(self, device_id: str, *, timeout_s: float) -> tuple[Device, Driver] | None:
        """Return a device and its driver; waits only while drivers have not answered yet."""
        with self._changed:
            self._changed.wait_for(
                lambda: (
                    self._lookup(device_id) is not None
                    or self._devices.keys() == self._drivers.keys()
                ),
                timeout_s,
            )
            return self._lookup(device_id)

    def _lookup(self, device_id: str) -> tuple[Device, Driver] | None:
        for name, devices in self._devices.items():
            for device in devices:
                if device.id == device_id:
                    return device, self._drivers[name]
        return None

    def _watch(self, name: str) -> None:
        wake = self._wakes[name]
        while not self._stopped:
            wake.clear()
            self._look(name)
            wake.wait(self._interval_s)

    def _look(self, name: str) -> None:
        fault = ""
        found: tuple[Device, ...] = ()
        with self._changed:
            self._looking_since[name] = self._clock()
        try:
            found = tuple(self._drivers[name].discover())
        except DeviceError as error:
            fault = str(error)
        # A driver is a stranger's code: whatever it raises, even what would end the thread,
        # looking goes on.
        except BaseException as error:  # noqa: BLE001 - see above
            fault = said(error)
        sound = tuple(device for device in found if _is_sound(device, name))
        if len(sound) != len(found):
            fault = "it names devices that are not its own"
        self._take(name, sound, fault)

    def _take(self, name: str, found: tuple[Device, ...], fault: str) -> None:
        with self._changed:
            self._looking_since.pop(name, None)
            was_silent = name in self._silent
            self._silent.discard(name)
            before = self._devices.get(name)
            fault_before = self._faults.get(name, "")
            self._devices[name] = found
            self._faults[name] = fault
            self._changed.notify_all()
        if fault != fault_before:
            log.warning("driver %s: %s", name, fault or "looks for devices again")
        if before != found:
            gone = {device.id for device in before or ()} - {device.id for device in found}
            for device_id in sorted(gone):
                log.warning("device %s is gone", device_id)
            for device in found:
                if before is None or device.id not in {known.id for known in before}:
                    log.info("device %s is there", device.id)
        if before != found or was_silent:
            self._on_change()


def _is_sound(device: object, driver: str) -> bool:
    if not isinstance(device, Device):
        return False
    try:
        # What cannot travel would keep the devices of every other driver from the bridge.
        decode(DeviceEntry, encode(DeviceEntry.of(device)))
    # A stranger may have put anything into the fields.
    except Exception:  # noqa: BLE001 - see above
        return False
    return device.id.startswith(f"{driver}:")
