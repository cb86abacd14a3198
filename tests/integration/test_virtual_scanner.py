"""The virtual scanner behaves as a scanner, to `scanimage` and to python-sane."""

from __future__ import annotations

import contextlib
import io
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from PIL import Image, ImageChops, ImageDraw

from deploy.virtual import card, pages
from deploy.virtual.scanner import (
    COMPILE,
    FAULTS,
    HERE,
    SOURCES,
    TestBackend,
    VirtualScanner,
    read_delay,
)
from tests.support import require

pytestmark = pytest.mark.sane

STATUS = {"jam": 6, "cover_open": 8, "no_docs": 7, "io_error": 9, "busy": 3}
"""The numbers SANE gives the faults; `scanimage` exits with them."""

QUARTERS = ((200, 30, 30), (30, 160, 40), (40, 60, 190), (240, 220, 60))


@pytest.fixture(scope="session")
def page(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return an A4 page at 300 dpi whose quarters have four colours, with a fine grid."""
    image = Image.new("RGB", (2480, 3508))
    draw = ImageDraw.Draw(image)
    for index, colour in enumerate(QUARTERS):
        left, top = index % 2 * 1240, index // 2 * 1754
        draw.rectangle((left, top, left + 1239, top + 1753), fill=colour)
    for x in range(0, 2480, 60):
        draw.line((x, 0, x, 3507), fill="black")
    path = tmp_path_factory.mktemp("pages") / "quarters.ppm"
    image.save(path)
    return path


@pytest.fixture
def scanner(tmp_path: Path, page: Path) -> VirtualScanner:
    """Return a scanner with the page on its glass."""
    require("sane", "scanimage")
    require("sane", "gcc")
    scanner = VirtualScanner(tmp_path / "scanner")
    scanner.place(page)
    return scanner


@pytest.fixture
def sheets(tmp_path: Path) -> list[Path]:
    """Return twelve small sheets, each of one grey that tells its number."""
    paths = []
    for number in range(12):
        paths.append(tmp_path / f"sheet-{number}.ppm")
        Image.new("RGB", (300, 300), (number * 20,) * 3).save(paths[-1])
    return paths


def command(device: VirtualScanner | TestBackend, *options: str) -> list[str]:
    """Return the `scanimage` command line for the device."""
    return ["scanimage", "-d", device.name, "--format", "pnm", *options]


def scan(
    device: VirtualScanner | TestBackend, *options: str, patience: float = 60
) -> subprocess.CompletedProcess[bytes]:
    """Scan to memory, within so many seconds."""
    return subprocess.run(
        command(device, *options),
        env=os.environ | device.environment(),
        capture_output=True,
        timeout=patience,
        check=False,
    )


def scanned(device: VirtualScanner | TestBackend, *options: str) -> Image.Image:
    """Scan a page that must succeed."""
    result = scan(device, *options)
    assert result.returncode == 0, result.stderr.decode()
    return Image.open(io.BytesIO(result.stdout))


def listed(device: VirtualScanner | TestBackend) -> list[str]:
    """Return the names of the devices SANE lists."""
    result = subprocess.run(
        ["scanimage", "-f", "%d%n"],
        env=os.environ | device.environment(),
        capture_output=True,
        timeout=60,
        check=True,
    )
    return result.stdout.decode().split()


@pytest.fixture
def slow_scan(scanner: VirtualScanner) -> Iterator[subprocess.Popen[bytes]]:
    """Start a scan that would take minutes, and hand it over once lines arrive."""
    scanner.set_pace(300)
    with subprocess.Popen(
        command(scanner),
        env=os.environ | scanner.environment(),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    ) as process:
        assert process.stdout
        assert process.stdout.read(50_000).startswith(b"P6\n")
        yield process
        process.kill()


def test_the_backend_compiles_without_a_warning(tmp_path: Path) -> None:
    """The C source is clean; only here are warnings errors, not where somebody tries the demo."""
    require("sane", "gcc")
    sources = [str(HERE / name) for name in SOURCES if name.endswith(".c")]
    strict = [*COMPILE, "-Werror", "-Wpedantic", "-Wshadow", "-Wconversion"]
    subprocess.run([*strict, "-o", str(tmp_path / "backend.so"), *sources], check=True)


def test_only_this_scanner_is_listed(scanner: VirtualScanner) -> None:
    """SANE sees the virtual scanner and nothing of the machine's own configuration."""
    assert listed(scanner) == [scanner.name]


def test_a_page_comes_back_pixel_by_pixel(scanner: VirtualScanner, page: Path) -> None:
    """At the picture's own resolution, colour is the picture itself."""
    assert ImageChops.difference(scanned(scanner), Image.open(page)).getbbox() is None


@pytest.mark.parametrize("mode", ["Color", "Gray"])
@pytest.mark.parametrize("resolution", [75, 100, 150, 200, 240, 300, 400, 600, 1200])
def test_every_resolution(scanner: VirtualScanner, resolution: int, mode: str) -> None:
    """A scan has the size its resolution asks for, and the picture stays where it was."""
    area = ("-l", "85", "-t", "128.5", "-x", "40", "-y", "40")
    image = scanned(scanner, "--mode", mode, "--resolution", str(resolution), *area)
    side = 40 / 25.4 * resolution
    assert image.mode == ("RGB" if mode == "Color" else "L")
    assert image.size == (pytest.approx(side, abs=1), pytest.approx(side, abs=1))
    small = image.convert("RGB").resize((8, 8), Image.Resampling.BOX)
    for place, colour in zip(((2, 2), (5, 2), (2, 5), (5, 5)), QUARTERS, strict=True):
        if mode == "Gray":
            colour = (Image.new("RGB", (1, 1), colour).convert("L").getpixel((0, 0)),) * 3
        # The grid takes a sixtieth of the light.
        assert small.getpixel(place) == pytest.approx(colour, abs=8)


def test_an_area_is_cut_where_it_was_asked(scanner: VirtualScanner, page: Path) -> None:
    """The corner and the size are millimetres of the glass."""
    image = scanned(scanner, "-l", "25.4", "-t", "50.8", "-x", "50.8", "-y", "25.4")
    wanted = Image.open(page).crop((300, 600, 900, 900))
    assert ImageChops.difference(image, wanted).getbbox() is None


def test_a_bare_glass_is_a_white_page(scanner: VirtualScanner) -> None:
    """Without a page, a scan shows the lid."""
    scanner.take_away()
    assert scanned(scanner, "--mode", "Gray", "--resolution", "75").getextrema() == (255, 255)


@pytest.mark.parametrize("rubbish", [b"P6\n", b"P6\n10 10\n255\nshort", b"P5\n1 1\n255\n000000000"])
def test_a_broken_picture_is_an_error(scanner: VirtualScanner, rubbish: bytes) -> None:
    """A file that is no whole PPM is named, and the scan fails."""
    glass = Path(scanner.environment()["OACSIM_DIR"]) / "glass.ppm"
    glass.write_bytes(rubbish)
    result = scan(scanner)
    assert result.returncode == STATUS["io_error"]
    assert b"is not a whole binary PPM" in result.stderr


@pytest.mark.parametrize("source", ["ADF", "ADF Duplex"])
def test_the_feeder_keeps_the_order(
    scanner: VirtualScanner, sheets: list[Path], tmp_path: Path, source: str
) -> None:
    """Sheets come in the order they were loaded, each once, until the feeder is empty."""
    scanner.load_feeder(sheets[:7])
    scanner.load_feeder(sheets[7:])
    feeder = ("--source", source, "-x", "20", "-y", "20", "--resolution", "75", "--mode", "Gray")
    batch = scan(scanner, *feeder, f"--batch={tmp_path}/page-%02d.pnm")
    assert batch.returncode == 0, batch.stderr.decode()
    pages = [Image.open(path) for path in sorted(tmp_path.glob("page-*.pnm"))]
    assert [page.getpixel((5, 5)) for page in pages] == [number * 20 for number in range(12)]
    assert scanner.sheets_left() == 0
    assert scan(scanner, *feeder).returncode == STATUS["no_docs"]


@pytest.mark.parametrize("fault", FAULTS)
def test_a_fault_and_its_mending(scanner: VirtualScanner, fault: str) -> None:
    """A fault stops the scan with its own status; once mended, the scanner scans."""
    scanner.fault(fault)
    result = scan(scanner, "--resolution", "75")
    assert (result.returncode, result.stdout) == (STATUS[fault], b"")
    scanner.mend()
    scanned(scanner, "--resolution", "75")


@pytest.mark.parametrize("fault", FAULTS)
def test_a_fault_in_the_middle_of_a_sheet(
    scanner: VirtualScanner, sheets: list[Path], fault: str
) -> None:
    """Exactly the lines before the fault arrive, and the sheet can be fed again."""
    scanner.load_feeder(sheets[:1])
    scanner.fault(fault, after_lines=123)
    options = ("--source", "ADF", "--mode", "Gray", "--resolution", "100")
    result = scan(scanner, *options)
    assert result.returncode == STATUS[fault]
    header, _, lines = result.stdout.partition(b"\n255\n")
    assert header.endswith(b"827 1169")
    assert len(lines) == 827 * 123
    scanner.mend()
    assert scanner.sheets_left() == 1
    assert scanned(scanner, *options).height == 1169


def test_an_unplugged_scanner_is_gone(scanner: VirtualScanner) -> None:
    """It is not listed and cannot be opened until it is plugged in again."""
    scanner.unplug()
    assert listed(scanner) == []
    assert scan(scanner).returncode != 0
    scanner.plug()
    assert listed(scanner) == [scanner.name]


def test_unplugging_breaks_the_scan(
    scanner: VirtualScanner, slow_scan: subprocess.Popen[bytes]
) -> None:
    """A scan under way ends with an I/O error."""
    scanner.unplug()
    _, said = slow_scan.communicate(timeout=60)
    assert slow_scan.returncode == STATUS["io_error"], said.decode()


def test_a_scan_can_be_cancelled(
    scanner: VirtualScanner, slow_scan: subprocess.Popen[bytes]
) -> None:
    """An interrupt ends the scan long before the page does, and the next scan is whole."""
    slow_scan.send_signal(signal.SIGINT)
    slow_scan.communicate(timeout=60)
    assert slow_scan.returncode != 0
    scanner.set_pace(0)
    assert scanned(scanner, "--resolution", "75").height == 877


def test_one_program_at_a_time(scanner: VirtualScanner, slow_scan: subprocess.Popen[bytes]) -> None:
    """While one program scans, another finds the device busy; a killed one leaves it free."""
    result = scan(scanner, "--resolution", "75")
    assert result.returncode == 1  # scanimage's, when it cannot open; the status is in the text
    assert b"Device busy" in result.stderr
    slow_scan.kill()
    slow_scan.communicate(timeout=60)
    scanner.set_pace(0)
    scanned(scanner, "--resolution", "75")


def timed(device: VirtualScanner | TestBackend) -> float:
    """Return the seconds that a page took."""
    start = time.monotonic()
    with subprocess.Popen(
        command(device, "--resolution", "300", "--mode", "Color"),
        env=os.environ | device.environment(),
        stdout=subprocess.PIPE,
    ) as process:
        assert process.stdout
        while process.stdout.read(1 << 20):
            pass
    assert process.returncode == 0
    return time.monotonic() - start


def test_the_pace(scanner: VirtualScanner) -> None:
    """A page is never quicker than its pace, and one after the first has a pace of its own."""
    for seconds in (1.0, 2.0):
        scanner.set_pace(seconds)
        assert timed(scanner) >= seconds
    scanner.set_pace(2.0, later=0.0)
    assert timed(scanner) >= 2.0


def test_lines_arrive_long_before_the_end(
    scanner: VirtualScanner, slow_scan: subprocess.Popen[bytes]
) -> None:
    """Of a page that takes minutes, some lines are there at once."""
    assert slow_scan.poll() is None
    assert scanner.sheets_left() == 0


PYTHON_SANE = """
import sane, sys
sane.init()
assert [d[0] for d in sane.get_devices()] == ["oacsim:counter"]
device = sane.open("oacsim:counter")
device.mode, device.resolution, device.source = "Color", 150, "Flatbed"
device.br_x, device.br_y = 100.0, 50.0
assert {"mode", "resolution", "source", "tl_x", "br_y"} <= set(device.opt)
assert device.opt["resolution"].constraint[0] == 75
image = device.scan()
assert image.size == (591, 295), image.size
assert image.getpixel((20, 20)) == (200, 30, 30), image.getpixel((20, 20))
seen = []
def stop(line, lines):
    seen.append(line)
    if line > 20:
        device.cancel()
device.start()
try:
    device.snap(progress=stop)
except sane._sane.error as error:
    assert "cancel" in str(error), error
assert seen[-1] < 40, seen[-1]
assert device.scan().size == (591, 295)
device.source = "ADF"
pages = [page.getpixel((5, 5))[0] for page in device.multi_scan()]
assert pages == [0, 20, 40], pages
device.close()
sane.exit()
print("well")
"""


def test_python_sane(scanner: VirtualScanner, sheets: list[Path]) -> None:
    """python-sane lists, sets, scans, cancels, scans again and empties the feeder in order."""
    require("sane", module="sane")
    scanner.load_feeder(sheets[:3])
    result = subprocess.run(
        [sys.executable, "-c", PYTHON_SANE],
        env=os.environ | scanner.environment(),
        capture_output=True,
        timeout=60,
        check=False,
    )
    assert result.stdout == b"well\n", result.stderr.decode()


def test_sanes_own_device_gives_every_status(tmp_path: Path) -> None:
    """The test backend fails with the status it is configured with, and is A4 without."""
    require("sane", "scanimage")
    jammed = TestBackend(tmp_path / "jammed", status="SANE_STATUS_JAMMED")
    for _ in range(3):  # see TestBackend: a failing scan hangs once in some hundred
        with contextlib.suppress(subprocess.TimeoutExpired):
            result = scan(jammed, patience=10)
            break
    assert result.returncode == STATUS["jam"]
    well = TestBackend(tmp_path / "well")
    assert scanned(well, "--mode", "Color", "--resolution", "300").size == (2480, 3507)
    well.unplug()
    assert listed(well) == []


def test_sanes_own_device_keeps_a_pace(tmp_path: Path) -> None:
    """A page of the test backend takes not less than about the time that was asked."""
    require("sane", "scanimage")
    assert timed(TestBackend(tmp_path / "slow", seconds=1.6)) > 1.2
    assert read_delay(6) == 15_000
    with pytest.raises(ValueError, match="cannot take"):
        read_delay(1000)


def test_a_drawn_page_is_the_same_again() -> None:
    """A page is an A4 scan at 300 dpi, and the same seed draws the same one."""
    page, again = pages.card_front(), pages.card_front()
    assert page.size == (2480, 3508)
    assert page.tobytes() == again.tobytes()
    assert page.tobytes() != pages.card_front(seed=99).tobytes()


def test_the_card_is_machine_readable() -> None:
    """The card's lines have the form and the check digits of ICAO Doc 9303."""
    assert card.check_digit("L898902C3") == "6"  # the examples of part 4, appendix A
    assert card.check_digit("740812") == "2"
    lines = card.machine_readable_lines()
    assert [len(line) for line in lines] == [30, 30, 30]
    assert lines[0].startswith("IDUTO")


def test_what_is_required_is_not_skipped(monkeypatch: pytest.MonkeyPatch) -> None:
    """A missing program skips the test; where it is required, the test fails."""
    monkeypatch.delenv("OAC_REQUIRE", raising=False)
    with pytest.raises(pytest.skip.Exception, match="no-such-program is not installed"):
        require("sane", "no-such-program")
    monkeypatch.setenv("OAC_REQUIRE", "cups,sane")
    with pytest.raises(pytest.fail.Exception, match="OAC_REQUIRE asks for sane"):
        require("sane", "no-such-program")
    require("sane", "sh")
