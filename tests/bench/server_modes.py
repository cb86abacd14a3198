"""Which server carries the bridge's sockets: threads or greenlets, measured with real clients.

Run by hand: ``python tests/bench/server_modes.py [mode ...]`` (``--pages`` sets the last step,
``--bridge-imports`` loads the bridge's libraries too). Needs ``aiohttp``, ``gevent`` and ``gunicorn``
besides the bridge's own dependencies. docs/adr/0003-socket-mode.md tells what came out.
"""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import json
import signal
import socket
import sqlite3
import statistics
import sys
import tempfile
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator


MODES = ("werkzeug", "gthread", "gevent", "gevent-patched", "gevent-websocket")
SERVED = Path(__file__).with_name("served_modes.py")
BLOCK_SECONDS = 2.0
KINDS = ("sleep", "handler", "hash", "lock", "spin")


def tree(pid: int) -> Iterator[int]:
    """Yield a process and its descendants (proc(5): task/<tid>/children)."""
    yield pid
    for task in Path(f"/proc/{pid}/task").iterdir():
        with contextlib.suppress(FileNotFoundError):
            for child in (task / "children").read_text().split():
                yield from tree(int(child))


def footprint(pid: int) -> dict[str, float]:
    """Return RSS and PSS in MiB and the threads of a process tree."""
    sums = {"rss": 0.0, "pss": 0.0, "threads": 0.0}
    for one in set(tree(pid)):
        status = dict(
            line.split(":", 1) for line in Path(f"/proc/{one}/status").read_text().splitlines()
        )
        rollup = Path(f"/proc/{one}/smaps_rollup").read_text().splitlines()
        sums["threads"] += int(status["Threads"])
        sums["rss"] += int(status["VmRSS"].split()[0]) / 1024
        sums["pss"] += next(int(row.split()[1]) for row in rollup if row.startswith("Pss:")) / 1024
    return {name: round(value, 1) for name, value in sums.items()}


def spread(seconds: list[float]) -> dict[str, float]:
    """Return median, 95th percentile and maximum in milliseconds."""
    ordered = sorted(seconds)
    picks = {
        "median": statistics.median(ordered),
        "p95": ordered[int(len(ordered) * 0.95)],
        "max": ordered[-1],
    }
    return {name: round(value * 1000, 1) for name, value in picks.items()}


