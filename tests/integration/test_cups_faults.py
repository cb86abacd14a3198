"""What the CUPS driver says when a real printer fails, and that nothing is printed twice or late."""

from __future__ import annotations

import os
import signal
from collections.abc import Iterator
from pathlib import Path

import pytest

from counter_hooks import (
    Attention,
    DeviceError,
    DeviceGone,
    JobCancelled,
    PrintOptions,
    ResultUnsound,
)
from counter_hooks.plugins import cups_following
from counter_hooks.testing import TestContext
from deploy.virtual.printer import VirtualPrinter
from deploy.virtual.processes import Process, wait_until
from tests.integration.cups_context import (
    Print,
    administer,
    command_of,
    cupsd_of,
    device_of,
    driver_for,
    jobs_at,
    make_form,
    order,
    require_cups,
)

pytestmark = pytest.mark.cups

# A third of the time that a job takes at the pace of these tests.
CANCEL_S = 60.0
PACE_S = 180


@pytest.fixture(autouse=True)
def _cups_is_here() -> None:
    require_cups()


@pytest.fixture
def printer(tmp_path: Path) -> Iterator[VirtualPrinter]:
    """Return a printer that is on, and whose queue soon stops when it is not."""
    with VirtualPrinter(tmp_path / "printer", connect_seconds=1) as printer:
        yield printer


@pytest.fixture
def printing(printer: VirtualPrinter, tmp_path: Path) -> Print:
    """Return a print of two pages that has not begun."""
    driver = driver_for(printer)
    device = device_of(driver)
    job = order(device, make_form(tmp_path / "form.pdf"))
    return Print(driver, job, device, tmp_path / "work")


def prints_the_next(printer: VirtualPrinter, tmp_path: Path) -> None:
    """Print another document, which is the only one that came out."""
    driver = driver_for(printer)
    device = device_of(driver)
    driver.print(order(device, tmp_path / "form.pdf"), device, TestContext(tmp_path))
    assert len(printer.printed_files()) == 1


def is_printing(printer: VirtualPrinter) -> bool:
    """Say whether the printer itself has the job."""
    return any("processing" in line for line in jobs_at(printer, "not-completed", "job-state"))


def test_a_printer_that_is_off_is_told_and_waited_for(
    printer: VirtualPrinter, printing: Print
) -> None:
    """Off before the job: told. On again: the driver resumes the queue, and it comes out once."""
    printer.turn_off()
    with printing:
        printing.asks_for(Attention.DEVICE_OFFLINE)
        queue = driver_queue(printer)
        wait_until(lambda: queue.facts()["printer-state"] == 5, "the queue stops", seconds=60)
        assert printing.context.attention == [Attention.DEVICE_OFFLINE]
        printer.turn_on()
        printing.ended_within(60)
    assert printing.error is None
    assert printing.context.attention == [Attention.DEVICE_OFFLINE, None]
    assert len(printer.printed_files()) == 1


def driver_queue(printer: VirtualPrinter) -> cups_following.Queue:
    """Return the queue as the driver sees it."""
    return cups_following.Queue(printer.queue, printer.environment()["CUPS_SERVER"])


def test_a_power_cut_while_printing_is_no_success(
    printer: VirtualPrinter, printing: Print, tmp_path: Path
) -> None:
    """Cut in mid-job, the printer forgets it: told, never called printed unless it came out.

    The next good job is not blamed for what sticks to the queue.
    """
    printer.set_pace(60)
    with printing:
        wait_until(lambda: is_printing(printer), "it prints", seconds=60)
        printer.turn_off()
        printing.asks_for(Attention.DEVICE_OFFLINE)
        printer.set_pace(0)
        printer.turn_on()
        printing.ended_within(60)
    came_out = len(printer.printed_files())
    assert (printing.error is None) == (came_out == 1)
    assert came_out <= 1
    for path in printer.printed_files():
        path.unlink()
    prints_the_next(printer, tmp_path)


