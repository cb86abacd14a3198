"""How long a scan takes through bridge and agent, against ``scanimage`` alone on the same device.

Ours is from the citizen's yes (job accepted) until the page is stored at the bridge, whole chain;
plain is the program from start to end, writing its file. In turns, in changing order. The preview
is timed at a desk's socket, from the moment the virtual scanner had its first line.
"""

from __future__ import annotations

import os
import statistics
import subprocess
import tempfile
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path

from deploy.virtual.scanner import TestBackend, VirtualScanner
from tests.bench.figures import ratio, show, spread
from tests.bench.page_clients import PageClients, wait_for
from tests.bench.visiting import BenchTown, OpenVisit, Timed

ROUNDS = 4
FAST_ROUNDS = 8
STRIPS = 5
PACE_S = 6.0
SLOW_PACE_S = 20.0
STORED = "page:stored"


def plain(town: BenchTown, device: str, form: str) -> float:
    """Scan with scanimage alone into a file; seconds."""
    area = ("-l", "0", "-t", "0", "-x", "210", "-y", "297")
    options = ("--source=Flatbed", "--mode=Color", "--resolution=300", *area)
    environment = os.environ | town.agent_environment() | {"LC_ALL": "C"}
    with (town.folder / f"plain.{form}").open("wb") as output:
        began = time.perf_counter()
        subprocess.run(
            ["scanimage", f"--device-name={device}", f"--format={form}", *options],
            env=environment,
            stdout=output,
            stderr=subprocess.DEVNULL,
            check=True,
        )
        return time.perf_counter() - began


def ours(visit: OpenVisit, device: str) -> Timed:
    """Scan through the whole chain."""
    timed = visit.scan(f"sane:{device}", resolution_dpi=300, colour="colour", source="glass")
    if timed.state != "produced":
        raise RuntimeError(f"the scan of {device} came out as {timed.state}")
    return timed


def turns(town: BenchTown, visit: OpenVisit, device: str, rounds: int) -> list[Timed]:
    """Scan all three ways in turns and print what came out; return our own scans."""
    chain: list[Timed] = []
    seconds: dict[str, list[float]] = {"jpeg": [], "pnm": []}

    def scan_plainly(form: str) -> None:
        seconds[form].append(plain(town, device, form))

    ways: list[Callable[[], None]] = [
        lambda: chain.append(ours(visit, device)),
        partial(scan_plainly, "jpeg"),
        partial(scan_plainly, "pnm"),
    ]
    for turn in range(rounds):
        for way in ways[turn % 3 :] + ways[: turn % 3]:
            way()
    stored = [one.because(STORED)[0] for one in chain]
    rows = [
        ("ours, accepted to stored, s", spread(stored)),
        *((f"scanimage --format={form}, s", spread(times)) for form, times in seconds.items()),
        *((f"ours / {form}", ratio(stored, times)) for form, times in seconds.items()),
        *breakdown(chain),
    ]
    how = "as fast as it can" if rounds == FAST_ROUNDS else f"{PACE_S:.0f} s a page"
    show(f"Scan path, A4 300 dpi colour, {device}, {how}", rows)
    return chain


def breakdown(chain: list[Timed]) -> list[tuple[str, str]]:
    """Return where the time went, as medians in milliseconds.

    The last strip leaves the agent with the last row; what comes after it is the rest of the
    encoding, the digest, the upload, and the bridge's keeping.
    """

    def row(name: str, values: list[float]) -> tuple[str, str]:
        return f"  {name}, ms", f"{statistics.median(values) * 1000:.0f}"

    changes = [one.because("job:changed") for one in chain]
    first = [float(one.facts["first_row_ms"]) / 1000 for one in chain]
    runs = [float(one.facts["duration_ms"]) / 1000 for one in chain]
    ends = [one.because(STORED)[0] for one in chain]
    lasts = [
        max(at for at in one.strips() if at <= end) for one, end in zip(chain, ends, strict=True)
    ]
    strips = [one.strips()[0] for one in chain]
    return [
        row("accepted to running (order, pick-up)", [min(one[1:] or one) for one in changes]),
        row("driver begins to first row (scanimage starts)", first),
        row("accepted to first strip at the desk", strips),
        row("first strip to last strip (the scanner's own pace)", [
            last - strip for last, strip in zip(lasts, strips, strict=True)]),
        row("last strip to stored (encode's end, upload, store)", [
            end - last for end, last in zip(ends, lasts, strict=True)]),
        row("whole run of the driver", runs),
    ]  # fmt: skip


def first_strips(town: BenchTown, visit: OpenVisit, pace_s: float) -> None:
    """Print how long after the scanner's first line the desk had the first strip."""
    scanner = town.scanner
    assert scanner is not None
    scanner.set_pace(pace_s)
    delays = []
    for _ in range(STRIPS):
        options = {"resolution_dpi": 300, "colour": "colour", "source": "glass"}
        job_id, (begun, wall) = visit.order("scan", f"sane:{VirtualScanner.name}", options)
        heard = visit.desk_page.heard
        wait_for(lambda heard=heard: any(one.name == "job:preview" for one in heard), "a strip")  # type: ignore[misc]
        first = next(one for one in heard if one.name == "job:preview")
        delays.append((wall + first.at - begun - scanner.first_line_at()) * 1000)
        visit.cancel(job_id)
    title = f"First strip at a desk's socket, {pace_s:.0f} s a page"
    show(title, [("ms after the scanner's first line", spread(delays, 0))])


def measure(folder: Path) -> None:
    """Measure everything on one stage."""
    with BenchTown(folder, pace_s=0) as town, PageClients(town.port) as pages:
        visit = OpenVisit(town, pages)
        assert town.scanner is not None
        for device in (TestBackend.name, VirtualScanner.name):
            # All programs and pictures are in the page cache now.
            ours(visit, device), plain(town, device, "jpeg"), plain(town, device, "pnm")
        turns(town, visit, TestBackend.name, FAST_ROUNDS)
        turns(town, visit, VirtualScanner.name, FAST_ROUNDS)
        town.set_test_pace(PACE_S)
        town.scanner.set_pace(PACE_S)
        turns(town, visit, TestBackend.name, ROUNDS)
        turns(town, visit, VirtualScanner.name, ROUNDS)
        first_strips(town, visit, PACE_S)
        first_strips(town, visit, SLOW_PACE_S)


def main() -> None:
    """Measure on a stage that is thrown away."""
    with tempfile.TemporaryDirectory(prefix="oac-bench-") as name:
        Path(name).chmod(0o755)
        measure(Path(name))


if __name__ == "__main__":
    main()
