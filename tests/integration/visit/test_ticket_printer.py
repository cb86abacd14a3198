"""The counter's printer in the role of its ticket printer: the number comes out with the touch."""

from __future__ import annotations

from collections.abc import Iterator

import pypdfium2
import pytest
from sqlalchemy import select

from bridge.counters.models import CounterDevice
from deploy.stage.town import Town
from deploy.virtual.printer import VirtualPrinter
from deploy.virtual.processes import wait_until
from tests.integration.visit.people import Citizen, Clerk, State

pytestmark = [pytest.mark.sane, pytest.mark.cups]


def _is_told(town: Town, *, is_for_tickets: bool) -> bool:
    with town.records.database.reading() as db:
        found = [row.description for row in db.scalars(select(CounterDevice))]
    return any(
        one["is_for_tickets"] is is_for_tickets for one in found if "print" in one["capabilities"]
    )


@pytest.fixture
def roll(town: Town, printer: VirtualPrinter) -> Iterator[VirtualPrinter]:
    """Make the printer of the counter the one for tickets, as its technician does."""
    file = town.folder / "agent.toml"
    before = file.read_text()
    file.write_text(f'ticket_printer = "cups:{printer.queue}"\n{before}')
    town.restart_agent()
    wait_until(lambda: _is_told(town, is_for_tickets=True), "the bridge knows it", seconds=60)
    yield printer
    file.write_text(before)
    town.restart_agent()
    wait_until(lambda: _is_told(town, is_for_tickets=False), "it is as before", seconds=60)


def _words(printer: VirtualPrinter) -> str:
    with pypdfium2.PdfDocument(printer.printed_files()[-1]) as paper:
        return str(paper[0].get_textpage().get_text_bounded())


def test_number_and_receipt_come_out(roll: VirtualPrinter, citizen: Citizen, clerk: Clerk) -> None:
    """The number's paper comes without a question, the receipt's after one; each comes once."""
    before = len(roll.printed_files())
    number = citizen.takes_ticket("census", "es")
    wait_until(lambda: len(roll.printed_files()) > before, "the number is out", seconds=60)
    assert number in _words(roll)
    clerk.calls_next()
    citizen.sees("the call", lambda state: state["ticket"]["state"] == "called")
    citizen.arrives()
    clerk.joins()
    clerk.sees("the meeting", lambda state: state["visit"]["ticket"]["state"] == "serving")

    def printed(state: State) -> bool:
        return any(one["key"] == "receipt" for one in state["visit"]["documents"])

    job = clerk.prints(None, form="receipt")
    clerk.sees("the receipt", printed)
    citizen.allows()
    clerk.sees_job(job, "produced")
    assert len(roll.printed_files()) == before + 2
    assert "Justificante" in _words(roll)
