"""What the CUPS driver brings to paper, on a real CUPS and a real IPP printer."""

from __future__ import annotations

import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from reportlab.lib.pagesizes import A4
from reportlab.lib.units import mm
from reportlab.pdfgen.canvas import Canvas

from counter_hooks import (
    Attention,
    Capability,
    Colour,
    Device,
    DeviceGone,
    DocumentUnsound,
    HookError,
    Paper,
    PluginRefused,
    PrintOptions,
    Scaling,
    Sides,
    WishUnmet,
)
from counter_hooks.plugins.cups import CupsDriver, register_drivers
from counter_hooks.testing import DriverContract, TestContext
from deploy.virtual.printer import VirtualPrinter
from tests.integration.cups_context import (
    OfficePrinter,
    administer,
    assert_same_pages,
    device_of,
    driver_for,
    ink_mm,
    jobs_at,
    make_form,
    order,
    pages_in,
    paper_mm,
    require_cups,
)
from tests.pdfs import BROKEN, locked_pdf

pytestmark = pytest.mark.cups


@pytest.fixture(autouse=True)
def _cups_is_here() -> None:
    require_cups()


@pytest.fixture
def printer(tmp_path: Path) -> Iterator[VirtualPrinter]:
    """Return a printer that is on."""
    with VirtualPrinter(tmp_path / "printer", connect_seconds=1) as printer:
        yield printer


@pytest.fixture
def form(tmp_path: Path) -> Path:
    """Return a document of two pages."""
    return make_form(tmp_path / "form.pdf")


@pytest.fixture
def context(tmp_path: Path) -> TestContext:
    """Return the context of a new job."""
    return TestContext(tmp_path)


class TestContract(DriverContract):
    """The CUPS driver keeps the contract of all drivers."""

    @pytest.fixture(autouse=True)
    def _printer(self, printer: VirtualPrinter) -> None:
        self._virtual = printer

    def make_driver(self, tmp_path: Path) -> CupsDriver:
        """Return the driver of the virtual printer's CUPS."""
        return driver_for(self._virtual)

    def unplug(self, driver: object, tmp_path: Path) -> None:
        """Take the queue away."""
        administer(self._virtual, "lpadmin", "-x", self._virtual.queue)


def test_two_pages_come_out_once_as_they_were(
    printer: VirtualPrinter, form: Path, context: TestContext
) -> None:
    """Printed means: one document, all its pages in order, and every pixel the same."""
    driver = driver_for(printer)
    device = device_of(driver)
    driver.print(order(device, form), device, context)
    [printed] = printer.printed_files()
    assert_same_pages(printed, form)
    assert context.attention == []


def test_a_queue_is_a_device(printer: VirtualPrinter) -> None:
    """A queue says what it can; switched off or without paper, it is listed with its trouble."""
    driver = driver_for(printer)
    device = device_of(driver)
    assert device.id == f"cups:{printer.queue}"
    assert device.capabilities == {Capability.PRINT}
    assert set(device.sides) == set(Sides)
    assert device.colours == (Colour.GREY,)
    assert device.papers == (Paper.A4,)
    assert (device.scalings, device.takes_pages) == (tuple(Scaling), True)
    assert not device.can_staple
    assert device.attention is None
    printer.set_paper(empty=True)
    assert device_of(driver).attention is Attention.PAPER_EMPTY
    printer.set_paper(empty=False)
    assert device_of(driver).attention is None
    printer.turn_off()
    assert device_of(driver).attention is Attention.DEVICE_OFFLINE


def test_raw_and_unwanted_queues_are_not_offered(printer: VirtualPrinter) -> None:
    """A raw queue ignores every option; others are offered if the settings' patterns fit."""
    administer(printer, "lpadmin", "-p", "RAW", "-v", printer.uri, "-E")
    assert [device.id for device in driver_for(printer).discover()] == [f"cups:{printer.queue}"]
    assert driver_for(printer, queues=["OTHER*"]).discover() == []


@pytest.fixture
def office(tmp_path: Path) -> Iterator[VirtualPrinter]:
    """Return a printer with colours, two papers and a stapler."""
    with OfficePrinter(tmp_path / "office", connect_seconds=1) as printer:
        yield printer


def test_options_reach_the_printer(office: VirtualPrinter, form: Path, tmp_path: Path) -> None:
    """Every option is what the printer itself was told; what was not chosen, it was not."""
    options = PrintOptions(
        copies=2, sides=Sides.SHORT_EDGE, colour=Colour.GREY, paper=Paper.A5, staple=True
    )
    driver = driver_for(office)
    device = device_of(driver)
    assert device.colours == (Colour.COLOUR, Colour.GREY)
    assert (device.papers, device.can_staple) == ((Paper.A4, Paper.A5), True)
    for each in (PrintOptions(), options):
        driver.print(order(device, form, each), device, TestContext(tmp_path))
    told = jobs_at(office, "completed", "copies", "sides", "print-color-mode", "finishings")
    assert told == ["2,two-sided-short-edge,monochrome,staple-top-left", ",one-sided,color,none"]
    sizes = [paper_mm(file) for file in office.printed_files()]
    assert sizes == [(210, 297), (148, 210)]


def test_some_pages_come_out_alone(office: VirtualPrinter, tmp_path: Path) -> None:
    """The pages that were asked for come out, in order, and no others."""
    driver, file = driver_for(office), make_form(tmp_path / "long.pdf", pages=4)
    device = device_of(driver)
    assert device.takes_pages
    for pages in ("2-3", "1,4"):
        job = order(device, file, PrintOptions(pages=pages))
        driver.print(job, device, TestContext(tmp_path))
    came = [[text[-1] for text in pages_in(printed)] for printed in office.printed_files()]
    assert came == [["2", "3"], ["1", "4"]]


