"""Agent and bridge die in the middle of it, as in a power cut, and are started again."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from deploy.stage.town import Town
from deploy.virtual.printer import VirtualPrinter
from deploy.virtual.processes import wait_until
from deploy.virtual.scanner import VirtualScanner
from tests.integration.visit.house import journaled_pages, leave_unchecked
from tests.integration.visit.people import Citizen, Clerk, State

pytestmark = [pytest.mark.sane, pytest.mark.cups, pytest.mark.usefixtures("visit")]


@pytest.fixture(autouse=True)
def _everything_runs_again(town: Town, clerk: Clerk) -> Iterator[None]:
    yield
    if not town.agent.running():
        town.restart_agent()
    clerk.sees("the agent", lambda state: state["counters"][0]["agent"])


def begins_slow_print(citizen: Citizen, clerk: Clerk, printer: VirtualPrinter) -> str:
    """Have a print at work that takes minutes until it is told to hurry; return the job."""
    printer.set_pace(180)
    job = clerk.prints()
    citizen.allows()
    clerk.sees_job(job, "running")
    return job


def begins_second_sheet(town: Town, citizen: Citizen, clerk: Clerk, *, pace_s: float = 90) -> str:
    """Have a scan of three sheets at work whose first is finished; return the job."""
    assert town.scanner is not None
    town.scanner.load_feeder([town.pictures["form"]] * 3)
    town.scanner.set_pace(1, later=pace_s)
    job = clerk.scans("scan-housing-title", options={"source": "feeder"})
    citizen.allows()
    clerk.hears("job:preview", lambda strip: (strip["job"], strip["page"]) == (job, 2))
    return job


def test_agent_killed_in_mid_print(
    town: Town, citizen: Citizen, clerk: Clerk, printer: VirtualPrinter
) -> None:
    """The print that CUPS has goes on without the agent, which then follows it: printed once."""
    before = len(printer.printed_files())
    job = begins_slow_print(citizen, clerk, printer)
    town.agent.kill()
    clerk.sees("the agent is away", lambda state: not state["visit"]["agent"])
    printer.set_pace(0)
    town.restart_agent()
    clerk.sees_job(job, "produced")
    citizen.job(job, "produced")
    again = clerk.prints()
    citizen.allows()
    clerk.sees_job(again, "produced")
    assert len(printer.printed_files()) == before + 2


def test_agent_killed_at_the_order(
    town: Town, citizen: Citizen, clerk: Clerk, printer: VirtualPrinter
) -> None:
    """Killed in the very moment of the order, whatever it had done by then: printed once."""
    before = len(printer.printed_files())
    job = clerk.prints()
    citizen.allows()
    town.restart_agent()
    clerk.sees_job(job, "produced")
    assert len(printer.printed_files()) == before + 1


@pytest.mark.usefixtures("scanner")
def test_agent_killed_in_mid_scan(town: Town, citizen: Citizen, clerk: Clerk) -> None:
    """The scan fails because of that, its finished sheet is kept, and the next scan works."""
    job = begins_second_sheet(town, citizen, clerk)
    town.restart_agent()
    assert clerk.sees_job(job, "failed")["reason"] == "agent-restarted"
    citizen.job_is_gone(job)
    [page] = clerk.sees_pages(1)
    assert (page["job"], page["number"]) == (job, 1)
    assert town.scanner is not None
    town.scanner.set_pace(0)
    again = clerk.scans()
    citizen.allows()
    clerk.sees_job(again, "produced")


def test_job_asked_while_the_agent_is_away(
    town: Town, citizen: Citizen, clerk: Clerk, printer: VirtualPrinter, scanner: VirtualScanner
) -> None:
    """Jobs wait in their queue for the agent, and are done once each when it is back."""
    before = len(printer.printed_files())
    town.agent.kill()
    clerk.sees("the agent is away", lambda state: not state["visit"]["agent"])
    scan = clerk.scans()
    citizen.allows()
    order = clerk.prints()
    citizen.allows()
    clerk.sees_job(scan, "queued")
    clerk.sees_job(order, "queued")
    town.restart_agent()
    clerk.sees_job(scan, "produced")
    clerk.sees_job(order, "produced")
    assert len(clerk.sees_pages(1)) == 1
    assert len(printer.printed_files()) == before + 1


def test_cancelled_while_the_agent_is_away(
    town: Town, citizen: Citizen, clerk: Clerk, printer: VirtualPrinter
) -> None:
    """What was taken back while the agent was away is not done when it is back."""
    before = len(printer.printed_files())
    town.agent.kill()
    clerk.sees("the agent is away", lambda state: not state["visit"]["agent"])
    job = clerk.prints()
    citizen.allows()
    clerk.cancels(job)
    town.restart_agent()
    clerk.sees("the agent", lambda state: state["visit"]["agent"])
    again = clerk.prints()
    citizen.allows()
    clerk.sees_job(again, "produced")
    assert len(printer.printed_files()) == before + 1
    assert clerk.sees_job(job, "cancelled")


@pytest.mark.usefixtures("scanner")
# The client library of the test's desk was seen to take a JPEG for a message after the kill, and its
# thread says so; that one complaint is none of the bridge's. Pages in browsers use another library.
@pytest.mark.filterwarnings(
    "ignore:Exception in thread .*_handle_eio_message:pytest.PytestUnhandledThreadExceptionWarning"
)
def test_bridge_killed_in_mid_scan(town: Town, citizen: Citizen, clerk: Clerk) -> None:
    """The agent scans on, brings every sheet once the bridge is back, and says it is produced."""
    job = begins_second_sheet(town, citizen, clerk, pace_s=3)
    clerk.sees("a page", lambda state: bool(state["visit"]["documents"]))
    town.bridge.kill()
    wait_until(lambda: journaled_pages(town, job) == 3, "the agent scans on", seconds=60)
    town.restart_bridge()
    assert clerk.sees_job(job, "produced")["pages"] == 3
    pages = clerk.sees_pages(3)
    assert [page["number"] for page in pages] == [1, 2, 3]
    citizen.job_is_gone(job)
    clerk.sees("the meeting", lambda state: is_going_on(state["visit"]))


def is_going_on(visit: State) -> bool:
    """Say whether both are in the meeting."""
    return bool(visit["citizen_joined"]) and visit["ticket"]["state"] == "serving"


@pytest.mark.usefixtures("scanner")
def test_both_killed_between_two_pages(town: Town, citizen: Citizen, clerk: Clerk) -> None:
    """Page by page, the job survives agent and bridge: clerk and citizen go on where they were."""
    job = clerk.scans("scan-housing-title", options={"page_by_page": True, "source": "glass"})
    citizen.allows()
    clerk.sees_awaited(job, 2)
    town.bridge.kill()
    town.agent.kill()
    leave_unchecked(town, job)
    town.restart_bridge()
    town.restart_agent()
    clerk.sees("the agent", lambda state: state["visit"]["agent"])
    clerk.sees_awaited(job, 2)
    clerk.turns_page(job, 2)
    clerk.sees_awaited(job, 3)
    citizen.turns_page(job, 3, is_last=True)
    assert clerk.sees_job(job, "produced")["pages"] == 2
    assert [page["number"] for page in clerk.sees_pages(2)] == [1, 2]


def test_bridge_killed_in_mid_print(
    town: Town, citizen: Citizen, clerk: Clerk, printer: VirtualPrinter
) -> None:
    """Killed between order and paper, the bridge hears of the paper when it is back: one sheet."""
    before = len(printer.printed_files())
    job = begins_slow_print(citizen, clerk, printer)
    town.bridge.kill()
    printer.set_pace(0)
    wait_until(lambda: len(printer.printed_files()) == before + 1, "it comes out", seconds=60)
    town.restart_bridge()
    clerk.sees_job(job, "produced")
    citizen.job(job, "produced")
    citizen.confirms(job)
    clerk.sees_job(job, "confirmed")
    assert len(printer.printed_files()) == before + 1


def test_bridge_killed_at_the_order(
    town: Town, citizen: Citizen, clerk: Clerk, printer: VirtualPrinter
) -> None:
    """Killed in the very moment of the consent, the order goes out again, and is done once."""
    before = len(printer.printed_files())
    job = clerk.prints()
    citizen.allows()
    town.restart_bridge()
    clerk.sees_job(job, "produced")
    assert len(printer.printed_files()) == before + 1


def test_both_killed_in_mid_print(
    town: Town, citizen: Citizen, clerk: Clerk, printer: VirtualPrinter
) -> None:
    """After a power cut of everything but the printer, the paper is there once, and known."""
    before = len(printer.printed_files())
    job = begins_slow_print(citizen, clerk, printer)
    town.agent.kill()
    town.bridge.kill()
    printer.set_pace(0)
    town.restart_bridge()
    town.restart_agent()
    clerk.sees_job(job, "produced")
    assert len(printer.printed_files()) == before + 1
