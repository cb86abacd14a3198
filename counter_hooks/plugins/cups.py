"""Printers that CUPS knows, through pycups and queues made for IPP Everywhere.

A job is made empty, its number written to the agent's journal, and only then given its document:
whatever dies in between, it is never printed twice. That CUPS calls a job completed is not taken
as proof; ``docs/adr/0011-cups.md`` says what was tried and measured.
"""

from __future__ import annotations

import importlib.util
import shutil
import subprocess
from collections.abc import Iterable, Mapping, Sequence
from fnmatch import fnmatchcase
from pathlib import Path
from typing import TYPE_CHECKING, Any

from counter_hooks import (
    Attention,
    Capability,
    Colour,
    Device,
    DeviceError,
    Driver,
    JobCancelled,
    JobRefused,
    PluginRefused,
    PrintContext,
    PrintJob,
    ResultUnsound,
    Sides,
    hookimpl,
)
from counter_hooks.plugins.cups_reasons import attention, doubt, worth_telling
from counter_hooks.plugins.cups_settings import CupsSettings, decode_settings

if TYPE_CHECKING:
    from counter_hooks.plugins.cups_queue import JobFacts, Queue

LOOK_S = 0.1
KNOCK_EVERY = 20  # looks: a printer that is off is asked for every two seconds
_PDFINFO_S = 20.0


class CupsDriver(Driver):
    """All queues of one CUPS server that are not raw ones."""

    name = "cups"

    def __init__(self, settings: CupsSettings) -> None:
        self._settings = settings

    def discover(self) -> Sequence[Device]:
        """Return the queues; one whose printer reports a fault is listed with it."""
        from counter_hooks.plugins import cups_queue

        connection = cups_queue.connect(self._settings.server)
        with cups_queue.translated():
            names = sorted(connection.getPrinters())
        devices = []
        for name in names:
            facts = cups_queue.Queue(name, self._settings.server).facts()
            is_raw = facts.get("printer-make-and-model") == cups_queue.RAW
            if not is_raw and self._is_wanted(name):
                reasons = cups_queue.printer_reasons(str(facts.get("device-uri", "")))
                devices.append(_device(name, facts, reasons))
        return devices

    def print(self, job: PrintJob, device: Device, context: PrintContext) -> None:
        """Print once and return when there is no doubt that the printer is done."""
        from counter_hooks.plugins.cups_queue import Queue

        queue = Queue(device.id.removeprefix("cups:"), self._settings.server)
        number = _known_number(context.spooler_id)
        if number is not None and _was_handed_over(queue, number):
            _Follower(queue, number, context).follow()
            return
        check_pdf(job.file)
        number = queue.create(f"oac-{job.id}", _options(job))
        context.remember(str(number))
        queue.hand_over(number, f"oac-{job.id}", job.file)
        _Follower(queue, number, context).follow()

    def _is_wanted(self, name: str) -> bool:
        return any(fnmatchcase(name, pattern) for pattern in self._settings.queues)


class _Follower:
    """Watches one job from its hand-over to its end."""

    def __init__(self, queue: Queue, number: int, context: PrintContext) -> None:
        self._queue = queue
        self._number = number
        self._context = context
        self._address = str(queue.facts().get("device-uri", ""))
        self._told: Attention | None = None

    def follow(self) -> None:
        """Return when the job came out. Raises a leaf of ``DeviceError`` when it did not."""
        looks = 0
        while True:
            job = self._queue.job(self._number)
            if job is None:
                raise ResultUnsound("CUPS does not know the job any more", number=self._number)
            if _has_ended(job, self._context.is_cancelled):
                return
            self._tell(self._trouble(job, knock=looks % KNOCK_EVERY == KNOCK_EVERY - 1))
            looks += 1
            if self._context.wait(LOOK_S):
                self._queue.cancel(self._number)
                raise JobCancelled(number=self._number)

    def _trouble(self, job: JobFacts, *, knock: bool) -> Attention | None:
        from counter_hooks.plugins import cups_queue

        found = attention(job.reasons)
        if not knock or found not in (None, Attention.DEVICE_OFFLINE):
            return found or (None if knock else self._told_offline())
        if not cups_queue.is_reachable(self._address):
            return Attention.DEVICE_OFFLINE
        if self._queue.facts().get("printer-state") == cups_queue.STOPPED:
            self._queue.resume()
        return attention(cups_queue.printer_reasons(self._address) or ())

    def _told_offline(self) -> Attention | None:
        # CUPS does not know that a printer is off; between two knocks the last one counts.
        return self._told if self._told is Attention.DEVICE_OFFLINE else None

    def _tell(self, found: Attention | None) -> None:
        if found is self._told:
            return
        if found is None:
            self._context.attention_over()
        else:
            self._context.needs_attention(found)
        self._told = found


