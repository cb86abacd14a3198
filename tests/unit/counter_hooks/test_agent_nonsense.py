"""Drivers that give nonsense: the job says why it ended, and what was finished before is kept."""

from __future__ import annotations

import io
import os
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from PIL import Image

from counter_hooks import DeviceError, ScanContext, ScanJob
from counter_hooks.agent import contexts, pages
from counter_hooks.model import Device
from counter_hooks.plugins.fake import FakeDriver
from counter_hooks.wire import AgentJobState
from tests.unit.counter_hooks.test_agent_turns import Desk

MIB = 2**20


class Mute(Exception):
    """An exception that cannot even say what it is."""

    def __str__(self) -> str:
        """Fail."""
        raise RuntimeError


class Faceless(DeviceError):
    """A stranger's claim whose key is none."""

    key = None  # type: ignore[assignment]


def _picture(size: tuple[int, int] = (60, 40), kind: str = "JPEG") -> bytes:
    out = io.BytesIO()
    Image.new("L", size, 128).save(out, kind, dpi=(300, 300))
    return out.getvalue()


def _noise() -> bytes:
    out = io.BytesIO()
    Image.frombytes("L", (300, 300), os.urandom(90_000)).save(out, "PNG", dpi=(300, 300))
    return out.getvalue()


def _file(context: ScanContext, content: bytes, *, size: int = 0) -> Path:
    path = context.workdir / "page"
    path.write_bytes(content)
    os.truncate(path, max(size, len(content)))
    return path


def _rows(context: ScanContext, *, width: int, height: int | None, rows: int) -> None:
    sink = context.begin_page(width_px=width, height_px=height, channels=3, dpi=300)
    for _ in range(rows):
        sink.write(bytes(width * 3))
    sink.finish()


def _raise(error: BaseException) -> None:
    raise error


def _gigabyte(context: ScanContext) -> None:
    path = _file(context, _picture(), size=1024 * MIB)
    with path.open("r+b") as file:
        file.seek(-2, os.SEEK_END)
        file.write(b"\xff\xd9")
    context.add_page(path)


NONSENSE: dict[str, tuple[Callable[[ScanContext], object], str]] = {
    "too few rows": (lambda it: _rows(it, width=60, height=40, rows=39), "result-unsound"),
    "too many rows": (lambda it: _rows(it, width=60, height=40, rows=41), "result-unsound"),
    "no rows": (lambda it: _rows(it, width=60, height=None, rows=0), "result-unsound"),
    "no width": (lambda it: _rows(it, width=0, height=40, rows=1), "result-unsound"),
    "twelve gigabytes": (
        lambda it: _rows(it, width=65_000, height=65_000, rows=1),
        "page-too-large",
    ),
    "no end": (lambda it: _rows(it, width=5_000, height=None, rows=99), "page-too-large"),
    "a gigabyte": (_gigabyte, "page-too-large"),
    "a huge picture": (
        lambda it: it.add_page(_file(it, _picture((4_000, 4_000), "PNG"))),
        "page-too-large",
    ),
    "a heavy page": (lambda it: it.add_page(_file(it, _noise())), "page-too-large"),
    "text": (lambda it: it.add_page(_file(it, b"hello")), "result-unsound"),
    "half a picture": (lambda it: it.add_page(_file(it, _picture()[:300])), "result-unsound"),
    "a document": (lambda it: it.add_page(_file(it, b"%PDF-1.4")), "result-unsound"),
    "no file": (lambda it: it.add_page(it.workdir / "nothing"), "result-unsound"),
    "a page left open": (
        lambda it: it.begin_page(width_px=60, height_px=40, channels=3, dpi=300),
        "result-unsound",
    ),
    "no text": (lambda _: _raise(Exception()), "driver-failed"),
    "an unspeakable error": (lambda _: _raise(Mute()), "driver-failed"),
    "a claim without key": (lambda _: _raise(Faceless()), "driver-failed"),
    "the end of the program": (lambda _: _raise(SystemExit(1)), "driver-failed"),
    "numbers for pages": (lambda it: it.add_page(7), "driver-failed"),  # type: ignore[arg-type]
}


class Liar(FakeDriver):
    """Brings one good page from the feeder, and then what a test wants; from the glass, a page."""

    def __init__(self, lie: Callable[[ScanContext], object]) -> None:
        super().__init__({"page_s": 0.01})
        self.lie = lie

    def scan(self, job: ScanJob, device: Device, context: ScanContext) -> None:
        """Scan, and lie."""
        if job.id == "empty":
            return
        context.add_page(_file(context, _picture()))
        if job.id == "j1":
            self.lie(context)


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[Desk]:
    """Return lanes whose driver is a liar; its lie is still to be chosen."""
    made = Desk(tmp_path, Liar(lambda _: None))
    yield made
    made.lanes.stop()
    made.directory.stop()
    made.journal.close()


def _ends(desk: Desk, job: str) -> tuple[str | None, int]:
    """Have a scan done, and return the reason that is told and how many of its pages wait."""
    desk.order(job, page_by_page=False)
    ticks = threading.Event()
    for _ in range(3000):
        if desk.outcome(job) is not None:
            break
        ticks.wait(0.01)
    waiting = [page for of_job, page in desk.journal.waiting_pages() if of_job == job]
    assert all(page.path.stat().st_size == page.size_bytes for page in waiting)
    reason = None
    while (report := desk.journal.next_report()) is not None:
        desk.journal.acknowledge(report)
        reason = report.reason
    return reason, len(waiting)


@pytest.mark.parametrize("name", NONSENSE)
def test_nonsense_ends_one_job_and_keeps_its_pages(
    desk: Desk, name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The reason is told, the page before it waits for the bridge, nothing else lies about."""
    monkeypatch.setattr(pages, "MOST_PAGE_PX", 100_000)
    monkeypatch.setattr(contexts, "MOST_PAGE_BYTES", 10_000)
    lie, reason = NONSENSE[name]
    liar = desk.driver
    assert isinstance(liar, Liar)
    liar.lie = lie
    assert _ends(desk, "j1") == (reason, 1)
    assert desk.outcome("j1") is AgentJobState.FAILED
    assert len(list((tmp_path / "spool" / "j1").iterdir())) == 1
    assert _ends(desk, "j2") == (None, 1)
    assert desk.outcome("j2") is AgentJobState.PRODUCED


def test_no_page_at_all_is_no_success(desk: Desk) -> None:
    """A driver that comes back with nothing has not scanned."""
    assert _ends(desk, "empty") == ("result-unsound", 0)
    assert desk.outcome("empty") is AgentJobState.FAILED
