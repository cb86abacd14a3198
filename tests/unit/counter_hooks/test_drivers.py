"""The folder and fake drivers pass the contract that every driver must pass."""

from __future__ import annotations

import os
import shutil
import signal
import stat
import subprocess
import sys
import threading
from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pytest
from PIL import Image

from counter_hooks import (
    Attention,
    DeviceNeedsHand,
    DeviceSilent,
    Driver,
    PrintJob,
    PrintOptions,
    ResultUnsound,
    ScanJob,
    ScanOptions,
    Source,
)
from counter_hooks.plugins import fake, folder
from counter_hooks.plugins.fake import FakeDriver
from counter_hooks.testing import SMALL_PDF, DriverContract, TestContext


class TestFakeDriver(DriverContract):
    """The fake driver."""

    cancel_limit_s = 30.0

    def make_driver(self, tmp_path: Path) -> Driver:
        """Return a quick one."""
        return FakeDriver({"page_s": 0.05, "print_s": 0.05, "output": str(tmp_path)})

    def slow_down(self, driver: Driver, tmp_path: Path) -> None:
        """Let a page take a minute."""
        assert isinstance(driver, FakeDriver)
        driver.set_pace(60.0)

    def unplug(self, driver: Driver, tmp_path: Path) -> None:
        """Play that the devices are gone."""
        assert isinstance(driver, FakeDriver)
        driver.set_fault("device-gone")


class TestFolderDriver(DriverContract):
    """The folder driver."""

    cancel_limit_s = 30.0

    def make_driver(self, tmp_path: Path) -> Driver:
        """Return one over two fresh folders."""
        return folder_driver(tmp_path)

    def before_scan(self, context: TestContext, tmp_path: Path) -> None:
        """Let the machine write its page while the driver waits for it."""
        context.when_waiting = lambda: put_page(tmp_path / "scan" / "1.jpg")

    def slow_down(self, driver: Driver, tmp_path: Path) -> None:
        """Nothing comes into the folder, which is slow enough."""

    def unplug(self, driver: Driver, tmp_path: Path) -> None:
        """Take the folders away."""
        shutil.rmtree(tmp_path / "scan")
        shutil.rmtree(tmp_path / "print")


def folder_driver(tmp_path: Path, **changes: Any) -> Driver:
    """Return a driver over ``scan`` and ``print`` below ``tmp_path``."""
    for name in ("scan", "print"):
        (tmp_path / name).mkdir(exist_ok=True)
    settings = {
        "scan": str(tmp_path / "scan"),
        "print": str(tmp_path / "print"),
        "settle_s": 0.2,
        "quiet_s": 0.3,
        "wait_s": 10,
    }
    return folder.register_drivers({**settings, **changes})[0]


def put_page(path: Path) -> None:
    """Write an A4 page of 75 dpi."""
    Image.new("L", (620, 877), 255).save(path, dpi=(75, 75))


@pytest.fixture
def context(tmp_path: Path) -> TestContext:
    """Return a context with an empty work folder."""
    (tmp_path / "work").mkdir()
    return TestContext(tmp_path / "work")


def scan_job(source: Source = Source.GLASS) -> ScanJob:
    """Return an order to scan at 75 dpi."""
    return ScanJob(id="j1", device_id="x", options=ScanOptions(resolution_dpi=75, source=source))


def test_pages_of_somebody_before_stay_unseen(tmp_path: Path, context: TestContext) -> None:
    """A file that lay in the folder when the job began is never taken for this citizen's."""
    driver = folder_driver(tmp_path, wait_s=0.5)
    put_page(tmp_path / "scan" / "old.jpg")
    with pytest.raises(DeviceSilent):
        driver.scan(scan_job(), driver.discover()[0], context)
    assert (tmp_path / "scan" / "old.jpg").exists()


