"""What stands at a counter: its devices, the faults they can have, and what they themselves keep.

The printer's paper and the sheets that went through a scanner are the truth that everything is
held against. Nothing here knows the agent.
"""

from __future__ import annotations

import itertools
import os
import shutil
import signal
import threading
from collections.abc import Callable, Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any, Protocol

from PIL import Image

from deploy.virtual.printer import VirtualPrinter
from deploy.virtual.scanner import VirtualScanner
from tests.soak.plan import Work

MARK_MM = 5.08
COLUMNS, ROWS = 6, 4
GREY_LIMIT = 128
SHEETS = 2

Mend = Callable[[], object]


class Devices(Protocol):
    """The devices of one counter; ``enter`` and ``leave`` them in one thread that stays."""

    drivers: Mapping[str, Mapping[str, object]]
    scanner_id: str
    printer_id: str
    has_marks: bool

    def enter(self) -> None:
        """Switch everything on."""

    def leave(self) -> None:
        """Switch everything off."""

    def environment(self) -> dict[str, str]:
        """Return the variables by which programs see these devices and no other."""

    def lay(self, work: Work) -> None:
        """Put paper where it belongs before a job."""

    def press(self, work: Work) -> None:
        """Press the machine's own button, where it has one, once the job runs."""

    def strike(self, fault: str, agent: int) -> Mend:
        """Let a fault happen; return what mends it. ``agent`` is the agent's process."""

    def papers(self) -> list[str]:
        """Return the jobs whose paper came out, one entry each time."""


def mark(serial: int, dpi: int) -> Image.Image:
    """Return a small picture that carries a number."""
    side = round(MARK_MM / 25.4 * dpi)
    picture = Image.new("L", (COLUMNS * side, ROWS * side), 255)
    for bit in range(COLUMNS * ROWS):
        if serial >> bit & 1:
            left, top = bit % COLUMNS * side, bit // COLUMNS * side
            picture.paste(0, (left, top, left + side, top + side))
    return picture