class Bench:
    """One mode's server and its clients; ``figures`` grows as the steps run."""

    def __init__(self, mode: str, *, pages: int, bridge_imports: bool) -> None:
        self.mode = mode
        self.steps = [step for step in (10, 100) if step < pages] + [pages]
        self.flags = ["--bridge-imports"] if bridge_imports else []
        self.figures: dict[str, Any] = {"mode": mode, "bridge_imports": bridge_imports}
        self.clients: list[Any] = []
        self.sent: list[float] = []
        self.received: list[tuple[int, float]] = []
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            self.port = int(probe.getsockname()[1])

    async def start(self) -> float:
        """Start the server and return the seconds until it answered its first request."""
        began = time.monotonic()
        self.server = await asyncio.create_subprocess_exec(
            sys.executable, SERVED, self.mode, str(self.port), self.database, *self.flags
        )
        while self.server.returncode is None:
            with contextlib.suppress(OSError):
                async with self.http.get("/health") as answer:
                    await answer.read()
                    return round(time.monotonic() - began, 2)
            await asyncio.sleep(0.02)
        raise ConnectionError(f"the {self.mode} server ended with {self.server.returncode}")

    async def post(self, path: str) -> float:
        """POST and return the seconds it took."""
        began = time.monotonic()
        async with self.http.post(path) as answer:
            await answer.read()
            answer.raise_for_status()
        return time.monotonic() - began

    async def connect(self, count: int) -> float:
        """Connect so many fresh clients at once; return the seconds until the last one is in."""
        import socketio

        await self.leave()
        self.clients = [
            socketio.AsyncClient(http_session=self.sessions, handle_sigint=False)
            for _ in range(count)
        ]
        began = time.monotonic()
        for client in self.clients:
            client.on("tick", self.receive)
        address = f"http://127.0.0.1:{self.port}"
        await asyncio.gather(
            *(c.connect(address, transports=["websocket"], wait_timeout=60) for c in self.clients)
        )
        return round(time.monotonic() - began, 2)

    async def leave(self) -> None:
        """Take every client away, also those that are trying to come back."""
        leaving = [asyncio.create_task(client.shutdown()) for client in self.clients]
        if leaving:
            _, stuck = await asyncio.wait(leaving, timeout=10)
            for task in stuck:
                task.cancel()

    def receive(self, data: dict[str, int]) -> None:
        """Note when a client got an event."""
        self.received.append((data["number"], time.monotonic()))

    async def until(self, condition: Callable[[], bool], seconds: float = 60) -> None:
        """Wait for a condition, checked fifty times a second."""
        async with asyncio.timeout(seconds):
            while not condition():
                await asyncio.sleep(0.02)

    async def ticks(self, count: int, every: float) -> tuple[dict[str, float], dict[str, float]]:
        """Send events at a fixed pace; return the spread of event delays and of POST times."""
        self.received.clear()
        self.sent = []
        posts = []
        for number in range(count):
            self.sent.append(time.monotonic())
            posts.append(asyncio.create_task(self.post(f"/tick/{number}")))
            await asyncio.sleep(every)
        times = await asyncio.gather(*posts)
        await self.until(lambda: len(self.received) == count * len(self.clients))
        delays = [moment - self.sent[number] for number, moment in self.received]
        return spread(delays), spread(times)

    async def step(self, count: int) -> None:
        """Measure memory, threads and event delay with so many pages open."""
        seconds = await self.connect(count)
        await self.ticks(3, 0.1)
        events, posts = await self.ticks(30, 0.2)
        self.figures[f"pages_{count}"] = {
            "connect_s": seconds,
            **footprint(self.server.pid),
            "event_ms": events,
            "post_ms": posts,
        }

    async def disturb(self, kind: str) -> None:
        """Measure event delay while one handler blocks."""
        pace = asyncio.create_task(self.ticks(20, 0.2))
        await asyncio.sleep(0.5)
        began = time.monotonic()
        if kind == "handler":
            await self.clients[0].call("block", "handler")
        elif kind == "lock":
            with contextlib.closing(sqlite3.connect(self.database)) as connection:
                connection.execute("BEGIN IMMEDIATE")
                waiting = asyncio.create_task(self.post("/block/lock"))
                await asyncio.sleep(BLOCK_SECONDS)
                connection.rollback()
            await waiting
        else:
            await self.post(f"/block/{kind}")
        held = round(time.monotonic() - began, 2)
        events, posts = await pace
        self.figures[f"block_{kind}"] = {"held_s": held, "event_ms": events, "post_ms": posts}

    async def stop(self) -> dict[str, Any]:
        """Send SIGTERM with every page open and one request under way."""
        request = asyncio.create_task(self.post("/block/short"))
        await asyncio.sleep(0.2)
        began = time.monotonic()
        self.server.send_signal(signal.SIGTERM)
        code = await asyncio.wait_for(self.server.wait(), 60)
        seconds = round(time.monotonic() - began, 2)
        finished = not isinstance(
            (await asyncio.gather(request, return_exceptions=True))[0], Exception
        )
        return {"seconds": seconds, "code": code, "request_finished": finished}

    async def run(self) -> None:
        """Measure one mode from cold start to restart."""
        self.figures["cold_start_s"] = await self.start()
        await asyncio.sleep(1)
        self.figures["idle"] = footprint(self.server.pid)
        for count in self.steps:
            await self.step(count)
        times = []
        for _ in range(200):
            began = time.monotonic()
            async with self.http.get("/health") as answer:
                await answer.read()
            times.append(time.monotonic() - began)
        self.figures["http_ms"] = spread(times)
        for kind in KINDS:
            await self.disturb(kind)
        self.figures["stop"] = await self.stop()
        began = time.monotonic()
        await self.start()
        with contextlib.suppress(TimeoutError):
            await self.until(lambda: all(client.connected for client in self.clients), 40)
        back = sum(client.connected for client in self.clients)
        self.figures["restart"] = {"back": back, "seconds": round(time.monotonic() - began, 2)}

    async def measure(self) -> dict[str, Any]:
        """Run with a private database and a private port, and clean up whatever happens."""
        import aiohttp

        with tempfile.TemporaryDirectory() as folder:
            self.database = str(Path(folder) / "bench.db")
            with contextlib.closing(sqlite3.connect(self.database)) as connection, connection:
                connection.execute("PRAGMA journal_mode = WAL")
                connection.execute("CREATE TABLE ticket (number INTEGER)")
                connection.executemany("INSERT INTO ticket VALUES (?)", [(n,) for n in range(200)])
            self.sessions = aiohttp.ClientSession(connector=aiohttp.TCPConnector(limit=0))
            self.http = aiohttp.ClientSession(f"http://127.0.0.1:{self.port}")
            async with self.sessions, self.http:
                try:
                    await self.run()
                except (OSError, TimeoutError, aiohttp.ClientError) as error:
                    self.figures["broke_off"] = repr(error)
                finally:
                    await self.leave()
                    if self.server.returncode is None:
                        self.server.kill()
                        await self.server.wait()
        return self.figures


def main() -> None:
    """Measure the modes that were named, one after the other."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("modes", nargs="*", default=list(MODES))
    parser.add_argument("--pages", type=int, default=300)
    parser.add_argument("--bridge-imports", action="store_true")
    given = parser.parse_args()
    for mode in given.modes:
        bench = Bench(mode, pages=given.pages, bridge_imports=given.bridge_imports)
        print(json.dumps(asyncio.run(bench.measure())), flush=True)


if __name__ == "__main__":
    main()
