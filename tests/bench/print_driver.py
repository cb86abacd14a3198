"""How much the CUPS driver adds to plain ``lp``: the same print both ways, in turns.

Run by hand: ``python -m tests.bench.print_driver``. Both ways print to one queue of the virtual
printer, which is as fast as possible; CUPS's ipp backend looks at it once a second, hence the
second that both take. Plain is ``lp``, then asking CUPS every 5 ms until the job's state is 9;
ours is ``CupsDriver.print``, which also checks the PDF before and asks the printer after.
"""

from __future__ import annotations

import os
import re
import resource
import statistics
import subprocess
import tempfile
import time
from pathlib import Path

from counter_hooks import Device
from counter_hooks.plugins.cups import CupsDriver
from counter_hooks.testing import TestContext
from deploy.virtual.printer import VirtualPrinter
from tests.integration.cups_context import device_of, driver_for, make_form, order

ROUNDS = 12
LOOK_S = 0.005
COMPLETED = 9


def plain(printer: VirtualPrinter, file: Path) -> float:
    """Print with ``lp`` and wait for CUPS to call it completed; seconds."""
    import cups

    connection = cups.Connection(host=printer.environment()["CUPS_SERVER"])
    began = time.perf_counter()
    said = subprocess.run(
        ["lp", "-d", printer.queue, "-o", "sides=one-sided", str(file)],
        env=os.environ | printer.environment(),
        check=True,
        capture_output=True,
        text=True,
    ).stdout
    found = re.search(rf"{printer.queue}-(\d+)", said)
    assert found
    number = int(found[1])
    while connection.getJobAttributes(number, ["job-state"])["job-state"] != COMPLETED:
        time.sleep(LOOK_S)
    return time.perf_counter() - began


def ours(driver: CupsDriver, device: Device, file: Path) -> float:
    """Print with the driver; seconds."""
    began = time.perf_counter()
    driver.print(order(device, file), device, TestContext(file.parent))
    return time.perf_counter() - began


def spread(values: list[float]) -> str:
    """Return the median and the range."""
    return f"{statistics.median(values):.3f} ({min(values):.3f}-{max(values):.3f})"


def measure(folder: Path) -> str:
    """Print in turns, each way first every other time; return one line of figures."""
    file = make_form(folder / "form.pdf")
    with VirtualPrinter(folder / "printer") as printer:
        driver = driver_for(printer)
        device = device_of(driver)
        plain(printer, file), ours(driver, device, file)  # all programs are in the page cache now
        turns = []
        for turn in range(ROUNDS):
            if turn % 2:
                mine = ours(driver, device, file)
                turns.append((plain(printer, file), mine))
            else:
                turns.append((plain(printer, file), ours(driver, device, file)))
        assert len(printer.printed_files()) == 2 * (ROUNDS + 1)
    ratio = statistics.median(turn[1] for turn in turns) / statistics.median(
        turn[0] for turn in turns
    )
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    return (
        f"submit to completed, n={ROUNDS}: lp {spread([turn[0] for turn in turns])} s, "
        f"ours {spread([turn[1] for turn in turns])} s, medians' ratio {ratio:.3f}, "
        f"each turn's {spread([turn[1] / turn[0] for turn in turns])}; peak {peak:.0f} MiB"
    )


def main() -> None:
    """Measure and print."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        # As root, CUPS's filters run as another user, who must get in.
        folder.chmod(0o755)
        print(measure(folder))


if __name__ == "__main__":
    main()
