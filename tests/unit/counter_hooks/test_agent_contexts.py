"""What the agent lends a driver: pages are kept only while somebody wants them."""

from __future__ import annotations

import time
from pathlib import Path

import pytest
from PIL import Image

from counter_hooks import JobCancelled, Page
from counter_hooks.agent.config import Settings
from counter_hooks.agent.contexts import RunningJob, Spool
from counter_hooks.agent.journal import Journal
from counter_hooks.agent.offers import FilteredPage
from counter_hooks.wire import JobKind, JobOrder, JobProgress, PreviewStrip


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


def test_a_page_that_a_filter_held_up_is_not_kept_after_the_job_was_stopped(tmp_path: Path) -> None:
    """Whoever stops a job while a filter is at work finds no page of it afterwards."""
    journal = Journal(tmp_path / "journal.sqlite")
    journal.accept(JobOrder(id="j1", kind=JobKind.SCAN, device="fake:scanner", options={}))
    spool = Spool(tmp_path)
    spool.prepare()
    running = RunningJob(
        "j1",
        settings=Settings(),
        journal=journal,
        spool=spool,
        voice=Silence(),
        clock=time.monotonic,
    )

    def stop_meanwhile(page: Page, _side: int) -> FilteredPage:
        running.cancel()
        return FilteredPage(page=page)

    running.filter_with(stop_meanwhile)
    image = tmp_path / "page.png"
    Image.new("L", (40, 40)).save(image, dpi=(100, 100))
    with pytest.raises(JobCancelled):
        running.add_page(image)
    assert journal.pages("j1") == []
    assert list(spool.pages("j1").iterdir()) == []
    journal.close()
