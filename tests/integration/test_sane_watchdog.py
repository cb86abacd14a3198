"""What the SANE driver does with programs that hang, spin, lie or are left behind.

Real devices are used where one can play the case. Where none can, a stub stands in the place of
scanimage, which a setting names; the scanner that is discovered stays real.
"""

from __future__ import annotations

import errno
import os
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from counter_hooks import (
    Attention,
    DeviceError,
    DeviceGone,
    DeviceNeedsHand,
    DeviceSilent,
    JobCancelled,
    PluginRefused,
    ResultUnsound,
    Source,
)
from counter_hooks.plugins import sane_acquire, sane_process
from counter_hooks.plugins.sane import register_drivers
from deploy.virtual.scanner import TestBackend, VirtualScanner
from tests.integration.cups_context import command_of
from tests.integration.sane_context import (
    MemoryContext,
    Scan,
    all_end,
    driver_for,
    job,
    programs_of,
)
from tests.support import require

pytestmark = pytest.mark.sane

ROOT = Path(__file__).parents[2]
SANED_PORT = 6566  # SANE's net backend cannot be told another


@pytest.fixture(autouse=True)
def _sane_is_here() -> None:
    require("sane", "scanimage")
    require("sane", module="sane")


@pytest.fixture
def backend(tmp_path: Path) -> TestBackend:
    """Return SANE's test backend."""
    return TestBackend(tmp_path / "sane.d")


@pytest.fixture
def context(tmp_path: Path) -> MemoryContext:
    """Return a fresh job context."""
    return MemoryContext(tmp_path / "work")


@pytest.fixture
def stub(tmp_path: Path) -> Callable[[str], str]:
    """Make a scanimage of a few lines of Python; it runs in the directory of the pipes."""

    def make(body: str) -> str:
        path = tmp_path / "scanimage-stub"
        path.write_text(f"#!{sys.executable}\nimport os, signal, sys, time\n{body}\n")
        path.chmod(0o700)
        return str(path)

    return make


def until(condition: Callable[[], object], within_s: float = 60.0) -> None:
    """Wait until a condition of another process holds."""
    give_up, never = time.monotonic() + within_s, threading.Event()
    while not condition():
        assert time.monotonic() < give_up
        never.wait(0.02)


def programs_named(word: str) -> list[str]:
    """Return the running programs that were given ``word``."""
    lines = {process.name: command_of(process) for process in Path("/proc").glob("[0-9]*")}
    return [number for number, line in lines.items() if word.encode() in line.split(b"\0")]


SHORT = (
    'page = open("page1.part", "wb"); page.write(b"P6\\n4 4\\n255\\n" + bytes(17)); page.close()'
)


@pytest.mark.parametrize(
    ("body", "claim"),
    [
        (SHORT, ResultUnsound),
        (SHORT + '; sys.stderr.write("Scanned page 1. (scanner status = 5)\\n")', ResultUnsound),
        (SHORT + "; sys.exit(9)", DeviceGone),
        (SHORT + "; os.kill(os.getpid(), signal.SIGSEGV)", DeviceGone),
        ('open("page1.part", "wb").write(b"P6\\n4 4\\n255\\n")', ResultUnsound),
        ('open("page1.part", "wb").write(b"P6\\n4 4\\n65535\\n" + bytes(96))', ResultUnsound),
        ('open("page1.part", "wb").write(b"P4\\n8 2\\n" + bytes(1))', ResultUnsound),
        ('open("page1.part", "wb").write(b"P6\\n4 4\\n255\\n" + bytes(49))', ResultUnsound),
        ('open("page1.part", "wb").write(bytes(9000))', ResultUnsound),
        ("pass", ResultUnsound),
    ],
    ids=["short", "short-told", "io", "crash", "header", "16bit", "1bit", "long", "junk", "none"],
)
def test_a_page_that_is_not_whole_is_never_a_success(
    *,
    backend: TestBackend,
    context: MemoryContext,
    stub: Callable[[str], str],
    body: str,
    claim: type[DeviceError],
) -> None:
    """Short, long, empty or foreign output ends as what it is, even with exit code 0."""
    driver = driver_for(backend, scanimage=stub(body))
    (device,) = driver.discover()
    with pytest.raises(claim):
        driver.scan(job(device), device, context)
    assert context.pages == []
    assert all(sink.is_discarded for sink in context.begun)


