"""How much the SANE driver adds to plain scanimage: the same scan several ways, in turns.

Run by hand: ``python -m tests.bench.scan_driver``. The backend is SANE's test backend without a
delay, so that what is measured is the programs and not the motor. Plain is ``scanimage`` of one
page to ``/dev/null``; piped is the same read through a pipe, which no driver can do without; ours
is ``SaneDriver.scan`` until the last row was consumed.
"""

from __future__ import annotations

import os
import resource
import statistics
import subprocess
import tempfile
import threading
import time
from collections.abc import Callable
from pathlib import Path

from counter_hooks import Device, Page, ScanJob, ScanOptions
from counter_hooks.plugins.sane import register_drivers
from deploy.virtual.scanner import TestBackend
from tests.integration.sane_context import MemoryContext, MemorySink

ROUNDS = 15
RESOLUTIONS = (150, 300, 600)


class CountingSink(MemorySink):
    """Counts rows and keeps none, and notes when the first ones came."""

    count = 0

    def write(self, rows: bytes | memoryview) -> None:
        """Count."""
        self.first_at = getattr(self, "first_at", time.perf_counter())
        self.count += len(rows)

    def finish(self) -> Page:
        """Check the count."""
        assert self.count == self.width * self.height * self.channels
        return Page(
            number=1,
            path=Path(os.devnull),
            media_type="",
            sha256="",
            size_bytes=self.count,
            width_px=self.width,
            height_px=self.height,
            dpi=self.dpi,
        )


class CountingContext(MemoryContext):
    """A job context whose pages are counted."""

    def begin_page(
        self, *, width_px: int, height_px: int | None, channels: int, dpi: int
    ) -> MemorySink:
        """Begin a counted page."""
        self.sink = CountingSink(self, size=(width_px, height_px or 0, channels), dpi=dpi)
        return self.sink


def seconds(work: Callable[[], object]) -> float:
    """Return how long something took."""
    began = time.perf_counter()
    work()
    return time.perf_counter() - began


def spread(values: list[float]) -> str:
    """Return the median and the range."""
    return f"{statistics.median(values):.3f} ({min(values):.3f}-{max(values):.3f})"


def plain(backend: TestBackend, dpi: int, *, piped: bool = False) -> float:
    """Scan with scanimage alone."""
    area = ("-l", "0", "-t", "0", "-x", "210", "-y", "297")
    command = ["scanimage", "-d", backend.name, "--format=pnm", f"--resolution={dpi}", *area]
    environment = {**os.environ, **backend.environment()}
    began = time.perf_counter()
    output = subprocess.PIPE if piped else subprocess.DEVNULL
    with subprocess.Popen(command, env=environment, stdout=output) as program:
        while program.stdout is not None and os.read(program.stdout.fileno(), 65536):
            pass
    return time.perf_counter() - began


def compare(folder: Path, dpi: int) -> None:
    """Scan all ways in turns and print the ratio of each turn."""
    backend = TestBackend(folder / "sane.d")
    (driver,) = register_drivers({"environment": backend.environment()})
    (device,) = driver.discover()
    job = ScanJob(id="bench", device_id=device.id, options=ScanOptions(resolution_dpi=dpi))

    def ours() -> tuple[float, float]:
        context = CountingContext(folder / "work")
        began = time.perf_counter()
        taken = seconds(lambda: driver.scan(job, device, context))
        return taken, context.sink.first_at - began

    plain(backend, dpi), ours()  # both programs and the picture are in the page cache now
    turns = [(plain(backend, dpi), plain(backend, dpi, piped=True), *ours()) for _ in range(ROUNDS)]
    print(
        f"A4 colour {dpi} dpi, n={ROUNDS}: "
        f"plain {spread([turn[0] for turn in turns])} s, "
        f"piped {spread([turn[1] for turn in turns])} s, "
        f"ours {spread([turn[2] for turn in turns])} s, "
        f"ours/plain {spread([turn[2] / turn[0] for turn in turns])}, "
        f"ours/piped {spread([turn[2] / turn[1] for turn in turns])}, "
        f"first row {spread([turn[3] for turn in turns])} s"
    )


def cancelling(folder: Path) -> None:
    """Print how long a cancel in mid-page takes at a real scanner's pace."""
    backend = TestBackend(folder / "slow.d", seconds=10)
    (driver,) = register_drivers({"environment": backend.environment()})
    (device,) = driver.discover()
    times = [_cancel_once(driver.scan, device, MemoryContext(folder / "work")) for _ in range(5)]
    print(f"cancel in mid-page, n=5: {spread(times)} s")


def _cancel_once(scan: Callable[..., None], device: Device, context: MemoryContext) -> float:
    job = ScanJob(id="bench", device_id=device.id)

    def lane() -> None:
        try:
            scan(job, device, context)
        except Exception as error:  # noqa: BLE001 - the time is what counts; the error is printed
            if type(error).__name__ != "JobCancelled":
                print(f"unexpected: {error!r}")

    thread = threading.Thread(target=lane)
    thread.start()
    context.await_rows()
    context.cancel()
    return seconds(thread.join)


def main() -> None:
    """Measure and print."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        for dpi in RESOLUTIONS:
            compare(folder, dpi)
        cancelling(folder)
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(f"peak memory of the driver's process: {peak:.0f} MiB")


if __name__ == "__main__":
    main()
