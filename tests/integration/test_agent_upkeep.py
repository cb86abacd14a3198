"""The agent over the years: it does not grow with its jobs, and takes up what an older one left."""

from __future__ import annotations

import hashlib
import io
import json
import signal
import sqlite3
from contextlib import closing
from pathlib import Path
from typing import Any

from PIL import Image

from counter_hooks.wire import SPOKEN, WIRE
from tests.integration.agent_bridge import Bridge
from tests.integration.agent_process import (
    PDF,
    StartAgent,
    bridge,
    print_order,
    scan,
    start_agent,
)

__all__ = ["bridge", "start_agent"]

# What the first version that was given away wrote; it is never brought up to date.
FIRST_JOURNAL = """
CREATE TABLE job (
    place INTEGER PRIMARY KEY AUTOINCREMENT,
    id TEXT NOT NULL UNIQUE,
    bridge_order TEXT NOT NULL,
    state TEXT NOT NULL,
    sequence INTEGER NOT NULL DEFAULT 0,
    outcome TEXT,
    facts TEXT NOT NULL DEFAULT '{}',
    cancel_asked INTEGER NOT NULL DEFAULT 0,
    source_path TEXT,
    spooler_id TEXT
);
CREATE TABLE report (
    place INTEGER PRIMARY KEY AUTOINCREMENT,
    job TEXT NOT NULL REFERENCES job (id) ON DELETE CASCADE,
    sequence INTEGER NOT NULL,
    state TEXT NOT NULL,
    reason TEXT,
    facts TEXT NOT NULL,
    acknowledged INTEGER NOT NULL DEFAULT 0,
    UNIQUE (job, sequence)
);
CREATE INDEX report_open ON report (place) WHERE acknowledged = 0;
CREATE TABLE page (
    job TEXT NOT NULL REFERENCES job (id) ON DELETE CASCADE,
    number INTEGER NOT NULL,
    path TEXT NOT NULL,
    media_type TEXT NOT NULL,
    sha256 TEXT NOT NULL,
    size_bytes INTEGER NOT NULL,
    width_px INTEGER NOT NULL,
    height_px INTEGER NOT NULL,
    dpi INTEGER NOT NULL,
    done INTEGER NOT NULL DEFAULT 0,
    PRIMARY KEY (job, number)
);
CREATE INDEX page_open ON page (job, number) WHERE done = 0;
PRAGMA user_version = 1;
"""
BATCH = 40
ROUNDS = 5


def work(bridge: Bridge, jobs: list[str]) -> None:
    """Let the agent scan and print in turn, and wait until the bridge has heard of every end."""
    for place, job in enumerate(jobs):
        small = scan(job, resolution_dpi=75, width_mm=50, height_mm=50)
        order = small if place % 2 else print_order(job, bridge, PDF[:2000])
        assert bridge.order(order) == {"ok": True}
    for job in jobs:
        bridge.wait_for_state(job, "produced")


def held_by(pid: int) -> dict[str, int]:
    """Return how many threads and open files a process has."""
    return {name: len(list(Path(f"/proc/{pid}/{name}").iterdir())) for name in ("task", "fd")}


def rows(journal: Path) -> dict[str, int]:
    """Return how many jobs, pages and reports a journal holds."""
    with closing(sqlite3.connect(journal)) as connection:
        return {
            table: connection.execute(f"SELECT count(*) FROM {table}").fetchone()[0]  # noqa: S608 - ours
            for table in ("job", "page", "report")
        }


