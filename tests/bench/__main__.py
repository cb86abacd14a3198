"""``python -m tests.bench [NAME ...]``: run the benchmarks named, or all of them in turn.

Names: scan, print, agent, start, pages, meeting-server, rejoin; scan-driver and print-driver
measure a driver alone, plugin-delay what a plugin that sleeps costs others, cancel how soon each
driver stops; outlines says how far the proposals to crop and straighten are off.
Each runs in a process of its own, so that none inherits the memory of another.
"""

from __future__ import annotations

import argparse
import subprocess
import sys
import time

BENCHES = {
    "scan": "tests.bench.scan_path",
    "print": "tests.bench.print_path",
    "agent": "tests.bench.agent_memory",
    "start": "tests.bench.cold_start",
    "pages": "tests.bench.bridge_load",
    "meeting-server": "tests.bench.meeting_server",
    "rejoin": "tests.bench.meeting_rejoin",
    "scan-driver": "tests.bench.scan_driver",
    "print-driver": "tests.bench.print_driver",
    "plugin-delay": "tests.bench.plugin_delay",
    "cancel": "tests.bench.cancel",
    "outlines": "tests.bench.outlines",
}


def main() -> int:
    """Run them one after the other; return 1 if any could not measure."""
    parser = argparse.ArgumentParser(prog="python -m tests.bench", description=__doc__)
    parser.add_argument("names", nargs="*", metavar="NAME", help=", ".join(BENCHES))
    names = parser.parse_args().names or list(BENCHES)
    if unknown := set(names) - set(BENCHES):
        parser.error(f"no such benchmark: {', '.join(sorted(unknown))}")
    failed = []
    for name in names:
        began = time.monotonic()
        print(f"\n== {name}", flush=True)
        if subprocess.run([sys.executable, "-m", BENCHES[name]], check=False).returncode:
            failed.append(name)
        print(f"({time.monotonic() - began:.0f} s)", flush=True)
    if failed:
        print(f"Could not measure: {', '.join(failed)}", file=sys.stderr)
    return 1 if failed else 0


if __name__ == "__main__":
    raise SystemExit(main())