def test_a_next_page_that_comes_early_is_the_jobs(tmp_path: Path, context: TestContext) -> None:
    """Page by page, a file that comes before anybody says go is that page; the next job's it is not."""
    driver = folder_driver(tmp_path, wait_s=0.5)
    (device, _) = driver.discover()
    job = scan_job()
    put_page(tmp_path / "scan" / "old.jpg")
    context.when_waiting = lambda: put_page(tmp_path / "scan" / "1.jpg")
    driver.scan(job, device, context)
    put_page(tmp_path / "scan" / "2.jpg")
    driver.scan(job, device, context)
    assert len(context.pages) == 2
    put_page(tmp_path / "scan" / "3.jpg")
    with pytest.raises(DeviceSilent):
        driver.scan(replace(job, id="j2"), device, context)
    assert sorted(path.name for path in (tmp_path / "scan").iterdir()) == ["3.jpg", "old.jpg"]


def test_stack_is_taken_in_order_and_erased(tmp_path: Path, context: TestContext) -> None:
    """All files of a stack become pages, by name, and leave the folder."""
    driver = folder_driver(tmp_path)

    def put_stack() -> None:
        for name in ("b.png", "a.jpg", "note.txt"):
            put_page(tmp_path / "scan" / name) if name != "note.txt" else (
                tmp_path / "scan" / name
            ).write_text("x")

    context.when_waiting = put_stack
    driver.scan(scan_job(Source.FEEDER), driver.discover()[0], context)
    assert [page.media_type for page in context.pages] == ["image/jpeg", "image/png"]
    assert [path.name for path in (tmp_path / "scan").iterdir()] == ["note.txt"]


