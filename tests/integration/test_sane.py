"""The SANE driver against real SANE devices: SANE's test backend and our virtual scanner."""

from __future__ import annotations

import hashlib
from pathlib import Path
from typing import Any

import pytest

from counter_hooks import (
    MM_PER_INCH,
    Attention,
    Capability,
    Colour,
    DeviceBusy,
    DeviceNeedsHand,
    Driver,
    JobRefused,
    Source,
)
from counter_hooks.plugins.sane import SaneDriver
from counter_hooks.testing import DriverContract
from deploy.virtual.scanner import TestBackend, VirtualScanner
from tests.integration.sane_context import MemoryContext, Scan, driver_for, job, sheet
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
    return MemoryContext(tmp_path / "work")


class TestContract(DriverContract):
    """The SANE driver keeps the contract of all drivers."""

    cancel_limit_s = 30.0

    @pytest.fixture(autouse=True)
    def _scanner(self, scanner: VirtualScanner) -> None:
        self._virtual = scanner

    def make_driver(self, tmp_path: Path) -> SaneDriver:
        """Return the driver of the virtual scanner."""
        return driver_for(self._virtual)

    def slow_down(self, driver: Driver, tmp_path: Path) -> None:
        """Let a page take a minute and more."""
        self._virtual.set_pace(300)

    def unplug(self, driver: Driver, tmp_path: Path) -> None:
        """Pull the cable."""
        self._virtual.unplug()


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


def test_a_scanner_that_was_moved_is_the_same_device(
    scanner: VirtualScanner, context: MemoryContext, tmp_path: Path
) -> None:
    """At another port, under another SANE name, it keeps its id and is scanned where it is now."""
    driver = driver_for(scanner, devices={"*": {"id": "front"}})
    (device,) = driver.discover()
    moved = TestBackend(tmp_path / "scanner" / "sane.d")
    assert moved.name != scanner.name
    (found,) = driver.discover()
    assert found.id == device.id == "sane:front"
    driver.scan(job(device, width_mm=50, height_mm=50), device, context)
    assert len(context.finished) == 1


def test_denied_devices_are_not_opened(scanner: VirtualScanner) -> None:
    """A device that a pattern denies is not listed."""
    assert driver_for(scanner, deny=["oacsim:*"]).discover() == []
    assert driver_for(scanner, allow=["test:*"]).discover() == []


def test_a_device_in_use_stays_listed(
    scanner: VirtualScanner,
    context: MemoryContext,
) -> None:
    """Looking around in the middle of a scan neither disturbs it nor loses the scanner."""
    driver = driver_for(scanner)
    (device,) = driver.discover()
    context.flows.clear()
    with Scan(driver, device, context, resolution_dpi=150) as scan:
        context.await_rows()
        assert driver.discover() == [device]
        context.flows.set()
        scan.ended_within(60)
        assert scan.error is None
        assert len(context.pages) == 1


def test_a_device_somebody_else_holds_is_listed_as_busy(
    scanner: VirtualScanner,
    context: MemoryContext,
) -> None:
    """Another program's scan shows as attention in discovery and as DeviceBusy in a job."""
    ours, theirs = driver_for(scanner), driver_for(scanner)
    (device,) = theirs.discover()
    context.flows.clear()
    with Scan(theirs, device, context, resolution_dpi=150) as scan:
        context.await_rows()
        assert [seen.attention for seen in ours.discover()] == [Attention.DEVICE_BUSY]
        with pytest.raises(DeviceBusy):
            ours.scan(job(device), device, MemoryContext(context.workdir))
        context.flows.set()
        scan.ended_within(60)
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
    scanner: VirtualScanner,
    context: MemoryContext,
) -> None:
    """The first rows are here long before the page is."""
    driver = driver_for(scanner)
    (device,) = driver.discover()
    scanner.set_pace(40)
    with Scan(driver, device, context):
        context.await_rows()
        with context.news:
            assert context.news.wait_for(lambda: context.begun[0].writes > 20, 60)
        assert context.pages == []


