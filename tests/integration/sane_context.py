"""What the tests of the SANE driver share: a lane, and a context that keeps pages in memory."""

from __future__ import annotations

import hashlib
import threading
from pathlib import Path
from typing import Any

from counter_hooks import (
    MM_PER_INCH,
    Attention,
    Device,
    HookError,
    JobCancelled,
    Page,
    ResultUnsound,
    ScanJob,
    ScanOptions,
)
from counter_hooks.plugins.sane import SaneDriver, register_drivers
from deploy.virtual.processes import wait_until


class MemorySink:
    """One page in memory."""

    def __init__(self, context: MemoryContext, *, size: tuple[int, int, int], dpi: int) -> None:
        self.width, self.height, self.channels = size
        self.dpi = dpi
        self.rows = bytearray()
        self.writes = 0
        self.is_discarded = False
        self._context = context

    def write(self, rows: bytes | memoryview) -> None:
        """Take rows and wake who waits for them."""
        if self._context.is_cancelled:
            raise JobCancelled("cancelled")
        with self._context.news:
            self.rows += rows
            self.writes += 1
            self._context.news.notify_all()
        self._context.flows.wait()

    def finish(self) -> Page:
        """Keep the page if its rows are all there."""
        if len(self.rows) != self.width * self.height * self.channels:
            raise ResultUnsound("rows are missing")
        page = Page(
            number=len(self._context.pages) + 1,
            path=self._context.workdir / "in-memory",
            media_type="image/x-portable-anymap",
            sha256=hashlib.sha256(self.rows).hexdigest(),
            size_bytes=len(self.rows),
            width_px=self.width,
            height_px=self.height,
            dpi=self.dpi,
        )
        with self._context.news:
            self._context.pages.append(page)
            self._context.finished.append(self)
            self._context.news.notify_all()
        return page

    def discard(self) -> None:
        """Remember that the page was dropped."""
        self.is_discarded = True


class MemoryContext:
    """What the agent lends a driver, without an agent; while ``flows`` is clear, rows pile up."""

    def __init__(self, workdir: Path) -> None:
        workdir.mkdir(exist_ok=True)
        self.workdir = workdir
        self.pages: list[Page] = []
        self.begun: list[MemorySink] = []
        self.finished: list[MemorySink] = []
        self.news = threading.Condition()
        self.flows = threading.Event()
        self.flows.set()
        self._cancelled = threading.Event()

    @property
    def is_cancelled(self) -> bool:
        """Whether ``cancel`` was called."""
        return self._cancelled.is_set()

    def cancel(self) -> None:
        """Ask to stop the job."""
        self._cancelled.set()
        self.flows.set()

    def wait(self, timeout_s: float) -> bool:
        """Wait for a cancel."""
        return self._cancelled.wait(timeout_s)

    def needs_attention(self, reason: Attention) -> None:
        """Do nothing: this driver does not wait for hands."""

    def attention_over(self) -> None:
        """Do nothing, as above."""

    def begin_page(
        self, *, width_px: int, height_px: int | None, channels: int, dpi: int
    ) -> MemorySink:
        """Begin a page in memory."""
        assert height_px is not None
        sink = MemorySink(self, size=(width_px, height_px, channels), dpi=dpi)
        with self.news:
            self.begun.append(sink)
            self.news.notify_all()
        return sink

    def add_page(self, path: Path, *, dpi: int | None = None) -> Page:
        """Fail: this driver gives rows."""
        raise AssertionError(path, dpi)

    def await_rows(self, *, page: int = 1, at_least: int = 1, within_s: float = 60.0) -> None:
        """Wait until bytes of a page have come."""
        with self.news:
            assert self.news.wait_for(
                lambda: len(self.begun) >= page and len(self.begun[page - 1].rows) >= at_least,
                within_s,
            )


def driver_for(machine: Any, **settings: object) -> SaneDriver:
    """Return the driver that the plugin brings for a virtual machine."""
    (driver,) = register_drivers({"environment": machine.environment(), **settings})
    assert isinstance(driver, SaneDriver)
    return driver


def job(device: Device, **options: Any) -> ScanJob:
    """Return an order of a small page unless told otherwise."""
    return ScanJob(id="job-1", device_id=device.id, options=ScanOptions(**options))


A5 = (148, 210)


def sheet(path: Path, shade: int, size_mm: tuple[float, float] = A5) -> Path:
    """Write a sheet at 300 dpi, all of one grey."""
    width, height = (round(side * 300 / MM_PER_INCH) for side in size_mm)
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
        self.error: HookError | None = None

    def __enter__(self) -> Scan:
        """Start."""
        self.start()
        return self

    def __exit__(self, *_: object) -> None:
        """See that it ended; a test that failed before stops the job."""
        self._call[2].cancel()
        self.ended_within(60)

    def run(self) -> None:
        """Scan."""
        driver, device, context = self._call
        try:
            driver.scan(job(device, **self._options), device, context)
        except HookError as error:
            self.error = error

    def ended_within(self, seconds: float) -> None:
        """See that it ends in time."""
        self.join(seconds)
        assert not self.is_alive()


def programs_of(directory: Path) -> list[int]:
    """Return the running programs whose working directory lies in ``directory``."""
    found = []
    for process in Path("/proc").glob("[0-9]*"):
        try:
            if (process / "cwd").readlink().is_relative_to(directory):
                found.append(int(process.name))
        except OSError:  # it ended meanwhile
            continue
    return found


def all_end(directory: Path) -> None:
    """See that no program runs in ``directory`` any more; one that was killed may take a moment."""
    wait_until(lambda: not programs_of(directory), "all programs end", seconds=60)
