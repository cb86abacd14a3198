"""Printers that CUPS knows, through pycups and queues made for IPP Everywhere.

A job is made empty, its number written to the agent's journal, and only then given its document:
whatever dies in between, it is never printed twice. That CUPS calls a job completed is not taken
as proof; ``docs/adr/0011-cups.md`` says what was tried and measured.
"""

from __future__ import annotations

import importlib.util
import secrets
import shutil
from collections.abc import Callable, Iterable, Mapping, Sequence
from fnmatch import fnmatchcase
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from counter_hooks import (
    Attention,
    Capability,
    Device,
    DeviceError,
    DeviceGone,
    Driver,
    HookError,
    JobCancelled,
    PluginRefused,
    PrintContext,
    PrintJob,
    ResultUnsound,
    hookimpl,
)
from counter_hooks.plugins import cups_options, cups_pdf, cups_printer, poppler
from counter_hooks.plugins.cups_reasons import worth_telling
from counter_hooks.plugins.cups_settings import CupsSettings, decode_settings

if TYPE_CHECKING:
    from counter_hooks.plugins.cups_queue import Queue


class CupsDriver(Driver):
    """All queues of one CUPS server that are not raw ones."""

    name = "cups"

    def __init__(self, settings: CupsSettings, *, chance: Callable[[], str]) -> None:
        """``chance`` returns a short text that it never returned before."""
        self._settings = settings
        self._chance = chance

    def discover(self) -> Sequence[Device]:
        """Return the queues; one whose printer reports a fault or is off is listed with it."""
        from counter_hooks.plugins import cups_queue

        connection = cups_queue.connect(self._settings.server)
        with cups_queue.translated():
            names = sorted(connection.getPrinters())
        devices = []
        for name in names:
            if not self._is_wanted(name):
                continue
            try:
                facts = cups_queue.Queue(name, self._settings.server).facts()
            except cups_queue.UnknownHere:  # deleted since it was listed
                continue
            if facts.get("printer-make-and-model") != cups_queue.RAW:
                devices.append(_device(name, facts))
        return devices

    def print(self, job: PrintJob, device: Device, context: PrintContext) -> None:
        """Print once and return when there is no doubt that the printer is done."""
        from counter_hooks.plugins.cups_following import Follower
        from counter_hooks.plugins.cups_queue import Queue

        queue = Queue(device.id.removeprefix("cups:"), self._settings.server)
        number = _known_number(context.spooler_id)
        if number is not None and _was_handed_over(queue, number):
            Follower(queue, number, context).follow()
            return
        cups_pdf.require_sound(job)
        facts = queue.facts()
        cups_options.require_able(job, facts)
        if context.is_cancelled:
            raise JobCancelled(job=job.id)
        # The printer is asked about the job by this name, and trials all have the same id.
        title = f"oac-{job.id}-{self._chance()}"
        number = queue.create(title, cups_options.words_for(job.options, facts))
        try:
            context.remember(str(number))
        except HookError:
            queue.cancel(number)
            raise
        follower = Follower(queue, number, context)
        _hand_over(queue, number, title, job.file)
        follower.follow()

    def _is_wanted(self, name: str) -> bool:
        return any(fnmatchcase(name, pattern) for pattern in self._settings.queues)


def _known_number(spooler_id: str | None) -> int | None:
    return int(spooler_id) if spooler_id and spooler_id.isdigit() else None


def _was_handed_over(queue: Queue, number: int) -> bool:
    """Say whether CUPS has the document of a job from before the agent died.

    A job that CUPS does not know any more may have been printed: that is not found out by
    printing it again, so it fails. One that never had a document is taken back and printed anew.
    """
    job = queue.job(number)
    if job is None:
        raise ResultUnsound("CUPS does not know the job any more", number=number)
    if not job.is_empty:
        return True
    queue.cancel(number)
    return False


def _hand_over(queue: Queue, number: int, title: str, file: Path) -> None:
    try:
        queue.hand_over(number, title, file)
    except DeviceGone:
        # CUPS may have the document all the same; following the job finds out.
        return
    except DeviceError:
        queue.cancel(number)
        raise


def _device(name: str, facts: Mapping[str, Any]) -> Device:
    from counter_hooks.plugins.cups_queue import texts

    address = str(facts.get("device-uri", ""))
    condition = cups_printer.condition(address)
    reasons = condition.reasons if condition else texts(facts.get("printer-state-reasons"))
    trouble = worth_telling(reasons)
    if condition is None and not cups_printer.is_reachable(address):
        trouble = Attention.DEVICE_OFFLINE
    return Device(
        id=f"cups:{name}",
        driver="cups",
        name=cups_options.name_of(name, facts),
        capabilities=frozenset({Capability.PRINT}),
        colours=cups_options.colours_of(facts),
        sides=cups_options.sides_of(facts),
        papers=cups_options.papers_of(facts, condition.papers if condition else ()),
        scalings=cups_options.scalings_of(facts),
        can_staple=cups_options.staple_of(facts) is not None,
        takes_pages=cups_options.takes_pages(facts),
        attention=trouble,
    )


@hookimpl
def register_drivers(settings: Mapping[str, object]) -> Iterable[Driver]:
    """Bring one driver; refuse where pycups, ``pdfinfo`` or ``ipptool`` is missing."""
    if importlib.util.find_spec("cups") is None:
        raise PluginRefused("pycups is missing: install jitsi-oac[cups] and libcups2-dev")
    if shutil.which("ipptool") is None:
        raise PluginRefused("ipptool is missing: install the package cups-ipp-utils")
    poppler.require("pdfinfo")
    return [CupsDriver(decode_settings(settings), chance=partial(secrets.token_hex, 4))]
