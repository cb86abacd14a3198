"""What goes wrong with a scan: the cable, the citizen's no, a stop, a page that must be repeated."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import update

from bridge.counters.models import DeviceJob
from deploy.stage.town import Town
from deploy.virtual.scanner import VirtualScanner
from tests.integration.visit.people import Citizen, Clerk, Problem, State

pytestmark = [pytest.mark.sane, pytest.mark.cups, pytest.mark.usefixtures("visit")]


def begins_slow_scan(citizen: Citizen, clerk: Clerk, scanner: VirtualScanner) -> str:
    """Ask for a scan that would take minutes, allow it, and see it move; return the job."""
    scanner.set_pace(120)
    job = clerk.scans()
    citizen.allows()
    clerk.hears("job:preview", lambda strip: strip["job"] == job)
    citizen.job(job, "running")
    return job


def test_unplugged_in_mid_scan(citizen: Citizen, clerk: Clerk, scanner: VirtualScanner) -> None:
    """Both are told that the device is gone; plugged in again, the next scan works."""
    job = begins_slow_scan(citizen, clerk, scanner)
    scanner.unplug()
    assert clerk.sees_job(job, "failed")["reason"] == "device-gone"
    citizen.job_is_gone(job)
    assert clerk.state()["visit"]["ticket"]["state"] == "serving"
    scanner.plug()
    scanner.set_pace(0)
    again = clerk.scans()
    citizen.allows()
    clerk.sees_job(again, "produced")
    clerk.sees_pages(1)


def test_unplugged_in_the_second_sheet(
    town: Town, citizen: Citizen, clerk: Clerk, scanner: VirtualScanner
) -> None:
    """The sheet that was finished before the cable was pulled is kept and shown."""
    scanner.load_feeder([town.pictures["form"]] * 3)
    scanner.set_pace(1, later=90)
    job = clerk.scans("scan-housing-title", options={"source": "feeder"})
    citizen.allows()
    clerk.hears("job:preview", lambda strip: (strip["job"], strip["page"]) == (job, 2))
    scanner.unplug()
    assert clerk.sees_job(job, "failed")["reason"] == "device-gone"
    [page] = clerk.sees_pages(1)
    assert (page["job"], page["number"]) == (job, 1)


def test_jam_on_the_second_sheet(
    town: Town, citizen: Citizen, clerk: Clerk, scanner: VirtualScanner
) -> None:
    """A sheet that jams asks for a hand and calls the helper; freed, the same job goes on.

    Every sheet is there once: the first was kept, the stuck one is scanned anew.
    """
    scanner.load_feeder([town.pictures["form"]] * 3)
    scanner.set_pace(1, later=20)
    job = clerk.scans("scan-housing-title", options={"source": "feeder"})
    citizen.allows()
    clerk.hears("job:preview", lambda strip: (strip["job"], strip["page"]) == (job, 2))
    scanner.fault("jam")
    clerk.sees_job(job, "needs_attention", "feeder_jam")
    assert citizen.job(job, "needs_attention")["reason"] == "feeder_jam"
    citizen.sees("the call for help", lambda state: state["help"] is not None)
    scanner.set_pace(0)
    scanner.mend()
    clerk.sees_job(job, "produced")
    citizen.sees("nobody called any more", lambda state: state["help"] is None)
    pages = clerk.sees_pages(3)
    assert sorted(page["number"] for page in pages) == [1, 2, 3]
    assert scanner.sheets_left() == 0


@pytest.mark.parametrize("what", ["empty", "cover"])
def test_the_scanner_waits_for_the_citizen(
    town: Town, citizen: Citizen, clerk: Clerk, scanner: VirtualScanner, what: str
) -> None:
    """No sheet, or an open lid: the citizen is asked, no helper is called, and it goes on by itself."""
    source = "feeder" if what == "empty" else "glass"
    if what == "cover":
        scanner.fault("cover_open")
    job = clerk.scans("scan-housing-title", options={"source": source})
    citizen.allows()
    reason = {"empty": "feeder_empty", "cover": "cover_open"}[what]
    clerk.sees_job(job, "needs_attention", reason)
    assert citizen.job(job, "needs_attention")["reason"] == reason
    assert citizen.state()["help"] is None
    if what == "empty":
        scanner.load_feeder([town.pictures["form"]])
    else:
        scanner.mend()
    clerk.sees_job(job, "produced")
    assert [page["job"] for page in clerk.sees_pages(1)] == [job]


def test_the_citizen_refuses(citizen: Citizen, clerk: Clerk, town: Town) -> None:
    """A refused scan never reaches the scanner, cannot be allowed later, and leaves no page."""
    kept = len(town.records.pages())
    job = clerk.scans()
    citizen.allows(allow=False)
    clerk.sees_job(job, "refused")
    citizen.job_is_gone(job)
    with pytest.raises(Problem) as late:
        citizen.post(f"/api/kiosk/jobs/{job}/consent", {"allow": True})
    assert (late.value.status, late.value.key) == (409, "job-elsewhere")
    assert late.value.facts["state"] == "refused"
    assert len(town.records.pages()) == kept
    assert [row.reported for row in town.records.jobs("scan") if row.id == job] == [0]


def test_stop_everything(citizen: Citizen, clerk: Clerk, scanner: VirtualScanner) -> None:
    """One touch cancels the scan long before its page, frees the scanner, and pauses the meeting."""
    job = begins_slow_scan(citizen, clerk, scanner)
    paused = citizen.post("/api/kiosk/stop")
    clerk.sees_job(job, "cancelled")
    assert paused["visit"]["is_paused"]
    assert paused["jobs"] == []
    clerk.sees("the pause", lambda state: state["visit"]["is_paused"])
    with pytest.raises(Problem) as early:
        clerk.scans()
    assert (early.value.status, early.value.key) == (409, "visit-paused")
    citizen.post("/api/kiosk/resumption")
    clerk.sees("going on", lambda state: not state["visit"]["is_paused"])
    scanner.set_pace(0)
    again = clerk.scans()
    citizen.allows()
    clerk.sees_job(again, "produced")
    # The scanner lets only one at a time in: had the first not stopped, this would be busy.
    assert [page["job"] for page in clerk.sees_pages(1)] == [again]


def test_the_clerk_cancels(citizen: Citizen, clerk: Clerk, scanner: VirtualScanner) -> None:
    """The clerk stops a scan as well; both are told."""
    job = begins_slow_scan(citizen, clerk, scanner)
    clerk.cancels(job)
    clerk.sees_job(job, "cancelled")
    citizen.job_is_gone(job)
    with pytest.raises(Problem) as twice:
        clerk.cancels(job)
    assert (twice.value.status, twice.value.key) == (409, "job-elsewhere")


def test_a_page_is_scanned_again(town: Town, citizen: Citizen, clerk: Clerk) -> None:
    """A scan that replaces a page leaves one page, and it is the new one."""
    first = clerk.scans()
    citizen.allows()
    clerk.sees_job(first, "produced")
    [old] = clerk.sees_pages(1)
    assert town.scanner is not None
    town.scanner.place(town.pictures["card-back"])
    second = clerk.scans(replaces=old["id"])
    citizen.allows()
    clerk.sees_job(second, "produced")

    def replaced(state: State) -> bool:
        pages = [page for one in state["visit"]["documents"] for page in one["pages"]]
        return [page["job"] for page in pages if page["state"] == "visible"] == [second]

    clerk.sees("the new page alone", replaced)
    assert clerk.sees_pages(1)[0]["sha256"] != old["sha256"]


def test_the_kiosk_is_reloaded(citizen: Citizen, clerk: Clerk) -> None:
    """A page that knows nothing gets the same visit, step and question from the bridge."""
    clerk.do(
        "PATCH",
        f"/api/visits/{clerk.visit()['id']}/steps/{clerk.step('scan-id')}",
        {"current": True},
    )
    job = clerk.scans()
    before = citizen.is_asked()
    known = citizen.sees("the step", lambda state: state["visit"]["step"]["key"] == "scan-id")
    after = citizen.reloads()
    for name in ("visit", "jobs", "ticket", "counter", "help"):
        assert after[name] == known[name]
    assert after["jobs"] == [before]
    citizen.arrives()  # as the page does, which does not know that it did
    citizen.allows()
    clerk.sees_job(job, "produced")


def test_pressed_twice(citizen: Citizen, clerk: Clerk) -> None:
    """The same intent sent again is the same job, and one consent is asked for."""
    job = clerk.scans(idempotency_key="pressed-twice")
    wish = {"kind": "scan", "device": clerk.device("scan")["id"], "step": clerk.step("scan-id")}
    path = f"/api/visits/{clerk.visit()['id']}/jobs"
    clerk.post(path, wish | {"idempotency_key": "pressed-twice"})
    assert [one["id"] for one in clerk.visit()["jobs"]] == [job]
    assert [one["id"] for one in citizen.state()["jobs"]] == [job]


def test_consent_expires(town: Town, citizen: Citizen, clerk: Clerk) -> None:
    """A question that nobody answers goes away, is told to both, and cannot be answered late."""
    job = clerk.scans()
    citizen.is_asked()
    with town.records.database.transaction() as db:
        asked = db.get_one(DeviceJob, job).changed_at
        long_ago = {"changed_at": asked - timedelta(hours=1)}
        db.execute(update(DeviceJob).where(DeviceJob.id == job).values(long_ago))
    clerk.sees_job(job, "expired")
    citizen.job_is_gone(job)
    with pytest.raises(Problem) as late:
        citizen.post(f"/api/kiosk/jobs/{job}/consent", {"allow": True})
    assert (late.value.status, late.value.key) == (409, "job-elsewhere")
