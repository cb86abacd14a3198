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
    """A journal that once cannot read that a page waits, and once not write that it is given up."""

    looks = 0
    tries = 0

    def waiting_pages(self) -> list[tuple[str, Page]]:
        """Raise, and then not."""
        waiting = super().waiting_pages()
        self.looks += bool(waiting)
        if self.looks == 1:
            raise JournalUnreadable("the disk gives an error")
        return waiting

    def give_up_pages(
        self, job_id: str, outcome: AgentJobState, *, reason: str | None = None
    ) -> None:
        """Raise, and then not."""
        self.tries += 1
        if self.tries == 1:
            raise JournalUnwritable("the disk is full")
        super().give_up_pages(job_id, outcome, reason=reason)


def _page(path: Path) -> Page:
    size = {"size_bytes": 1, "width_px": 1, "height_px": 1, "dpi": 300}
    return Page(number=1, path=path, media_type="image/jpeg", sha256="00", **size)


def test_a_page_that_is_gone_while_the_disk_is_full_ends_its_job(
    bridge: Bridge, tmp_path: Path
) -> None:
    """What cannot be read or given up now is tried again, by a thread that is still there."""
    journal = IllOnce(tmp_path / "journal.sqlite3")
    spool = Spool(tmp_path)
    spool.prepare()
    order = JobOrder(id="j1", kind=JobKind.SCAN, device="fake:scanner", options={})
    journal.accept(order)
    ended: list[str] = []
    uploader = Uploader(
        http=BridgeHttp(bridge.url, token=TOKEN, ca_file=None),
        journal=journal,
        spool=spool,
        backoff=Backoff(maximum_s=1, chance=SystemRandom()),
        on_ended=lambda: ended.append("j1"),
        on_not_wanted=lambda _job: None,
        on_revoked=lambda _error: None,
    )
    # Started first: of a page that it finds it would ask how much had arrived.
    uploader.start()
    journal.add_page("j1", _page(tmp_path / "gone.jpg"))
    uploader.wake()
    wait_until(lambda: bool(ended), "the job has ended", seconds=60)
    uploader.stop()
    for thread in threading.enumerate():
        if thread.name == "uploads":
            thread.join(60)
    entry = journal.job("j1")
    assert entry is not None
    assert entry.state is AgentJobState.FAILED
    journal.close()
