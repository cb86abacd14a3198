"""The journal: what it was told is still there after SIGKILL, and it does not grow for ever."""

from __future__ import annotations

import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from counter_hooks import Page
from counter_hooks.agent.errors import JournalUnreadable
from counter_hooks.agent.journal import Journal
from counter_hooks.wire import AgentJobState, JobKind, JobOrder

# Runs one line of calls on a journal and is killed by the kernel right after the last of them.
CHILD = """
import os, signal, sys
from pathlib import Path
from counter_hooks import Page
from counter_hooks.agent.journal import Journal
from counter_hooks.wire import AgentJobState as S, JobKind, JobOrder
journal = Journal(Path(sys.argv[1]))
order = JobOrder(id="j1", kind=JobKind.SCAN, device="fake:scanner", options={})
page = lambda n: Page(number=n, path=Path(f"{n}.jpg"), media_type="image/jpeg", sha256="00",
                      size_bytes=1, width_px=1, height_px=1, dpi=300)
%s
os.kill(os.getpid(), signal.SIGKILL)
"""


@pytest.fixture
def file(tmp_path: Path) -> Path:
    """Return where the journal lies."""
    return tmp_path / "journal.sqlite3"


@pytest.fixture
def journal(file: Path) -> Iterator[Journal]:
    """Open a journal."""
    made = Journal(file)
    yield made
    made.close()


def order(job: str = "j1") -> JobOrder:
    """Return an order to scan."""
    return JobOrder(id=job, kind=JobKind.SCAN, device="fake:scanner", options={"copies": 1})


def page(number: int = 1) -> Page:
    """Return a finished page."""
    return Page(
        number=number,
        path=Path(f"{number}.jpg"),
        media_type="image/jpeg",
        sha256="00" * 32,
        size_bytes=10,
        width_px=1,
        height_px=2,
        dpi=300,
    )


def told(journal: Journal) -> list[tuple[str, int, str, str | None]]:
    """Acknowledge every report and return them."""
    reports = []
    while (report := journal.next_report()) is not None:
        reports.append((report.job, report.sequence, report.state.value, report.reason))
        journal.acknowledge(report)
    return reports


@pytest.mark.parametrize(
    ("calls", "state", "pages", "reports"),
    [
        ("journal.accept(order)", "accepted", 0, ["accepted"]),
        (
            "journal.accept(order); journal.report('j1', S.RUNNING)",
            "running",
            0,
            ["accepted", "running"],
        ),
        (
            "journal.accept(order); journal.report('j1', S.RUNNING); journal.add_page('j1', page(1))",
            "running",
            1,
            ["accepted", "running"],
        ),
        (
            "journal.accept(order); journal.acknowledge(journal.next_report());"
            " journal.add_page('j1', page(1)); journal.finish('j1', S.PRODUCED)",
            "accepted",
            1,
            [],
        ),
        (
            "journal.accept(order); journal.add_page('j1', page(1));"
            " journal.finish('j1', S.PRODUCED); journal.page_done('j1', 1)",
            "produced",
            0,
            ["accepted", "produced"],
        ),
    ],
    ids=["accepted", "running", "page", "produced but not uploaded", "uploaded"],
)
def test_nothing_told_is_lost_by_kill(
    file: Path, calls: str, state: str, pages: int, reports: list[str]
) -> None:
    """Whatever a method returned from is there after the process was killed."""
    child = subprocess.run([sys.executable, "-c", CHILD % calls, file], check=False)
    assert child.returncode == -9
    journal = Journal(file)
    entry = journal.job("j1")
    assert entry is not None
    assert entry.state.value == state
    assert len(journal.waiting_pages()) == pages
    assert [report[2] for report in told(journal)] == reports
    journal.close()


def test_order_that_comes_twice_is_kept_once(journal: Journal) -> None:
    """The second time nothing is written and nothing reported."""
    assert journal.accept(order())
    assert not journal.accept(order())
    assert told(journal) == [("j1", 1, "accepted", None)]


def test_sequence_grows_within_a_job(journal: Journal) -> None:
    """Reports of a job are numbered from 1 and told in order until acknowledged."""
    journal.accept(order())
    journal.report("j1", AgentJobState.RUNNING)
    journal.report("j1", AgentJobState.RUNNING)
    journal.report("j1", AgentJobState.NEEDS_ATTENTION, reason="paper_jam")
    journal.report("j1", AgentJobState.RUNNING)
    first = journal.next_report()
    assert first == journal.next_report()
    assert told(journal) == [
        ("j1", 1, "accepted", None),
        ("j1", 2, "running", None),
        ("j1", 3, "needs_attention", "paper_jam"),
        ("j1", 4, "running", None),
    ]


