"""What the tests of the CUPS driver share: documents, a lane, and the printer's own view."""

from __future__ import annotations

import itertools
import os
import subprocess
import threading
from pathlib import Path

import pypdfium2
from PIL import ImageChops
from reportlab.lib.pagesizes import A4
from reportlab.lib.units import mm
from reportlab.pdfgen.canvas import Canvas

from counter_hooks import Attention, Device, HookError, PrintJob, PrintOptions
from counter_hooks.plugins.cups import CupsDriver, register_drivers
from counter_hooks.testing import TestContext
from deploy.virtual.printer import FORMATS, PACKAGES, VirtualPrinter, find
from deploy.virtual.processes import Process, wait_until
from tests.support import require

OFFICE_PRINTER = Path(__file__).with_name("office_printer.conf")
NUMBERS = itertools.count(1)


def require_cups() -> None:
    """Skip where a part of CUPS, or of what the plugin needs, is missing."""
    for program in PACKAGES:
        require("cups", find(program) or program)
    require("cups", "pdfinfo")
    require("cups", module="cups")


def make_form(path: Path, *, pages: int = 2) -> Path:
    """Write a document of A4 pages that differ."""
    canvas = Canvas(str(path), pagesize=A4, invariant=True)
    for page, colour in zip(range(1, pages + 1), ("red", "blue", "green", "black"), strict=False):
        canvas.drawString(72, 700, f"Volant d'empadronament, pàgina {page}")
        canvas.setFillColor(colour)
        canvas.rect(72, 100 * page, 200, 50, fill=1)
        canvas.showPage()
    canvas.save()
    return path


def assert_same_pages(path: Path, original: Path) -> None:
    """Hold two documents' pages against each other, pixel by pixel."""
    with pypdfium2.PdfDocument(path) as printed, pypdfium2.PdfDocument(original) as meant:
        for one, other in zip(printed, meant, strict=True):
            pictures = [page.render(scale=100 / 72).to_pil() for page in (one, other)]
            assert ImageChops.difference(*pictures).getbbox() is None


def pages_in(path: Path) -> list[str]:
    """Return the text of each page of a document."""
    with pypdfium2.PdfDocument(path) as document:
        return [page.get_textpage().get_text_bounded().strip() for page in document]


def paper_mm(path: Path) -> tuple[int, int]:
    """Return how wide and high the first page of a document is, in millimetres."""
    with pypdfium2.PdfDocument(path) as document:
        width, height = document[0].get_size()
    return round(width / mm), round(height / mm)


def ink_mm(path: Path) -> tuple[int, int]:
    """Return how wide and high what is printed on the first page is, in millimetres."""
    with pypdfium2.PdfDocument(path) as document:
        picture = document[0].render(scale=4).to_pil().convert("L")
    left, top, right, bottom = picture.point(lambda shade: 255 - shade).getbbox() or (0, 0, 0, 0)
    return round((right - left) / 4 / mm), round((bottom - top) / 4 / mm)


def driver_for(printer: VirtualPrinter, **settings: object) -> CupsDriver:
    """Return the driver that the plugin brings for a virtual printer's CUPS."""
    server = printer.environment()["CUPS_SERVER"]
    (driver,) = register_drivers({"server": server, **settings})
    assert isinstance(driver, CupsDriver)
    return driver


def device_of(driver: CupsDriver) -> Device:
    """Return the only printer."""
    (device,) = driver.discover()
    return device


def order(device: Device, file: Path, options: PrintOptions | None = None) -> PrintJob:
    """Return an order that nobody gave before."""
    return PrintJob(
        id=f"job-{next(NUMBERS)}",
        device_id=device.id,
        file=file,
        title="Form",
        options=options or PrintOptions(),
    )


class OfficePrinter(VirtualPrinter):
    """The virtual printer with colours and a stapler."""

    def _start(self, program: str, *arguments: str, **variables: str) -> Process:
        if program == "ippeveprinter":
            # It takes what a file says of the printer, or what options say: not both.
            others = tuple(one for one in arguments if one not in ("-2", "-f", FORMATS))
            arguments = ("-a", str(OFFICE_PRINTER), *others)
        return super()._start(program, *arguments, **variables)


class Print(threading.Thread):
    """A print in a lane of its own; ``error`` is what it ended with."""

    def __init__(self, driver: CupsDriver, job: PrintJob, device: Device, workdir: Path) -> None:
        super().__init__(name="lane")
        workdir.mkdir(exist_ok=True)
        self.context = TestContext(workdir)
        self.error: HookError | None = None
        self._driver, self._job, self._device = driver, job, device

    def __enter__(self) -> Print:
        """Start."""
        self.start()
        return self

    def __exit__(self, *_: object) -> None:
        """See that it ended; a test that failed before stops the job."""
        if self.is_alive():
            self.context.cancel()
        self.ended_within(60)

    def run(self) -> None:
        """Print."""
        try:
            self._driver.print(self._job, self._device, self.context)
        except HookError as error:
            self.error = error

    def ended_within(self, seconds: float) -> None:
        """See that it ends in time."""
        self.join(seconds)
        assert not self.is_alive()

    def asks_for(self, reason: Attention) -> None:
        """Wait until a person is asked for."""
        wait_until(
            lambda: self.context.attention[-1:] == [reason] or not self.is_alive(),
            f"it asks because of {reason}",
            seconds=60,
        )
        assert self.context.attention[-1:] == [reason], (self.context.attention, self.error)


QUESTION = """{
    NAME "Jobs"
    OPERATION Get-Jobs
    GROUP operation-attributes-tag
    ATTR charset attributes-charset utf-8
    ATTR language attributes-natural-language en
    ATTR uri printer-uri $uri
    ATTR keyword which-jobs %s
    ATTR keyword requested-attributes %s
    DISPLAY %s
}
"""


def jobs_at(printer: VirtualPrinter, which: str, *attributes: str) -> list[str]:
    """Ask the printer itself for its jobs; one line a job, the last one first."""
    test = printer.directory / "question.test"
    test.write_text(QUESTION % (which, ",".join(attributes), "\n DISPLAY ".join(attributes)))
    answer = subprocess.run(
        ["ipptool", "-c", printer.uri, str(test)],
        capture_output=True,
        text=True,
        check=True,
        timeout=60,
    )
    return answer.stdout.splitlines()[1:]


def cupsd_of(printer: VirtualPrinter) -> int:
    """Return the process id of the printer's own CUPS."""
    binary = printer.environment()["CUPS_SERVER"].replace("client/cups.sock", "cupsd")
    (found,) = [
        int(process.name)
        for process in Path("/proc").glob("[0-9]*")
        if command_of(process).startswith(binary.encode())
    ]
    return found


def command_of(process: Path) -> bytes:
    """Return a process's command line, words apart by NUL; empty when it ended meanwhile."""
    try:
        return (process / "cmdline").read_bytes()
    except OSError:
        return b""


def administer(printer: VirtualPrinter, *command: str) -> None:
    """Run one of CUPS's programs at the printer's CUPS."""
    subprocess.run(
        [find(command[0]) or command[0], *command[1:]],
        env=os.environ | printer.environment(),
        check=True,
        timeout=60,
    )
