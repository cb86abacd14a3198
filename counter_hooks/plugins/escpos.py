"""A ticket printer that speaks ESC/POS, through python-escpos: receipts and slips, cut off the roll.

Loaded only when the configuration has a table ``[plugins.escpos]``; ``escpos_settings`` says what
is in it. The driver prints PDFs, drawn as dots as wide as the roll; the action prints a few words
of the clerk, with a code to read, such as a registry number. A printer at the network or at a
serial line is asked how it is before every band; one behind a device file answers nothing, so that
only people know what came out.
"""

from __future__ import annotations

import importlib.util
import threading
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from functools import cache
from itertools import chain, repeat

from counter_hooks import (
    Action,
    ActionJob,
    Attention,
    Capability,
    Colour,
    Device,
    DeviceBusy,
    DeviceError,
    DeviceGone,
    Driver,
    Field,
    JobCancelled,
    JobContext,
    PluginRefused,
    PrintContext,
    PrintJob,
    ResultUnsound,
    Sides,
    Text,
    Value,
    hookimpl,
)
from counter_hooks.plugins import escpos_line, escpos_paper, poppler
from counter_hooks.plugins.escpos_settings import EscposSettings, decode_settings

WAIT_S = 60.0
MOST_SLIP_CHARACTERS = 300
MOST_CODE_CHARACTERS = 120


class TicketPrinter:
    """The one printer, which driver and action share: it takes one connection at a time."""

    def __init__(self, settings: EscposSettings) -> None:
        self.settings = settings
        self._lock = threading.Lock()
        self._last: Attention | None = None

    def look(self) -> Attention | None:
        """Return what it needs; while it prints, what it needed before. Raises ``DeviceGone``."""
        if not self._lock.acquire(blocking=False):
            return self._last
        try:
            with escpos_line.opened(self.settings) as line:
                self._last = line.look()
        finally:
            self._lock.release()
        return self._last

    def print(self, pieces: Iterable[bytes], context: JobContext) -> None:
        """Print ``pieces`` when whoever prints is done. Raises a leaf of ``DeviceError``."""
        with self._turn(context), escpos_line.opened(self.settings) as line:
            line.send(pieces, context)

    @contextmanager
    def _turn(self, context: JobContext) -> Iterator[None]:
        for _ in range(round(WAIT_S / escpos_line.STEP_S)):
            if self._lock.acquire(blocking=False):
                break
            if context.wait(escpos_line.STEP_S):
                raise JobCancelled
        else:
            raise DeviceBusy("somebody else prints on the ticket printer")
        try:
            yield
        finally:
            self._lock.release()


class EscposDriver(Driver):
    """Prints PDFs on a roll."""

    name = "escpos"

    def __init__(self, printer: TicketPrinter) -> None:
        self._printer = printer

    def discover(self) -> Sequence[Device]:
        """Return the printer with what it needs; nothing when it is not there."""
        try:
            attention = self._printer.look()
        except DeviceGone:
            return []
        except DeviceError as error:
            attention = error.reason
        settings = self._printer.settings
        return [
            Device(
                id=settings.id,
                driver=self.name,
                name=settings.name,
                capabilities=frozenset({Capability.PRINT}),
                colours=(Colour.GREY,),
                sides=(Sides.ONE,),
                is_for_tickets=True,
                attention=attention,
            )
        ]

    def print(self, job: PrintJob, device: Device, context: PrintContext) -> None:
        """Print once; of a job that the agent died in nobody knows what came out."""
        if context.spooler_id is not None:
            raise ResultUnsound("the ticket may have come out before the agent stopped")
        pieces = list(escpos_paper.document(self._printer.settings, job.file, context.workdir))
        if context.is_cancelled:
            raise JobCancelled(job=job.id)
        context.remember(job.id)
        self._printer.print(chain.from_iterable(repeat(pieces, job.options.copies)), context)


class PrintSlip(Action):
    """Prints what the clerk writes."""

    key = "print-slip"
    title = Text(ca="Imprimir una nota", es="Imprimir una nota", en="Print a note")
    consent = Text(
        ca="Imprimir una nota per a vosté en la impressora de tiquets.",
        es="Imprimir una nota para usted en la impresora de tiques.",
        en="Print a note for you on the ticket printer.",
    )
    fields = (
        Field(
            key="text",
            label=Text(ca="Què diu", es="Qué dice", en="What it says"),
            is_required=True,
            least=1,
            most=MOST_SLIP_CHARACTERS,
        ),
        Field(
            key="code",
            label=Text(
                ca="Número o adreça, també com a codi QR",
                es="Número o dirección, también como código QR",
                en="Number or address, as a QR code too",
            ),
            most=MOST_CODE_CHARACTERS,
        ),
    )
    icon = "M5 2h14v20l-2-2-2 2-3-2-3 2-2-2-2 2zM8 6h8v2H8zM8 10h8v2H8zM8 14h5v2H8z"
    limit_s = 300.0

    def __init__(self, printer: TicketPrinter) -> None:
        self._printer = printer

    def run(self, job: ActionJob, context: JobContext) -> Mapping[str, Value]:
        """Print it and say nothing: there is nothing to know but the paper."""
        text, code = str(job.values["text"]), str(job.values.get("code", ""))
        self._printer.print(escpos_paper.slip(self._printer.settings, text, code), context)
        return {}


@hookimpl
def register_drivers(settings: Mapping[str, object]) -> list[Driver]:
    """Bring the driver. Raises ``PluginRefused`` where something is missing or makes no sense."""
    return [EscposDriver(_printer(settings))]


@hookimpl
def register_actions(settings: Mapping[str, object]) -> list[Action]:
    """Bring the action. Raises ``PluginRefused`` as ``register_drivers``."""
    return [PrintSlip(_printer(settings))]


def _printer(table: Mapping[str, object]) -> TicketPrinter:
    chosen = decode_settings(table)
    if importlib.util.find_spec("escpos") is None:
        raise PluginRefused("python-escpos is missing: install jitsi-oac[escpos]")
    if chosen.serial and importlib.util.find_spec("serial") is None:
        raise PluginRefused("pyserial is missing: install jitsi-oac[escpos]")
    poppler.require("pdfinfo", "pdftoppm")
    _check_profile(chosen.profile)
    return _shared(chosen)


@cache
def _shared(settings: EscposSettings) -> TicketPrinter:
    """Return the one printer that both hooks bring something for."""
    return TicketPrinter(settings)


def _check_profile(name: str) -> None:
    escpos_paper.forget_pickles()
    from escpos.capabilities import CAPABILITIES

    if name not in CAPABILITIES["profiles"]:
        raise PluginRefused(f"[plugins.escpos] python-escpos knows no profile {name!r:.40}")
