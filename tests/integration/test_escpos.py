"""The ticket printer, over a real connection: what is on its roll is what was to be printed."""

from __future__ import annotations

import contextlib
import os
import shutil
import tempfile
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
from PIL import Image, ImageChops

from bridge.documents.papers import Field, FormText, form_pdf
from counter_hooks import (
    Attention,
    DeviceSilent,
    Driver,
    JobCancelled,
    JobRefused,
    PluginRefused,
    PrintJob,
    PrintOptions,
    ResultUnsound,
)
from counter_hooks.plugins import escpos, escpos_line, escpos_paper, poppler
from counter_hooks.testing import PATIENCE_S, SMALL_PDF, DriverContract, FakeAgent, TestContext
from tests.escpos_printer import EscposPrinter
from tests.support import require

WORDS = "Núm. de registre 2026/1234: l·l, ñ, ò, €"
FORM = FormText(
    office="Oficina Única",
    title="Justificant",
    reference="A001",
    fields=(Field(label="Nom i cognoms"),),
    declaration="Hui s'ha presentat una sol·licitud.",
    place_and_date="Lloc i data",
    signature="Firma",
)


@pytest.fixture(autouse=True)
def _parts() -> None:
    require("escpos", module="escpos")
    require("cups", "pdftoppm")


@pytest.fixture(autouse=True)
def _patience(monkeypatch: pytest.MonkeyPatch) -> None:
    # The printer shares a processor with other tests: it may be slow without being silent.
    monkeypatch.setattr(escpos_line, "ANSWER_S", PATIENCE_S)


@pytest.fixture
def printer() -> EscposPrinter:
    """Return a printer that has paper."""
    return EscposPrinter()


@pytest.fixture
def port(printer: EscposPrinter) -> Iterator[int]:
    """Give the port that the printer listens at."""
    with printer.at_network() as port:
        yield port


@pytest.fixture
def driver(port: int) -> Driver:
    """Return a driver for the printer."""
    return escpos.register_drivers(table(port))[0]


@pytest.fixture
def context(tmp_path: Path) -> TestContext:
    """Return a context with an empty work folder."""
    (tmp_path / "work").mkdir()
    return TestContext(tmp_path / "work")


def table(port: int) -> dict[str, object]:
    """Return the settings for a printer at ``port``."""
    return {"host": "127.0.0.1", "port": port}


def form_job(tmp_path: Path, *, content: bytes | None = None, copies: int = 1) -> PrintJob:
    """Return an order to print a form."""
    file = tmp_path / "form.pdf"
    file.write_bytes(form_pdf(FORM).content if content is None else content)
    options = PrintOptions(copies=copies)
    return PrintJob(id="j1", device_id="escpos:x", file=file, title="Form", options=options)


class TestEscposDriver(DriverContract):
    """The driver, as every other one."""

    @pytest.fixture(autouse=True)
    def _printer(self) -> Iterator[None]:
        with contextlib.ExitStack() as self.stack:
            self.port = self.stack.enter_context(EscposPrinter().at_network())
            yield

    def make_driver(self, tmp_path: Path) -> Driver:
        """Return a driver for the printer."""
        return escpos.register_drivers(table(self.port))[0]

    def unplug(self, driver: Driver, tmp_path: Path) -> None:
        """Let nobody listen at its address any more."""
        self.stack.close()


def test_a_form_lies_on_the_roll_as_it_was_drawn(
    driver: Driver, printer: EscposPrinter, tmp_path: Path, context: TestContext
) -> None:
    """Each dot of the form is there once for each copy, at the width of the roll, then a cut."""
    driver.print(form_job(tmp_path, copies=2), driver.discover()[0], context)
    assert printer.cuts == 2
    half = len(printer.strips) // 2
    first, again = printer.strips[:half], printer.strips[half:]
    assert [one.tobytes() for one in first] == [one.tobytes() for one in again]
    printer.strips = first
    picture = printer.picture
    assert picture.width == 576
    box = ImageChops.invert(picture).getbbox()
    assert box is not None
    # The frame of the signature ends the form; the empty rest of A4 is not fed.
    assert picture.height < 0.7 * 576 * 297 / 210
    assert picture.height - box[3] < 60
    drawn = _drawn(tmp_path).crop((0, 0, 576, picture.height))
    difference = ImageChops.difference(picture, drawn).histogram()
    assert difference[255] < 0.03 * picture.width * picture.height