def test_a_page_fits_or_keeps_its_size(office: VirtualPrinter, tmp_path: Path) -> None:
    """An A4 page on A5 is made smaller to fit; at true size, what is on it stays as large."""
    file = tmp_path / "square.pdf"
    canvas = Canvas(str(file), pagesize=A4)
    canvas.rect(240, 360, 50 * mm, 50 * mm, stroke=0, fill=1)
    canvas.save()
    driver = driver_for(office)
    device = device_of(driver)
    for scaling in Scaling:
        job = order(device, file, PrintOptions(paper=Paper.A5, scaling=scaling))
        driver.print(job, device, TestContext(tmp_path))
    fitted, true = (ink_mm(printed) for printed in office.printed_files())
    assert true == (50, 50)
    assert 30 < fitted[0] < 37


@pytest.mark.parametrize(
    "wish",
    [
        {"staple": True},
        {"paper": Paper.ENVELOPE_C5},
        {"pages": "2-3"},
    ],
)
def test_what_the_printer_cannot_is_refused_before(
    printer: VirtualPrinter, form: Path, context: TestContext, wish: dict[str, Any]
) -> None:
    """A wish that CUPS would forget, or print nothing for, is named and nothing is printed."""
    driver = driver_for(printer)
    device = device_of(driver)
    with pytest.raises(WishUnmet) as refused:
        driver.print(order(device, form, PrintOptions(**wish)), device, context)
    assert refused.value.facts["option"] in wish
    assert context.spooler_id is None
    assert printer.printed_files() == []


@pytest.mark.parametrize("content", [*BROKEN, "cut", "damaged", "locked", "forbidden", "missing"])
def test_what_is_no_sound_pdf_is_refused(
    printer: VirtualPrinter, form: Path, context: TestContext, tmp_path: Path, content: str
) -> None:
    """A broken file is refused before CUPS sees it, and the queue goes on printing."""
    whole = form.read_bytes()
    broken = tmp_path / "broken.pdf"
    contents = {
        **BROKEN,
        "cut": whole[: len(whole) // 3],
        "damaged": whole.replace(b"obj", b"xxx"),
        "locked": locked_pdf(),
        "forbidden": locked_pdf(user=""),
    }
    if content in contents:
        broken.write_bytes(contents[content])
    driver = driver_for(printer)
    device = device_of(driver)
    with pytest.raises(DocumentUnsound):
        driver.print(order(device, broken), device, context)
    assert context.spooler_id is None
    driver.print(order(device, form), device, context)
    assert len(printer.printed_files()) == 1


def test_an_unknown_queue_is_a_device_that_is_gone(
    printer: VirtualPrinter, form: Path, context: TestContext
) -> None:
    """A queue that was deleted since it was found is gone."""
    driver = driver_for(printer)
    device = device_of(driver)
    administer(printer, "lpadmin", "-x", printer.queue)
    with pytest.raises(DeviceGone):
        driver.print(order(device, form), device, context)
    assert driver.discover() == []


def test_a_queue_that_goes_while_it_is_asked_takes_no_other_along(
    printer: VirtualPrinter, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A queue that is deleted after it was listed is not offered; the others are."""
    administer(printer, "lpadmin", "-p", "A-GUEST", "-v", printer.uri, "-E")
    driver = driver_for(printer)

    def delete_first(name: str) -> bool:
        if name == "A-GUEST":
            administer(printer, "lpadmin", "-x", name)
        return True

    monkeypatch.setattr(driver, "_is_wanted", delete_first)
    assert device_of(driver).id == f"cups:{printer.queue}"


def test_two_printers_work_side_by_side(
    printer: VirtualPrinter, form: Path, tmp_path: Path
) -> None:
    """Two lanes in one process print twenty documents each, and each printer has its own."""
    errors: list[HookError] = []

    def lane(driver: CupsDriver, device: Device) -> None:
        try:
            for _ in range(20):
                driver.print(order(device, form), device, TestContext(tmp_path))
        except HookError as error:
            errors.append(error)

    with VirtualPrinter(tmp_path / "second", queue="SECOND") as second:
        drivers = [driver_for(printer), driver_for(second)]
        lanes = [
            threading.Thread(target=lane, args=(driver, device_of(driver))) for driver in drivers
        ]
        for one in lanes:
            one.start()
        for one in lanes:
            one.join(300)
        assert errors == []
        assert [len(each.printed_files()) for each in (printer, second)] == [20, 20]


@pytest.mark.parametrize("program", ["pdfinfo", "ipptool"])
def test_what_is_missing_is_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, program: str
) -> None:
    """Without a program that it needs, the plugin refuses and names the package."""
    for other in {"pdfinfo", "ipptool"} - {program}:
        (tmp_path / other).write_text("")
        (tmp_path / other).chmod(0o755)
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(PluginRefused, match=f"{program} is missing: install the package"):
        register_drivers({})


def test_loading_the_plugin_loads_no_cups() -> None:
    """The binding to libcups is loaded with the first use: other counters do without it."""
    code = "import sys; import counter_hooks.plugins.cups; sys.exit('cups' in sys.modules)"
    root = Path(__file__).parents[2]
    subprocess.run([sys.executable, "-c", code], cwd=root, check=True, timeout=60)
