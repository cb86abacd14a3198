"""Tests that every driver must pass, and the means to test one without an agent.

A plugin's author writes one class::

    class TestMyDriver(DriverContract):
        def make_driver(self, tmp_path):
            return MyDriver(address=...)

and overrides the methods that prepare the device for a scan, a fault, a print. Needs pytest.
"""

# ruff: noqa: S101 - tests assert

from __future__ import annotations

import hashlib
import threading
import time
from abc import abstractmethod
from collections.abc import Callable
from pathlib import Path

import pytest

from counter_hooks.driver import Driver, PageSink
from counter_hooks.errors import DeviceError, DeviceGone, JobCancelled, ResultUnsound
from counter_hooks.model import (
    MM_PER_INCH,
    Attention,
    Capability,
    Device,
    Page,
    PrintJob,
    ScanJob,
    ScanOptions,
)

CANCEL_LIMIT_S = 2.0
PATIENCE_S = 30.0
# The smallest PDF that printers' filters accept: one empty A4 page.
SMALL_PDF = (
    b"%PDF-1.4\n1 0 obj<</Type/Catalog/Pages 2 0 R>>endobj\n"
    b"2 0 obj<</Type/Pages/Kids[3 0 R]/Count 1>>endobj\n"
    b"3 0 obj<</Type/Page/Parent 2 0 R/MediaBox[0 0 595 842]>>endobj\n"
    b"trailer<</Root 1 0 R>>\n%%EOF\n"
)


class MemorySink(PageSink):
    """Counts and hashes rows instead of keeping them."""

    def __init__(
        self, context: TestContext, number: int, shape: tuple[int, int | None, int], dpi: int
    ) -> None:
        self._context = context
        self._number = number
        self._width, self._height, self._channels = shape
        self._dpi = dpi
        self._size = 0
        self._digest = hashlib.sha256()
        self.is_open = True

    def write(self, rows: bytes | memoryview) -> None:
        """Take rows; raises ``JobCancelled`` when the job was stopped."""
        self._context.raise_if_cancelled()
        self._size += memoryview(rows).nbytes
        self._digest.update(rows)
        self._context.first_rows.set()

    def finish(self) -> Page:
        """Close the page; raises ``ResultUnsound`` when rows are missing or left over."""
        self._context.raise_if_cancelled()
        self.is_open = False
        rows, rest = divmod(self._size, self._width * self._channels)
        if rest or not rows or (self._height is not None and rows != self._height):
            raise ResultUnsound(f"{rows} rows and {rest} bytes instead of {self._height} rows")
        page = Page(
            number=self._number,
            path=self._context.workdir / f"page-{self._number}",
            media_type="image/x-portable-pixmap",
            sha256=self._digest.hexdigest(),
            size_bytes=self._size,
            width_px=self._width,
            height_px=rows,
            dpi=self._dpi,
        )
        self._context.pages.append(page)
        return page

    def discard(self) -> None:
        """Drop the page."""
        self.is_open = False


class TestContext:
    """A scan and print context that remembers what the driver did with it."""

    __test__ = False

    def __init__(self, workdir: Path, *, spooler_id: str | None = None) -> None:
        self.workdir = workdir
        self.spooler_id = spooler_id
        self.pages: list[Page] = []
        self.sinks: list[MemorySink] = []
        self.attention: list[Attention | None] = []
        self.first_rows = threading.Event()
        self.when_waiting: Callable[[], None] | None = None
        self.when_asked: Callable[[], object] | None = None
        self._cancelled = threading.Event()

    @property
    def is_cancelled(self) -> bool:
        """True once ``cancel`` was called."""
        return self._cancelled.is_set()

    def cancel(self) -> None:
        """Ask the driver to stop."""
        self._cancelled.set()

    def raise_if_cancelled(self) -> None:
        """Raise ``JobCancelled`` once ``cancel`` was called."""
        if self.is_cancelled:
            raise JobCancelled

    def wait(self, timeout_s: float) -> bool:
        """Wait; True, at once, when cancelled. The first time, let ``when_waiting`` happen."""
        happen, self.when_waiting = self.when_waiting, None
        if happen is not None:
            happen()
        return self._cancelled.wait(timeout_s)

    def needs_attention(self, reason: Attention) -> None:
        """Remember the reason, and let the person of ``when_asked`` come."""
        self.attention.append(Attention(reason))
        if self.when_asked is not None:
            self.when_asked()

    def attention_over(self) -> None:
        """Remember that it is over."""
        self.attention.append(None)

    def remember(self, spooler_id: str) -> None:
        """Remember the spooler's identifier."""
        self.spooler_id = spooler_id

    def begin_page(
        self, *, width_px: int, height_px: int | None, channels: int, dpi: int
    ) -> PageSink:
        """Begin a page that is counted and hashed."""
        self.raise_if_cancelled()
        shape = (width_px, height_px, channels)
        self.sinks.append(MemorySink(self, len(self.pages) + 1, shape, dpi))
        return self.sinks[-1]

    def add_page(self, path: Path, *, dpi: int | None = None) -> Page:
        """Take an image file as a page. Raises ``ResultUnsound`` when it is none."""
        from PIL import Image

        self.raise_if_cancelled()
        try:
            with Image.open(path) as image:
                image.load()
                stated = image.info.get("dpi", (dpi or 0,))[0]
                size, kind = image.size, str(image.get_format_mimetype())
        except OSError as error:
            raise ResultUnsound(str(error)) from error
        content = path.read_bytes()
        page = Page(
            number=len(self.pages) + 1,
            path=path,
            media_type=kind,
            sha256=hashlib.sha256(content).hexdigest(),
            size_bytes=len(content),
            width_px=size[0],
            height_px=size[1],
            dpi=round(stated),
        )
        self.pages.append(page)
        self.first_rows.set()
        return page