def test_many_jobs_leave_nothing_behind(
    bridge: Bridge, start_agent: StartAgent, tmp_path: Path
) -> None:
    """After many jobs it holds what it held after some: threads, files, a line or two a job."""
    agent = start_agent(page_s=0.0, print_s=0.0)
    rounds = [[f"j{turn}-{number}" for number in range(BATCH)] for turn in range(ROUNDS)]
    # What comes and goes with one job is not counted: the least of some looks is what stays.
    least: list[dict[str, int]] = []
    for jobs in rounds:
        work(bridge, jobs)
        looks: list[dict[str, int]] = []

        def is_at_rest(looks: list[dict[str, int]] = looks) -> bool:
            looks.append(held_by(agent.pid))
            return len(looks) >= 5

        bridge.wait(is_at_rest)
        least.append({name: min(look[name] for look in looks) for name in ("task", "fd")})
    for name in ("task", "fd"):
        assert least[-1][name] <= least[0][name] + 2, least
    spool = tmp_path / "state" / "spool"
    bridge.wait(lambda: not [path for path in spool.rglob("*") if path.is_file()])
    agent.send_signal(signal.SIGTERM)
    assert agent.wait(60) == 0
    journal = tmp_path / "state" / "journal.sqlite3"
    jobs = BATCH * ROUNDS
    # Of each job the end is kept, and of each page that it arrived; the last answer may be lost.
    kept = rows(journal)
    assert (kept["job"], kept["page"]) == (jobs, jobs // 2)
    assert jobs <= kept["report"] <= jobs + 2
    assert journal.stat().st_size < 100_000 + jobs * 3000
    names = {path.name for path in (tmp_path / "state").iterdir()}
    assert names <= {"journal.sqlite3", "plugins.json", "spool", "token.json", "work"}, names


def picture() -> bytes:
    """Return a page that was scanned."""
    page = io.BytesIO()
    Image.new("L", (100, 140)).save(page, "JPEG", dpi=(150, 150))
    return page.getvalue()


def left_by_the_first_version(state: Path, bridge: Bridge) -> set[str]:
    """Write what an agent of the first version left when its power went; return the jobs in it."""
    options: dict[str, Any] = {"resolution_dpi": 75}
    spool = state / "spool"
    page, source = spool / "begun" / "page-0001.jpg", spool / "printing" / "source.pdf"
    content = picture()
    for file, written in ((page, content), (source, PDF)):
        file.parent.mkdir(parents=True)
        file.write_bytes(written)
    # The order, its state, how it came out; what a print needs.
    jobs = (
        (scan("begun", source="feeder", **options), "running", None, None, None),
        (scan("waiting", **options), "accepted", None, None, None),
        (print_order("printing", bridge), "running", None, str(source), "fake-printing"),
        (scan("untold", **options), "failed", "failed", None, None),
    )
    with closing(sqlite3.connect(state / "journal.sqlite3")) as journal, journal:
        journal.executescript(FIRST_JOURNAL)
        journal.executemany(
            "INSERT INTO job (id, bridge_order, state, sequence, outcome, source_path, spooler_id)"
            " VALUES (?, ?, ?, 2, ?, ?, ?)",
            [(order["id"], json.dumps(order), *facts) for order, *facts in jobs],
        )
        journal.execute(
            "INSERT INTO report (job, sequence, state, reason, facts)"
            " VALUES ('untold', 2, 'failed', 'device-gone', '{}')"
        )
        journal.execute(
            "INSERT INTO page (job, number, path, media_type, sha256, size_bytes, width_px,"
            " height_px, dpi) VALUES ('begun', 1, ?, 'image/jpeg', ?, ?, 100, 140, 150)",
            (str(page), hashlib.sha256(content).hexdigest(), len(content)),
        )
    return {order["id"] for order, *_ in jobs}


def test_open_jobs_of_the_first_version_are_taken_up(
    bridge: Bridge, start_agent: StartAgent, tmp_path: Path
) -> None:
    """Its journal is brought up to date; what was scanned arrives, and each job has its end."""
    jobs = left_by_the_first_version(tmp_path / "state", bridge)
    # It has the document already, and may not ask for it again.
    bridge.sources.clear()
    start_agent(page_s=0.0, print_s=0.1)
    bridge.wait(lambda: bridge.hellos)
    assert bridge.wait_for_state("untold", "failed")["reason"] == "device-gone"
    assert bridge.wait_for_state("begun", "failed")["reason"] == "agent-restarted"
    bridge.wait_for_state("waiting", "produced")
    bridge.wait_for_state("printing", "produced")
    assert [path.name for path in tmp_path.glob("*.pdf")] == ["printing.pdf"]
    bridge.wait(lambda: all(page.is_complete for page in bridge.pages.values()))
    assert set(bridge.pages) == {("begun", 1), ("waiting", 1)}
    assert {report["job"] for report in bridge.states} == jobs
    # What a later version wrote into it is told as well.
    bridge.order(scan("later", resolution_dpi=75))
    bridge.wait_for_state("later", "produced")


def test_the_journal_of_a_later_version_is_left_alone(
    bridge: Bridge, start_agent: StartAgent, tmp_path: Path
) -> None:
    """An agent that was put back to an older version says which one it needs, and touches nothing."""
    journal = tmp_path / "state" / "journal.sqlite3"
    journal.parent.mkdir()
    with closing(sqlite3.connect(journal)) as connection:
        connection.execute("PRAGMA user_version = 99")
    before = journal.read_bytes()
    assert start_agent().wait(60) == 1
    said = (tmp_path / "agent.log").read_text()
    assert "a newer version" in said
    assert "Traceback" not in said
    assert journal.read_bytes() == before
    assert not bridge.hellos


def test_a_bridge_of_a_later_wire_is_waited_for(
    bridge: Bridge, start_agent: StartAgent, tmp_path: Path
) -> None:
    """What no older agent may speak to is named in the log, and what it has waits meanwhile."""
    start_agent(pages=2, page_s=0.3)
    bridge.order(scan("j1", source="feeder", resolution_dpi=75))
    bridge.wait(lambda: bridge.strips)
    bridge.wire = WIRE + 1
    bridge.drop_connections()
    log = tmp_path / "agent.log"
    told = f"the bridge speaks version {WIRE + 1}, this agent {WIRE} to {SPOKEN[-1]}"
    bridge.wait(lambda: told in log.read_text())
    bridge.wire = WIRE
    bridge.wait_for_state("j1", "produced")
    assert bridge.states_of("j1") == ["accepted", "running", "produced"]


def test_unplugged_and_plugged_in_again(
    bridge: Bridge, start_agent: StartAgent, tmp_path: Path
) -> None:
    """The bridge hears of both by itself; a job fails in between and works afterwards."""
    switch = tmp_path / "fault"
    start_agent(page_s=0.0, fault_file=str(switch))
    bridge.wait(lambda: bridge.devices)
    switch.write_text("device-gone")
    bridge.wait(lambda: not bridge.devices)
    bridge.order(scan("j1", resolution_dpi=75))
    assert bridge.wait_for_state("j1", "failed")["reason"] == "device-gone"
    switch.write_text("")
    bridge.wait(lambda: bridge.devices)
    bridge.order(scan("j2", resolution_dpi=75))
    bridge.wait_for_state("j2", "produced")
