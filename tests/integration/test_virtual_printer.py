"""The virtual printer behaves as an office printer behind CUPS, to `lp` and to pycups."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pypdfium2
import pytest
from PIL import Image, ImageChops
from reportlab.lib.pagesizes import A4
from reportlab.pdfgen.canvas import Canvas

from deploy.virtual.printer import (
    FAULTS,
    PACKAGES,
    PrinterNotInstalled,
    VirtualPrinter,
    find,
)
from deploy.virtual.processes import wait_until
from tests.support import require

pytestmark = pytest.mark.cups

PENDING, PROCESSING, CANCELLED, COMPLETED = 3, 5, 7, 9
"""Job states (RFC 8011, 5.3.7)."""

STOPPED = 5
"""The state of a printer or a queue that does not print (RFC 8011, 5.4.11)."""


@pytest.fixture(scope="session")
def form(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a document of two A4 pages that differ, with text, lines and colour."""
    path = tmp_path_factory.mktemp("documents") / "form.pdf"
    canvas = Canvas(str(path), pagesize=A4, invariant=True)
    for page, colour in ((1, "red"), (2, "blue")):
        canvas.setFont("Helvetica", 24)
        canvas.drawString(72, 700, f"Volant d'empadronament, pàgina {page}")
        canvas.setFillColor(colour)
        canvas.rect(72, 100 * page, 200, 50, fill=1)
        canvas.showPage()
    canvas.save()
    return path


@pytest.fixture
def installed() -> None:
    """Skip where a part of CUPS is missing."""
    for program in PACKAGES:
        require("cups", find(program) or program)
    require("cups", module="cups")


@pytest.fixture
def printer(tmp_path: Path, installed: None) -> Iterator[VirtualPrinter]:
    """Return a printer that is on, and whose queue soon notices when it is not."""
    with VirtualPrinter(tmp_path / "printer", connect_seconds=1) as printer:
        yield printer


class Queue:
    """The queue as pycups shows it."""

    def __init__(self, printer: VirtualPrinter) -> None:
        import cups

        self.name = printer.queue
        self._cups = cups.Connection(host=printer.environment()["CUPS_SERVER"])

    def submit(self, path: Path, **options: str) -> int:
        """Submit a document and return the job."""
        job: int = self._cups.printFile(self.name, str(path), "form", options)
        return job

    def state(self, job: int) -> int:
        """Return the job's state."""
        state: int = self._cups.getJobAttributes(job)["job-state"]
        return state

    def wait_for(self, job: int, *states: int) -> None:
        """Wait until the job is in one of the states.

        A job that the printer gave up is cancelled or, as often, completed (CUPS 2.4.2 and 2.4.10).
        """
        wait_until(lambda: self.state(job) in states, f"job {job} in {states}", seconds=60)

    def cancel(self, job: int) -> None:
        """Cancel the job."""
        self._cups.cancelJob(job)

    def attributes(self) -> dict[str, Any]:
        """Return what the queue says of itself."""
        attributes: dict[str, Any] = self._cups.getPrinterAttributes(self.name)
        return attributes

    def resume(self) -> None:
        """Let the queue print again after it has stopped, as its administrator would."""
        self._cups.enablePrinter(self.name)


@pytest.fixture
def queue(printer: VirtualPrinter) -> Queue:
    """Return the printer's queue."""
    return Queue(printer)


def pages(path: Path) -> list[Image.Image]:
    """Render a document at 100 dpi."""
    with pypdfium2.PdfDocument(path) as document:
        return [page.render(scale=100 / 72).to_pil() for page in document]


def assert_same_pages(path: Path, original: Path) -> None:
    """Hold two documents' pages against each other, pixel by pixel."""
    assert path.suffix == ".pdf"
    for printed, meant in zip(pages(path), pages(original), strict=True):
        assert ImageChops.difference(printed, meant).getbbox() is None


def asked(printer: VirtualPrinter, question: str) -> str:
    """Ask the printer itself, without CUPS, by one of `ipptool`'s own files; return what it prints."""
    return subprocess.run(
        ["ipptool", "-tv", printer.uri, question],
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    ).stdout


def shows(printer: VirtualPrinter, reason: str) -> bool:
    """Return whether the printer gives the reason for its state."""
    lines = asked(printer, "get-printer-attributes.test").splitlines()
    return any("printer-state-reasons" in line and reason in line for line in lines)


def test_two_pages_come_out_as_they_were(printer: VirtualPrinter, queue: Queue, form: Path) -> None:
    """A PDF arrives once, as PDF, with its pages in order and every pixel the same."""
    queue.wait_for(queue.submit(form, media="A4", sides="one-sided"), COMPLETED)
    [printed] = printer.printed_files()
    assert_same_pages(printed, form)
    assert printer.printed_titles() == ["form"]


