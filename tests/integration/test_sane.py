"""The SANE driver against real SANE devices: SANE's test backend and our virtual scanner."""

from __future__ import annotations

import hashlib
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from counter_hooks import (
    MM_PER_INCH,
    Attention,
    Capability,
    Colour,
    Device,
    DeviceBusy,
    DeviceError,
    DeviceGone,
    DeviceNeedsHand,
    JobCancelled,
    JobRefused,
    ResultUnsound,
    ScanJob,
    ScanOptions,
    Source,
)
from counter_hooks.plugins.sane import SaneDriver, register_drivers
from deploy.virtual.scanner import TestBackend, VirtualScanner
from tests.integration.sane_context import MemoryContext
from tests.support import require

pytestmark = pytest.mark.sane


@pytest.fixture(autouse=True)
def _sane_is_here() -> None:
    require("sane", "scanimage")
    require("sane", module="sane")


@pytest.fixture
def scanner(tmp_path: Path) -> VirtualScanner:
    """Return our virtual scanner, as fast as possible."""
    require("sane", "gcc")
    return VirtualScanner(tmp_path / "scanner")


@pytest.fixture
def context(tmp_path: Path) -> MemoryContext:
    """Return a fresh job context."""
    (tmp_path / "work").mkdir()
    return MemoryContext(tmp_path / "work")


def driver_for(machine: Any, **settings: object) -> SaneDriver:
    """Return the driver that the plugin brings for a virtual machine."""
    (driver,) = register_drivers({"environment": machine.environment(), **settings})
    assert isinstance(driver, SaneDriver)
    return driver


def job(device: Device, **options: Any) -> ScanJob:
    """Return an order of a small page unless told otherwise."""
    return ScanJob(id="job-1", device_id=device.id, options=ScanOptions(**options))


def sheet(path: Path, shade: int) -> Path:
    """Write an A5 sheet at 300 dpi, all of one grey."""
    width, height = 1748, 2480
    path.write_bytes(b"P6\n%d %d\n255\n" % (width, height) + bytes([shade]) * width * height * 3)
    return path


class Scan(threading.Thread):
    """A scan in a lane of its own; ``error`` is what it ended with."""

    def __init__(
        self, driver: SaneDriver, device: Device, context: MemoryContext, **options: Any
    ) -> None:
        super().__init__(name="lane")
        self._call = (driver, device, context)
        self._options = options
        self.error: DeviceError | None = None
        self.start()

    def run(self) -> None:
        """Scan."""
        driver, device, context = self._call
        try:
            driver.scan(job(device, **self._options), device, context)
        except DeviceError as error:
            self.error = error

    def ended_within(self, seconds: float) -> float:
        """Return how long the end took; it must come in time."""
        began = time.monotonic()
        self.join(seconds)
        assert not self.is_alive()
        return time.monotonic() - began


@pytest.fixture
def lanes() -> Iterator[Callable[..., Scan]]:
    """Start scans in threads that the test must have seen end."""
    started: list[Scan] = []

    def start(*arguments: Any, **options: Any) -> Scan:
        started.append(Scan(*arguments, **options))
        return started[-1]

    yield start
    assert not any(scan.is_alive() for scan in started)


def programs_of(directory: Path) -> list[str]:
    """Return the running programs whose working directory lies in ``directory``."""
    found = []
    for process in Path("/proc").glob("[0-9]*"):
        try:
            if (process / "cwd").readlink().is_relative_to(directory):
                found.append((process / "comm").read_text().strip())
        except OSError:  # it ended meanwhile
            continue
    return found


def test_discovery_says_what_the_scanner_offers(scanner: VirtualScanner) -> None:
    """Sources, resolutions and colours come from the device, in the product's words."""
    (device,) = driver_for(scanner).discover()
    assert device.id == f"sane:{scanner.name}"
    assert device.capabilities == {Capability.SCAN}
    assert device.sources == (Source.GLASS, Source.FEEDER, Source.FEEDER_DUPLEX)
    assert device.resolutions_dpi == (75, 100, 150, 200, 300, 400, 600, 1200)
    assert set(device.colours) == {Colour.COLOUR, Colour.GREY}
    assert device.attention is None


def test_discovery_follows_the_cable(scanner: VirtualScanner) -> None:
    """A scanner that is unplugged disappears, and comes back when it is plugged in again."""
    driver = driver_for(scanner)
    assert len(driver.discover()) == 1
    scanner.unplug()
    assert driver.discover() == []
    scanner.plug()
    assert len(driver.discover()) == 1