def test_file_is_taken_when_it_stopped_growing(tmp_path: Path, context: TestContext) -> None:
    """A file that is written slowly is taken whole."""
    driver = folder_driver(tmp_path)
    put_page(tmp_path / "whole.jpg")
    content = (tmp_path / "whole.jpg").read_bytes()

    def write_slowly() -> None:
        pause = threading.Event()
        with (tmp_path / "scan" / "1.jpg").open("wb", buffering=0) as file:
            for start in range(0, len(content), len(content) // 5 + 1):
                file.write(content[start : start + len(content) // 5 + 1])
                pause.wait(0.15)

    writer = threading.Thread(target=write_slowly)
    context.when_waiting = writer.start
    driver.scan(scan_job(), driver.discover()[0], context)
    writer.join()
    assert context.pages[0].size_bytes == len(content)


# Prints, and dies at once before or after it has written down that the copies are ready.
NOBODY = 65534
DYING = """
import os, signal, sys
from pathlib import Path
from counter_hooks import PrintJob, PrintOptions
from counter_hooks.plugins import folder
from counter_hooks.testing import TestContext

where, point = Path(sys.argv[1]), sys.argv[2]

class Context(TestContext):
    def remember(self, spooler_id):
        if point == "after":
            (where / "known").write_text(spooler_id)
        os.kill(os.getpid(), signal.SIGKILL)

(driver,) = folder.register_drivers({"print": str(where / "print")})
(device,) = driver.discover()
job = PrintJob(id="p1", device_id=device.id, file=where / "form.pdf", title="Form",
               options=PrintOptions(copies=2))
driver.print(job, device, Context(where / "work"))
"""


@pytest.mark.parametrize("point", ["never", "before", "after"])
def test_a_print_that_comes_again_is_shown_once(tmp_path: Path, point: str) -> None:
    """A machine that takes copies out of the folder gets each of them once, over a restart."""
    (tmp_path / "work").mkdir()
    (tmp_path / "form.pdf").write_bytes(SMALL_PDF)
    driver = folder_driver(tmp_path)
    device = driver.discover()[1]
    options = PrintOptions(copies=2)
    job = PrintJob(
        id="p1", device_id=device.id, file=tmp_path / "form.pdf", title="Form", options=options
    )
    printed = tmp_path / "print"
    if point != "never":
        command = [sys.executable, "-c", DYING, str(tmp_path), point]
        assert subprocess.run(command, check=False).returncode == -signal.SIGKILL
        assert not list(printed.glob("*.pdf"))
        known = tmp_path / "known"
        first = TestContext(tmp_path / "work", spooler_id="p1" if known.exists() else None)
    else:
        first = TestContext(tmp_path / "work")
    driver.print(job, device, first)
    assert sorted(path.name for path in printed.iterdir()) == ["p1-1.pdf", "p1-2.pdf"]
    for path in printed.iterdir():
        path.unlink()
    driver.print(job, device, TestContext(tmp_path / "work", spooler_id="p1"))
    assert not list(printed.iterdir())


def test_what_is_shown_to_a_machine_is_on_disk(
    tmp_path: Path, context: TestContext, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The folder's names are on disk before the job is remembered, and after each copy is shown."""
    (tmp_path / "form.pdf").write_bytes(SMALL_PDF)
    driver, printed = folder_driver(tmp_path), tmp_path / "print"
    done: list[object] = []
    really = os.fsync

    def synchronised(number: int) -> None:
        if stat.S_ISDIR(os.fstat(number).st_mode):
            done.append(sorted(path.name for path in printed.iterdir()))
        really(number)

    monkeypatch.setattr(os, "fsync", synchronised)
    monkeypatch.setattr(context, "remember", done.append)
    options = PrintOptions(copies=2)
    job = PrintJob(
        id="p1", device_id="x", file=tmp_path / "form.pdf", title="Form", options=options
    )
    driver.print(job, driver.discover()[1], context)
    assert done == [
        [".p1-1.pdf.part", ".p1-2.pdf.part"],
        "p1",
        [".p1-2.pdf.part", "p1-1.pdf"],
        ["p1-1.pdf", "p1-2.pdf"],
    ]


def test_a_letter_box_takes_what_is_printed(context: TestContext) -> None:
    """A folder that one may write into and not look into is a printer as any other."""
    ours, other = os.geteuid(), NOBODY if os.geteuid() == 0 else os.geteuid()
    # Not in tmp_path, whose folders are closed to others.
    with TemporaryDirectory() as place:
        driver, printed = folder_driver(Path(place)), Path(place, "print")
        Path(place, "form.pdf").write_bytes(SMALL_PDF)
        job = PrintJob(
            id="p1", device_id="x", file=Path(place, "form.pdf"), title="", options=PrintOptions()
        )
        Path(place).chmod(0o711)
        os.chown(printed, other, -1)
        printed.chmod(0o300)
        device = driver.discover()[1]
        os.seteuid(other)
        try:
            driver.print(job, device, context)
        finally:
            os.seteuid(ours)
            printed.chmod(0o700)
        assert [path.name for path in printed.iterdir()] == ["p1.pdf"]


def test_folder_without_settings_brings_nothing() -> None:
    """The folder plugin keeps quiet where no folder is configured."""
    assert folder.register_drivers({}) == []


@pytest.mark.parametrize(
    ("fault", "expected"),
    [("paper_jam", DeviceNeedsHand), ("short", ResultUnsound), ("crash", RuntimeError)],
)
def test_fake_plays_faults(
    fault: str, expected: type[Exception], context: TestContext, tmp_path: Path
) -> None:
    """A fault comes in the middle of the page, as the error that a real driver raises."""
    driver = FakeDriver({"page_s": 0.0, "fault": fault})
    with pytest.raises(expected):
        driver.scan(scan_job(), driver.discover()[0], context)
    assert context.first_rows.is_set()
    assert not context.pages


def test_fake_waits_for_a_person(context: TestContext, tmp_path: Path) -> None:
    """The fault ``wait:`` asks for a person and goes on when it is lifted."""
    switch = tmp_path / "fault"
    switch.write_text("wait:cover_open")
    driver = fake.register_drivers({"page_s": 0.0, "fault_file": str(switch)})[0]
    context.when_asked = switch.unlink
    driver.scan(scan_job(), driver.discover()[0], context)
    assert context.attention == [Attention.COVER_OPEN, None]
    assert len(context.pages) == 1


def test_empty_fake_feeder_asks_for_paper(context: TestContext) -> None:
    """A feeder without pages raises what an empty feeder raises."""
    driver = FakeDriver({"pages": 0})
    with pytest.raises(DeviceNeedsHand) as caught:
        driver.scan(scan_job(Source.FEEDER), driver.discover()[0], context)
    assert caught.value.reason is Attention.FEEDER_EMPTY