def test_lp_prints(printer: VirtualPrinter, form: Path) -> None:
    """`lp` finds the queue with the printer's variables alone; documents are listed in order."""
    for options in (["-o", "page-ranges=1"], ["-o", "page-ranges=2"], []):
        subprocess.run(
            ["lp", "-d", printer.queue, *options, str(form)],
            env=os.environ | printer.environment(),
            stdout=subprocess.DEVNULL,
            check=True,
            timeout=60,
        )
    wait_until(lambda: len(printer.printed_files()) == 3, "three came out", seconds=60)
    assert [len(pages(path)) for path in printer.printed_files()] == [1, 1, 2]
    assert_same_pages(printer.printed_files()[2], form)


def test_the_queue_is_driverless(queue: Queue) -> None:
    """The queue was made from what the printer says of itself; it is not a raw one."""
    attributes = queue.attributes()
    assert "everywhere" in attributes["printer-make-and-model"].lower()
    assert "contimeout=1" in attributes["device-uri"]


def test_a_job_waits_for_a_printer_that_is_off(
    printer: VirtualPrinter, queue: Queue, form: Path
) -> None:
    """Off: the queue stops and keeps the job. On, and resumed: it comes out once."""
    address = printer.uri
    printer.turn_off()
    job = queue.submit(form)
    wait_until(
        lambda: queue.attributes()["printer-state"] == STOPPED, "the queue stops", seconds=60
    )
    assert queue.state(job) == PENDING
    printer.turn_on()
    assert printer.uri == address
    assert printer.printed_files() == []
    queue.resume()
    queue.wait_for(job, COMPLETED)
    assert len(printer.printed_files()) == 1


def test_without_paper_nothing_comes_out_until_it_is_filled(
    printer: VirtualPrinter, queue: Queue, form: Path
) -> None:
    """An empty tray shows on the idle printer, outlasts a power cut, and makes a job wait."""
    assert not shows(printer, "media-empty")
    printer.set_paper(empty=True)
    assert shows(printer, "media-empty")
    printer.turn_off()
    printer.turn_on()
    assert shows(printer, "media-empty")
    job = queue.submit(form)
    wait_until(lambda: shows(printer, "media-needed"), "the job needs paper", seconds=60)
    assert queue.state(job) == PROCESSING
    assert printer.printed_files() == []
    printer.set_paper(empty=False)
    queue.wait_for(job, COMPLETED)
    assert len(printer.printed_files()) == 1
    assert not shows(printer, "media")


@pytest.mark.parametrize("fault", sorted(set(FAULTS) - {"abort"}))
def test_a_fault_stops_the_paper_until_mended(
    printer: VirtualPrinter, queue: Queue, form: Path, fault: str
) -> None:
    """Printer and queue name the reason, the job waits, and comes out once when mended."""
    printer.fault(fault)
    job = queue.submit(form)
    reason = FAULTS[fault]
    wait_until(lambda: shows(printer, reason), f"the printer shows {reason}", seconds=60)
    wait_until(
        lambda: any(reason in each for each in queue.attributes()["printer-state-reasons"]),
        f"the queue shows {reason}",
        seconds=60,
    )
    assert queue.state(job) == PROCESSING
    assert printer.printed_files() == []
    printer.mend()
    queue.wait_for(job, COMPLETED)
    assert len(printer.printed_files()) == 1
    assert not shows(printer, reason)


def test_a_fault_may_come_while_it_prints(
    printer: VirtualPrinter, queue: Queue, form: Path
) -> None:
    """A job that has begun meets a fault that comes later."""
    printer.set_pace(60)
    job = queue.submit(form)
    queue.wait_for(job, PROCESSING)
    printer.fault("jam")
    wait_until(lambda: shows(printer, "media-jam"), "the printer is jammed", seconds=60)
    printer.fault("abort")
    queue.wait_for(job, CANCELLED, COMPLETED)
    assert printer.printed_files() == []


def test_a_printer_may_give_a_job_up(printer: VirtualPrinter, queue: Queue, form: Path) -> None:
    """A job that the printer aborts does not come out, whatever CUPS thinks, and the next one does."""
    printer.fault("abort")
    queue.wait_for(queue.submit(form), CANCELLED, COMPLETED)
    assert printer.printed_files() == []
    assert "aborted-by-system" in asked(printer, "get-completed-jobs.test")
    printer.mend()
    queue.wait_for(queue.submit(form), COMPLETED)
    assert len(printer.printed_files()) == 1


