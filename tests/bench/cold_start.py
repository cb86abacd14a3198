"""How soon a bridge serves, what it holds when idle, and how soon the demo is ready.

The bridge: from exec to the first good answer of ``/healthz``. Memory: what everything of it
holds some seconds later; PSS counts what processes share once. The demo: what ``deploy/demo``
runs once everything is installed, with a fresh office, until it says "Ready.".
"""

from __future__ import annotations

import subprocess
import sys
import tempfile
import time
from pathlib import Path

from deploy.stage.town import PROGRAMS
from deploy.virtual.processes import Process, wait_until
from tests.bench.figures import memory, processor_s, show, spread, tree
from tests.bench.serving import environment, free_port, is_serving

STARTS = 5
DEMOS = 3
SETTLE_S = 3.0


def bridge_starts(folder: Path) -> list[tuple[str, str]]:
    """Start a bridge again and again; return the figures."""
    port = free_port()
    config = folder / "bridge.toml"
    config.write_text(f'data_dir = "{folder / "data"}"\nhost = "127.0.0.1"\nport = {port}\n')
    command = [str(PROGRAMS / "oac-bridge"), "--config", str(config)]
    subprocess.run([*command, "init"], check=True, capture_output=True, env=environment())
    times, used, rss, pss, parts = [], [], [], [], ""
    for _ in range(STARTS):
        began = time.monotonic()
        bridge = Process(
            [*command, "serve"], log=folder / "log", environment=environment(), directory=folder
        )
        try:
            bridge.wait_until(lambda: is_serving(f"http://127.0.0.1:{port}"), seconds=60)
            times.append(time.monotonic() - began)
            used.append(sum(processor_s(pid) for pid in tree(bridge.pid)))
            time.sleep(SETTLE_S)
            whole = memory(tree(bridge.pid))
            rss.append(whole.rss)
            pss.append(whole.pss)
            parts = " + ".join(f"{memory([pid]).rss:.0f}" for pid in sorted(tree(bridge.pid)))
        finally:
            bridge.stop(grace=15)
    return [
        ("exec to serving, s", spread(times, 2)),
        ("  processor time of it, s", spread(used, 2)),
        ("idle, RSS of all processes, MiB", f"{spread(rss, 1)} = {parts}"),
        ("idle, PSS of all processes, MiB", spread(pss, 1)),
    ]


def demo_starts(folder: Path) -> list[tuple[str, str]]:
    """Start the demo again and again; return how long each took."""
    times, used = [], []
    for turn in range(DEMOS):
        log = folder / f"demo-{turn}"
        began = time.monotonic()
        demo = Process(
            [sys.executable, "-m", "deploy.stage.demo", "--port", str(free_port())],
            log=log,
            environment=environment() | {"PYTHONUNBUFFERED": "1"},
            directory=Path.cwd(),
        )
        try:
            wait_until(
                lambda log=log, demo=demo: "Ready." in log.read_text() or not demo.running(),  # type: ignore[misc]
                "the demo is ready",
                seconds=120,
            )
            if not demo.running():
                raise RuntimeError(log.read_text())
            times.append(time.monotonic() - began)
            used.append(sum(processor_s(pid) for pid in tree(demo.pid)))
        finally:
            demo.stop(grace=30)
    return [
        ('the demo, exec to "Ready.", s', spread(times, 1)),
        ("  processor time of it, s", spread(used, 1)),
    ]


def measure(folder: Path) -> None:
    """Measure one after the other."""
    show("Cold start of the bridge", bridge_starts(folder))
    show("Cold start of the demo", demo_starts(folder))


def main() -> None:
    """Measure in a folder that is thrown away."""
    with tempfile.TemporaryDirectory(prefix="oac-bench-") as name:
        measure(Path(name))


if __name__ == "__main__":
    main()
