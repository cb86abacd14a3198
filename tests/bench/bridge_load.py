"""The real bridge under many pages: memory, delay of events, HTTP meanwhile, all coming back.

Half of the pages are kiosks, each of its own counter, half are desks, each of its own clerk, all
of one office. A ticket taken tells every desk (room of the office); a call tells one kiosk (room
of its counter). Delays are from before the request until a page has the event, so they hold
the request's work too: that is what a person waits for.
"""

from __future__ import annotations

import itertools
import subprocess
import tempfile
import threading
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import requests

from bridge.core import clock
from bridge.core.config import Settings, load
from bridge.core.db import Database
from bridge.core.events import Events
from bridge.core.web import KIOSK_COOKIE, STAFF_COOKIE
from bridge.counters import pairing
from bridge.counters import service as counters
from bridge.offices import service as offices
from bridge.offices.rules import Role
from deploy.stage.town import PROGRAMS
from deploy.virtual.processes import Process
from tests.bench.figures import memory, percentiles, processor_s, show, spread, threads, tree
from tests.bench.page_clients import PageClient, PageClients, wait_for
from tests.bench.serving import environment, free_port, is_serving
from tests.bench.visiting import OURS

STEPS = (10, 100, 300)
# Every step has counters and clerks of its own: those who called are busy afterwards.
PAIRS = sum(STEPS) // 2
EVENTS = 20
CALLS = 5
GETS = 100
SETTLE_S = 2.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Cookies:
    """Who may connect: a kiosk of each counter, a clerk for each."""

    kiosks: list[str]
    clerks: list[str]


class LoadedBridge:
    """A bridge of one office with many counters and clerks."""

    def __init__(self, folder: Path) -> None:
        """Make the office; nothing runs yet."""
        self.folder = folder
        self.port = free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        self._config = folder / "bridge.toml"
        # So many kiosks at one address, as no town has them.
        self._config.write_text(
            f'data_dir = "{folder / "data"}"\nhost = "127.0.0.1"\nport = {self.port}\n'
            '[office]\nkey = "town"\nname = "Oficina Única"\n'
            '[limits]\ntickets = "1000 per minute"\n'
        )
        self._run("init")
        self.cookies = _people(load(self._config, {}))

    def start(self) -> Process:
        """Start it and return when it serves."""
        bridge = Process(
            [str(PROGRAMS / "oac-bridge"), "--config", str(self._config), "serve"],
            log=self.folder / "log",
            environment=environment(),
            directory=self.folder,
        )
        bridge.wait_until(lambda: is_serving(self.url), seconds=60)
        return bridge

    def _run(self, verb: str) -> None:
        command = [str(PROGRAMS / "oac-bridge"), "--config", str(self._config), verb]
        subprocess.run(command, check=True, capture_output=True, env=environment())


def _people(settings: Settings) -> Cookies:
    database = Database(settings.database, Events())
    found = Cookies(kiosks=[], clerks=[])
    at = clock.now()
    with database.transaction() as db:
        office = offices.office_by_key(db, "town")
        for number in range(PAIRS):
            counter = counters.add_counter(db, office, f"c-{number}", f"Lloc {number}", now=at)
            offer = pairing.start_pairing(db, "kiosk", counter.key, now=at)
            pairing.approve(db, offer.code, counter_key=None, now=at)
            paired = pairing.claim(db, offer.claim, now=at)
            assert paired is not None
            found.kiosks.append(f"{KIOSK_COOKIE}={paired.token}")
            wanted = offices.NewPerson(
                login=f"p{number}", name=f"P{number}", role=Role.CLERK, password="long enough pass"
            )
            person = offices.add_person(db, office, wanted, now=at)
            secret = offices.sign_in(db, person.id, take_over=True, staff=settings.staff, now=at)
            found.clerks.append(f"{STAFF_COOKIE}={secret}")
    database.engine.dispose()
    return found