@pytest.mark.parametrize(
    ("fault", "reason"),
    [
        ("jam", Attention.PAPER_JAM),
        ("cover_open", Attention.COVER_OPEN),
        ("tray_missing", Attention.PAPER_EMPTY),
        ("toner_empty", Attention.INK_EMPTY),
        ("paper", Attention.PAPER_EMPTY),
    ],
)
def test_a_fault_is_told_until_it_is_mended(
    printer: VirtualPrinter, printing: Print, fault: str, reason: Attention
) -> None:
    """Each fault is told by name, once; mended, that is told too, and it comes out once."""
    if fault == "paper":
        printer.set_paper(empty=True)
    else:
        printer.fault(fault)
    with printing:
        printing.asks_for(reason)
        assert printer.printed_files() == []
        if fault == "paper":
            printer.set_paper(empty=False)
        else:
            printer.mend()
        printing.ended_within(60)
    assert printing.error is None
    assert printing.context.attention == [reason, None]
    assert len(printer.printed_files()) == 1


@pytest.mark.parametrize("turn", range(6))
@pytest.mark.parametrize("when", ["at once", "later"])
def test_what_the_printer_gives_up_is_never_printed(
    printer: VirtualPrinter, printing: Print, tmp_path: Path, when: str, turn: int
) -> None:
    """Given up by the printer, a job fails, whether CUPS calls it cancelled or completed."""
    if when == "at once":
        printer.fault("abort")
    else:
        printer.set_pace(60)
    with printing:
        if when == "later":
            wait_until(lambda: is_printing(printer), "it prints", seconds=60)
            # Somewhere in the second that CUPS takes between two looks.
            printing.context.wait(turn / 6)
            printer.fault("abort")
        printing.ended_within(60)
    assert isinstance(printing.error, DeviceError)
    assert not isinstance(printing.error, JobCancelled | ResultUnsound)
    assert printer.printed_files() == []
    printer.mend()
    printer.set_pace(0)
    prints_the_next(printer, tmp_path)


@pytest.mark.parametrize("state", ["just begun", "printing", "jammed", "off", "stopped", "frozen"])
def test_cancelled_is_cancelled(
    printer: VirtualPrinter, printing: Print, tmp_path: Path, state: str
) -> None:
    """A cancel takes effect long before the paper in any state, and nothing comes out later."""
    printer.set_pace(PACE_S)
    if state == "jammed":
        printer.fault("jam")
    if state in ("off", "stopped"):
        printer.turn_off()
    with printing:
        if state == "jammed":
            printing.asks_for(Attention.PAPER_JAM)
        elif state == "off":
            printing.asks_for(Attention.DEVICE_OFFLINE)
        elif state == "stopped":
            queue = driver_queue(printer)
            wait_until(lambda: queue.facts()["printer-state"] == 5, "the queue stops", seconds=60)
        elif state == "just begun":
            wait_until(lambda: printing.context.spooler_id, "CUPS has a job", seconds=60)
        else:
            wait_until(lambda: is_printing(printer), "it prints", seconds=60)
        if state == "frozen":
            freeze(printer, signal.SIGSTOP)
            printing.context.wait(1)
        printing.context.cancel()
        printing.ended_within(CANCEL_S)
    assert isinstance(printing.error, JobCancelled)
    if state == "frozen":
        freeze(printer, signal.SIGCONT)
    printer.turn_on()
    printer.mend()
    wait_until(lambda: not is_printing(printer), "the printer is free", seconds=60)
    printer.set_pace(0)
    prints_the_next(printer, tmp_path)


def test_a_cancel_that_comes_too_late_says_so(printer: VirtualPrinter, printing: Print) -> None:
    """CUPS hears of the paper up to a second late; what came out is not called cancelled."""
    with printing:
        wait_until(lambda: printer.printed_files(), "it came out", seconds=60)
        wait_until(lambda: not is_printing(printer), "the printer is done", seconds=60)
        printing.context.cancel()
        printing.ended_within(CANCEL_S)
    assert printing.error is None


