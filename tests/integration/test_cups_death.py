"""An agent that is killed in the middle of a print, and goes on after its restart, prints once."""

from __future__ import annotations

import signal
import subprocess
import sys
import zlib
from collections.abc import Iterator
from pathlib import Path
from random import Random

import pytest

from counter_hooks import DeviceError, JobCancelled, PrintJob
from counter_hooks.testing import TestContext
from deploy.virtual.printer import VirtualPrinter
from deploy.virtual.processes import wait_until
from tests.integration.cups_context import (
    device_of,
    driver_for,
    jobs_at,
    make_form,
    require_cups,
)

pytestmark = pytest.mark.cups

COMPLETED = 9
POINTS = (
    "before create",
    "created",
    "remembered",
    "in hand-over",
    "handed over",
    "printing",
    "came out",
)

# Prints, and kills itself at the named point; the journal is a file.
AGENT = '''
import os, re, signal, sys, threading
from pathlib import Path
from counter_hooks import PrintJob
from counter_hooks.plugins.cups import register_drivers
from counter_hooks.testing import TestContext

server, file, journal, out, point = sys.argv[1:]

def die_at(*points):
    if point in points:
        os.kill(os.getpid(), signal.SIGKILL)

class Context(TestContext):
    looks = 0

    @property
    def is_cancelled(self):
        die_at("before create")
        return False

    def remember(self, spooler_id):
        die_at("created")
        Path(journal).write_text(spooler_id)
        die_at("remembered")

    def wait(self, timeout_s):
        self.looks += 1
        die_at("handed over")
        if self.looks > 20:
            die_at("printing")
        if list(Path(out).iterdir()):
            die_at("came out")
        return super().wait(timeout_s)

def watch():
    """Die as soon as CUPS was sent a part of the document."""
    while True:
        for handle in Path("/proc/self/fd").iterdir():
            try:
                if handle.readlink() == Path(file):
                    position = Path(f"/proc/self/fdinfo/{handle.name}").read_text()
                    if int(re.search(r"pos:\\s+(\\d+)", position)[1]) > 1_000_000:
                        die_at("in hand-over")
            except OSError:
                continue

if point == "in hand-over":
    threading.Thread(target=watch, daemon=True).start()
(driver,) = register_drivers({"server": server})
(device,) = driver.discover()
job = PrintJob(id="7", device_id=device.id, file=Path(file), title="Form")
driver.print(job, device, Context(Path(journal).parent))
'''


@pytest.fixture(autouse=True)
def _cups_is_here() -> None:
    require_cups()


@pytest.fixture
def printer(tmp_path: Path) -> Iterator[VirtualPrinter]:
    """Return a printer that takes minutes for a job, until it is told to hurry."""
    with VirtualPrinter(tmp_path / "printer", connect_seconds=1) as printer:
        printer.set_pace(180)
        yield printer


def make_heavy(path: Path) -> Path:
    """Write a PDF of one page and twenty megabytes that do not compress."""
    noise = zlib.compress(Random(1).randbytes(20_000_000), 0)  # noqa: S311 - made-up pixels
    stream = b"4 0 obj<</Filter/FlateDecode/Length %d>>stream\n" % len(noise)
    objects = [
        b"1 0 obj<</Type/Catalog/Pages 2 0 R/Piece 4 0 R>>endobj\n",
        b"2 0 obj<</Type/Pages/Kids[3 0 R]/Count 1>>endobj\n",
        b"3 0 obj<</Type/Page/Parent 2 0 R/MediaBox[0 0 595 842]>>endobj\n",
        stream + noise + b"\nendstream endobj\n",
    ]
    content, offsets = b"%PDF-1.4\n", []
    for each in objects:
        offsets.append(len(content))
        content += each
    table = b"".join(b"%010d 00000 n \n" % offset for offset in offsets)
    end = b"trailer<</Root 1 0 R/Size 5>>\nstartxref\n%d\n%%%%EOF\n" % len(content)
    path.write_bytes(content + b"xref\n0 5\n0000000000 65535 f \n" + table + end)
    return path