def test_a_cancelled_job_does_not_come_out(
    printer: VirtualPrinter, queue: Queue, form: Path
) -> None:
    """Cancelled in a jam, a job frees the printer at once; mended, it prints the next job only."""
    printer.fault("jam")
    job = queue.submit(form)
    wait_until(lambda: shows(printer, "media-jam"), "the printer is jammed", seconds=60)
    queue.cancel(job)
    queue.wait_for(job, CANCELLED)
    wait_until(lambda: not shows(printer, "media-jam"), "the printer is free", seconds=60)
    printer.mend()
    queue.wait_for(queue.submit(form, **{"page-ranges": "2"}), COMPLETED)
    assert [len(pages(path)) for path in printer.printed_files()] == [1]


def test_a_power_cut_loses_the_job(printer: VirtualPrinter, queue: Queue, form: Path) -> None:
    """What was printing when the power went does not come out by itself later."""
    printer.set_pace(60)
    job = queue.submit(form)
    queue.wait_for(job, PROCESSING)
    printer.fault("jam")
    wait_until(lambda: shows(printer, "media-jam"), "it prints and is jammed", seconds=60)
    printer.turn_off()
    printer.mend()
    printer.set_pace(0)
    printer.turn_on()
    assert not shows(printer, "media-jam")
    assert printer.printed_files() == []


def test_two_printers_stand_side_by_side(
    printer: VirtualPrinter, queue: Queue, tmp_path: Path, form: Path
) -> None:
    """A second printer has its own address and queue; one's fault is not the other's."""
    printer.fault("jam")
    jammed = queue.submit(form)
    with VirtualPrinter(tmp_path / "second") as second:
        assert second.uri != printer.uri
        other = Queue(second)
        other.wait_for(other.submit(form), COMPLETED)
        assert len(second.printed_files()) == 1
    assert printer.printed_files() == []
    printer.mend()
    queue.wait_for(jammed, COMPLETED)


def processes_of(run: str) -> list[int]:
    """Return the processes that have the runtime directory in their environment or command."""
    found = []
    for process in Path("/proc").glob("[0-9]*"):
        try:
            traces = (process / "environ").read_bytes() + (process / "cmdline").read_bytes()
        except OSError:
            continue  # it ended meanwhile, or is not ours
        if run.encode() in traces:
            found.append(int(process.name))
    return found


def runtime_directory(printer: VirtualPrinter) -> str:
    """Return the directory that all processes of the printer know."""
    return str(Path(printer.environment()["CUPS_SERVER"]).parent.parent)


@pytest.mark.parametrize("restarted", [False, True])
def test_nothing_is_left_behind(
    tmp_path: Path, installed: None, form: Path, *, restarted: bool
) -> None:
    """Left in the middle of a job, also of a CUPS that was killed, no process and no folder stays."""
    with VirtualPrinter(tmp_path / "printer") as printer:
        run = runtime_directory(printer)
        printer.fault("jam")
        Queue(printer).submit(form)
        wait_until(lambda: shows(printer, "media-jam"), "it is jammed", seconds=60)
        if restarted:
            printer.restart_cups()
        assert len(processes_of(run)) >= 4
    wait_until(lambda: not processes_of(run), "all processes ended", seconds=60)
    assert not Path(run).exists()


OWNER = """
import sys
from pathlib import Path
from deploy.virtual.printer import VirtualPrinter
with VirtualPrinter(Path(sys.argv[1])) as printer:
    printer.fault("jam")
    print(printer.environment()["CUPS_SERVER"], flush=True)
    sys.stdin.read()
"""


def test_nothing_outlives_an_owner_that_is_killed(
    tmp_path: Path, installed: None, form: Path
) -> None:
    """When the program that owns the printer is killed, so are the printer and its CUPS."""
    owner = subprocess.Popen(
        [sys.executable, "-c", OWNER, str(tmp_path / "printer")],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        cwd=Path(__file__).parents[2],
    )
    with owner:
        assert owner.stdout
        server = owner.stdout.readline().strip()
        subprocess.run(
            ["lp", "-d", "COUNTER", str(form)],
            env=os.environ | {"CUPS_SERVER": server},
            stdout=subprocess.DEVNULL,
            check=True,
            timeout=60,
        )
        run = str(Path(server).parent.parent)
        wait_until(lambda: len(processes_of(run)) >= 4, "it prints", seconds=60)
        owner.send_signal(signal.SIGKILL)
        assert owner.wait(10) == -signal.SIGKILL
    wait_until(lambda: not processes_of(run), "all processes ended", seconds=60)
    shutil.rmtree(run)


def test_unknown_faults_are_refused(printer: VirtualPrinter) -> None:
    """A fault that it cannot play, or a pace that cannot be, is an error and changes nothing."""
    with pytest.raises(ValueError, match="no such fault: fire"):
        printer.fault("fire")
    with pytest.raises(ValueError, match="no time"):
        printer.set_pace(-1)


def test_what_is_missing_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Where a program is missing, the error names the package to install."""
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(PrinterNotInstalled, match="dbus-daemon"):
        VirtualPrinter(tmp_path / "printer")
