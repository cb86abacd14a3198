"""The agent as a process of its own against a small real bridge: orders, pages, faults."""

from __future__ import annotations

import io
import threading
from pathlib import Path

import pytest
from PIL import Image

from tests.integration.agent_bridge import PATIENCE_S, Bridge
from tests.integration.agent_process import (
    PDF,
    StartAgent,
    bridge,
    print_order,
    scan,
    start_agent,
)

__all__ = ["bridge", "start_agent"]


def test_order_becomes_pages_and_produced(bridge: Bridge, start_agent: StartAgent) -> None:
    """A scan reports accepted, running, produced, in this order, with all pages at the bridge."""
    start_agent(pages=2, page_s=0.3)
    assert bridge.order(scan("j1", source="feeder", resolution_dpi=200)) == {"ok": True}
    report = bridge.wait_for_state("j1", "produced")
    assert bridge.states_of("j1") == ["accepted", "running", "produced"]
    assert [r["sequence"] for r in bridge.states] == [1, 2, 3]
    assert report["facts"]["pages"] == 2
    for number in (1, 2):
        page = bridge.pages["j1", number]
        assert page.is_complete
        with Image.open(io.BytesIO(page.content)) as image:
            image.load()
            assert image.size == (1654, 2339)
            assert image.info["dpi"] == (200, 200)


def test_hello_names_devices(bridge: Bridge, start_agent: StartAgent) -> None:
    """The first message says who speaks and what is plugged in."""
    start_agent()
    bridge.wait(lambda: bridge.hellos)
    assert [device["id"] for device in bridge.hellos[0]["devices"]] == [
        "fake:printer",
        "fake:scanner",
    ]
    assert bridge.hellos[0]["open_jobs"] == []


def test_preview_strips_make_up_the_page(bridge: Bridge, start_agent: StartAgent) -> None:
    """Strips are JPEGs that follow each other without a gap, the first long before the last."""
    start_agent(page_s=1.0)
    bridge.order(scan("j1", resolution_dpi=300))
    bridge.wait_for_state("j1", "produced")
    bridge.wait(
        lambda: sum(s["height"] for s in bridge.strips) == bridge.strips[-1]["total_height"]
    )
    top = 0
    for strip in bridge.strips:
        assert strip["top"] == top
        with Image.open(io.BytesIO(strip["jpeg"])) as image:
            assert image.size == (strip["width"], strip["height"])
        top += strip["height"]
    assert bridge.strips[0]["width"] == 620
    assert len(bridge.strips) > 3
    assert bridge.strips[0]["height"] <= 20


def test_repeated_order_is_done_once(bridge: Bridge, start_agent: StartAgent) -> None:
    """An order that comes twice is acknowledged twice and scanned once."""
    start_agent(page_s=0.2)
    for _ in range(2):
        assert bridge.order(scan("j1", resolution_dpi=75)) == {"ok": True}
    bridge.wait_for_state("j1", "produced")
    assert [(job, number) for job, number, _ in bridge.puts] == [("j1", 1)]


def test_order_out_of_shape_is_refused(bridge: Bridge, start_agent: StartAgent) -> None:
    """An order whose id could leave the spool, or with unknown options, is refused by key."""
    start_agent()
    for order in (scan("../../x"), scan("j1", paper="A4"), scan("j2", resolution_dpi=10**9)):
        assert bridge.order(order) == {"ok": False, "key": "message-unsound"}


def test_unknown_device_fails_as_gone(bridge: Bridge, start_agent: StartAgent) -> None:
    """An order for a device that is not there fails with the reason device-gone."""
    start_agent()
    bridge.order(scan("j1") | {"device": "fake:nothing"})
    assert bridge.wait_for_state("j1", "failed")["reason"] == "device-gone"


def test_report_is_repeated_while_the_bridge_is_in_trouble(
    bridge: Bridge, start_agent: StartAgent
) -> None:
    """A report that the bridge could not store is told again; one that it refuses is not."""
    bridge.state_troubles = ["not-found", "internal", "unavailable"]
    start_agent(page_s=0.2)
    bridge.order(scan("j1", resolution_dpi=75))
    bridge.wait_for_state("j1", "produced")
    assert bridge.states_of("j1") == ["running", "produced"]


def test_lost_connection_during_a_scan(bridge: Bridge, start_agent: StartAgent) -> None:
    """A connection that breaks during a scan costs nothing: pages and reports come all the same."""
    start_agent(pages=3, page_s=0.5)
    bridge.order(scan("j1", source="feeder", resolution_dpi=150))
    bridge.wait(lambda: bridge.strips)
    bridge.drop_connections()
    bridge.wait_for_state("j1", "produced")
    assert bridge.states_of("j1") == ["accepted", "running", "produced"]
    assert bridge.hellos[1]["open_jobs"] == ["j1"]
    assert sorted(number for _, number in bridge.pages) == [1, 2, 3]