def test_an_administrators_name_outlives_the_port(scanner: VirtualScanner) -> None:
    """A device listed under a name of its own is scanned under it."""
    driver = driver_for(scanner, devices={"oacsim:*": {"id": "front"}})
    (device,) = driver.discover()
    assert device.id == "sane:front"


def test_denied_devices_are_not_opened(scanner: VirtualScanner) -> None:
    """A device that a pattern denies is not listed."""
    assert driver_for(scanner, deny=["oacsim:*"]).discover() == []
    assert driver_for(scanner, allow=["test:*"]).discover() == []


def test_a_device_in_use_stays_listed(
    scanner: VirtualScanner, context: MemoryContext, lanes: Callable[..., Scan]
) -> None:
    """Looking around in the middle of a scan neither disturbs it nor loses the scanner."""
    driver = driver_for(scanner)
    (device,) = driver.discover()
    scanner.set_pace(3)
    scan = lanes(driver, device, context, resolution_dpi=150)
    context.await_rows()
    assert driver.discover() == [device]
    scan.ended_within(10)
    assert scan.error is None
    assert len(context.pages) == 1


def test_a_device_somebody_else_holds_is_listed_as_busy(
    scanner: VirtualScanner, context: MemoryContext, lanes: Callable[..., Scan]
) -> None:
    """Another program's scan shows as attention in discovery and as DeviceBusy in a job."""
    ours, theirs = driver_for(scanner), driver_for(scanner)
    (device,) = theirs.discover()
    scanner.set_pace(3)
    scan = lanes(theirs, device, context, resolution_dpi=150)
    context.await_rows()
    assert [seen.attention for seen in ours.discover()] == [Attention.DEVICE_BUSY]
    with pytest.raises(DeviceBusy):
        ours.scan(job(device), device, MemoryContext(context.workdir))
    scan.ended_within(10)
    assert scan.error is None
    ours.scan(job(device, resolution_dpi=75), device, MemoryContext(context.workdir))


@pytest.mark.parametrize("colour", list(Colour))
@pytest.mark.parametrize("dpi", [75, 150, 300, 600])
@pytest.mark.parametrize("area", [(210, 297), (148, 105), (86, 54)])
@pytest.mark.parametrize("backend", ["oacsim", "test"])
def test_pixels_are_what_was_ordered(
    tmp_path: Path,
    context: MemoryContext,
    *,
    backend: str,
    colour: Colour,
    dpi: int,
    area: tuple[int, int],
) -> None:
    """Size in pixels is area times resolution, within one line, in the colour ordered."""
    make = VirtualScanner if backend == "oacsim" else TestBackend
    driver = driver_for(make(tmp_path / "scanner"))
    (device,) = driver.discover()
    width, height = area
    order = job(device, resolution_dpi=dpi, colour=colour, width_mm=width, height_mm=height)
    driver.scan(order, device, context)
    (page,) = context.finished
    assert page.channels == (3 if colour is Colour.COLOUR else 1)
    assert page.dpi == dpi
    assert page.width == pytest.approx(width * dpi / MM_PER_INCH, abs=1)
    assert page.height == pytest.approx(height * dpi / MM_PER_INCH, abs=1)


@pytest.mark.parametrize(
    "options",
    [
        {"resolution_dpi": 99999},
        {"resolution_dpi": 0},
        {"width_mm": 420.0},
        {"height_mm": -1.0},
        {"source": Source.FEEDER_DUPLEX},
    ],
    ids=str,
)
def test_what_is_not_offered_is_refused(
    tmp_path: Path, context: MemoryContext, options: dict[str, Any]
) -> None:
    """An order beyond the device's limits is refused before anything moves."""
    driver = driver_for(TestBackend(tmp_path / "sane.d"))
    (device,) = driver.discover()
    with pytest.raises(JobRefused):
        driver.scan(job(device, **options), device, context)
    assert context.begun == []


def test_an_unknown_option_in_the_settings_is_refused(
    scanner: VirtualScanner, context: MemoryContext
) -> None:
    """A misspelt option of the administrator's names itself in the refusal."""
    driver = driver_for(scanner, devices={"*": {"options": {"lamp-of": True}}})
    (device,) = driver.discover()
    with pytest.raises(JobRefused, match="lamp-of"):
        driver.scan(job(device), device, context)


def test_rows_come_while_the_scanner_works(
    scanner: VirtualScanner, context: MemoryContext, lanes: Callable[..., Scan]
) -> None:
    """The first rows are here long before the page is."""
    driver = driver_for(scanner)
    (device,) = driver.discover()
    scanner.set_pace(4)
    scan = lanes(driver, device, context)
    context.await_rows(within_s=2)
    assert context.pages == []
    scan.ended_within(15)
    assert scan.error is None
    assert context.begun[0].writes > 20


