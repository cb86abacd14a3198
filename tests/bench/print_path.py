"""How long a print takes through bridge and agent, against ``lp`` on the same queue, in turns.

Ours is from the citizen's yes (job accepted) until the desk hears that it was produced, which the
printer itself says; plain is from before ``lp`` until CUPS calls its job completed. The virtual
printer prints as fast as it can; CUPS looks at it once a second, hence ``lp``'s second.
"""

from __future__ import annotations

import os
import re
import subprocess
import tempfile
import time
from pathlib import Path

from deploy.virtual.printer import VirtualPrinter
from tests.bench.figures import ratio, show, spread
from tests.bench.page_clients import PageClients
from tests.bench.visiting import BenchTown, OpenVisit, Timed

ROUNDS = 10
LOOK_S = 0.005
COMPLETED = 9
FORM = "census-application"


def plain(printer: VirtualPrinter, file: Path) -> float:
    """Print with ``lp`` and wait for CUPS to call it completed; seconds."""
    import cups

    connection = cups.Connection(host=printer.environment()["CUPS_SERVER"])
    began = time.perf_counter()
    said = subprocess.run(
        ["lp", "-d", printer.queue, "-o", "sides=one-sided", str(file)],
        env=os.environ | printer.environment() | {"LC_ALL": "C"},
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


def ours(visit: OpenVisit, printer: VirtualPrinter) -> Timed:
    """Print through the whole chain."""
    timed = visit.print_form(f"cups:{printer.queue}", FORM)
    if timed.state != "produced":
        raise RuntimeError(f"the print came out as {timed.state}")
    return timed


def turns(visit: OpenVisit, printer: VirtualPrinter, file: Path) -> None:
    """Print both ways in turns, each way first every other time, and print what came out."""
    chain: list[Timed] = []
    alone: list[float] = []
    for turn in range(ROUNDS):
        if turn % 2:
            chain.append(ours(visit, printer))
            alone.append(plain(printer, file))
        else:
            alone.append(plain(printer, file))
            chain.append(ours(visit, printer))
    produced = [one.because("job:changed")[-1] for one in chain]
    driven = [float(one.facts["duration_ms"]) / 1000 for one in chain]
    rows = [
        ("ours, accepted to produced, s", spread(produced)),
        ("lp to completed, s", spread(alone)),
        ("ours / lp", ratio(produced, alone)),
        ("  agent's own part of it, s", spread(driven)),
    ]
    show(f"Print path, one page, {FORM}", rows)


def measure(folder: Path) -> None:
    """Measure on one stage."""
    with BenchTown(folder, pace_s=0) as town, PageClients(town.port) as pages:
        assert town.printer is not None
        visit = OpenVisit(town, pages)
        ours(visit, town.printer)
        [job] = town.records.jobs("print")
        file = folder / "form.pdf"
        file.write_bytes(town.records.content(str(job.document_id)))
        plain(town.printer, file)
        turns(visit, town.printer, file)
        assert len(town.printer.printed_files()) == 2 * (ROUNDS + 1)


def main() -> None:
    """Measure on a stage that is thrown away."""
    with tempfile.TemporaryDirectory(prefix="oac-bench-") as name:
        # As root, CUPS's filters run as another user, who must get in.
        Path(name).chmod(0o755)
        measure(Path(name))


if __name__ == "__main__":
    main()
