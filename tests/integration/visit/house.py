"""What the tests of visits share besides the people: how to tidy up, and what agent and log keep."""

from __future__ import annotations

import re
import sqlite3
from contextlib import closing

from sqlalchemy import select, update

from bridge.counters.models import Counter
from bridge.documents.models import DocumentPage
from bridge.documents.rules import PageState
from deploy.stage.town import Town
from tests.integration.visit.people import Citizen, Clerk, Screen

ROOMY = {
    "OAC_LIMITS_TICKETS": "2000 per minute",
    "OAC_LIMITS_PAIRING": "2000 per minute",
    "OAC_LIMITS_SIGN_IN": "2000 per minute",
}
"""Tests are quicker than people."""

OTHER_COUNTER = "counter-2"

_OPEN = ("requested", "awaiting_consent", "queued", "running", "needs_attention")
_COMPLAINTS = re.compile(r"Traceback|ERROR|CRITICAL")
# Lines shown around a complaint: a traceback through the web framework is some forty lines.
_BEFORE, _AFTER = 3, 60


def make_idle(citizen: Citizen, clerk: Clerk) -> None:
    """End whatever a test left open: the counter is idle and the clerk free."""
    visit = clerk.state()["visit"]
    if visit is not None:
        for job in visit["jobs"]:
            if job["state"] in _OPEN and visit["ended_at"] is None:
                clerk.cancels(job["id"])
        if visit["ticket"]["state"] == "called":
            citizen.arrives()
        if clerk.visit()["ended_at"] is None:
            clerk.ends()
        clerk.closes()
    state = citizen.state()
    if state["counter"]["state"] == "cleaning":
        state = citizen.wipes()
    if state["ticket"] is not None:
        citizen.post("/api/kiosk/departure")


def journal_hash(town: Town, job: str, number: int) -> str:
    """Return the hash that the agent's own journal has of a page."""
    [journal] = (town.folder / "agent").glob("journal*.sqlite3")
    with closing(sqlite3.connect(f"file:{journal}?mode=ro", uri=True)) as database:
        query = "SELECT sha256 FROM page WHERE job = ? AND number = ?"
        row = database.execute(query, (job, number)).fetchone()
    return str(row[0])


def journaled_pages(town: Town, job: str) -> int:
    """Return how many finished pages of a job the agent's journal has."""
    [journal] = (town.folder / "agent").glob("journal*.sqlite3")
    with closing(sqlite3.connect(f"file:{journal}?mode=ro", uri=True)) as database:
        query = "SELECT count(*) FROM page WHERE job = ?"
        return int(database.execute(query, (job,)).fetchone()[0])


def leave_unchecked(town: Town, job: str) -> None:
    """Leave a job's pages as a bridge does that is killed between storing and checking them."""
    with town.records.database.transaction() as db:
        pages = update(DocumentPage).where(DocumentPage.job_id == job)
        db.execute(pages.values(state=PageState.QUARANTINE))


def complaints(town: Town, since: int = 0) -> list[str]:
    """Return what the bridge's log, from a length on, tells of its own mistakes, with the context."""
    lines = (town.folder / "log" / "bridge").read_text()[since:].splitlines()
    return [
        "\n".join(lines[max(0, number - _BEFORE) : number + _AFTER])
        for number, line in enumerate(lines)
        if _COMPLAINTS.search(line)
    ]


def log_length(town: Town) -> int:
    """Return how long the bridge's log is now."""
    return len((town.folder / "log" / "bridge").read_text())


def other_token(town: Town) -> str:
    """Pair the agent of another counter; return its token."""
    with town.records.database.reading() as db:
        has_other = db.scalar(select(Counter.id).where(Counter.key == OTHER_COUNTER))
    if not has_other:
        town.run("oac-bridge", "add-counter", OTHER_COUNTER, "--name", "Lloc 2")
    somebody = Screen(town)
    offer = somebody.post("/api/pairings", {"kind": "agent", "counter": OTHER_COUNTER})
    town.run("oac-bridge", "pair", str(offer["code"]), "--counter", OTHER_COUNTER)
    token = somebody.post("/api/pairings/claim", {"claim": offer["claim"]})["token"]
    somebody.goes()
    return str(token)
