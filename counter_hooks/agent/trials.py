"""Tries a device from the command line, without a bridge, by the same contexts that jobs use."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from counter_hooks.agent.config import Settings
from counter_hooks.agent.contexts import RunningJob, Spool, Voice
from counter_hooks.agent.directory import DeviceDirectory
from counter_hooks.agent.encoder import require_encoder
from counter_hooks.agent.journal import Journal
from counter_hooks.driver import Driver
from counter_hooks.errors import DeviceGone
from counter_hooks.model import Capability, Device, Page, PrintJob, ScanJob, ScanOptions
from counter_hooks.wire import JobKind, JobOrder, JobProgress, PreviewStrip

TRIAL = "trial"


@dataclass(slots=True)
class TrialVoice(Voice):
    """Counts what would have gone to the bridge."""

    strips: int = 0
    first_strip_ms: float | None = None

    def preview(self, strip: PreviewStrip) -> bool:
        """Count a strip."""
        self.strips += 1
        if self.first_strip_ms is None:
            self.first_strip_ms = strip.since_first_line_ms
        return True

    def progress(self, progress: JobProgress) -> None:
        """Take note of nothing."""

    def reports_waiting(self) -> None:
        """Take note of nothing."""

    def pages_waiting(self) -> None:
        """Take note of nothing."""


def choose(
    directory: DeviceDirectory, capability: Capability, device_id: str | None
) -> tuple[Device, Driver]:
    """Return the device named, or the first that can. Raises ``DeviceGone`` saying what to do."""
    able = [device for device in directory.devices() if capability in device.capabilities]
    for device in able:
        if device_id in {None, device.id}:
            found = directory.find(device.id, timeout_s=0)
            if found is not None:
                return found
    if not able:
        raise DeviceGone(
            f"no device that can {capability.value} is plugged in; look with: oac-agent doctor"
        )
    known = ", ".join(device.id for device in able)
    raise DeviceGone(f"no device {device_id} that can {capability.value}; there are: {known}")


def scan(
    settings: Settings,
    found: tuple[Device, Driver],
    options: ScanOptions,
    *,
    keep_in: Path,
    clock: Callable[[], float],
) -> dict[str, Any]:
    """Scan into the folder ``keep_in`` and return the figures. Raises ``DeviceError``."""
    require_encoder()
    device, driver = found
    voice = TrialVoice()
    with _Trial(settings, JobKind.SCAN, device, voice, clock) as running:
        driver.scan(ScanJob(id=TRIAL, device_id=device.id, options=options), device, running)
        duration_s = clock() - running.began_at
        keep_in.mkdir(parents=True, exist_ok=True)
        pages = [_kept(page, keep_in) for page in running.pages]
    return {
        "device": device.id,
        "duration_ms": round(duration_s * 1000),
        "first_strip_ms": voice.first_strip_ms,
        "strips": voice.strips,
        "pages": pages,
    }


def print_file(
    settings: Settings, found: tuple[Device, Driver], file: Path, *, clock: Callable[[], float]
) -> dict[str, Any]:
    """Print ``file`` and return the figures. Raises ``DeviceError``."""
    device, driver = found
    with _Trial(settings, JobKind.PRINT, device, TrialVoice(), clock) as running:
        job = PrintJob(id=TRIAL, device_id=device.id, file=file, title="oac-agent test")
        driver.print(job, device, running)
        duration_s = clock() - running.began_at
    return {"device": device.id, "duration_ms": round(duration_s * 1000)}


class _Trial:
    """A job with a journal and a spool of its own that are erased in the end."""

    def __init__(
        self,
        settings: Settings,
        kind: JobKind,
        device: Device,
        voice: Voice,
        clock: Callable[[], float],
    ) -> None:
        self._folder = Path(tempfile.mkdtemp(prefix="oac-trial-"))
        spool = Spool(self._folder)
        spool.prepare()
        self._journal = Journal(self._folder / "journal.sqlite3")
        self._journal.accept(JobOrder(id=TRIAL, kind=kind, device=device.id, options={}))
        self._running = RunningJob(
            TRIAL, settings=settings, journal=self._journal, spool=spool, voice=voice, clock=clock
        )

    def __enter__(self) -> RunningJob:
        return self._running

    def __exit__(self, *_: object) -> None:
        self._running.close()
        self._journal.close()
        shutil.rmtree(self._folder)


def _kept(page: Page, folder: Path) -> dict[str, Any]:
    target = folder / page.path.name
    shutil.copyfile(page.path, target)
    return {
        "file": str(target),
        "width_px": page.width_px,
        "height_px": page.height_px,
        "dpi": page.dpi,
        "size_bytes": page.size_bytes,
    }
