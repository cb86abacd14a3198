"""What our Prosody module costs a join, and what it loses while the bridge is away.

Two servers beside each other, with and without the module, each with 200 rooms open; people join
new rooms at both in turns. A join is what a page does from connecting to being in the room; the
last part of it, the presence alone, is shown too, and the processor time of the server for it,
which other work on the machine spoils least. Then visits come and go for ten minutes without
a bridge (``--away-s`` for fewer seconds), and the bridge counts what it has.
"""

from __future__ import annotations

import argparse
import statistics
import subprocess
import sys
import tempfile
import time
from contextlib import ExitStack
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path

from deploy.virtual.processes import wait_until
from tests.bench.figures import clock_s, load, processor_s, ratio, say, show, spread
from tests.integration.prosody.people import Person
from tests.integration.prosody.programs import SUITES, Program, debian
from tests.integration.prosody.receiver import Receiver
from tests.integration.prosody.server import MeetingServer, Setting, free_port, options, running
from tests.integration.prosody.tickets import Tickets

ROOMS = 200
JOINS = 300
SAID_EVERY = 50
# A post follows its join after 20 ms; the next turn begins when it is over.
QUIET_S = 0.06
VISITS_A_MINUTE = 60


@dataclass(frozen=True, slots=True)
class Join:
    """The milliseconds of a join, of its last part, and of the server's processor in that."""

    whole: float
    last: float
    server: float


def join(server: MeetingServer) -> Join:
    """Join a new room as a clerk."""
    tickets = Tickets()
    token = tickets.token("clerk")
    began = time.perf_counter()
    with Person(server.port, token) as clerk:
        used, connected = clock_s(server.pid), time.perf_counter()
        if refusal := clerk.join(tickets.room, "n1"):
            raise RuntimeError(refusal)
        ended, used = time.perf_counter(), clock_s(server.pid) - used
    return Join((ended - began) * 1000, (ended - connected) * 1000, used * 1000)


def compare(program: Program, folder: Path, url: str) -> list[tuple[str, str]]:
    """Measure joins with and without the module, in turns."""
    with ExitStack() as stack:
        servers = {
            name: open_rooms(stack, program, folder / name, url, modules)
            for name, modules in (("with", ("oac_counter",)), ("without", ()))
        }
        before = {name: processor_s(server.pid) for name, server in servers.items()}
        joins: dict[str, list[Join]] = {"with": [], "without": []}
        for turn in range(JOINS):
            for name in ("with", "without") if turn % 2 else ("without", "with"):
                joins[name].append(join(servers[name]))
                time.sleep(QUIET_S)
            if (turn + 1) % SAID_EVERY == 0:
                say(f"{turn + 1} of {JOINS} joins at each; load {load()}")
        used = {
            name: (processor_s(server.pid) - before[name]) * 1000 / JOINS
            for name, server in servers.items()
        }
    whole = {name: [one.whole for one in all_] for name, all_ in joins.items()}
    last = {name: [one.last for one in all_] for name, all_ in joins.items()}
    server = {name: [one.server for one in all_] for name, all_ in joins.items()}
    added = statistics.median(last["with"]) - statistics.median(last["without"])
    fastest = _tenth(whole["with"]) / _tenth(whole["without"])
    return [
        ("join, with the module, ms", spread(whole["with"], 2)),
        ("join, without, ms", spread(whole["without"], 2)),
        ("ratio", ratio(whole["with"], whole["without"])),
        ("  of the fastest tenth", f"{fastest:.3f}"),
        ("  presence alone, with, ms", spread(last["with"], 2)),
        ("  presence alone, without, ms", spread(last["without"], 2)),
        ("  added, ms (medians)", f"{added:.2f}"),
        ("  of the server's processor, with, ms", spread(server["with"], 2)),
        ("  of the server's processor, without, ms", spread(server["without"], 2)),
        (
            "  of the fastest tenth, ms",
            f"{_tenth(server['with']):.3f}, {_tenth(server['without']):.3f} without",
        ),
        ("processor time of a visit, ms", f"{used['with']:.2f}, {used['without']:.2f} without"),
    ]


def open_rooms(
    stack: ExitStack, program: Program, folder: Path, url: str, modules: tuple[str, ...]
) -> MeetingServer:
    """Run a server with people in its rooms."""
    setting = Setting(options=options(oac_events_url=f'"{url}"'), modules=modules, level="info")
    server = stack.enter_context(running(program, folder, setting))
    for _ in range(ROOMS):
        tickets = Tickets()
        person = stack.enter_context(Person(server.port, tickets.token("citizen")))
        person.join(tickets.room, "n1")
    return server


def _tenth(values: list[float]) -> float:
    """Return the upper end of the fastest tenth: what other work on the machine spoils least."""
    return statistics.quantiles(values, n=10)[0]


def lose(program: Program, folder: Path, away_s: float) -> list[tuple[str, str]]:
    """Let visits come and go while the bridge is away; return what was lost."""
    receiver = Receiver()
    setting = Setting(options=options(oac_events_url=f'"{receiver.url}"'), level="info")
    visits = 0
    try:
        with running(program, folder, setting) as server:
            end = time.monotonic() + away_s
            while time.monotonic() < end:
                join(server)
                visits += 1
                time.sleep(60 / VISITS_A_MINUTE)
            control = server.control()
            wait_until(lambda: control.status().rooms == 0, "all rooms closed", seconds=60)
            waiting = control.status().spool
            receiver.come()
            began = time.monotonic()
            wait_until(lambda: control.status().spool == 0, "the bridge has all", seconds=120)
            took = time.monotonic() - began
            control.close()
    finally:
        receiver.go()
    numbers = [event.number for event in receiver.events]
    lost = len(set(range(1, visits * 4 + 1)) - set(numbers))
    return [
        ("bridge away, s", f"{away_s:.0f}"),
        ("visits meanwhile, events that waited", f"{visits}, {waiting}"),
        ("lost", f"{lost}"),
        ("twice at the bridge's books", f"{len(numbers) - len(set(numbers))}"),
        ("out of order", f"{sum(b <= a for a, b in pairwise(numbers))}"),
        ("back until it has all, s", f"{took:.1f}"),
    ]


def serve(port: int) -> None:
    """Be a bridge's ear in a process of its own, until the end."""
    receiver = Receiver()
    receiver.port = port
    receiver.come()
    sys.stdin.read()
    receiver.go()


def measure(folder: Path, away_s: float) -> None:
    """Measure with both Prosodies."""
    for name, suite in SUITES.items():
        program = debian(suite)
        port = free_port()
        ear = subprocess.Popen(
            [sys.executable, "-m", "tests.bench.meeting_server", "--serve", str(port)],
            stdin=subprocess.PIPE,
        )
        try:
            url = f"http://127.0.0.1:{port}/api/meeting/events"
            rows = compare(program, folder / name, url)
        finally:
            ear.communicate()
        show(f"Joining, {ROOMS} rooms open, Prosody {program.version}", rows)
        rows = lose(program, folder / f"{name}-away", away_s)
        show(f"The bridge is away, Prosody {program.version}", rows)


def main() -> None:
    """Measure on servers that are thrown away."""
    parser = argparse.ArgumentParser(prog="python -m tests.bench.meeting_server")
    parser.add_argument("--away-s", type=float, default=600, help="how long the bridge is away")
    parser.add_argument("--serve", type=int, help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    if arguments.serve:
        serve(arguments.serve)
        return
    with tempfile.TemporaryDirectory(prefix="oac-bench-") as name:
        measure(Path(name), arguments.away_s)


if __name__ == "__main__":
    main()
