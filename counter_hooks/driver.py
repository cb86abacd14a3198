"""The contract between the agent and a family of devices."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Sequence
from pathlib import Path
from typing import ClassVar, Protocol

from counter_hooks.errors import JobRefused
from counter_hooks.model import Attention, Device, Page, PrintJob, ScanJob


class PageSink(Protocol):
    """Takes the rows of one page as they leave the scanner."""

    def write(self, rows: bytes | memoryview) -> None:
        """Take whole or partial rows, 8 bits a sample, top to bottom; RGB or grey as begun.

        Raises ``JobCancelled`` when the job was stopped, so that a driver need not look.
        """

    def finish(self) -> Page:
        """Close the page and keep it; a page with rows missing raises ``ResultUnsound``."""

    def discard(self) -> None:
        """Drop an unfinished page; pages that are finished stay."""


class JobContext(Protocol):
    """What the agent lends a driver for the length of one job. All calls are thread-safe."""

    @property
    def workdir(self) -> Path:
        """A private directory that is erased when the job ends."""

    @property
    def is_cancelled(self) -> bool:
        """True from the moment that somebody asked to stop this job."""

    def wait(self, timeout_s: float) -> bool:
        """Wait up to ``timeout_s`` seconds; True, at once, when the job is cancelled."""

    def needs_attention(self, reason: Attention) -> None:
        """Tell clerk and citizen that a person must touch the device; the job goes on waiting."""

    def attention_over(self) -> None:
        """Tell that what ``needs_attention`` reported is mended."""


class ScanContext(JobContext, Protocol):
    """A job context that takes pages."""

    def begin_page(
        self, *, width_px: int, height_px: int | None, channels: int, dpi: int
    ) -> PageSink:
        """Begin a page of ``channels`` 1 (grey) or 3 (RGB).

        ``height_px`` None means that the device does not know it before the end.
        """

    def add_page(self, path: Path, *, dpi: int | None = None) -> Page:
        """Keep a JPEG or PNG file that is already whole; ``dpi`` if the file does not say."""


class PrintContext(JobContext, Protocol):
    """A job context that remembers what the spooler calls the job."""

    @property
    def spooler_id(self) -> str | None:
        """What ``remember`` was told before the agent last stopped; None for a new job."""

    def remember(self, spooler_id: str) -> None:
        """Write the spooler's own identifier to the journal before the document is handed over."""


class Driver(ABC):
    """Speaks to a family of devices.

    One instance serves all its devices. Methods are called in the lane of the device, never two
    at once for one device; ``discover`` runs in a thread of its own, in parallel with jobs. A
    method that never returns costs its lane, nothing else.
    """

    name: ClassVar[str]

    @abstractmethod
    def discover(self) -> Sequence[Device]:
        """Return the devices present now; an empty sequence when there is none.

        Raises ``DeviceError`` when looking itself failed.
        """

    def scan(self, job: ScanJob, device: Device, context: ScanContext) -> None:
        """Scan one page from the glass, or all that lie in the feeder, into ``context``.

        Raises a leaf of ``DeviceError``; pages finished before that are kept. After a
        ``DeviceNeedsHand`` for the feeder or a lid it is called again for the same job, until the
        person has been there: then it scans what was missing.
        """
        raise JobRefused(f"{self.name} does not scan", device=device.id, job=job.id)

    def print(self, job: PrintJob, device: Device, context: PrintContext) -> None:
        """Print ``job.file`` once and return when the device says that it came out.

        When ``context.spooler_id`` is set the agent died during this job: find it and follow it,
        and hand it over again only if the device never got it.
        Raises a leaf of ``DeviceError``.
        """
        raise JobRefused(f"{self.name} does not print", device=device.id, job=job.id)
