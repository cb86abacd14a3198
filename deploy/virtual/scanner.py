"""A scanner without hardware, for the demo and the tests: a real SANE device.

`VirtualScanner` is our own backend (`oacsim.c`): it scans pictures of pages at the pace of a real scanner and
fails on demand. `TestBackend` is SANE's own, for every status code and for a pace without pictures.
Neither touches the machine's SANE: a program sees them only with the variables of `environment()`.
"""

from __future__ import annotations

import hashlib
import os
import platform
import shutil
import subprocess
import tempfile
from collections.abc import Iterable
from pathlib import Path

HERE = Path(__file__).parent
SOURCES = ("oacsim.c", "control.c", "control.h", "picture.c", "picture.h")
LIBRARY = "libsane-oacsim.so.1"
COMPILE = (
    *("gcc", "-std=c11", "-O2", "-Wall", "-Wextra"),
    *("-fPIC", "-shared", "-fvisibility=hidden"),
)

FAULTS = ("jam", "cover_open", "no_docs", "io_error", "busy")
"""The faults the backend plays; each becomes the SANE status of the same meaning."""


class VirtualScannerNotBuilt(RuntimeError):
    """The backend could not be compiled; the message says what to install."""


def build_backend(cache: Path) -> Path:
    """Compile the backend unless this very source was compiled before; return the library's directory."""
    recipe = hashlib.sha256(repr((COMPILE, platform.machine())).encode())
    for name in SOURCES:
        recipe.update((HERE / name).read_bytes())
    folder = cache / recipe.hexdigest()[:16]
    if (folder / LIBRARY).exists():
        return folder
    folder.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=folder) as scratch:
        fresh = Path(scratch) / LIBRARY
        sources = [str(HERE / name) for name in SOURCES if name.endswith(".c")]
        try:
            subprocess.run(
                [*COMPILE, "-o", str(fresh), *sources], check=True, capture_output=True, text=True
            )
        except FileNotFoundError as error:
            raise VirtualScannerNotBuilt("install gcc, libc6-dev and libsane-dev") from error
        except subprocess.CalledProcessError as error:
            raise VirtualScannerNotBuilt(
                f"install libc6-dev and libsane-dev; the compiler says: {error.stderr}"
            ) from error
        fresh.replace(folder / LIBRARY)
    return folder


def cache_directory() -> Path:
    """Return where compiled backends are kept: the user's own cache (XDG Base Directory)."""
    base = os.environ.get("XDG_CACHE_HOME")
    return (Path(base) if base else Path.home() / ".cache") / "jitsi-oac" / "virtual-scanner"


class VirtualScanner:
    """The scanner of one counter, with a glass and a feeder, under a directory of its own.

    One program at a time can open it, as with a real device; another gets "device busy".
    Everything but the pace is seen at once, even in mid-scan; the pace from the next page.
    """

    name = "oacsim:counter"
    """What SANE calls the device."""

    def __init__(self, directory: Path, *, cache: Path | None = None) -> None:
        self._library = build_backend(cache or cache_directory())
        self._control = directory / "control"
        self._feeder = self._control / "feeder"
        self._config = directory / "sane.d"
        self._feeder.mkdir(parents=True, exist_ok=True)
        self._config.mkdir(exist_ok=True)
        (self._config / "dll.conf").write_text("oacsim\n")

    def environment(self) -> dict[str, str]:
        """Return the variables that make SANE find this scanner, and no other."""
        others = os.environ.get("LD_LIBRARY_PATH")
        return {
            "SANE_CONFIG_DIR": str(self._config),
            "LD_LIBRARY_PATH": f"{self._library}:{others}" if others else str(self._library),
            "OACSIM_DIR": str(self._control),
        }

    def place(self, page: Path) -> None:
        """Lay a page on the glass: a binary PPM of 8 bits, whose pixels are taken as 300 dpi."""
        self._copy(page, self._control / "glass.ppm")

    def take_away(self) -> None:
        """Leave the glass bare: a scan of it gives a white page."""
        (self._control / "glass.ppm").unlink(missing_ok=True)

    def load_feeder(self, pages: Iterable[Path]) -> None:
        """Put sheets into the feeder, behind those that are there. "ADF Duplex" takes them as sides."""
        last = max((int(sheet.stem) for sheet in self._feeder.glob("*.ppm")), default=0)
        for number, page in enumerate(pages, start=last + 1):
            self._copy(page, self._feeder / f"{number:06}.ppm")

    def sheets_left(self) -> int:
        """Return how many sheets wait in the feeder. A sheet that jammed waits again."""
        return len(list(self._feeder.glob("*.ppm")))

    def empty_feeder(self) -> None:
        """Take all sheets out of the feeder."""
        for sheet in self._feeder.glob("*.ppm"):
            sheet.unlink(missing_ok=True)

    def black_only(self) -> None:
        """Be, from the next opening on, a scanner whose one mode is Lineart: a bit a pixel."""
        self._write("lineart", "")

    def end_with_sheets(self) -> None:
        """Have, from the next opening on, an option ``ald``: the feeder sees where a sheet ends."""
        self._write("ald", "")

    def set_pace(self, seconds: float, *, later: float | None = None) -> None:
        """Let an A4 page at 300 dpi take so many seconds; 0 is as fast as possible.

        Other resolutions take time in proportion, but none is quicker than 100 dpi. The pages of a
        scan after its first one take as long, or as ``later`` says.
        """
        if seconds < 0 or (later is not None and later < 0):
            raise ValueError("a page cannot take less than no time")
        self._write("pace", f"{seconds}\n" if later is None else f"{seconds} {later}\n")

    def fault(self, name: str, after_lines: int | None = None) -> None:
        """Break the scanner: now, or when so many lines of a page were delivered."""
        if name not in FAULTS:
            raise ValueError(f"no such fault: {name}; there are {', '.join(FAULTS)}")
        self._write("fault", f"{name}\n" if after_lines is None else f"{name} @{after_lines}\n")

    def mend(self) -> None:
        """End the fault."""
        (self._control / "fault").unlink(missing_ok=True)

    def first_line_at(self) -> float:
        """Return when the last page's first line was ready, in seconds since the epoch."""
        return (self._control / "first-line").stat().st_mtime

    def unplug(self) -> None:
        """Pull the cable."""
        self._write("unplugged", "")

    def plug(self) -> None:
        """Put the cable back. A running program lists the device again after a new `sane_init`."""
        (self._control / "unplugged").unlink(missing_ok=True)

    def _copy(self, page: Path, to: Path) -> None:
        with page.open("rb") as picture:
            if picture.read(2) != b"P6":
                raise ValueError(f"{page} is not a binary PPM")
        fresh = self._control / f".{to.name}.{os.getpid()}"
        shutil.copyfile(page, fresh)
        fresh.replace(to)

    def _write(self, name: str, text: str) -> None:
        fresh = self._control / f".{name}.{os.getpid()}"
        fresh.write_text(text)
        fresh.replace(self._control / name)


