"""The counter's token goes astray: two agents have it, or another is paired in the middle of a job."""

from __future__ import annotations

import json
import shutil
import sqlite3
import sys
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest
from sqlalchemy import func, select

from bridge.audit.models import Entry
from bridge.audit.rules import Tag
from deploy.stage.town import COUNTER, Town
from deploy.virtual.printer import VirtualPrinter
from deploy.virtual.processes import Process, wait_until
from deploy.virtual.scanner import VirtualScanner
from tests.integration.visit.people import Citizen, Clerk, Screen

pytestmark = [pytest.mark.sane, pytest.mark.cups, pytest.mark.usefixtures("visit")]


def doubled(town: Town) -> int:
    """Return how often the audit says that a second agent came."""
    with town.records.database.reading() as db:
        query = select(func.count()).where(Entry.tag == Tag.AGENT_DOUBLED)
        return db.scalar(query) or 0


@pytest.fixture
def copied_agent(town: Town, tmp_path: Path) -> Iterator[Process]:
    """Start an agent from a copy of the counter's disk."""
    here, there = town.folder / "agent", tmp_path / "agent"
    shutil.copytree(here, there, ignore=shutil.ignore_patterns("journal*", "*.part", "work"))
    # The first agent writes meanwhile: a copy of the bare file could be torn.
    with (
        closing(sqlite3.connect(here / "journal.sqlite3")) as journal,
        closing(sqlite3.connect(there / "journal.sqlite3")) as copy,
    ):
        journal.backup(copy)
    config = tmp_path / "agent.toml"
    text = (town.folder / "agent.toml").read_text()
    quick = "\n[limits]\nretry_s = 0.5\n"
    config.write_text(text.replace(str(town.folder / "agent"), str(tmp_path / "agent")) + quick)
    agent = Process(
        [str(Path(sys.executable).parent / "oac-agent"), "--config", str(config), "run"],
        log=tmp_path / "log",
        environment=town.agent_environment(),
        directory=tmp_path,
    )
    yield agent
    agent.stop(grace=10)


def test_a_copied_counter_does_not_disturb_the_first(
    town: Town,
    citizen: Citizen,
    clerk: Clerk,
    scanner: VirtualScanner,
    copied_agent: Process,
) -> None:
    """One of the two is left alone and works, the other says why it may not, the audit tells it once."""
    wait_until(lambda: doubled(town) > 0, "the second agent is noticed", seconds=120)
    logs = (town.folder / "log" / "agent", copied_agent.log)
    wait_until(
        lambda: any("token-in-use" in log.read_text() for log in logs), "it says so", seconds=60
    )
    job = clerk.scans()
    citizen.allows()
    clerk.sees_job(job, "produced")
    assert len(clerk.sees_pages(1)) == 1
    assert doubled(town) == 1


def test_paired_anew_in_mid_print(
    town: Town, citizen: Citizen, clerk: Clerk, printer: VirtualPrinter
) -> None:
    """The job ends and says why, the old agent stops, and with the new token the paper is there once."""
    before = len(printer.printed_files())
    # It waits for a hand for as long as all this takes.
    printer.fault("jam")
    job = clerk.prints()
    citizen.allows()
    clerk.sees_job(job, "needs_attention")
    somebody = Screen(town)
    offer = somebody.post("/api/pairings", {"kind": "agent", "counter": COUNTER})
    town.run("oac-bridge", "pair", str(offer["code"]), "--counter", COUNTER)
    token = somebody.post("/api/pairings/claim", {"claim": offer["claim"]})["token"]
    somebody.goes()
    clerk.sees_job(job, "failed", "token-revoked")
    wait_until(lambda: not town.agent.running(), "the old agent stops", seconds=60)
    assert town.agent.stop() == 2
    file = town.folder / "agent" / "token.json"
    file.write_text(json.dumps(json.loads(file.read_text()) | {"token": token}))
    printer.mend()
    town.restart_agent()
    clerk.sees("the agent", lambda state: state["visit"]["agent"])
    again = clerk.prints()
    citizen.allows()
    clerk.sees_job(again, "produced")
    assert len(printer.printed_files()) <= before + 2
    assert clerk.sees_job(job, "failed")