def test_a_feeder_gives_its_pages_in_order(
    scanner: VirtualScanner, context: MemoryContext, tmp_path: Path
) -> None:
    """Three sheets give three pages, in order; the empty feeder is then a good end."""
    shades = [40, 120, 200]
    scanner.load_feeder(sheet(tmp_path / f"{shade}.ppm", shade) for shade in shades)
    driver = driver_for(scanner)
    (device,) = driver.discover()
    order = job(device, source=Source.FEEDER, width_mm=140, height_mm=200, resolution_dpi=100)
    driver.scan(order, device, context)
    middles = [page.rows[len(page.rows) // 2] for page in context.finished]
    assert middles == shades
    assert scanner.sheets_left() == 0


def test_many_tiny_pages_are_not_mixed(tmp_path: Path, context: MemoryContext) -> None:
    """Pages smaller than a pipe's buffer are told apart: ten come from the test feeder."""
    driver = driver_for(TestBackend(tmp_path / "sane.d"))
    (device,) = driver.discover()
    order = job(device, source=Source.FEEDER, width_mm=20, height_mm=20, resolution_dpi=50)
    driver.scan(order, device, context)
    assert len(context.pages) == 10
    assert len({page.sha256 for page in context.pages}) == 1


def test_an_empty_feeder_asks_for_paper(scanner: VirtualScanner, context: MemoryContext) -> None:
    """No sheet at the start is a job for a hand, not a success without pages."""
    driver = driver_for(scanner)
    (device,) = driver.discover()
    with pytest.raises(DeviceNeedsHand) as caught:
        driver.scan(job(device, source=Source.FEEDER), device, context)
    assert caught.value.reason is Attention.FEEDER_EMPTY


@pytest.mark.parametrize(
    ("status", "claim", "reason"),
    [
        ("JAMMED", DeviceNeedsHand, Attention.FEEDER_JAM),
        ("COVER_OPEN", DeviceNeedsHand, Attention.COVER_OPEN),
        ("NO_DOCS", DeviceNeedsHand, Attention.FEEDER_EMPTY),
        ("ACCESS_DENIED", DeviceNeedsHand, Attention.NEEDS_LOGIN),
        ("IO_ERROR", DeviceGone, Attention.DEVICE_OFFLINE),
        ("DEVICE_BUSY", DeviceBusy, Attention.DEVICE_BUSY),
        ("CANCELLED", JobCancelled, None),
        ("EOF", ResultUnsound, None),
        ("INVAL", DeviceNeedsHand, Attention.UNKNOWN),
        ("NO_MEM", DeviceNeedsHand, Attention.UNKNOWN),
        ("UNSUPPORTED", DeviceNeedsHand, Attention.UNKNOWN),
    ],
)
@pytest.mark.parametrize("source", [Source.GLASS, Source.FEEDER])
def test_every_status_of_a_read_is_a_claim(
    tmp_path: Path,
    context: MemoryContext,
    *,
    status: str,
    claim: type[DeviceError],
    reason: Attention | None,
    source: Source,
) -> None:
    """Each status that SANE can give while reading becomes the error that says it."""
    backend = TestBackend(tmp_path / "sane.d")
    option = {"read-return-value": f"SANE_STATUS_{status}"}
    driver = driver_for(backend, devices={"test:*": {"options": option}})
    (device,) = driver.discover()
    with pytest.raises(claim) as caught:
        driver.scan(job(device, source=source, resolution_dpi=75), device, context)
    assert caught.value.reason is reason
    assert context.pages == []
    assert all(sink.is_discarded for sink in context.begun)


@pytest.mark.parametrize(
    ("fault", "claim", "reason"),
    [
        ("jam", DeviceNeedsHand, Attention.FEEDER_JAM),
        ("cover_open", DeviceNeedsHand, Attention.COVER_OPEN),
        ("no_docs", DeviceNeedsHand, Attention.FEEDER_EMPTY),
        ("io_error", DeviceGone, Attention.DEVICE_OFFLINE),
        ("busy", DeviceBusy, Attention.DEVICE_BUSY),
    ],
)
@pytest.mark.parametrize("after_lines", [None, 500])
def test_a_fault_is_told_and_the_next_scan_works(
    scanner: VirtualScanner,
    context: MemoryContext,
    *,
    fault: str,
    claim: type[DeviceError],
    reason: Attention,
    after_lines: int | None,
) -> None:
    """A fault at the start or in mid-page is told by name; mended, the scanner scans."""
    driver = driver_for(scanner)
    (device,) = driver.discover()
    scanner.fault(fault, after_lines=after_lines)
    with pytest.raises(claim) as caught:
        driver.scan(job(device, resolution_dpi=150), device, context)
    assert caught.value.reason is reason
    assert context.pages == []
    scanner.mend()
    driver.scan(job(device, resolution_dpi=150), device, context)
    assert len(context.pages) == 1


def test_pages_before_a_jam_are_kept(
    scanner: VirtualScanner,
    context: MemoryContext,
    lanes: Callable[..., Scan],
    tmp_path: Path,
) -> None:
    """A jam on the second sheet ends the job and leaves the first page."""
    scanner.load_feeder(sheet(tmp_path / f"{shade}.ppm", shade) for shade in (10, 20, 30))
    driver = driver_for(scanner)
    (device,) = driver.discover()
    scanner.set_pace(3)
    scan = lanes(driver, device, context, source=Source.FEEDER, height_mm=200, resolution_dpi=150)
    context.await_rows(page=2)
    scanner.fault("jam")
    scan.ended_within(10)
    assert scan.error is not None
    assert scan.error.reason is Attention.FEEDER_JAM
    assert len(context.pages) == 1


def test_unplugged_in_the_second_page(
    scanner: VirtualScanner,
    context: MemoryContext,
    lanes: Callable[..., Scan],
    tmp_path: Path,
) -> None:
    """A pulled cable ends the job as DeviceGone; the whole page before it is kept."""
    scanner.load_feeder(sheet(tmp_path / f"{shade}.ppm", shade) for shade in (10, 20))
    driver = driver_for(scanner)
    (device,) = driver.discover()
    scanner.set_pace(3)
    scan = lanes(driver, device, context, source=Source.FEEDER, height_mm=200, resolution_dpi=150)
    context.await_rows(page=2)
    scanner.unplug()
    scan.ended_within(10)
    assert isinstance(scan.error, DeviceGone)
    assert len(context.pages) == 1
    assert context.begun[1].is_discarded
    assert driver.discover() == []


def test_a_device_that_is_not_there_is_gone(
    scanner: VirtualScanner, context: MemoryContext
) -> None:
    """A job for a scanner unplugged since the last look ends as DeviceGone."""
    driver = driver_for(scanner)
    (device,) = driver.discover()
    scanner.unplug()
    with pytest.raises(DeviceGone):
        driver.scan(job(device), device, context)
    with pytest.raises(DeviceGone):
        driver_for(scanner).scan(job(device), device, context)


@pytest.mark.parametrize("backend", ["oacsim", "test"])
def test_a_cancel_takes_effect_within_two_seconds(
    tmp_path: Path, context: MemoryContext, lanes: Callable[..., Scan], backend: str
) -> None:
    """A cancel in mid-page ends the scan and every process of it; the next scan works."""
    machine: Any
    if backend == "oacsim":
        machine = VirtualScanner(tmp_path / "scanner")
        machine.set_pace(20)
    else:
        machine = TestBackend(tmp_path / "scanner", seconds=20)
    driver = driver_for(machine)
    (device,) = driver.discover()
    scan = lanes(driver, device, context)
    context.await_rows()
    context.cancel()
    assert scan.ended_within(5) < 2
    assert isinstance(scan.error, JobCancelled)
    assert context.pages == []
    assert programs_of(context.workdir) == []
    assert list(context.workdir.iterdir()) == []
    if backend == "oacsim":
        machine.set_pace(0)
    fresh = MemoryContext(context.workdir)
    driver.scan(job(device, resolution_dpi=75, height_mm=30), device, fresh)
    assert len(fresh.pages) == 1


def test_the_picture_is_the_page_on_the_glass(
    scanner: VirtualScanner, context: MemoryContext, tmp_path: Path
) -> None:
    """At the picture's own resolution its pixels arrive unchanged."""
    width, height = 1240, 620
    pixels = bytes((column * 7 + row * 3) % 256 for row in range(height) for column in range(width))
    picture = b"".join(bytes([value]) * 3 for value in pixels)
    page = tmp_path / "page.ppm"
    page.write_bytes(b"P6\n%d %d\n255\n" % (width, height) + picture)
    scanner.place(page)
    driver = driver_for(scanner)
    (device,) = driver.discover()
    driver.scan(job(device, width_mm=100, height_mm=50), device, context)
    (got,) = context.finished
    row = got.width * 3
    expected = b"".join(picture[at : at + row] for at in range(0, len(picture), width * 3))
    assert (
        hashlib.sha256(got.rows).digest() == hashlib.sha256(expected[: row * got.height]).digest()
    )