def _drawn(tmp_path: Path) -> Image.Image:
    """Return the form drawn by another program, black where it is dark."""
    require("check", module="pypdfium2")
    import pypdfium2

    with pypdfium2.PdfDocument(tmp_path / "form.pdf") as pdf:
        page = pdf[0]
        drawn = page.render(scale=576 / page.get_width()).to_pil().convert("L")
        page.close()
    return drawn.point(lambda value: 0 if value < 160 else 255)


def test_a_note_is_text_and_code(printer: EscposPrinter, port: int, tmp_path: Path) -> None:
    """The clerk's words come out with every letter of our languages, and the code can be read."""
    counter = FakeAgent({"escpos": escpos}, {"escpos": table(port)}, folder=tmp_path)
    assert counter.act("print-slip", text=WORDS, code="2026/1234") == {}
    assert " ".join(printer.text.split()) == f"{WORDS} 2026/1234"
    assert printer.cuts == 1
    (code,) = printer.strips
    assert _is_code_of(code, "2026/1234")
    counter.act("print-slip", text="Torne dimarts")
    assert len(printer.strips) == 1


def _is_code_of(picture: Image.Image, content: str) -> bool:
    import qrcode

    wanted = qrcode.QRCode(border=0, error_correction=qrcode.constants.ERROR_CORRECT_L)
    wanted.add_data(content)
    wanted.make(fit=True)
    box = ImageChops.invert(picture).getbbox()
    assert box is not None
    shown = picture.crop(box).resize((len(wanted.modules),) * 2, Image.Resampling.NEAREST)
    dots = [value == 0 for value in shown.tobytes()]
    return dots == [bool(dot) for row in wanted.modules for dot in row]


def test_a_serial_line_is_asked_too(printer: EscposPrinter, tmp_path: Path) -> None:
    """At a serial line the printer says how it is, and when it is done."""
    require("escpos", module="serial")
    with printer.at_serial_line() as line:
        settings = {"escpos": {"serial": line}}
        counter = FakeAgent({"escpos": escpos}, settings, folder=tmp_path)
        assert counter.act("print-slip", text=WORDS) == {}
        assert " ".join(printer.text.split()) == WORDS
        printer.cover_closed = False
        (device,) = escpos.register_drivers({"serial": line})[0].discover()
        assert device.attention is Attention.COVER_OPEN


def test_a_device_file_gets_the_same_bytes(tmp_path: Path, context: TestContext) -> None:
    """Behind a device file nobody answers, and nothing is asked."""
    file = tmp_path / "lp0"
    file.touch()
    driver = escpos.register_drivers({"device": str(file)})[0]
    (device,) = driver.discover()
    assert device.attention is None
    driver.print(form_job(tmp_path), device, context)
    written = file.read_bytes()
    assert written.startswith(b"\x1b@")
    assert b"\x10\x04" not in written[:20]
    assert written.endswith(b"\x1dV\x00")
    file.unlink()
    assert driver.discover() == []


@pytest.mark.parametrize(
    ("fault", "attention"),
    [
        ("paper", Attention.PAPER_EMPTY),
        ("cover_closed", Attention.COVER_OPEN),
        ("cutter_free", Attention.PAPER_JAM),
    ],
)
def test_a_fault_is_told_and_the_job_goes_on_when_it_is_mended(
    printer: EscposPrinter,
    driver: Driver,
    tmp_path: Path,
    context: TestContext,
    fault: str,
    attention: Attention,
) -> None:
    """The reason is told once, and after the mending every dot comes out once."""
    (device,) = driver.discover()
    driver.print(form_job(tmp_path), device, context)
    whole = [one.tobytes() for one in printer.strips]
    printer.strips, context.spooler_id = [], None
    setattr(printer, fault, False)
    assert driver.discover()[0].attention is attention
    context.when_asked = lambda: setattr(printer, fault, True)
    driver.print(form_job(tmp_path), device, context)
    assert context.attention == [attention, None]
    assert [one.tobytes() for one in printer.strips] == whole


def test_paper_that_ends_in_the_middle_loses_nothing(
    printer: EscposPrinter, driver: Driver, tmp_path: Path, context: TestContext
) -> None:
    """The printer holds what it took; with new paper the rest follows."""
    context.when_asked = lambda: setattr(printer, "paper", True)
    (device,) = driver.discover()
    printer.ends_at_cut = 1
    driver.print(form_job(tmp_path, copies=3), device, context)
    assert context.attention == [Attention.PAPER_EMPTY, None]
    assert printer.cuts == 3


