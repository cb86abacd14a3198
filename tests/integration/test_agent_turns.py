"""Scans page by page: the job waits for whoever lays the next page down, and loses none."""

from __future__ import annotations

import signal
from pathlib import Path

from tests.integration.agent_bridge import Bridge
from tests.integration.agent_process import StartAgent, bridge, scan, start_agent

__all__ = ["bridge", "start_agent"]


def _awaits(bridge: Bridge, job: str, page: int, *, since: int = 0) -> None:
    """Wait until the agent says that a job waits for ``page``."""
    wanted = {"job": job, "state": "needs_attention", "reason": "next_page"}
    bridge.wait(
        lambda: any(
            wanted.items() <= report.items() and report["facts"] == {"page": page}
            for report in bridge.states[since:]
        )
    )


def _says(bridge: Bridge, job: str, page: int, *, is_last: bool = False) -> None:
    told = {"id": job, "page": page, "is_last": is_last}
    assert bridge.send("job:next-page", told) == {"ok": True}


def _begin(bridge: Bridge, job: str = "j1") -> None:
    bridge.order(scan(job, resolution_dpi=75, page_by_page=True))
    _awaits(bridge, job, 2)


def test_a_page_at_a_word(bridge: Bridge, start_agent: StartAgent) -> None:
    """Each word brings one page, said twice or not; "that was all" ends it as produced."""
    start_agent(page_s=0.1)
    _begin(bridge)
    _says(bridge, "j1", 2)
    _says(bridge, "j1", 2)
    _awaits(bridge, "j1", 3)
    for page in (2, 4):
        _says(bridge, "j1", page, is_last=True)
    _says(bridge, "j1", 3)
    _awaits(bridge, "j1", 4)
    _says(bridge, "j1", 4, is_last=True)
    assert bridge.wait_for_state("j1", "produced")["facts"]["pages"] == 3
    assert {number for job, number in bridge.pages if job == "j1"} == {1, 2, 3}


def test_pages_are_at_the_bridge_while_the_next_is_awaited(
    bridge: Bridge, start_agent: StartAgent
) -> None:
    """A finished page is not held back for the ones to come."""
    start_agent(page_s=0.1)
    _begin(bridge)
    bridge.wait(lambda: ("j1", 1) in bridge.pages and bridge.pages["j1", 1].is_complete)
    assert "produced" not in bridge.states_of("j1")


def test_killed_while_a_page_is_awaited(bridge: Bridge, start_agent: StartAgent) -> None:
    """After kill -9 the job waits for the same page, and goes on to its end with all of them."""
    process = start_agent(page_s=0.1)
    _begin(bridge)
    process.kill()
    process.wait()
    since = len(bridge.states)
    start_agent(page_s=0.1)
    _awaits(bridge, "j1", 2, since=since)
    _says(bridge, "j1", 2)
    _awaits(bridge, "j1", 3)
    _says(bridge, "j1", 3, is_last=True)
    assert bridge.wait_for_state("j1", "produced")["facts"]["pages"] == 2
    assert all(bridge.pages["j1", number].is_complete for number in (1, 2))


def test_stopped_in_the_middle_of_a_page(bridge: Bridge, start_agent: StartAgent) -> None:
    """A restart in mid-page loses that page alone: it is asked for once more."""
    process = start_agent(page_s=0.1)
    _begin(bridge)
    process.send_signal(signal.SIGTERM)
    assert process.wait(60) == 0
    since = len(bridge.states)
    process = start_agent(page_s=30.0)
    _awaits(bridge, "j1", 2, since=since)
    since = len(bridge.states)
    _says(bridge, "j1", 2)
    bridge.wait(lambda: any(strip["page"] == 2 for strip in bridge.strips))
    process.kill()
    process.wait()
    start_agent(page_s=0.1)
    _awaits(bridge, "j1", 2, since=since + 1)
    _says(bridge, "j1", 2)
    _awaits(bridge, "j1", 3)
    _says(bridge, "j1", 3, is_last=True)
    bridge.wait_for_state("j1", "produced")
    assert set(bridge.pages) == {("j1", 1), ("j1", 2)}


def test_cancelled_while_a_page_is_awaited(bridge: Bridge, start_agent: StartAgent) -> None:
    """A cancel ends the wait, and the page before it stays."""
    start_agent(page_s=0.1)
    _begin(bridge)
    bridge.send("job:cancel", {"id": "j1"})
    bridge.wait_for_state("j1", "cancelled")
    bridge.wait(lambda: bridge.pages["j1", 1].is_complete)
    bridge.order(scan("j2", resolution_dpi=75))
    bridge.wait_for_state("j2", "produced")


def test_a_fault_at_the_second_page(
    bridge: Bridge, start_agent: StartAgent, tmp_path: Path
) -> None:
    """A device that goes away at page two ends the job with the reason; page one is there."""
    fault = tmp_path / "fault"
    start_agent(page_s=0.1, fault_file=str(fault))
    _begin(bridge)
    fault.write_text("device-busy")
    _says(bridge, "j1", 2)
    report = bridge.wait_for_state("j1", "failed")
    assert (report["reason"], report["facts"]["pages"]) == ("device-busy", 1)
    bridge.wait(lambda: bridge.pages["j1", 1].is_complete)
    assert set(bridge.pages) == {("j1", 1)}
