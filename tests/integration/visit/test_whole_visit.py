"""A visit from the ticket to the last trace, every program real, and nothing lost on the way."""

from __future__ import annotations

import hashlib

import pypdfium2
import pytest
from PIL import Image, ImageChops

from deploy.stage.town import Town
from tests.integration.visit.house import complaints, journal_hash
from tests.integration.visit.people import Citizen, Clerk, Problem

pytestmark = [pytest.mark.sane, pytest.mark.cups, pytest.mark.usefixtures("scanner", "printer")]


def rendered(content: bytes) -> list[Image.Image]:
    """Return the pages of a PDF as pictures of 72 dpi."""
    document = pypdfium2.PdfDocument(content)
    try:
        return [page.render(scale=1).to_pil().convert("RGB") for page in document]
    finally:
        document.close()


def meets(citizen: Citizen, clerk: Clerk) -> None:
    """Bring both into the meeting: ticket, call, arrival."""
    number = citizen.takes_ticket("census", "ca")
    row = clerk.sees("the ticket", lambda state: bool(state["queue"]))["queue"][0]
    assert (row["number"], row["state"]) == (number, "waiting")
    visit = clerk.calls_next()
    citizen.sees("the call", lambda state: state["ticket"]["state"] == "called")
    assert citizen.arrives() == visit
    clerk.joins()
    clerk.sees("the meeting", lambda state: state["visit"]["ticket"]["state"] == "serving")


def scanned(town: Town, citizen: Citizen, clerk: Clerk) -> None:
    """Scan the identity card: one page, the same wherever it is."""
    scan = clerk.scans("scan-id")
    asked = citizen.allows()
    assert (asked["id"], asked["clerk"], asked["purpose"]) == (scan, "Vicent", "identity-card")
    assert clerk.sees_job(scan, "produced")["pages"] == 1
    [page] = clerk.sees_pages(1)
    assert page["problems"] == []
    [kept] = [one for one in town.records.pages() if one.job_id == scan]
    content = town.records.content(kept.document_id, kept.id)
    known = {page["sha256"], kept.sha256, journal_hash(town, scan, 1)}
    assert known == {hashlib.sha256(content).hexdigest()}
    shown = clerk.ask("GET", f"/api/pages/{page['id']}/image?width=300")
    assert (shown.status_code, shown.headers["Content-Type"]) == (200, "image/jpeg")
    assert shown.content[:3] == b"\xff\xd8\xff"


def printed(town: Town, citizen: Citizen, clerk: Clerk) -> str:
    """Print the form, which comes out as it was sent; return its document."""
    assert town.printer is not None
    papers_before = town.printer.printed_files()
    order = clerk.prints("print-application")
    citizen.allows()
    job = clerk.sees_job(order, "produced")
    citizen.job(order, "produced")
    [paper] = [one for one in town.printer.printed_files() if one not in papers_before]
    form = rendered(town.records.content(job["document"]))
    sheets = rendered(paper.read_bytes())
    assert len(sheets) == len(form)
    for sent, came in zip(form, sheets, strict=True):
        assert ImageChops.difference(sent, came).getbbox() is None
    citizen.confirms(order)
    clerk.sees_job(order, "confirmed")
    citizen.job_is_gone(order)
    return str(job["document"])


def test_from_ticket_to_wiped(town: Town, citizen: Citizen, clerk: Clerk) -> None:
    """The page is the same at agent, bridge and desk, the paper is the form, the audit is whole."""
    meets(citizen, clerk)
    scanned(town, citizen, clerk)
    document = printed(town, citizen, clerk)
    clerk.ends()
    assert citizen.wipes()["counter"]["state"] == "idle"
    assert citizen.state()["ticket"] is None
    clerk.closes()
    assert clerk.state()["visit"] is None
    with pytest.raises(Problem) as refused:
        clerk.do("GET", f"/api/documents/{document}/file")
    assert refused.value.status == 404
    assert town.run("oac-bridge", "audit", "verify")["first_broken"] is None
    assert complaints(town) == []