def test_a_short_page_of_a_feeder_ends_as_the_status_told(
    backend: TestBackend, context: MemoryContext, stub: Callable[[str], str]
) -> None:
    """Paper that ran out in mid-page is told as such although scanimage exits with 0."""
    told = SHORT + '; sys.stderr.write("Scanned page 1. (scanner status = 7)\\n"); time.sleep(60)'
    driver = driver_for(backend, scanimage=stub(told))
    (device,) = driver.discover()
    with pytest.raises(DeviceNeedsHand) as caught:
        driver.scan(job(device, source=Source.FEEDER), device, context)
    assert caught.value.reason is Attention.FEEDER_EMPTY


def test_a_frozen_scanner_is_given_up(tmp_path: Path, context: MemoryContext) -> None:
    """A scanimage that stops in mid-page is killed after the silence allowed."""
    require("sane", "gcc")
    scanner = VirtualScanner(tmp_path / "scanner")
    scanner.set_pace(120)
    driver = driver_for(scanner, between_lines_s=0.5)
    (device,) = driver.discover()
    with Scan(driver, device, context) as scan:
        context.await_rows()
        for program in programs_of(context.workdir):
            os.kill(program, signal.SIGSTOP)
        scan.ended_within(60)
    assert isinstance(scan.error, DeviceSilent)
    all_end(context.workdir)
    scanner.set_pace(0)
    fresh = MemoryContext(context.workdir)
    driver_for(scanner).scan(job(device, resolution_dpi=75), device, fresh)
    assert len(fresh.pages) == 1


def test_no_first_row_is_silence_too(
    backend: TestBackend, context: MemoryContext, stub: Callable[[str], str]
) -> None:
    """A scanimage that never begins is given up after ``first_line_s``, with its children."""
    body = "os.fork(); signal.signal(signal.SIGINT, signal.SIG_IGN)\nwhile True: pass"
    driver = driver_for(backend, scanimage=stub(body), first_line_s=0.3)
    (device,) = driver.discover()
    with pytest.raises(DeviceSilent):
        driver.scan(job(device), device, context)
    all_end(context.workdir)


def test_a_deaf_program_is_cancelled(
    backend: TestBackend, context: MemoryContext, stub: Callable[[str], str]
) -> None:
    """A cancel does not depend on scanimage's good will."""
    body = (
        "signal.signal(signal.SIGINT, signal.SIG_IGN)\n"
        'page = open("page1.part", "wb", 0); page.write(b"P6\\n900 900\\n255\\n" + bytes(900))\n'
        "while True: pass"
    )
    driver = driver_for(backend, scanimage=stub(body))
    (device,) = driver.discover()
    with Scan(driver, device, context) as scan:
        context.await_rows()
        context.cancel()
        scan.ended_within(60)
    assert isinstance(scan.error, JobCancelled)
    all_end(context.workdir)