def test_a_job_that_waits_for_paper_can_be_stopped(
    printer: EscposPrinter, driver: Driver, tmp_path: Path, context: TestContext
) -> None:
    """Nobody has to fetch paper for what nobody wants any more."""
    (device,) = driver.discover()
    printer.paper = False
    context.when_waiting = context.cancel
    with pytest.raises(JobCancelled):
        driver.print(form_job(tmp_path), device, context)
    assert printer.strips == []


def test_a_printer_that_answers_nothing_is_silent(
    printer: EscposPrinter,
    driver: Driver,
    tmp_path: Path,
    context: TestContext,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """What listens and does not answer is no printer that can be trusted with paper."""
    (device,) = driver.discover()
    printer.answers = False
    monkeypatch.setattr(escpos_line, "ANSWER_S", 1.0)
    assert driver.discover()[0].attention is Attention.DEVICE_OFFLINE
    with pytest.raises(DeviceSilent):
        driver.print(form_job(tmp_path), device, context)
    assert printer.strips == []


def test_what_may_have_come_out_is_not_printed_again(
    printer: EscposPrinter, driver: Driver, tmp_path: Path, context: TestContext
) -> None:
    """A job in which the agent died is for people to look at."""
    context.spooler_id = "j1"
    with pytest.raises(ResultUnsound):
        driver.print(form_job(tmp_path), driver.discover()[0], context)
    assert printer.strips == []


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"no PDF at all",
        SMALL_PDF.replace(b"595 842", b"10 14000"),
        SMALL_PDF.replace(b"595 842", b"0 842"),
    ],
)
def test_what_is_no_ticket_is_refused(
    printer: EscposPrinter, driver: Driver, tmp_path: Path, context: TestContext, content: bytes
) -> None:
    """Nothing is fed for a file that is broken, or for a page of many metres."""
    with pytest.raises(JobRefused):
        driver.print(form_job(tmp_path, content=content), driver.discover()[0], context)
    assert context.spooler_id is None
    assert printer.strips == []


def test_a_file_cannot_take_all_the_memory(
    driver: Driver, tmp_path: Path, context: TestContext, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whatever looks at a PDF or draws it may have so much memory, and no more."""
    for program in ("pdfinfo", "pdftoppm"):
        own = tmp_path / program
        notes = f'echo {program} "$(ulimit -v)" >>"{tmp_path}/bounds"'
        own.write_text(f'#!/bin/sh\n{notes}\nexec "{shutil.which(program)}" "$@"\n')
        own.chmod(0o755)
    monkeypatch.setenv("PATH", f"{tmp_path}:{os.environ['PATH']}")
    driver.print(form_job(tmp_path), driver.discover()[0], context)
    most = poppler.MOST_MEMORY_BYTES // 1024
    assert (tmp_path / "bounds").read_text() == f"pdfinfo {most}\npdftoppm {most}\n"


@pytest.mark.parametrize(
    "wrong",
    [
        {},
        {"host": "x", "device": "y"},
        {"host": "x", "port": 0},
        {"host": "x", "width_dots": 100},
        {"host": "x", "profile": "none such"},
        {"host": "x", "colour": "red"},
    ],
)
def test_settings_that_make_no_sense_are_said(wrong: dict[str, object]) -> None:
    """The plugin is left out, and its table is named."""
    with pytest.raises(PluginRefused, match=r"plugins\.escpos"):
        escpos.register_drivers(wrong)


def test_two_do_not_print_at_once(
    printer: EscposPrinter, port: int, tmp_path: Path, context: TestContext
) -> None:
    """A note waits until the form has come out, and neither is torn."""
    counter = FakeAgent({"escpos": escpos}, {"escpos": table(port)}, folder=tmp_path)
    driver = escpos.register_drivers(table(port))[0]
    (device,) = driver.discover()
    printer.has_begun.clear()
    work = threading.Thread(
        target=lambda: driver.print(form_job(tmp_path, copies=2), device, context)
    )
    work.start()
    assert printer.has_begun.wait(PATIENCE_S)
    counter.act("print-slip", text=WORDS)
    work.join()
    assert (printer.cuts, " ".join(printer.text.split())) == (3, WORDS)


@pytest.mark.parametrize("name", ["tmp", "tmp-of-somebody", "."])
def test_a_folder_that_somebody_named_is_left_alone(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    """Where python-escpos was told to keep what it knows, be it /tmp, nothing is erased; its own goes."""
    from escpos import capabilities

    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    named, own = tmp_path / name, Path(tempfile.mkdtemp())
    named.mkdir(exist_ok=True)
    for folder in (named, own):
        monkeypatch.setattr(capabilities, "pickle_dir", str(folder))
        escpos_paper.forget_pickles()
    assert named.is_dir()
    assert not own.exists()