def test_produced_waits_for_every_page(journal: Journal) -> None:
    """``produced`` is reported when the last page is at the bridge, not before."""
    journal.accept(order())
    journal.add_page("j1", page(1))
    journal.add_page("j1", page(2))
    journal.finish("j1", AgentJobState.PRODUCED, facts={"pages": 2})
    assert not journal.page_done("j1", 2)
    assert [entry.id for entry in journal.open_jobs()] == ["j1"]
    assert journal.page_done("j1", 1)
    assert told(journal)[-1] == ("j1", 2, "produced", None)
    assert journal.open_jobs() == []


def test_failure_is_told_at_once_and_pages_stay(journal: Journal) -> None:
    """A failed job is reported before its pages have travelled, and they still do."""
    journal.accept(order())
    journal.add_page("j1", page(1))
    journal.finish("j1", AgentJobState.FAILED, reason="paper_jam")
    assert told(journal)[-1] == ("j1", 2, "failed", "paper_jam")
    assert journal.waiting_pages() == [("j1", page(1))]


def test_first_word_on_the_end_counts(journal: Journal) -> None:
    """Watchdog and lane may both end a job; the second is told so and changes nothing."""
    journal.accept(order())
    assert journal.finish("j1", AgentJobState.CANCELLED)
    assert not journal.finish("j1", AgentJobState.PRODUCED)
    journal.report("j1", AgentJobState.RUNNING)
    assert [report[2] for report in told(journal)] == ["accepted", "cancelled"]


def test_a_page_that_is_refused_ends_the_job_and_keeps_the_others(journal: Journal) -> None:
    """A job of which the bridge refuses a page fails although its scan was whole; the rest travels."""
    journal.accept(order())
    for number in (1, 2):
        journal.add_page("j1", page(number))
    journal.finish("j1", AgentJobState.PRODUCED)
    journal.refuse_page("j1", 1, reason="hash-mismatch")
    assert [one.number for _, one in journal.waiting_pages()] == [2]
    assert told(journal)[-1] == ("j1", 2, "failed", "hash-mismatch")
    assert not journal.page_done("j1", 2)
    assert len(told(journal)) == 0


def test_pages_that_nobody_wants_end_the_job(journal: Journal) -> None:
    """A job whose pages the bridge has no use for is cancelled, and none of them waits."""
    journal.accept(order())
    journal.add_page("j1", page(1))
    journal.finish("j1", AgentJobState.PRODUCED)
    journal.give_up_pages("j1")
    assert journal.waiting_pages() == []
    assert told(journal)[-1] == ("j1", 2, "cancelled", None)


def test_last_report_can_be_told_again(journal: Journal) -> None:
    """A bridge that lost the end of a job is told it again under the same number."""
    journal.accept(order())
    journal.finish("j1", AgentJobState.FAILED, reason="device-gone")
    told(journal)
    journal.repeat_last_report("j1")
    assert told(journal) == [("j1", 2, "failed", "device-gone")]


def test_ended_jobs_are_pruned_but_for_the_newest(journal: Journal) -> None:
    """Ended and acknowledged jobs go; open ones, untold ones and the newest stay."""
    for number in range(6):
        journal.accept(order(f"j{number}"))
    for number in range(1, 6):
        journal.finish(f"j{number}", AgentJobState.FAILED, reason="device-gone")
    told(journal)
    journal.repeat_last_report("j1")
    assert sorted(journal.prune(keep=2)) == ["j2", "j3"]
    assert journal.job("j0") is not None
    assert journal.job("j1") is not None


def test_spooler_and_source_are_remembered(journal: Journal) -> None:
    """What a print needs after a restart is read back as it was written."""
    journal.accept(order())
    journal.remember_source("j1", Path("spool/j1/source.pdf"))
    journal.remember_spooler("j1", "COUNTER-7")
    journal.ask_cancel("j1")
    entry = journal.job("j1")
    assert entry is not None
    assert (entry.source_path, entry.spooler_id, entry.is_cancel_asked) == (
        Path("spool/j1/source.pdf"),
        "COUNTER-7",
        True,
    )


@pytest.mark.parametrize("damage", ["noise", "newer"])
def test_unreadable_journal_stops_the_start(file: Path, damage: str) -> None:
    """A damaged journal, or one of a newer version, is an error and is left as it is."""
    if damage == "noise":
        file.write_bytes(b"no database" * 100)
    else:
        newer = sqlite3.connect(file)
        newer.execute("PRAGMA user_version = 99")
        newer.close()
    before = file.read_bytes()
    with pytest.raises(JournalUnreadable):
        Journal(file)
    assert file.read_bytes()[:100] == before[:100]


def test_a_journal_that_cannot_be_read_says_so(file: Path, journal: Journal) -> None:
    """Whoever reads learns it as a claim of the agent, as whoever writes does."""
    with closing(sqlite3.connect(file)) as other:
        other.execute("ALTER TABLE page RENAME TO lost")
    with pytest.raises(JournalUnreadable):
        journal.waiting_pages()