PIPE_BUFFER = 65536
"""Bytes between two pauses of SANE's test backend when its picture is solid (measured with 1.2.1:
other pictures have buffers that grow with the resolution, a tenth of a page or more)."""

A4_COLOR_300 = 2480 * 3 * 3507
"""Bytes of a colour A4 page at 300 dpi from SANE's test backend."""


def read_delay(seconds: float, page_bytes: int = A4_COLOR_300) -> int:
    """Return the `read-delay-duration` (µs) that spreads a page over so many seconds.

    The backend takes steps of 1000 µs up to 200 000. Measured for 6 s: 15 000 µs, 6.08 s.
    """
    wanted = round(seconds * 1e6 * PIPE_BUFFER / page_bytes / 1000) * 1000
    if not 1000 <= wanted <= 200_000:
        raise ValueError(f"the test backend cannot take {seconds} s for {page_bytes} bytes")
    return wanted


class TestBackend:
    """SANE's own test device, configured privately for A4: no documents, but every status.

    With `status`, the name of a SANE status such as ``SANE_STATUS_JAMMED``, every read gives it.
    One such scan in 500 to 750 hangs (measured with 1.2.1 on busy cores, n=4000): the backend cancels its
    own reader thread while that holds a lock. Give it a watchdog, as every scan should have.
    """

    __test__ = False  # its name is SANE's; pytest must not take it for a test
    name = "test:0"

    def __init__(
        self, directory: Path, *, seconds: float | None = None, status: str | None = None
    ) -> None:
        self._config = directory
        directory.mkdir(parents=True, exist_ok=True)
        # The feeder's page counter and `geometry_max` 200 mm are the backend's defaults that bite.
        lines = ["number_of_devices 1", "mode Color", "depth 8", "resolution 300"]
        lines += ["resolution_min 50", "resolution_max 1200"]
        lines += ["geometry_max 300", "br_x 210", "br_y 297", 'test-picture "Solid white"']
        if seconds:
            lines += ["read-delay true", f"read-delay-duration {read_delay(seconds)}"]
        if status:
            lines += [f'read-status-code "{status}"']
        (directory / "test.conf").write_text("\n".join(lines) + "\n")
        self.plug()

    def environment(self) -> dict[str, str]:
        """Return the variables that make SANE find this device, and no other."""
        return {"SANE_CONFIG_DIR": str(self._config)}

    def unplug(self) -> None:
        """Take the device off the list. Opened by name it still answers: a limit of the backend."""
        (self._config / "dll.conf").write_text("")

    def plug(self) -> None:
        """Put the device on the list."""
        (self._config / "dll.conf").write_text("test\n")
