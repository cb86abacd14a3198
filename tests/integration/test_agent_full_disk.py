"""The counter's disk runs full: what was begun comes to its end, and all goes on when there is room.

Not a byte more may be written by the agent, its journal and its encoder (RLIMIT_FSIZE, set from
outside); the disk itself is not filled.
"""

from __future__ import annotations

import resource
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from tests.integration.agent_bridge import Bridge
from tests.integration.agent_process import (
    StartAgent,
    bridge,
    print_order,
    scan,
    start_agent,
)
from tests.soak.devices import descendants

__all__ = ["bridge", "start_agent"]


@contextmanager
def full_disk(agent: subprocess.Popen[bytes]) -> Iterator[None]:
    """Let the agent write nothing."""
    _, most = resource.prlimit(agent.pid, resource.RLIMIT_FSIZE)
    resource.prlimit(agent.pid, resource.RLIMIT_FSIZE, (0, most))
    yield
    resource.prlimit(agent.pid, resource.RLIMIT_FSIZE, (most, most))


def refuses(bridge: Bridge, job: str) -> None:
    """See that an order is not taken, and that the agent is there to say so."""
    answer = bridge.order(scan(job, resolution_dpi=75))
    assert answer == {"ok": False, "key": "journal-unwritable"}


def ended(bridge: Bridge, job: str) -> dict[str, Any]:
    """Wait until a job has ended and return its last report."""
    ends = {"produced", "failed", "cancelled"}
    bridge.wait(lambda: ends & set(bridge.states_of(job)))
    return next(one for one in bridge.states if one["job"] == job and one["state"] in ends)


def test_scan_on_a_full_disk_ends_with_a_reason(bridge: Bridge, start_agent: StartAgent) -> None:
    """Pages that cannot be kept fail their job, which is told when there is room; the next works."""
    agent = start_agent(pages=20, page_s=1.0)
    bridge.order(scan("j1", source="feeder", resolution_dpi=75))
    bridge.wait(lambda: bridge.strips)
    with full_disk(agent):
        bridge.wait(lambda: not descendants(agent.pid))  # no encoder: it scans no more
        for _ in range(20):
            refuses(bridge, "j2")
    report = ended(bridge, "j1")
    assert report["state"] == "failed"
    assert report["reason"] in {"page-unkept", "journal-unwritable"}
    assert all(page.is_complete for page in bridge.pages.values())
    assert bridge.order(scan("j2", resolution_dpi=75)) == {"ok": True}
    bridge.wait_for_state("j2", "produced")


def test_print_on_a_full_disk_goes_on(
    bridge: Bridge, start_agent: StartAgent, tmp_path: Path
) -> None:
    """What the printer has is followed to its end, whether or not that can be written down."""
    fault = tmp_path / "fault"
    fault.write_text("wait:cover_open")
    agent = start_agent(print_s=0.5, output="", fault_file=str(fault))
    bridge.order(print_order("p1", bridge))
    bridge.wait_for_state("p1", "needs_attention")
    with full_disk(agent):
        fault.write_text("")
        for _ in range(50):
            refuses(bridge, "j2")
    bridge.wait_for_state("p1", "produced")


def test_cancel_on_a_full_disk_stops_the_scan(bridge: Bridge, start_agent: StartAgent) -> None:
    """The scanner stops at once; that it did is told when there is room."""
    agent = start_agent(page_s=60.0)
    bridge.order(scan("j1", resolution_dpi=150))
    bridge.order(scan("j2", resolution_dpi=150))
    bridge.wait(lambda: bridge.strips and descendants(agent.pid))
    with full_disk(agent):
        for job in ("j2", "j1"):
            assert bridge.send("job:cancel", {"id": job}) == {"ok": True}
        bridge.wait(lambda: not descendants(agent.pid))
    assert ended(bridge, "j1")["state"] == "cancelled"
    assert ended(bridge, "j2")["state"] == "cancelled"
    assert {strip["job"] for strip in bridge.strips} == {"j1"}