def test_a_scan_that_finds_no_room_for_its_pipes_lets_go_of_the_scanner(
    backend: TestBackend,
    context: MemoryContext,
    stub: Callable[[str], str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """On a full disk no scanimage is left behind that waits for somebody to read."""
    make_pipe = os.mkfifo

    def full_after_the_first(path: Path, mode: int) -> None:
        if path.name != "page1.part":
            until(lambda: programs_of(context.workdir), within_s=30)
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
        make_pipe(path, mode)

    monkeypatch.setattr(os, "mkfifo", full_after_the_first)
    driver = driver_for(backend, scanimage=stub('open("page1.part", "wb")'))
    (device,) = driver.discover()
    with pytest.raises(OSError, match="No space left"):
        driver.scan(job(device), device, context)
    all_end(context.workdir)


def test_a_hanging_probe_costs_its_time_only(tmp_path: Path) -> None:
    """Asking SANE ends after the limit, and what was asked is dead."""
    with pytest.raises(DeviceSilent):
        sane_process.output_of(
            [sys.executable, "-c", "import os; os.fork()\nwhile True: pass", str(tmp_path)],
            environment={},
            limit_s=0.3,
        )
    until(lambda: not programs_named(str(tmp_path)))


def test_nothing_outlives_the_agent(tmp_path: Path) -> None:
    """When the agent is killed in mid-scan its scanimage goes too, and the scanner is free."""
    require("sane", "gcc")
    scanner = VirtualScanner(tmp_path / "scanner")
    scanner.set_pace(30)
    work = tmp_path / "work"
    agent = subprocess.Popen(
        [
            sys.executable,
            "-c",
            "import sys; from pathlib import Path\n"
            "from counter_hooks import ScanJob\n"
            "from counter_hooks.plugins.sane import register_drivers\n"
            "from tests.integration.sane_context import MemoryContext\n"
            "(driver,) = register_drivers({})\n"
            "(device,) = driver.discover()\n"
            "job = ScanJob(id='job-1', device_id=device.id)\n"
            "driver.scan(job, device, MemoryContext(Path(sys.argv[1])))",
            str(work),
        ],
        cwd=ROOT,
        env={**os.environ, **scanner.environment()},
    )
    try:
        until(lambda: programs_of(work))
    finally:
        agent.kill()
        agent.wait()
    until(lambda: not programs_of(work))
    scanner.set_pace(0)
    driver = driver_for(scanner)
    (device,) = driver.discover()
    driver.scan(job(device, resolution_dpi=75), device, MemoryContext(work))


@pytest.fixture
def saned(backend: TestBackend, tmp_path: Path) -> Iterator[subprocess.Popen[bytes]]:
    """Serve the test backend on the network, from a process group that a test may kill."""
    require("sane", "saned")
    with socket.socket() as attempt:
        if attempt.connect_ex(("127.0.0.1", SANED_PORT)) == 0:
            pytest.skip(f"something listens on port {SANED_PORT} already")
    daemon = subprocess.Popen(
        ["saned", "-l", "-b", "127.0.0.1", "-e"],
        env={**os.environ, **backend.environment()},
        cwd=tmp_path,
        start_new_session=True,
        stderr=subprocess.DEVNULL,
    )
    yield daemon
    os.killpg(daemon.pid, signal.SIGKILL)
    daemon.wait()


class NetBackend:
    """SANE's net backend, pointed at this machine."""

    def __init__(self, directory: Path) -> None:
        directory.mkdir()
        (directory / "dll.conf").write_text("net\n")
        (directory / "net.conf").write_text("localhost\n")
        self._directory = directory

    def environment(self) -> dict[str, str]:
        """Return the variables that make SANE use it."""
        return {"SANE_CONFIG_DIR": str(self._directory)}


def test_a_network_scanner_that_dies_in_mid_page(
    *,
    saned: subprocess.Popen[bytes],
    tmp_path: Path,
    context: MemoryContext,
) -> None:
    """SANE's net backend spins for ever when its server dies: the watchdog ends the scan."""
    slow = {"read-delay": True, "read-delay-duration": 50000, "test-picture": "Solid white"}
    driver = driver_for(
        NetBackend(tmp_path / "net.d"), between_lines_s=1, devices={"net:*": {"options": slow}}
    )
    until(driver.discover)
    (device,) = driver.discover()
    with Scan(driver, device, context) as scan:
        context.await_rows()
        os.killpg(saned.pid, signal.SIGKILL)
        scan.ended_within(60)
    assert isinstance(scan.error, DeviceSilent | DeviceGone)
    assert context.pages == []
    all_end(context.workdir)


@pytest.mark.parametrize(
    ("settings", "says"),
    [
        ({"scanimage": "no-such-scanimage"}, "sane-utils"),
        ({"scanimagge": "x", "first_line_s": "long"}, "scanimagge.*first_line_s|first_line_s"),
        ({"devices": {"*": {"sources": {"tray": "ADF"}}}}, "tray"),
    ],
)
def test_settings_that_cannot_work_are_refused(settings: dict[str, object], says: str) -> None:
    """A mistake in the table stops the plugin with a sentence that names it."""
    with pytest.raises(PluginRefused, match=says):
        register_drivers(settings)


def test_a_whole_page_counts_though_scanimage_never_ends(
    *,
    backend: TestBackend,
    context: MemoryContext,
    stub: Callable[[str], str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """A backend that hangs at its end costs time, not the page from the glass."""
    monkeypatch.setattr(sane_acquire, "PARK_S", 0.2)
    body = (
        'page = open("page1.part", "wb"); page.write(b"P6\\n4 4\\n255\\n" + bytes(48)); page.close()\n'
        "time.sleep(60)"
    )
    driver = driver_for(backend, scanimage=stub(body))
    (device,) = driver.discover()
    driver.scan(job(device), device, context)
    assert len(context.pages) == 1
    all_end(context.workdir)
