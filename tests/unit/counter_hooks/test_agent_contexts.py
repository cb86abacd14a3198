"""What the agent lends a driver: pages are kept only while somebody wants them."""

from __future__ import annotations

import resource
import time
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from PIL import Image

from counter_hooks import JobCancelled, Page
from counter_hooks.actions import Value
from counter_hooks.agent.config import Settings
from counter_hooks.agent.contexts import RunningJob, Spool
from counter_hooks.agent.errors import JournalUnwritable
from counter_hooks.agent.images import keep_copy, read_facts
from counter_hooks.agent.journal import Journal
from counter_hooks.agent.offers import FilteredPage
from counter_hooks.model import Attention
from counter_hooks.wire import AgentJobState, JobKind, JobOrder, JobProgress, PreviewStrip
from deploy.virtual.processes import wait_until


class Silence:
    """A line to the bridge that is down."""

    def preview(self, strip: PreviewStrip) -> bool:
        """Send nothing."""
        return False

    def progress(self, progress: JobProgress) -> None:
        """Send nothing."""

    def reports_waiting(self) -> None:
        """Tell nobody."""

    def pages_waiting(self) -> None:
        """Tell nobody."""


class FullOnce(Journal):
    """A journal that refuses to write the first report that a person is needed."""

    is_full = True

    def report(
        self,
        job_id: str,
        state: AgentJobState,
        *,
        reason: str | None = None,
        facts: Mapping[str, Value] | None = None,
    ) -> None:
        """Raise, and then not."""
        if self.is_full and state is AgentJobState.NEEDS_ATTENTION:
            self.is_full = False
            raise JournalUnwritable("the disk is full")
        super().report(job_id, state, reason=reason, facts=facts)


def _running(tmp_path: Path, journal: Journal) -> RunningJob:
    journal.accept(JobOrder(id="j1", kind=JobKind.SCAN, device="fake:scanner", options={}))
    spool = Spool(tmp_path)
    spool.prepare()
    return RunningJob(
        "j1",
        settings=Settings(),
        journal=journal,
        spool=spool,
        voice=Silence(),
        clock=time.monotonic,
    )


def test_a_page_is_asked_for_again_when_the_disk_was_full(tmp_path: Path) -> None:
    """Between two pages a full disk does not fail a job; it asks once there is room."""
    journal = FullOnce(tmp_path / "journal.sqlite")
    running = _running(tmp_path, journal)
    with ThreadPoolExecutor(1) as pool:
        waiting = pool.submit(running.await_page)

        def is_asked() -> bool:
            entry = journal.job("j1")
            return entry is not None and entry.state is AgentJobState.NEEDS_ATTENTION

        wait_until(is_asked, "the page is asked for", seconds=30)
        running.turn.say(1, is_last=False)
        assert waiting.result(30)
    journal.close()


def test_a_job_that_cannot_ask_for_a_page_can_be_stopped(tmp_path: Path) -> None:
    """Who stops it need not wait until there is room on the disk."""
    journal = FullOnce(tmp_path / "journal.sqlite")
    running = _running(tmp_path, journal)
    running.cancel()
    with pytest.raises(JobCancelled):
        running.await_page()
    journal.close()


def test_a_reason_that_could_not_be_kept_is_told_when_it_comes_again(tmp_path: Path) -> None:
    """A driver that goes on saying what is wrong is heard once the disk takes it, and then once."""
    journal = FullOnce(tmp_path / "journal.sqlite")
    running = _running(tmp_path, journal)
    for _ in range(3):
        running.needs_attention(Attention.PAPER_JAM)
    told = []
    while (report := journal.next_report()) is not None:
        journal.acknowledge(report)
        told.append((report.state.value, report.reason))
    assert told == [("accepted", None), ("needs_attention", "paper_jam")]
    journal.close()


def test_a_copy_that_finds_no_room_leaves_no_beginning(tmp_path: Path) -> None:
    """On a full disk a filter's image is not kept, the page's own is, and nothing lies beside it."""
    image, page = tmp_path / "made.png", tmp_path / "pages" / "page-0001.png"
    Image.effect_noise((200, 200), 90).save(image, dpi=(100, 100))
    page.parent.mkdir()
    page.write_bytes(b"as it was scanned")
    facts, limits = read_facts(image), resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (1000, limits[1]))
    try:
        with pytest.raises(OSError, match="large"):
            keep_copy(image, page, facts, dpi=100)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, limits)
    assert [one.read_bytes() for one in page.parent.iterdir()] == [b"as it was scanned"]


def test_a_page_that_a_filter_held_up_is_not_kept_after_the_job_was_stopped(tmp_path: Path) -> None:
    """Whoever stops a job while a filter is at work finds no page of it afterwards."""
    journal = Journal(tmp_path / "journal.sqlite")
    running = _running(tmp_path, journal)

    def stop_meanwhile(page: Page, _side: int) -> FilteredPage:
        running.cancel()
        return FilteredPage(page=page)

    running.filter_with(stop_meanwhile)
    image = tmp_path / "page.png"
    Image.new("L", (40, 40)).save(image, dpi=(100, 100))
    with pytest.raises(JobCancelled):
        running.add_page(image)
    assert journal.pages("j1") == []
    assert list(Spool(tmp_path).pages("j1").iterdir()) == []
    journal.close()