def test_a_queue_that_does_not_wait_for_the_paper_is_not_believed(
    printer: VirtualPrinter, printing: Print
) -> None:
    """With ``waitjob=false`` CUPS is content with the hand-over; the driver waits for the paper."""
    address = f"{printer.uri}?contimeout=1&waitjob=false"
    administer(printer, "lpadmin", "-p", printer.queue, "-v", address)
    printer.set_pace(2)
    with printing:
        printing.ended_within(60)
    assert printing.error is None
    assert len(printer.printed_files()) == 1


def freeze(printer: VirtualPrinter, how: signal.Signals) -> None:
    """Stop the printer's program, as a hanging firmware would, or let it go on."""
    port = printer.uri.split(":")[2].split("/")[0]
    for process in Path("/proc").glob("[0-9]*"):
        command = command_of(process).split(b"\0")
        if command[0].endswith(b"ippeveprinter") and port.encode() in command:
            os.kill(int(process.name), how)


def test_a_frozen_printer_is_told(printer: VirtualPrinter, printing: Print) -> None:
    """A printer that hangs while it prints is reported as out of reach, and waited for."""
    printer.set_pace(PACE_S)
    with printing:
        wait_until(lambda: is_printing(printer), "it prints", seconds=60)
        freeze(printer, signal.SIGSTOP)
        try:
            printing.asks_for(Attention.DEVICE_OFFLINE)
        finally:
            freeze(printer, signal.SIGCONT)
        printer.set_pace(0)
        printing.ended_within(60)
    assert printing.error is None
    assert len(printer.printed_files()) == 1


def test_without_cups_there_is_no_printer(
    printer: VirtualPrinter, printing: Print, tmp_path: Path
) -> None:
    """Where no CUPS answers, looking fails with a claim, and so does a print."""
    os.kill(cupsd_of(printer), signal.SIGKILL)
    with pytest.raises(DeviceGone):
        driver_for(printer).discover()
    with printing:
        printing.ended_within(60)
    assert isinstance(printing.error, DeviceGone)


def test_cups_may_go_away_for_good(
    printer: VirtualPrinter, printing: Print, monkeypatch: pytest.MonkeyPatch
) -> None:
    """CUPS gone in mid-job: told, and given up when it does not come back."""
    monkeypatch.setattr(cups_following, "CUPS_AWAY_S", 1.0)
    printer.set_pace(60)
    with printing:
        wait_until(lambda: is_printing(printer), "it prints", seconds=60)
        os.kill(cupsd_of(printer), signal.SIGKILL)
        printing.asks_for(Attention.DEVICE_OFFLINE)
        printing.ended_within(60)
    assert isinstance(printing.error, DeviceGone)


def test_cups_may_be_restarted(printer: VirtualPrinter, printing: Print, tmp_path: Path) -> None:
    """A job that CUPS still holds outlasts its restart: followed to the end, and out once."""
    printer.fault("jam")
    with printing:
        printing.asks_for(Attention.PAPER_JAM)
        number = cupsd_of(printer)
        command = command_of(Path(f"/proc/{number}")).decode().split("\0")[:-1]
        os.kill(number, signal.SIGTERM)
        printing.asks_for(Attention.DEVICE_OFFLINE)
        again = Process(command, log=tmp_path / "cupsd", environment={}, directory=tmp_path)
        try:
            wait_until(lambda: len(printing.context.attention) > 2, "CUPS is back", seconds=60)
            printer.mend()
            printing.ended_within(60)
        finally:
            again.stop()
    assert printing.error is None
    assert len(printer.printed_files()) == 1


def test_many_copies_are_one_job(printer: VirtualPrinter, tmp_path: Path) -> None:
    """Copies are the printer's business: the document is handed over once."""
    driver = driver_for(printer)
    device = device_of(driver)
    job = order(device, make_form(tmp_path / "form.pdf"), PrintOptions(copies=5))
    driver.print(job, device, TestContext(tmp_path))
    assert jobs_at(printer, "completed", "copies") == ["5"]
