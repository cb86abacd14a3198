"""The agent dies, is stopped, is turned away, and comes back: nothing is lost or done twice."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path

from tests.integration.agent_bridge import TOKEN, Bridge
from tests.integration.agent_process import (
    StartAgent,
    bridge,
    print_order,
    scan,
    start_agent,
)

__all__ = ["bridge", "start_agent"]


def test_killed_during_a_scan(bridge: Bridge, start_agent: StartAgent) -> None:
    """After kill -9 in a scan, finished pages arrive and the job fails as agent-restarted."""
    process = start_agent(pages=3, page_s=0.1, fault="hang", fault_page=2)
    bridge.refuse_upload = lambda *_: ({"type": "later"}, 503)
    bridge.order(scan("j1", source="feeder", resolution_dpi=150))
    bridge.wait(lambda: any(strip["page"] == 2 for strip in bridge.strips))
    process.kill()
    process.wait()
    bridge.refuse_upload = None
    start_agent(pages=3, page_s=0.1)
    assert bridge.wait_for_state("j1", "failed")["reason"] == "agent-restarted"
    bridge.wait(lambda: ("j1", 1) in bridge.pages and bridge.pages["j1", 1].is_complete)
    assert set(bridge.pages) == {("j1", 1)}
    bridge.order(scan("j2", resolution_dpi=75))
    bridge.wait_for_state("j2", "produced")


def test_killed_before_the_last_upload(bridge: Bridge, start_agent: StartAgent) -> None:
    """A scan that was whole when the agent was killed is produced after the restart."""
    bridge.refuse_upload = lambda *_: ({"type": "later"}, 503)
    process = start_agent(page_s=0.2)
    bridge.order(scan("j1", resolution_dpi=75))
    bridge.wait(lambda: len(bridge.puts) >= 2)
    process.kill()
    process.wait()
    bridge.refuse_upload = None
    start_agent(page_s=0.2)
    bridge.wait_for_state("j1", "produced")
    assert bridge.pages["j1", 1].is_complete


def test_killed_during_a_print(bridge: Bridge, start_agent: StartAgent, tmp_path: Path) -> None:
    """After kill -9 in a print, the driver follows it and it comes out once."""
    process = start_agent(print_s=30.0)
    bridge.order(print_order("p1", bridge))
    bridge.wait_for_state("p1", "running")
    process.kill()
    process.wait()
    bridge.sources.clear()
    start_agent(print_s=0.2)
    bridge.wait_for_state("p1", "produced")
    assert [path.name for path in tmp_path.glob("*.pdf")] == ["p1.pdf"]


def test_print_cancelled_while_the_agent_was_dead(
    bridge: Bridge, start_agent: StartAgent, tmp_path: Path
) -> None:
    """A print that its spooler has is cancelled there, by its driver, after the restart."""
    process = start_agent(print_s=30.0)
    bridge.order(print_order("p1", bridge))
    bridge.wait_for_state("p1", "running")
    process.kill()
    process.wait()
    bridge.cancelled = ["p1"]
    start_agent(print_s=30.0)
    bridge.wait_for_state("p1", "cancelled")
    assert not list(tmp_path.glob("*.pdf"))


def test_revoked_token_stops_the_agent(
    bridge: Bridge, start_agent: StartAgent, tmp_path: Path
) -> None:
    """A revoked token ends the process with code 2 and a sentence that says what to do."""
    bridge.is_revoked = True
    assert start_agent().wait(60) == 2
    assert "pair the counter again" in (tmp_path / "agent.log").read_text()


def test_terminated_agent_ends_cleanly(bridge: Bridge, start_agent: StartAgent) -> None:
    """SIGTERM in the middle of a scan ends the process with code 0, long before the page's end."""
    process = start_agent(page_s=120.0)
    bridge.order(scan("j1", resolution_dpi=150))
    bridge.wait(lambda: bridge.strips)
    process.send_signal(signal.SIGTERM)
    assert process.wait(60) == 0
    start_agent(page_s=0.2)
    assert bridge.wait_for_state("j1", "failed")["reason"] == "agent-restarted"


def test_pair_stores_the_token(bridge: Bridge, tmp_path: Path) -> None:
    """Pairing shows the code, waits for it, and keeps the token for nobody else to read."""
    config = tmp_path / "agent.toml"
    config.write_text(f'state_directory = "{tmp_path}/state"\n')
    done = subprocess.run(
        [sys.executable, "-m", "counter_hooks.agent", "--config", config, "pair", bridge.url],
        env={"PATH": os.environ["PATH"], "PYTHONPATH": os.pathsep.join(sys.path)},
        capture_output=True,
        text=True,
        check=True,
    )
    assert "oac-bridge pair 123456" in done.stdout
    token = tmp_path / "state" / "token.json"
    assert token.stat().st_mode & 0o777 == 0o600
    assert TOKEN in token.read_text()
    assert bridge.pairing["asked"] == {"kind": "agent", "counter": None}