def _has_ended(job: JobFacts, is_cancelled: bool) -> bool:
    """Say whether the job came out. Raises when it ended in any other way."""
    from counter_hooks.plugins.cups_queue import IppJobState

    if job.state is IppJobState.COMPLETED:
        reason = doubt(job.reasons, job.message)
        if reason is not None:
            raise ResultUnsound(f"CUPS says completed, but {reason}")
        return True
    if job.state is IppJobState.CANCELLED and is_cancelled:
        raise JobCancelled
    if job.state in (IppJobState.CANCELLED, IppJobState.ABORTED):
        raise DeviceError(f"the printer gave the job up: {job.message or job.state.name.lower()}")
    if job.state is IppJobState.STOPPED:
        raise ResultUnsound(f"the job stopped: {job.message or 'CUPS does not say why'}")
    return False


def _known_number(spooler_id: str | None) -> int | None:
    return int(spooler_id) if spooler_id and spooler_id.isdigit() else None


def _was_handed_over(queue: Queue, number: int) -> bool:
    """Say whether CUPS has the document of a job from before the agent died.

    A job that CUPS does not know any more may have been printed: that is not found out by
    printing it again, so it fails. An empty one is taken back and printed anew.
    """
    job = queue.job(number)
    if job is None:
        raise ResultUnsound("CUPS does not know the job any more", number=number)
    if job.documents:
        return True
    queue.cancel(number)
    return False


def check_pdf(file: Path) -> None:
    """Refuse a file that would stop the queue. Raises ``JobRefused``.

    CUPS takes any file and finds out in the printing; a broken one leaves the queue blocked.
    """
    try:
        done = subprocess.run(
            ["pdfinfo", str(file)], capture_output=True, check=False, timeout=_PDFINFO_S
        )
    except subprocess.TimeoutExpired as error:
        raise JobRefused("the PDF could not be read in time") from error
    if done.returncode:
        raise JobRefused("the file is not a sound PDF")


def _options(job: PrintJob) -> dict[str, str]:
    options = job.options
    chosen = {
        "copies": str(options.copies),
        "sides": options.sides.value,
        # Printers that lay pages face up are sent the last one first otherwise.
        "outputorder": "normal",
    }
    if options.colour is Colour.GREY:
        chosen["print-color-mode"] = "monochrome"
    return chosen


def _device(name: str, facts: Mapping[str, Any], reasons: tuple[str, ...] | None) -> Device:
    own = reasons if reasons is not None else tuple(facts.get("printer-state-reasons", ()))
    colours = (Colour.COLOUR, Colour.GREY) if facts.get("color-supported") else (Colour.GREY,)
    offered = set(facts.get("sides-supported", ()))
    return Device(
        id=f"cups:{name}",
        driver="cups",
        name=str(facts.get("printer-info") or name),
        capabilities=frozenset({Capability.PRINT}),
        colours=colours,
        sides=tuple(sides for sides in Sides if sides.value in offered),
        attention=worth_telling(own),
    )


@hookimpl
def register_drivers(settings: Mapping[str, object]) -> Iterable[Driver]:
    """Bring one driver; refuse where pycups or ``pdfinfo`` is missing."""
    if importlib.util.find_spec("cups") is None:
        raise PluginRefused("pycups is missing: install jitsi-oac[cups] and libcups2-dev")
    if shutil.which("pdfinfo") is None:
        raise PluginRefused("pdfinfo is missing: install the package poppler-utils")
    return [CupsDriver(decode_settings(settings))]
