"""What the CUPS driver brings to paper, on a real CUPS and a real IPP printer."""

from __future__ import annotations

import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from counter_hooks import (
    Attention,
    Capability,
    Colour,
    Device,
    DeviceGone,
    HookError,
    JobRefused,
    PluginRefused,
    PrintOptions,
    Sides,
)
from counter_hooks.plugins.cups import CupsDriver, register_drivers
from counter_hooks.testing import DriverContract, TestContext
from deploy.virtual.printer import VirtualPrinter
from tests.integration.cups_context import (
    ColourPrinter,
    administer,
    assert_same_pages,
    device_of,
    driver_for,
    jobs_at,
    make_form,
    order,
    require_cups,
)

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


def test_options_reach_the_printer(form: Path, tmp_path: Path) -> None:
    """Copies, sides and grey are what the printer was told; grey only if asked for."""
    options = PrintOptions(copies=2, sides=Sides.SHORT_EDGE, colour=Colour.GREY)
    with ColourPrinter(tmp_path / "colour") as printer:
        driver = driver_for(printer)
        device = device_of(driver)
        assert device.colours == (Colour.COLOUR, Colour.GREY)
        for each in (PrintOptions(), options):
            driver.print(order(device, form, each), device, TestContext(tmp_path))
        told = jobs_at(printer, "completed", "copies", "sides", "print-color-mode")
    assert told == ["2,two-sided-short-edge,monochrome", ",one-sided,color"]


@pytest.mark.parametrize("content", ["empty", "text", "cut", "damaged", "missing"])
def test_what_is_no_sound_pdf_is_refused(
    printer: VirtualPrinter, form: Path, context: TestContext, tmp_path: Path, content: str
) -> None:
    """A broken file is refused before CUPS sees it, and the queue goes on printing."""
    whole = form.read_bytes()
    broken = tmp_path / "broken.pdf"
    contents = {
        "empty": b"",
        "text": b"Hola\n",
        "cut": whole[: len(whole) // 3],
        "damaged": whole.replace(b"obj", b"xxx"),
    }
    if content in contents:
        broken.write_bytes(contents[content])
    driver = driver_for(printer)
    device = device_of(driver)
    with pytest.raises(JobRefused):
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
            one.join(120)
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
    subprocess.run([sys.executable, "-c", code], cwd=root, check=True, timeout=20)
