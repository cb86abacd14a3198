"""What goes wrong with a print: power, paper, jams, and paper that nobody saw."""

from __future__ import annotations

import pytest

from deploy.virtual.printer import VirtualPrinter
from tests.integration.visit.people import Citizen, Clerk, Problem

pytestmark = [pytest.mark.sane, pytest.mark.cups, pytest.mark.usefixtures("visit")]


def orders_print(citizen: Citizen, clerk: Clerk) -> str:
    """Ask for the form, have it allowed; return the job."""
    job = clerk.prints()
    citizen.allows()
    return job


def test_printer_off_and_on(citizen: Citizen, clerk: Clerk, printer: VirtualPrinter) -> None:
    """Off: desk and kiosk say so and the job waits. On again: it comes out once."""
    before = len(printer.printed_files())
    printer.turn_off()
    job = orders_print(citizen, clerk)
    clerk.sees_job(job, "needs_attention", "device_offline")
    assert citizen.job(job, "needs_attention")["reason"] == "device_offline"
    printer.turn_on()
    clerk.sees_job(job, "produced")
    citizen.job(job, "produced")
    assert len(printer.printed_files()) == before + 1


@pytest.mark.parametrize(("fault", "reason"), [("jam", "paper_jam"), ("cover_open", "cover_open")])
def test_a_hand_is_needed(
    citizen: Citizen, clerk: Clerk, printer: VirtualPrinter, fault: str, reason: str
) -> None:
    """What a hand must do is named at desk and kiosk; mended, the same job comes out once."""
    before = len(printer.printed_files())
    printer.fault(fault)
    job = orders_print(citizen, clerk)
    clerk.sees_job(job, "needs_attention", reason)
    assert citizen.job(job, "needs_attention")["reason"] == reason
    printer.mend()
    clerk.sees_job(job, "produced")
    assert len(printer.printed_files()) == before + 1


def test_out_of_paper(citizen: Citizen, clerk: Clerk, printer: VirtualPrinter) -> None:
    """An empty tray is named while the job waits for it; filled, it comes out once."""
    before = len(printer.printed_files())
    printer.set_pace(1)
    printer.set_paper(empty=True)
    job = orders_print(citizen, clerk)
    clerk.sees_job(job, "needs_attention", "paper_empty")
    assert citizen.job(job, "needs_attention")["reason"] == "paper_empty"
    printer.set_paper(empty=False)
    clerk.sees_job(job, "produced")
    assert len(printer.printed_files()) == before + 1


def test_stopped_while_it_jams(citizen: Citizen, clerk: Clerk, printer: VirtualPrinter) -> None:
    """A print that is stopped does not come out when the jam is cleared; the next one does."""
    before = len(printer.printed_files())
    printer.fault("jam")
    job = orders_print(citizen, clerk)
    clerk.sees_job(job, "needs_attention", "paper_jam")
    citizen.post("/api/kiosk/stop")
    clerk.sees_job(job, "cancelled")
    printer.mend()
    citizen.post("/api/kiosk/resumption")
    again = orders_print(citizen, clerk)
    clerk.sees_job(again, "produced")
    assert len(printer.printed_files()) == before + 1


def test_no_paper_was_seen(citizen: Citizen, clerk: Clerk, printer: VirtualPrinter) -> None:
    """A person's no counts more than the printer's yes, and is asked for once."""
    job = orders_print(citizen, clerk)
    clerk.sees_job(job, "produced")
    citizen.confirms(job, came_out=False)
    assert clerk.sees_job(job, "failed")["reason"] == "not-come-out"
    with pytest.raises(Problem) as twice:
        citizen.confirms(job)
    assert (twice.value.status, twice.value.key) == (409, "job-elsewhere")


def test_unready_print_is_not_confirmed(
    citizen: Citizen, clerk: Clerk, printer: VirtualPrinter
) -> None:
    """Paper that the printer has not produced cannot have been seen."""
    printer.fault("jam")
    job = orders_print(citizen, clerk)
    clerk.sees_job(job, "needs_attention", "paper_jam")
    with pytest.raises(Problem) as early:
        citizen.confirms(job)
    assert (early.value.status, early.value.key) == (409, "job-elsewhere")