class Counter:
    """An agent's journal and document, over its deaths."""

    def __init__(self, printer: VirtualPrinter, folder: Path, *, heavy: bool = False) -> None:
        self._printer = printer
        self._folder = folder
        self._journal = folder / "journal"
        self.file = make_heavy(folder / "f.pdf") if heavy else make_form(folder / "f.pdf")

    def die(self, point: str) -> None:
        """Print in a process of its own that dies at ``point``."""
        if point == "came out":
            self._printer.set_pace(0)
        agent = subprocess.run(
            [
                *(sys.executable, "-c", AGENT),
                self._printer.environment()["CUPS_SERVER"],
                *(str(self.file), str(self._journal)),
                *(str(self._printer.directory / "out"), point),
            ],
            cwd=Path(__file__).parents[2],
            check=False,
            timeout=120,
        )
        assert agent.returncode == -signal.SIGKILL

    def go_on(self, *, cancelled: bool = False) -> TestContext:
        """Print the same job again with what the journal says."""
        known = self._journal.read_text() if self._journal.exists() else None
        context = TestContext(self._folder, spooler_id=known)
        if cancelled:
            context.cancel()
        driver = driver_for(self._printer)
        device = device_of(driver)
        job = PrintJob(id="7", device_id=device.id, file=self.file, title="Form")
        driver.print(job, device, context)
        return context

    def make_cups_forget(self, *, at_once: bool) -> None:
        """Erase the job from CUPS, or what is known of it, as CUPS does with old ones."""
        import cups

        number = int(self._journal.read_text())
        connection = cups.Connection(host=self._printer.environment()["CUPS_SERVER"])
        if not at_once:
            wait_until(
                lambda: connection.getJobAttributes(number)["job-state"] == COMPLETED,
                "CUPS has done with it",
                seconds=60,
            )
        connection.cancelJob(number, purge_job=True)

    def comes_to_rest(self) -> None:
        """Wait until neither CUPS nor the printer has anything to print, and print a last job."""
        wait_until(
            lambda: not jobs_at(self._printer, "not-completed", "job-id"),
            "the printer is free",
            seconds=60,
        )
        self._printer.set_pace(0)
        self._journal.unlink(missing_ok=True)
        self.go_on()


@pytest.mark.parametrize("point", POINTS)
def test_a_killed_agent_prints_once(printer: VirtualPrinter, tmp_path: Path, point: str) -> None:
    """Wherever it is killed, one copy comes out, neither none nor two, and the queue goes on."""
    counter = Counter(printer, tmp_path, heavy=point == "in hand-over")
    counter.die(point)
    printer.set_pace(0)
    counter.go_on()
    assert len(printer.printed_files()) == 1
    counter.comes_to_rest()
    assert len(printer.printed_files()) == 2


@pytest.mark.parametrize("point", ["remembered", "printing"])
def test_a_print_cancelled_over_the_restart_does_not_come_out(
    printer: VirtualPrinter, tmp_path: Path, point: str
) -> None:
    """Cancelled while no agent was there, the job ends at its first look."""
    counter = Counter(printer, tmp_path)
    counter.die(point)
    with pytest.raises(JobCancelled):
        counter.go_on(cancelled=True)
    counter.comes_to_rest()
    assert len(printer.printed_files()) == 1


def test_a_printer_that_gave_up_meanwhile_is_believed(
    printer: VirtualPrinter, tmp_path: Path
) -> None:
    """Aborted while no agent was there, whatever CUPS says, is an error after the restart."""
    counter = Counter(printer, tmp_path)
    counter.die("handed over")
    printer.fault("abort")
    wait_until(
        lambda: bool(jobs_at(printer, "completed", "job-state")), "the job ended", seconds=60
    )
    with pytest.raises(DeviceError):
        counter.go_on()
    assert printer.printed_files() == []


@pytest.mark.parametrize("at_once", [True, False])
def test_what_cups_forgot_is_not_printed_again(
    printer: VirtualPrinter, tmp_path: Path, *, at_once: bool
) -> None:
    """Without its document or unknown, it may have come out: an error, not a second copy."""
    counter = Counter(printer, tmp_path)
    counter.die("came out")
    counter.make_cups_forget(at_once=at_once)
    with pytest.raises(DeviceError):
        counter.go_on()
    assert len(printer.printed_files()) == 1
