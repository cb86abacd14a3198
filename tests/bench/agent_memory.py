"""The agent's own memory and idle processor time, and what its children hold beside it.

The peak is the kernel's (VmHWM, begun anew before each scan), so that no moment is missed; the
children are looked at twenty times a second.
"""

from __future__ import annotations

import tempfile
import time
from pathlib import Path

from deploy.virtual.scanner import VirtualScanner
from tests.bench.figures import Children, forget_peak, memory, peak_mib, processor_s, show, threads
from tests.bench.page_clients import PageClients
from tests.bench.visiting import BenchTown, OpenVisit

RESOLUTIONS = (300, 600, 1200)
FEEDER_PAGES = 20
SETTLE_S = 5.0
IDLE_S = 60.0
DEVICE = f"sane:{VirtualScanner.name}"


def idle(pid: int) -> list[tuple[str, str]]:
    """Return memory and processor time of an agent that has nothing to do."""
    time.sleep(SETTLE_S)
    before = processor_s(pid)
    time.sleep(IDLE_S)
    used = processor_s(pid) - before
    return [
        ("idle, before any scan", f"{memory([pid])}, {threads(pid)} threads"),
        (f"idle, processor over {IDLE_S:.0f} s", f"{used:.2f} s ({100 * used / IDLE_S:.2f} %)"),
    ]


def scans(town: BenchTown, visit: OpenVisit) -> list[tuple[str, str]]:
    """Return the peaks of scans by resolution, then of a full feeder."""
    pid = town.agent.pid
    rows = []
    for dpi in RESOLUTIONS:
        rows.append((f"A4 colour {dpi} dpi", _peak(visit, pid, resolution_dpi=dpi)))
    assert town.scanner is not None
    town.scanner.load_feeder([town.pictures["form"]] * FEEDER_PAGES)
    rows.append(
        (
            f"feeder, {FEEDER_PAGES} pages 300 dpi",
            _peak(visit, pid, resolution_dpi=300, source="feeder"),
        )
    )
    time.sleep(SETTLE_S)
    rows.append(("idle, after them", str(memory([pid]))))
    return rows


def _peak(visit: OpenVisit, pid: int, **options: object) -> str:
    forget_peak(pid)
    with Children(pid) as children:
        timed = visit.scan(DEVICE, colour="colour", **{"source": "glass"} | options)
    size = float(timed.facts.get("size_bytes", 0)) / 2**20
    return (
        f"peak {peak_mib(pid):.1f} MiB; children (RSS MiB): {children}; "
        f"{timed.state}, {timed.facts.get('pages', 0)} page(s), {size:.1f} MiB"
    )


def measure(folder: Path) -> None:
    """Measure on one stage, the scanner as fast as it can."""
    with BenchTown(folder, pace_s=0) as town, PageClients(town.port) as pages:
        rows = idle(town.agent.pid)
        visit = OpenVisit(town, pages)
        show("The agent's own process", rows + scans(town, visit))


def main() -> None:
    """Measure on a stage that is thrown away."""
    with tempfile.TemporaryDirectory(prefix="oac-bench-") as name:
        Path(name).chmod(0o755)
        measure(Path(name))


if __name__ == "__main__":
    main()
