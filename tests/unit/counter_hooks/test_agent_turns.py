"""The pause between two pages: no clock ends it, and what is said is heard once."""

from __future__ import annotations

import itertools
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from counter_hooks.agent.config import Limits, Settings
from counter_hooks.agent.contexts import Spool
from counter_hooks.agent.directory import DeviceDirectory
from counter_hooks.agent.driving import Driving
from counter_hooks.agent.journal import Journal
from counter_hooks.agent.lanes import Lanes
from counter_hooks.agent.offers import Offers
from counter_hooks.agent.turns import PageTurn
from counter_hooks.driver import Driver
from counter_hooks.plugins.fake import FakeDriver
from counter_hooks.registry import AgentRegistry
from counter_hooks.wire import AgentJobState, JobKind, JobOrder, NextPage
from tests.unit.counter_hooks.test_agent_contexts import Silence

YEAR_S = 3e7


class LeapingClock:
    """A clock that a test lets leap, and that says how often the watchdog and others looked."""

    def __init__(self) -> None:
        self.leap_s = 0.0
        self.looks = itertools.count()
        self.looked = 0
        self.stumbles = 0

    def __call__(self) -> float:
        """Return the time in seconds."""
        self.looked = next(self.looks)
        if self.stumbles and threading.current_thread().name == "watchdog":
            self.stumbles -= 1
            raise LookupError
        return self.leap_s


class Desk:
    """Lanes with one scanner, and a journal."""

    def __init__(self, folder: Path, driver: Driver | None = None) -> None:
        self.clock = LeapingClock()
        self.journal = Journal(folder / "journal.sqlite3")
        spool = Spool(folder)
        spool.prepare()
        driver = driver or FakeDriver({"page_s": 0.01})
        directory = DeviceDirectory({driver.name: driver}, interval_s=60.0, on_change=lambda: None)
        directory.start()
        assert directory.wait_until_looked(30)
        settings = Settings(limits=Limits(silence_s=5.0, job_s=10.0))
        voice = Silence()
        self.lanes = Lanes(
            settings=settings,
            journal=self.journal,
            spool=spool,
            voice=voice,
            driving=Driving(
                journal=self.journal,
                directory=directory,
                offers=Offers(AgentRegistry()),
                voice=voice,
                fetch_source=lambda *_: None,
            ),
            clock=self.clock,
        )
        self.directory = directory
        self.driver = driver

    def order(self, job: str = "j1", *, page_by_page: bool = True) -> None:
        """Have a scan begin."""
        options = {"resolution_dpi": 75, "page_by_page": page_by_page}
        order = JobOrder(id=job, kind=JobKind.SCAN, device="fake:scanner", options=options)
        self.journal.accept(order)
        entry = self.journal.job(job)
        assert entry is not None
        self.lanes.submit(entry)

    def wait_for(self, state: AgentJobState) -> None:
        """Wait until the job is in ``state``."""
        ticks = threading.Event()
        for _ in range(3000):
            entry = self.journal.job("j1")
            if entry is not None and entry.state is state:
                return
            ticks.wait(0.01)
        raise AssertionError(f"waited in vain for {state}")

    def outcome(self, job: str = "j1") -> AgentJobState | None:
        """Return how a job came out, None while it is open."""
        entry = self.journal.job(job)
        return entry.outcome if entry else None


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[Desk]:
    """Return lanes that are stopped in the end."""
    made = Desk(tmp_path)
    yield made
    made.lanes.stop()
    made.directory.stop()
    made.journal.close()


def test_no_time_ends_the_wait_for_a_page(desk: Desk) -> None:
    """A year between two pages is neither silence nor a job that takes too long."""
    desk.order()
    desk.wait_for(AgentJobState.NEEDS_ATTENTION)
    desk.clock.leap_s += YEAR_S
    looked = desk.clock.looked
    ticks = threading.Event()
    # The watchdog is what looks at the clock now.
    for _ in range(3000):
        if desk.clock.looked > looked + 5:
            break
        ticks.wait(0.01)
    assert desk.clock.looked > looked + 5
    assert desk.outcome() is None
    desk.lanes.next_page(NextPage(id="j1", page=2, is_last=True))
    for _ in range(3000):
        if desk.outcome() is not None:
            break
        ticks.wait(0.01)
    assert desk.outcome() is AgentJobState.PRODUCED
    assert [page.number for page in desk.journal.pages("j1")] == [1]


def test_the_watchdog_outlives_what_goes_wrong(desk: Desk) -> None:
    """A look that breaks is not the last one: what hangs later is still cut off."""
    desk.clock.stumbles = 1
    desk.order()
    desk.wait_for(AgentJobState.NEEDS_ATTENTION)
    ticks = threading.Event()
    for _ in range(3000):
        if not desk.clock.stumbles:
            break
        ticks.wait(0.01)
    looked = desk.clock.looked
    for _ in range(3000):
        if desk.clock.looked > looked:
            break
        ticks.wait(0.01)
    assert desk.clock.stumbles == 0
    assert desk.clock.looked > looked


def test_what_is_said_for_another_page_is_void() -> None:
    """Only the answer for the awaited page counts, and only the first."""
    turn = PageTurn()
    turn.say(2, is_last=False)
    turn.begin(2)
    turn.say(1, is_last=True)
    turn.say(2, is_last=False)
    turn.say(2, is_last=True)
    assert turn.wait()
    turn.end()
    assert not turn.is_awaited


def test_a_stopped_job_waits_for_nothing() -> None:
    """Once a job is stopped every wait is over, also one that begins afterwards."""
    turn = PageTurn()
    turn.give_up()
    turn.begin(3)
    assert not turn.wait()