@pytest.mark.parametrize("source", [Source.FEEDER, Source.FEEDER_DUPLEX])
def test_a_feeder_gives_its_pages_in_order(
    scanner: VirtualScanner, context: MemoryContext, tmp_path: Path, source: Source
) -> None:
    """Each side gives a page, in order; the empty feeder is then a good end."""
    shades = [40, 90, 140, 200]
    scanner.load_feeder(sheet(tmp_path / f"{shade}.ppm", shade) for shade in shades)
    driver = driver_for(scanner)
    (device,) = driver.discover()
    order = job(device, source=source, width_mm=140, height_mm=200, resolution_dpi=100)
    driver.scan(order, device, context)
    middles = [page.rows[len(page.rows) // 2] for page in context.finished]
    assert middles == shades
    assert scanner.sheets_left() == 0


MIXED_MM = ((210, 297), (148, 210), (80, 120), (210, 297))
"""A4, A5, a till receipt, and A4 again."""


@pytest.mark.parametrize("source", [Source.FEEDER, Source.FEEDER_DUPLEX])
def test_sheets_of_several_lengths_keep_theirs(
    scanner: VirtualScanner, context: MemoryContext, tmp_path: Path, source: Source
) -> None:
    """One job over a mixed feeder gives pages as long as their sheets, where the scanner can."""
    sheets = enumerate(MIXED_MM)
    scanner.load_feeder(sheet(tmp_path / f"{n}.ppm", 60 * n, size) for n, size in sheets)
    scanner.end_with_sheets()
    driver = driver_for(scanner)
    (device,) = driver.discover()
    driver.scan(job(device, source=source, resolution_dpi=100), device, context)
    lengths = [page.height_px / page.dpi * MM_PER_INCH for page in context.pages]
    assert lengths == pytest.approx([length for _, length in MIXED_MM], abs=0.5)
    assert [page.rows[0] for page in context.finished] == [0, 60, 120, 180]
    last_rows = [page.rows[-page.width * page.channels] for page in context.finished]
    assert last_rows == [0, 60, 120, 180]


@pytest.mark.parametrize("settings", [{}, {"devices": {"*": {"options": {"ald": False}}}}], ids=str)
def test_sheets_come_as_ordered_otherwise(
    scanner: VirtualScanner, context: MemoryContext, tmp_path: Path, settings: dict[str, Any]
) -> None:
    """Where the scanner cannot tell, or the administrator says no, pages are as long as ordered."""
    scanner.load_feeder([sheet(tmp_path / "a5.ppm", 90)])
    if settings:
        scanner.end_with_sheets()
    driver = driver_for(scanner, **settings)
    (device,) = driver.discover()
    driver.scan(job(device, source=Source.FEEDER, resolution_dpi=100), device, context)
    (page,) = context.pages
    assert page.height_px == pytest.approx(297 * 100 / MM_PER_INCH, abs=1)


def test_a_jam_among_mixed_sheets_keeps_those_before(
    scanner: VirtualScanner, context: MemoryContext, tmp_path: Path
) -> None:
    """A sheet that jams is no short page: the job says so, and the page before it stays."""
    scanner.load_feeder(
        sheet(tmp_path / f"{length}.ppm", 90, (210, length)) for length in (120, 297)
    )
    scanner.end_with_sheets()
    scanner.fault("jam", after_lines=800)
    driver = driver_for(scanner)
    (device,) = driver.discover()
    with pytest.raises(DeviceNeedsHand) as caught:
        driver.scan(job(device, source=Source.FEEDER, resolution_dpi=100), device, context)
    assert caught.value.reason is Attention.FEEDER_JAM
    assert len(context.pages) == 1


def test_a_scanner_of_black_and_white_alone_is_one(
    scanner: VirtualScanner, context: MemoryContext, tmp_path: Path
) -> None:
    """A scanner whose one mode is Lineart is listed, and its pages are grey: black and white."""
    scanner.black_only()
    half = bytes([30, 30, 30]) * 500 + bytes([220, 220, 220]) * 500
    picture = tmp_path / "page.ppm"
    picture.write_bytes(b"P6\n1000 800\n255\n" + half * 800)
    scanner.place(picture)
    driver = driver_for(scanner)
    (device,) = driver.discover()
    assert device.colours == (Colour.GREY,)
    order = job(device, colour=Colour.GREY, width_mm=83, height_mm=60)
    driver.scan(order, device, context)
    (page,) = context.finished
    assert page.channels == 1
    assert page.width % 8
    row = bytes(500) + bytes([255]) * (page.width - 500)
    assert page.rows == row * page.height


def test_many_tiny_pages_are_not_mixed(tmp_path: Path, context: MemoryContext) -> None:
    """Pages smaller than a pipe's buffer are told apart: ten come from the test feeder."""
    driver = driver_for(TestBackend(tmp_path / "sane.d"))
    (device,) = driver.discover()
    order = job(device, source=Source.FEEDER, width_mm=20, height_mm=20, resolution_dpi=50)
    driver.scan(order, device, context)
    assert len(context.pages) == 10
    assert len({page.sha256 for page in context.pages}) == 1


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
