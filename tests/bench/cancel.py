"""How long each scanner driver takes to stop: from the cancel until ``scan`` has come back.

Run by hand: ``python -m tests.bench cancel``. Each is stopped after its first rows, in the middle
of a page that takes minutes; the folder driver while it waits for a file.
"""

from __future__ import annotations

import statistics
import tempfile
import threading
import time
from pathlib import Path

from counter_hooks import Device, Driver, HookError, JobCancelled, ScanJob, ScanOptions
from counter_hooks.plugins import folder
from counter_hooks.plugins.fake import FakeDriver
from counter_hooks.plugins.sane import register_drivers
from counter_hooks.testing import TestContext
from deploy.virtual.scanner import TestBackend, VirtualScanner

ROUNDS = 10


def main() -> None:
    """Print median, least and most for each driver."""
    with tempfile.TemporaryDirectory() as name:
        root = Path(name)
        for title, driver in _drivers(root):
            device = next(one for one in driver.discover() if "scan" in one.capabilities)
            took = [_stopped(driver, device, root / f"{title}-{n}") for n in range(ROUNDS)]
            middle = statistics.median(took)
            print(f"{title}: {middle:.3f} s ({min(took):.3f}-{max(took):.3f}, {ROUNDS})")


def _drivers(root: Path) -> list[tuple[str, Driver]]:
    virtual, test = VirtualScanner(root / "scanner"), TestBackend(root / "sane-test")
    virtual.set_pace(300)
    (root / "in").mkdir()
    (sane,) = register_drivers({"environment": virtual.environment()})
    (sanes_own,) = register_drivers(
        {
            "environment": test.environment(),
            "devices": {"*": {"options": {"read-delay": True, "read-delay-duration": 200_000}}},
        }
    )
    return [
        ("fake", FakeDriver({"page_s": 300.0})),
        ("folder", folder.register_drivers({"scan": str(root / "in")})[0]),
        ("sane, virtual scanner", sane),
        ("sane, test backend", sanes_own),
    ]


def _stopped(driver: Driver, device: Device, workdir: Path) -> float:
    workdir.mkdir()
    context = TestContext(workdir)
    job = ScanJob(id="bench", device_id=device.id, options=ScanOptions(resolution_dpi=300))
    ended: list[HookError] = []

    def run() -> None:
        try:
            driver.scan(job, device, context)
        except HookError as error:
            ended.append(error)

    lane = threading.Thread(target=run)
    lane.start()
    context.first_rows.wait(1.0)
    began = time.perf_counter()
    context.cancel()
    lane.join()
    took = time.perf_counter() - began
    if not ended or not isinstance(ended[0], JobCancelled):
        raise SystemExit(f"{device.id} was not stopped: {ended}")
    return took


if __name__ == "__main__":
    main()
