"""The one thread that brings pages to the bridge outlives whatever a page does to it."""

from __future__ import annotations

import threading
from pathlib import Path
from random import SystemRandom

from counter_hooks.agent.contexts import Spool
from counter_hooks.agent.errors import JournalUnreadable, JournalUnwritable
from counter_hooks.agent.http import BridgeHttp
from counter_hooks.agent.journal import Journal
from counter_hooks.agent.retries import Backoff
from counter_hooks.agent.uploads import Uploader
from counter_hooks.model import Page
from counter_hooks.wire import AgentJobState, JobKind, JobOrder
from deploy.virtual.processes import wait_until
from tests.integration.agent_bridge import TOKEN, Bridge
from tests.integration.agent_process import bridge

__all__ = ["bridge"]


class IllOnce(Journal):
    """A journal that once cannot read that a page waits, and once not write that it is refused."""

    looks = 0
    tries = 0

    def waiting_pages(self) -> list[tuple[str, Page]]:
        """Raise, and then not."""
        waiting = super().waiting_pages()
        self.looks += bool(waiting)
        if self.looks == 1:
            raise JournalUnreadable("the disk gives an error")
        return waiting

    def refuse_page(self, job_id: str, number: int, *, reason: str) -> None:
        """Raise, and then not."""
        self.tries += 1
        if self.tries == 1:
            raise JournalUnwritable("the disk is full")
        super().refuse_page(job_id, number, reason=reason)


def _page(path: Path) -> Page:
    size = {"size_bytes": 1, "width_px": 1, "height_px": 1, "dpi": 300}
    return Page(number=1, path=path, media_type="image/jpeg", sha256="00", **size)


def _cannot_stop(job_id: str) -> None:
    raise JournalUnreadable(f"the disk gives an error for {job_id}")


def test_pages_that_are_gone_on_an_ill_disk_end_their_jobs(bridge: Bridge, tmp_path: Path) -> None:
    """What cannot be read, given up or stopped now costs a job, and never the one thread."""
    journal = IllOnce(tmp_path / "journal.sqlite3")
    spool = Spool(tmp_path)
    spool.prepare()
    ended: list[str] = []
    uploader = Uploader(
        http=BridgeHttp(bridge.url, token=TOKEN, ca_file=None),
        journal=journal,
        spool=spool,
        backoff=Backoff(maximum_s=1, chance=SystemRandom()),
        on_ended=lambda: ended.append("a job"),
        on_not_wanted=_cannot_stop,
        on_revoked=lambda _error: None,
    )
    # Started first: of a page that it finds it would ask how much had arrived.
    uploader.start()
    for number, name in enumerate(("j1", "j2"), start=1):
        journal.accept(JobOrder(id=name, kind=JobKind.SCAN, device="fake:scanner", options={}))
        journal.add_page(name, _page(tmp_path / "gone.jpg"))
        uploader.wake()
        wait_until(lambda most=number: len(ended) == most, f"{name} has ended", seconds=60)
    uploader.stop()
    for thread in threading.enumerate():
        if thread.name == "uploads":
            thread.join(60)
    states = [entry.state for name in ("j1", "j2") if (entry := journal.job(name))]
    assert states == [AgentJobState.FAILED] * 2
    journal.close()