class Office:
    """The pages of one step, and requests made in their names."""

    def __init__(self, bridge: LoadedBridge, pages: PageClients, count: int) -> None:
        self._bridge = bridge
        half = count // 2
        first = sum(step for step in STEPS if step < count) // 2
        mine = slice(first, first + half)
        kiosks, clerks = bridge.cookies.kiosks[mine], bridge.cookies.clerks[mine]
        whom = [("kiosk", one) for one in kiosks] + [("staff", one) for one in clerks]
        began = time.monotonic()
        opened = pages.open(*whom)
        self.connected_s = time.monotonic() - began
        self.kiosks, self.desks = opened[:half], opened[half:]
        self._browsers: dict[str, requests.Session] = {}

    def ask(self, page: PageClient, method: str, path: str, body: object = None) -> Any:
        """Make a request as the person at ``page``."""
        browser = self._browsers.get(page.cookie)
        if browser is None:
            browser = self._browsers[page.cookie] = requests.Session()
            browser.headers.update(OURS | {"Cookie": page.cookie})
        answer = browser.request(method, f"{self._bridge.url}{path}", json=body, timeout=60)
        answer.raise_for_status()
        return answer.json()

    def queue_delays(self, keys: itertools.count[int]) -> tuple[list[float], list[float]]:
        """Take tickets and give them back; return ms of each desk's delay, and of each last one."""
        every, last = [], []
        for turn in range(EVENTS):
            kiosk = self.kiosks[turn // 2 % len(self.kiosks)]
            for desk in self.desks:
                desk.heard.clear()
            wish = {"language": "ca", "procedures": ["census"]}
            wish["idempotency_key"] = f"bench-{next(keys)}"
            path = "departure" if turn % 2 else "tickets"
            began = time.monotonic()
            self.ask(kiosk, "POST", f"/api/kiosk/{path}", None if turn % 2 else wish)
            wait_for(lambda: all(_at(desk) for desk in self.desks), "every desk was told")
            delays = [(_at(desk) - began) * 1000 for desk in self.desks]
            every += delays
            last.append(max(delays))
            time.sleep(0.1)
        return every, last

    def call_delays(self, keys: itertools.count[int]) -> list[float]:
        """Let clerks call; return ms until the kiosk of the ticket was told."""
        delays = []
        for kiosk, desk in zip(self.kiosks[-CALLS:], self.desks[-CALLS:], strict=True):
            wish = {"language": "ca", "procedures": ["census"]}
            wish["idempotency_key"] = f"bench-{next(keys)}"
            self.ask(kiosk, "POST", "/api/kiosk/tickets", wish)
            self.ask(desk, "PUT", "/api/desk/availability", {"state": "available"})
            kiosk.heard.clear()
            began = time.monotonic()
            self.ask(desk, "POST", "/api/desk/calls", {})
            wait_for(lambda kiosk=kiosk: bool(kiosk.heard), "the kiosk was told")  # type: ignore[misc]
            delays.append((kiosk.heard[0].at - began) * 1000)
        return delays

    def get_delays(self, end: threading.Event | None = None) -> list[float]:
        """Ask for a desk's state again and again, until ``end``; return ms of each."""
        delays = []
        while len(delays) < GETS if end is None else not end.is_set():
            began = time.monotonic()
            self.ask(self.desks[0], "GET", "/api/desk")
            delays.append((time.monotonic() - began) * 1000)
            if end is not None:
                end.wait(0.02)
        return delays


def _at(desk: PageClient) -> float:
    return next((one.at for one in list(desk.heard) if one.name == "queue:changed"), 0.0)


def step(
    bridge: LoadedBridge,
    process: Process,
    pages: PageClients,
    count: int,
    keys: itertools.count[int],
) -> None:
    """Measure with so many pages open and print."""
    office = Office(bridge, pages, count)
    time.sleep(SETTLE_S)
    held = memory(tree(process.pid))
    many = sum(threads(pid) for pid in tree(process.pid))
    used = processor_s(_worker(process.pid))
    quiet = office.get_delays()
    cost = (processor_s(_worker(process.pid)) - used) * 1000 / GETS
    end, meanwhile = threading.Event(), []
    getter = threading.Thread(target=lambda: meanwhile.extend(office.get_delays(end)))
    getter.start()
    every, last = office.queue_delays(keys)
    end.set()
    getter.join()
    calls = office.call_delays(keys)
    rows = [
        ("all connected at once, s", f"{office.connected_s:.2f}"),
        ("memory of the bridge", f"{held}, {many} threads"),
        ("ticket taken, each desk told, ms (median / p95 / most)", percentiles(every)),
        (f"  the last of {len(office.desks)} desks told, ms", spread(last, 0)),
        ("called, the kiosk told, ms", spread(calls, 0)),
        ("GET /api/desk, quiet, ms", percentiles(quiet)),
        ("GET /api/desk, with events, ms", percentiles(meanwhile)),
        ("processor time of one GET /api/desk, ms", f"{cost:.1f}"),
    ]
    show(f"{count} pages open", rows)
    pages.leave()
    time.sleep(SETTLE_S)


def storm(bridge: LoadedBridge, process: Process, pages: PageClients) -> Process:
    """Kill the bridge with all pages open, start it, let all come back at once; print."""
    count = max(STEPS)
    Office(bridge, pages, count)
    process.kill()
    wait_for(lambda: all(page.is_lost for page in pages.pages), "every page lost the bridge")
    pages.leave()
    began = time.monotonic()
    again = bridge.start()
    up_s = time.monotonic() - began
    back = Office(bridge, pages, count)
    show(
        f"Killed with {count} pages open",
        [
            ("serving again, s", f"{up_s:.2f}"),
            ("all pages back in, s after that", f"{back.connected_s:.2f}"),
            ("memory of the bridge", str(memory(tree(again.pid)))),
        ],
    )
    return again


def _worker(pid: int) -> int:
    return max(tree(pid))


def measure(folder: Path) -> None:
    """Measure on one bridge."""
    bridge = LoadedBridge(folder)
    process = bridge.start()
    keys = itertools.count()
    try:
        with PageClients(bridge.port) as pages:
            time.sleep(SETTLE_S)
            show("The bridge, idle", [("memory", str(memory(tree(process.pid))))])
            for count in STEPS:
                step(bridge, process, pages, count, keys)
            process = storm(bridge, process, pages)
    finally:
        process.stop(grace=15)


def main() -> None:
    """Measure in a folder that is thrown away."""
    with tempfile.TemporaryDirectory(prefix="oac-bench-") as name:
        measure(Path(name))


if __name__ == "__main__":
    main()