def test_bridge_away_for_a_while(bridge: Bridge, start_agent: StartAgent) -> None:
    """Pages and reports wait while the bridge is down and arrive when it is back."""
    start_agent(pages=2, page_s=0.5)
    bridge.order(scan("j1", source="feeder", resolution_dpi=150))
    bridge.wait(lambda: bridge.strips)
    bridge.stop()
    bridge.start()
    bridge.wait_for_state("j1", "produced")
    assert all(page.is_complete for page in bridge.pages.values())


def test_orders_missed_come_with_welcome(bridge: Bridge, start_agent: StartAgent) -> None:
    """Orders and cancels that the bridge could not deliver are taken from its welcome."""
    bridge.open_orders = [scan(job, resolution_dpi=75) for job in ("../j0", "j1", "j2")]
    bridge.cancelled = ["j2"]
    start_agent(page_s=1.0)
    bridge.wait_for_state("j1", "produced")
    bridge.wait_for_state("j2", "cancelled")


def test_upload_goes_on_where_it_broke(bridge: Bridge, start_agent: StartAgent) -> None:
    """After a partial transfer the rest is sent with Content-Range, and the hash is right."""
    bridge.cut_puts_after = 10_000
    start_agent(page_s=0.2)
    bridge.order(scan("j1", resolution_dpi=150))
    bridge.wait_for_state("j1", "produced")
    size = len(bridge.pages["j1", 1].content)
    ranges = [given for _, _, given in bridge.puts]
    assert ranges == [None, f"bytes 10000-{size - 1}/{size}"]


def test_damaged_upload_is_given_up_after_three(bridge: Bridge, start_agent: StartAgent) -> None:
    """A page whose hash is wrong three times fails the job with hash-mismatch."""
    bridge.refuse_upload = lambda *_: ({"type": "urn:oac:error:hash-mismatch"}, 409)
    start_agent(page_s=0.2)
    bridge.order(scan("j1", resolution_dpi=75))
    assert bridge.wait_for_state("j1", "failed")["reason"] == "hash-mismatch"
    assert len(bridge.puts) == 3


def test_a_refused_page_costs_no_other(
    bridge: Bridge, start_agent: StartAgent, tmp_path: Path
) -> None:
    """The job says why it failed, and the pages before and after the refused one arrive."""
    gate = threading.Event()

    def refuse(_job: str, number: int) -> tuple[dict[str, str], int] | None:
        gate.wait(PATIENCE_S)
        return ({"type": "urn:oac:error:page-unreadable"}, 415) if number == 2 else None

    bridge.refuse_upload = refuse
    start_agent(pages=3, page_s=0.1)
    bridge.order(scan("j1", source="feeder", resolution_dpi=75))
    log = tmp_path / "agent.log"
    bridge.wait(lambda: "job j1 came out as produced" in log.read_text())
    gate.set()
    assert bridge.wait_for_state("j1", "failed")["reason"] == "page-unreadable"
    bridge.wait(lambda: len([page for page in bridge.pages.values() if page.is_complete]) == 2)
    assert {number for (_, number), page in bridge.pages.items() if page.is_complete} == {1, 3}


def test_page_in_trouble_holds_back_no_other(bridge: Bridge, start_agent: StartAgent) -> None:
    """While the bridge cannot take one page, those of other jobs arrive."""
    bridge.refuse_upload = lambda job, _: ({"type": "x"}, 500) if job == "j1" else None
    start_agent(page_s=0.2)
    bridge.order(scan("j1", resolution_dpi=75))
    bridge.order(scan("j2", resolution_dpi=75))
    bridge.wait_for_state("j2", "produced")
    bridge.refuse_upload = None
    bridge.wait_for_state("j1", "produced")


def test_pages_nobody_wants_are_erased(
    bridge: Bridge, start_agent: StartAgent, tmp_path: Path
) -> None:
    """410 stops the job, drops its pages and leaves no file behind."""
    bridge.refuse_upload = lambda *_: ({"type": "gone"}, 410)
    start_agent(pages=3, page_s=0.4)
    bridge.order(scan("j1", source="feeder", resolution_dpi=75))
    bridge.wait_for_state("j1", "cancelled")
    bridge.wait(lambda: not list((tmp_path / "state" / "spool").rglob("*.*")))


def test_uploaded_pages_are_erased(bridge: Bridge, start_agent: StartAgent, tmp_path: Path) -> None:
    """Nothing of a scan stays at the counter once the bridge has it."""
    start_agent(page_s=0.2)
    bridge.order(scan("j1", resolution_dpi=75))
    bridge.wait_for_state("j1", "produced")
    bridge.wait(lambda: not list((tmp_path / "state" / "spool").rglob("*.*")))


@pytest.mark.parametrize("fault", ["device-gone", "paper_jam", "crash", "short"])
def test_fault_in_the_feeder_keeps_finished_pages(
    bridge: Bridge, start_agent: StartAgent, fault: str
) -> None:
    """A fault on the second page fails the job by its reason; the first page stays."""
    start_agent(pages=2, page_s=0.1, fault=fault, fault_page=2)
    bridge.order(scan("j1", source="feeder", resolution_dpi=75))
    reasons = {"crash": "driver-failed", "short": "result-unsound"}
    assert bridge.wait_for_state("j1", "failed")["reason"] == reasons.get(fault, fault)
    bridge.wait(lambda: ("j1", 1) in bridge.pages and bridge.pages["j1", 1].is_complete)
    assert set(bridge.pages) == {("j1", 1)}