def read_mark(page: Image.Image, dpi: int) -> int:
    """Return the number that a page carries in its upper left corner."""
    side = MARK_MM / 25.4 * dpi
    grey = page.convert("L")
    serial = 0
    for bit in range(COLUMNS * ROWS):
        at = (int((bit % COLUMNS + 0.5) * side), int((bit // COLUMNS + 0.5) * side))
        level = grey.getpixel(at)
        assert isinstance(level, int)
        serial |= (level < GREY_LIMIT) << bit
    return serial


class SaneDevices:
    """A scanner that SANE drives and a printer behind a CUPS of its own."""

    scanner_id = f"sane:{VirtualScanner.name}"
    printer_id = "cups:COUNTER"
    has_marks = True

    def __init__(self, folder: Path, serials: itertools.count[int]) -> None:
        self._folder = folder
        self._serials = serials
        self._scanner = VirtualScanner(folder / "scanner")
        self._printer = VirtualPrinter(folder / "printer", connect_seconds=1)
        self.drivers: Mapping[str, Mapping[str, object]] = {
            "sane": {"first_line_s": 10.0, "between_lines_s": 10.0},
            "cups": {},
        }

    def enter(self) -> None:
        """Switch the printer on; a page takes a moment, so that faults can strike in it."""
        self._printer.__enter__()
        self._scanner.set_pace(4)
        self._printer.set_pace(1)

    def leave(self) -> None:
        """Switch the printer off."""
        self._printer.__exit__(None, None, None)

    def environment(self) -> dict[str, str]:
        """Return what SANE and CUPS find them by."""
        return self._scanner.environment() | self._printer.environment()

    def lay(self, work: Work) -> None:
        """Lay one sheet on the glass, or some into the feeder, each with a number of its own."""
        self._scanner.empty_feeder()
        if work is Work.GLASS:
            self._scanner.place(self._sheet())
        elif work is Work.FEEDER:
            self._scanner.load_feeder([self._sheet() for _ in range(SHEETS)])

    def press(self, work: Work) -> None:
        """Press nothing: the computer starts it."""

    def strike(self, fault: str, agent: int) -> Mend:
        """Break scanner, printer or CUPS."""
        scanner, printer = self._scanner, self._printer
        if fault == "scanner-killed":
            kill_below(agent, "scanimage")
            return lambda: None
        if fault == "cups-killed":
            printer.restart_cups()
            return lambda: None
        begin: Mapping[str, tuple[Callable[[], object], Mend]] = {
            "scanner-unplugged": (scanner.unplug, scanner.plug),
            "scanner-jam": (lambda: scanner.fault("jam"), scanner.mend),
            "printer-off": (printer.turn_off, printer.turn_on),
            "printer-jam": (lambda: printer.fault("jam"), printer.mend),
            "printer-empty": (
                lambda: printer.set_paper(empty=True),
                lambda: printer.set_paper(empty=False),
            ),
        }
        strike, mend = begin[fault]
        strike()
        return mend

    def papers(self) -> list[str]:
        """Return the jobs by the titles that the printer was told (``oac-<job>-<chance>``)."""
        titles = self._printer.printed_titles()
        assert len(titles) == len(self._printer.printed_files())
        return [title.removeprefix("oac-").rpartition("-")[0] for title in titles]

    def _sheet(self) -> Path:
        serial = next(self._serials)
        path = self._folder / f"sheet-{serial % SHEETS}.ppm"
        mark(serial, 300).convert("RGB").save(path)
        return path


class FolderDevices:
    """A machine that puts what it scans into a shared folder, and prints what it finds in another."""

    scanner_id = "folder:scan"
    printer_id = "folder:print"
    has_marks = True

    def __init__(self, folder: Path, serials: itertools.count[int]) -> None:
        self._share = folder / "share"
        self._away = folder / "share-away"
        self._tray = folder / "tray"
        self._serials = serials
        self._loaded: list[int] = []
        self._ends = threading.Event()
        self._paper = folder / "paper"
        for name in ("in", "out"):
            (self._share / name).mkdir(parents=True)
        self._tray.mkdir()
        self._paper.touch()
        self.drivers: Mapping[str, Mapping[str, object]] = {
            "folder": {
                "scan": str(self._share / "in"),
                "print": str(self._share / "out"),
                "wait_s": 6.0,
                "quiet_s": 1.5,
                "settle_s": 0.2,
            }
        }
        self._machine = threading.Thread(target=self._print, daemon=True)

    def enter(self) -> None:
        """Let the machine look for what to print."""
        self._machine.start()

    def leave(self) -> None:
        """Switch the machine off."""
        self._ends.set()
        self._machine.join()

    def environment(self) -> dict[str, str]:
        """Return nothing: the folders are in the settings."""
        return {}

    def lay(self, work: Work) -> None:
        """Take sheets in hand."""
        count = {Work.GLASS: 1, Work.FEEDER: SHEETS}.get(work, 0)
        self._loaded = [next(self._serials) for _ in range(count)]

    def press(self, work: Work) -> None:
        """Have the machine scan what was laid into it."""
        for serial in self._loaded:
            folder = self._share / "in"
            part = folder / f".{serial}.jpg"
            try:
                page = Image.new("L", (827, 1169), 255)
                page.paste(mark(serial, 100), (0, 0))
                page.save(part, "JPEG", dpi=(100, 100), quality=90)
                part.rename(folder / f"{serial:08}.jpg")
            except OSError:
                return  # the share is gone
        self._loaded = []

    def strike(self, fault: str, agent: int) -> Mend:
        """Take the share away."""
        assert fault == "share-gone"
        self._share.rename(self._away)
        return lambda: self._away.rename(self._share)

    def papers(self) -> list[str]:
        """Return the jobs by the names of the files that it took and printed."""
        return self._paper.read_text().splitlines()

    def _print(self) -> None:
        while not self._ends.wait(0.05):
            with suppress(OSError):  # the share went away, while looking or while taking
                self._take()

    def _take(self) -> None:
        # What the machine has taken is gone from the share: nobody can look whether it is there.
        for file in sorted((self._share / "out").glob("*.pdf")):
            shutil.move(file, self._tray / f"{len(self.papers()):05}.pdf")
            with self._paper.open("a") as paper:
                paper.write(f"{file.stem}\n")


class FakeDevices:
    """Devices that the driver itself invents; the paper is a file in a folder."""

    scanner_id = "fake:scanner"
    printer_id = "fake:printer"
    has_marks = False

    def __init__(self, folder: Path, _serials: itertools.count[int]) -> None:
        self._output = folder / "output"
        self._output.mkdir()
        self._fault = folder / "fault"
        self.drivers: Mapping[str, Mapping[str, object]] = {
            "fake": {
                "pages": SHEETS,
                "page_s": 1.0,
                "print_s": 1.0,
                "output": str(self._output),
                "fault_file": str(self._fault),
            }
        }

    def enter(self) -> None:
        """Do nothing."""

    def leave(self) -> None:
        """Do nothing."""

    def environment(self) -> dict[str, str]:
        """Return nothing."""
        return {}

    def lay(self, work: Work) -> None:
        """Do nothing: the feeder is always full."""

    def press(self, work: Work) -> None:
        """Press nothing."""

    def strike(self, fault: str, agent: int) -> Mend:
        """Write the fault into its file."""
        self._fault.write_text(fault)
        return lambda: self._fault.write_text("")

    def papers(self) -> list[str]:
        """Return the jobs whose file is there."""
        return [file.stem for file in self._output.glob("*.pdf")]


MAKERS: Mapping[str, Callable[[Path, Any], Devices]] = {
    "sane": SaneDevices,
    "folder": FolderDevices,
    "fake": FakeDevices,
}


def kill_below(pid: int, name: str) -> int:
    """Kill every process of that name among the descendants of ``pid``; return how many."""
    killed = 0
    for child in descendants(pid):
        try:
            if Path(f"/proc/{child}/comm").read_text().strip() == name:
                os.kill(child, signal.SIGKILL)
                killed += 1
        except OSError:
            continue  # it ended meanwhile
    return killed


def descendants(pid: int) -> list[int]:
    """Return the processes below ``pid``."""
    parents: dict[int, list[int]] = {}
    for status in Path("/proc").glob("[0-9]*/stat"):
        try:
            fields = status.read_text().rpartition(")")[2].split()
        except OSError:
            continue
        parents.setdefault(int(fields[1]), []).append(int(status.parent.name))
    found, waiting = [], [pid]
    while waiting:
        below = parents.get(waiting.pop(), [])
        found += below
        waiting += below
    return found