class DriverContract:
    """What holds for every driver; subclass it and override what prepares the device."""

    options = ScanOptions(resolution_dpi=75)
    # More on a machine that others keep busy: see that a slow page would take longer still.
    cancel_limit_s = CANCEL_LIMIT_S

    @abstractmethod
    def make_driver(self, tmp_path: Path) -> Driver:
        """Return the driver, with one device at least."""

    def before_scan(self, context: TestContext, tmp_path: Path) -> None:
        """Prepare the device so that a scan of one page succeeds.

        What must happen while the driver already waits goes into ``context.when_waiting``.
        """

    def slow_down(self, driver: Driver, tmp_path: Path) -> None:
        """Make the next job take longer than two seconds, so that it can be cancelled."""
        pytest.skip("this device cannot be slowed down")

    def unplug(self, driver: Driver, tmp_path: Path) -> None:
        """Take the devices away, in the middle of a job or before it."""
        pytest.skip("this device cannot be unplugged")

    @pytest.fixture
    def driver(self, tmp_path: Path) -> Driver:
        """Return the driver under test."""
        return self.make_driver(tmp_path)

    @pytest.fixture
    def context(self, tmp_path: Path) -> TestContext:
        """Return a context with an empty work folder."""
        workdir = tmp_path / "work"
        workdir.mkdir()
        return TestContext(workdir)

    def test_discover_is_stable(self, driver: Driver) -> None:
        """The same devices have the same ids, which begin with the driver's name."""
        first, second = driver.discover(), driver.discover()
        assert [device.id for device in first] == [device.id for device in second]
        assert len({device.id for device in first}) == len(first) > 0
        for device in first:
            assert device.id.startswith(f"{driver.name}:")
            assert device.driver == driver.name
            assert device.capabilities

    def test_scan_yields_sound_pages(
        self, driver: Driver, context: TestContext, tmp_path: Path
    ) -> None:
        """A scan brings at least one whole page of the ordered size and leaves none open."""
        device = self._device(driver, Capability.SCAN)
        self.before_scan(context, tmp_path)
        driver.scan(self._scan_job(device), device, context)
        assert context.pages
        assert not any(sink.is_open for sink in context.sinks)
        for page in context.pages:
            width_mm = page.width_px / page.dpi * MM_PER_INCH
            assert width_mm == pytest.approx(self.options.width_mm, rel=0.02)

    def test_cancel_ends_a_scan_within_two_seconds(
        self, driver: Driver, context: TestContext, tmp_path: Path
    ) -> None:
        """A cancelled scan raises ``JobCancelled`` within two seconds and keeps no half page."""
        device = self._device(driver, Capability.SCAN)
        self.slow_down(driver, tmp_path)
        error, took_s = _stopped(
            lambda: driver.scan(self._scan_job(device), device, context), context
        )
        assert isinstance(error, JobCancelled)
        assert took_s < self.cancel_limit_s
        assert not any(sink.is_open for sink in context.sinks)

    def test_unplugged_device_raises_device_gone(
        self, driver: Driver, context: TestContext, tmp_path: Path
    ) -> None:
        """A device that goes away ends the job with ``DeviceGone`` and is listed no more."""
        device = driver.discover()[0]
        self.unplug(driver, tmp_path)
        with pytest.raises(DeviceGone):
            self._use(driver, device, context, tmp_path)
        assert device.id not in {found.id for found in driver.discover()}

    def test_print_takes_a_document(
        self, driver: Driver, context: TestContext, tmp_path: Path
    ) -> None:
        """A print comes to its end and remembers the spooler's identifier."""
        device = self._device(driver, Capability.PRINT)
        driver.print(self._print_job(device, tmp_path), device, context)
        assert context.spooler_id

    def _device(self, driver: Driver, capability: Capability) -> Device:
        for device in driver.discover():
            if capability in device.capabilities:
                return device
        pytest.skip(f"there is no device that can {capability.value}")

    def _scan_job(self, device: Device) -> ScanJob:
        return ScanJob(id="contract", device_id=device.id, options=self.options)

    def _print_job(self, device: Device, tmp_path: Path) -> PrintJob:
        file = tmp_path / "document.pdf"
        file.write_bytes(SMALL_PDF)
        return PrintJob(id="contract", device_id=device.id, file=file, title="Contract")

    def _use(self, driver: Driver, device: Device, context: TestContext, tmp_path: Path) -> None:
        if Capability.SCAN in device.capabilities:
            driver.scan(self._scan_job(device), device, context)
        else:
            driver.print(self._print_job(device, tmp_path), device, context)


def _stopped(work: Callable[[], None], context: TestContext) -> tuple[DeviceError | None, float]:
    """Run ``work``, cancel it after its first rows, return its error and how long it took."""
    errors: list[DeviceError] = []

    def run() -> None:
        try:
            work()
        except DeviceError as error:
            errors.append(error)

    thread = threading.Thread(target=run, daemon=True)
    thread.start()
    # A device that brings whole pages only shows no rows before it is cancelled.
    context.first_rows.wait(0.5)
    began = time.monotonic()
    context.cancel()
    thread.join(PATIENCE_S)
    return (errors[0] if errors else None), time.monotonic() - began