def test_a_stuck_sheet_is_waited_for(
    bridge: Bridge, start_agent: StartAgent, tmp_path: Path
) -> None:
    """A jam in mid-page waits for a hand; then the page comes, whole and once."""
    switch = tmp_path / "fault"
    start_agent(pages=1, page_s=0.8, fault_file=str(switch))
    switch.write_text("feeder_jam")
    bridge.order(scan("j1", source="feeder", resolution_dpi=75))
    assert bridge.wait_for_state("j1", "needs_attention")["reason"] == "feeder_jam"
    assert ("j1", 1) not in bridge.pages
    switch.write_text("")
    bridge.wait_for_state("j1", "produced")
    assert bridge.states_of("j1")[-3:] == ["needs_attention", "running", "produced"]
    bridge.wait(lambda: ("j1", 1) in bridge.pages and bridge.pages["j1", 1].is_complete)
    assert [page for job, page in bridge.pages if job == "j1"] == [1]


def test_who_waits_for_a_hand_can_be_stopped(
    bridge: Bridge, start_agent: StartAgent, tmp_path: Path
) -> None:
    """A scan that waits for sheets is cancelled like any other."""
    switch = tmp_path / "fault"
    switch.write_text("feeder_empty")
    start_agent(page_s=0.2, fault_file=str(switch))
    bridge.order(scan("j1", source="feeder", resolution_dpi=75))
    assert bridge.wait_for_state("j1", "needs_attention")["reason"] == "feeder_empty"
    assert bridge.send("job:cancel", {"id": "j1"}) == {"ok": True}
    bridge.wait_for_state("j1", "cancelled")


def test_attention_is_told_and_lifted(
    bridge: Bridge, start_agent: StartAgent, tmp_path: Path
) -> None:
    """A device that waits for a person says why, and goes on when it was helped."""
    switch = tmp_path / "fault"
    switch.write_text("wait:cover_open")
    start_agent(page_s=0.2, fault_file=str(switch))
    bridge.order(scan("j1", resolution_dpi=75))
    assert bridge.wait_for_state("j1", "needs_attention")["reason"] == "cover_open"
    switch.write_text("")
    bridge.wait_for_state("j1", "produced")
    assert bridge.states_of("j1")[-3:] == ["needs_attention", "running", "produced"]


def test_driver_that_hangs_is_cut_off(bridge: Bridge, start_agent: StartAgent) -> None:
    """A silent driver fails its job, the next job for it fails at once, other lanes work on."""
    start_agent(page_s=0.2, fault="hang", print_s=0.2, silence_s=2.0)
    bridge.order(scan("j1", resolution_dpi=75))
    assert bridge.wait_for_state("j1", "failed")["reason"] == "device-silent"
    bridge.order(scan("j2", resolution_dpi=75))
    assert bridge.wait_for_state("j2", "failed")["reason"] == "device-silent"
    assert bridge.is_connected()


def test_cancel_stops_a_scan(bridge: Bridge, start_agent: StartAgent) -> None:
    """A cancelled scan ends as cancelled although its page would have taken a minute."""
    start_agent(page_s=60.0)
    bridge.order(scan("j1", resolution_dpi=150))
    bridge.wait(lambda: bridge.strips)
    assert bridge.send("job:cancel", {"id": "j1"}) == {"ok": True}
    bridge.wait_for_state("j1", "cancelled")


def test_print_is_fetched_and_printed_once(
    bridge: Bridge, start_agent: StartAgent, tmp_path: Path
) -> None:
    """A print is fetched, checked and comes out once."""
    start_agent(print_s=0.2)
    bridge.order(print_order("p1", bridge))
    bridge.wait_for_state("p1", "produced")
    assert (tmp_path / "p1.pdf").read_bytes() == PDF
    bridge.wait(lambda: not list((tmp_path / "state" / "spool").rglob("*.pdf")))


@pytest.mark.parametrize("damage", ["content", "gone", "elsewhere"])
def test_unsound_source_is_not_printed(
    bridge: Bridge, start_agent: StartAgent, tmp_path: Path, damage: str
) -> None:
    """A document with a wrong hash, one that is gone, or one from elsewhere never prints."""
    start_agent(print_s=0.2)
    order = print_order("p1", bridge)
    if damage == "content":
        bridge.sources["p1"] = PDF[:-1] + b"y"
    elif damage == "gone":
        del bridge.sources["p1"]
    else:
        order["source"]["href"] = "http://127.0.0.1:9/x"
    bridge.order(order)
    reason = bridge.wait_for_state("p1", "failed")["reason"]
    assert reason == ("bridge-refused" if damage == "elsewhere" else "source-unsound")
    assert not (tmp_path / "p1.pdf").exists()
