"""What the SANE driver says when a real SANE device fails, goes away or is stopped."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from counter_hooks import (
    Attention,
    DeviceBusy,
    DeviceError,
    DeviceGone,
    DeviceNeedsHand,
    JobCancelled,
    ResultUnsound,
    Source,
)
from deploy.virtual.scanner import TestBackend, VirtualScanner
from tests.integration.sane_context import MemoryContext, Scan, all_end, driver_for, job, sheet
from tests.support import require

pytestmark = pytest.mark.sane


@pytest.fixture(autouse=True)
def _sane_is_here() -> None:
    require("sane", "scanimage")
    require("sane", module="sane")


@pytest.fixture
def scanner(tmp_path: Path) -> VirtualScanner:
    """Return our virtual scanner, as fast as possible."""
    require("sane", "gcc")
    return VirtualScanner(tmp_path / "scanner")


@pytest.fixture
def context(tmp_path: Path) -> MemoryContext:
    """Return a fresh job context."""
    return MemoryContext(tmp_path / "work")


def test_an_empty_feeder_asks_for_paper(scanner: VirtualScanner, context: MemoryContext) -> None:
    """No sheet at the start is a job for a hand, not a success without pages."""
    driver = driver_for(scanner)
    (device,) = driver.discover()
    with pytest.raises(DeviceNeedsHand) as caught:
        driver.scan(job(device, source=Source.FEEDER), device, context)
    assert caught.value.reason is Attention.FEEDER_EMPTY


@pytest.mark.parametrize(
    ("status", "claim", "reason"),
    [
        ("JAMMED", DeviceNeedsHand, Attention.FEEDER_JAM),
        ("COVER_OPEN", DeviceNeedsHand, Attention.COVER_OPEN),
        ("NO_DOCS", DeviceNeedsHand, Attention.FEEDER_EMPTY),
        ("ACCESS_DENIED", DeviceNeedsHand, Attention.NEEDS_LOGIN),
        ("IO_ERROR", DeviceGone, Attention.DEVICE_OFFLINE),
        ("DEVICE_BUSY", DeviceBusy, Attention.DEVICE_BUSY),
        ("CANCELLED", JobCancelled, None),
        ("EOF", ResultUnsound, None),
        ("INVAL", DeviceNeedsHand, Attention.UNKNOWN),
        ("NO_MEM", DeviceNeedsHand, Attention.UNKNOWN),
        ("UNSUPPORTED", DeviceNeedsHand, Attention.UNKNOWN),
    ],
)
@pytest.mark.parametrize("source", [Source.GLASS, Source.FEEDER])
def test_every_status_of_a_read_is_a_claim(
    tmp_path: Path,
    context: MemoryContext,
    *,
    status: str,
    claim: type[DeviceError],
    reason: Attention | None,
    source: Source,
) -> None:
    """Each status that SANE can give while reading becomes the error that says it."""
    backend = TestBackend(tmp_path / "sane.d")
    option = {"read-return-value": f"SANE_STATUS_{status}"}
    driver = driver_for(backend, devices={"test:*": {"options": option}})
    (device,) = driver.discover()
    with pytest.raises(claim) as caught:
        driver.scan(job(device, source=source, resolution_dpi=75), device, context)
    assert caught.value.reason is reason
    assert context.pages == []
    assert all(sink.is_discarded for sink in context.begun)


@pytest.mark.parametrize(
    ("fault", "claim", "reason"),
    [
        ("jam", DeviceNeedsHand, Attention.FEEDER_JAM),
        ("cover_open", DeviceNeedsHand, Attention.COVER_OPEN),
        ("no_docs", DeviceNeedsHand, Attention.FEEDER_EMPTY),
        ("io_error", DeviceGone, Attention.DEVICE_OFFLINE),
        ("busy", DeviceBusy, Attention.DEVICE_BUSY),
    ],
)
@pytest.mark.parametrize("after_lines", [None, 500])
def test_a_fault_is_told_and_the_next_scan_works(
    scanner: VirtualScanner,
    context: MemoryContext,
    *,
    fault: str,
    claim: type[DeviceError],
    reason: Attention,
    after_lines: int | None,
) -> None:
    """A fault at the start or in mid-page is told by name; mended, the scanner scans."""
    driver = driver_for(scanner)
    (device,) = driver.discover()
    scanner.fault(fault, after_lines=after_lines)
    with pytest.raises(claim) as caught:
        driver.scan(job(device, resolution_dpi=150), device, context)
    assert caught.value.reason is reason
    assert context.pages == []
    scanner.mend()
    driver.scan(job(device, resolution_dpi=150), device, context)
    assert len(context.pages) == 1


def test_pages_before_a_jam_are_kept(
    scanner: VirtualScanner,
    context: MemoryContext,
    tmp_path: Path,
) -> None:
    """A jam on the second sheet ends the job and leaves the first page."""
    scanner.load_feeder(sheet(tmp_path / f"{shade}.ppm", shade) for shade in (10, 20, 30))
    driver = driver_for(scanner)
    (device,) = driver.discover()
    scanner.set_pace(0, later=60)
    with Scan(
        driver, device, context, source=Source.FEEDER, height_mm=200, resolution_dpi=150
    ) as scan:
        context.await_rows(page=2)
        scanner.fault("jam")
        scan.ended_within(60)
        assert scan.error is not None
        assert scan.error.reason is Attention.FEEDER_JAM
        assert len(context.pages) == 1


def test_unplugged_in_the_second_page(
    scanner: VirtualScanner,
    context: MemoryContext,
    tmp_path: Path,
) -> None:
    """A pulled cable ends the job as DeviceGone; the whole page before it is kept."""
    scanner.load_feeder(sheet(tmp_path / f"{shade}.ppm", shade) for shade in (10, 20))
    driver = driver_for(scanner)
    (device,) = driver.discover()
    scanner.set_pace(0, later=60)
    with Scan(
        driver, device, context, source=Source.FEEDER, height_mm=200, resolution_dpi=150
    ) as scan:
        context.await_rows(page=2)
        scanner.unplug()
        scan.ended_within(60)
        assert isinstance(scan.error, DeviceGone)
        assert len(context.pages) == 1
        assert context.begun[1].is_discarded
        assert driver.discover() == []


def test_a_device_that_is_not_there_is_gone(
    scanner: VirtualScanner, context: MemoryContext
) -> None:
    """A job for a scanner unplugged since the last look ends as DeviceGone."""
    driver = driver_for(scanner)
    (device,) = driver.discover()
    scanner.unplug()
    with pytest.raises(DeviceGone):
        driver.scan(job(device), device, context)
    with pytest.raises(DeviceGone):
        driver_for(scanner).scan(job(device), device, context)


@pytest.mark.parametrize("backend", ["oacsim", "test"])
def test_a_cancel_takes_effect_at_once(
    tmp_path: Path, context: MemoryContext, backend: str
) -> None:
    """A cancel ends the scan and every process of it long before its page; the next scan works."""
    machine: Any
    if backend == "oacsim":
        machine = VirtualScanner(tmp_path / "scanner")
        machine.set_pace(120)
    else:
        machine = TestBackend(tmp_path / "scanner", seconds=75)
    driver = driver_for(machine)
    (device,) = driver.discover()
    with Scan(driver, device, context) as scan:
        context.await_rows()
        context.cancel()
        scan.ended_within(60)
        assert isinstance(scan.error, JobCancelled)
        assert context.pages == []
        all_end(context.workdir)
        assert list(context.workdir.iterdir()) == []
        if backend == "oacsim":
            machine.set_pace(0)
        fresh = MemoryContext(context.workdir)
        driver.scan(job(device, resolution_dpi=75, height_mm=30), device, fresh)
        assert len(fresh.pages) == 1
