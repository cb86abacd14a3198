"""The hall: one bridge, its counters and people, and the small disks that can run full."""

from __future__ import annotations

import contextlib
import os
import secrets
import subprocess
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from sqlalchemy import select

from bridge.core.config import load
from bridge.core.db import Database
from bridge.core.events import Events
from bridge.counters import pairing
from bridge.counters import service as counters
from bridge.counters.models import Counter, CounterDevice
from bridge.offices import service as offices
from bridge.offices.models import Office
from bridge.offices.rules import Role
from counter_hooks.agent.pairing import Credentials, store
from deploy.stage.town import SignIn, Town
from deploy.virtual.processes import ProcessNotReady

ROOMY = {
    "OAC_LIMITS_TICKETS": "9000 per minute",
    "OAC_LIMITS_SIGN_IN": "9000 per minute",
    "OAC_LIMITS_UPLOADS": "90000 per minute",
}
BRIDGE_MIB, AGENT_MIB = 512, 24
BLOCK = bytes(1024 * 1024)
START_S = 300.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """What a counter was given: its key, its kiosk's token, and who serves there."""

    key: str
    kiosk_token: str
    agent_token: str
    clerk: SignIn


class SmallDisk:
    """A folder on a file system of its own, where we may make one; else it never runs full."""

    def __init__(self, folder: Path, mib: int) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self.folder = folder
        self.is_real = False
        if os.geteuid() == 0:
            command = ["mount", "-t", "tmpfs", "-o", f"size={mib}m,mode=0755", "tmpfs", str(folder)]
            self.is_real = not subprocess.run(command, check=False, capture_output=True).returncode

    def fill(self) -> None:
        """Leave no byte free."""
        if not self.is_real:
            return
        # Smaller and smaller: whoever writes the next byte has nowhere to put it.
        with contextlib.suppress(OSError), self._filler.open("ab", buffering=0) as file:
            while True:
                file.write(BLOCK)
        with contextlib.suppress(OSError), self._filler.open("ab", buffering=0) as file:
            while True:
                file.write(BLOCK[:4096])

    def free(self) -> None:
        """Give the room back."""
        self._filler.unlink(missing_ok=True)

    def take_away(self) -> None:
        """Unmount it."""
        self.free()
        if self.is_real:
            subprocess.run(["umount", "--lazy", str(self.folder)], check=False)

    @property
    def _filler(self) -> Path:
        return self.folder / "filler"


class Hall:
    """A town whose bridge may be killed by anybody, one at a time; enter it in a thread that stays."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.disk = SmallDisk(folder / "town" / "data", BRIDGE_MIB)
        self.town = Town(folder / "town", variables=ROOMY, has_devices=False)
        self._wanted: list[threading.Event] = []
        self._asked = threading.Condition()

    @contextlib.contextmanager
    def open(self) -> Iterator[Hall]:
        """Run the bridge; end it."""
        try:
            with self.town:
                yield self
        finally:
            self.disk.take_away()

    def furnish(self, count: int) -> list[Place]:
        """Add so many counters with a clerk each, and pair their kiosks and agents."""
        configuration = load(self.folder / "town" / "bridge.toml", ROOMY)
        database = Database(configuration.database, Events())
        try:
            return [self._place(database, number) for number in range(count)]
        finally:
            database.engine.dispose()

    def devices_of(self, key: str) -> set[str]:
        """Return the devices that the bridge believes to be present at a counter."""
        with self.town.records.database.reading() as db:
            found = db.scalars(
                select(CounterDevice.id)
                .join(Counter)
                .where(Counter.key == key, CounterDevice.is_present)
            )
            return set(found)

    def kill_bridge(self) -> None:
        """Ask the thread that owns the bridge to kill it and start it again; wait until it serves."""
        done = threading.Event()
        with self._asked:
            self._wanted.append(done)
            self._asked.notify()
        done.wait()

    def mind(self, is_done: Callable[[], bool], *, look_s: float = 0.2) -> None:
        """Restart the bridge whenever somebody asks, until ``is_done``."""
        while True:
            with self._asked:
                self._asked.wait(look_s)
                asked, self._wanted = self._wanted, []
            if asked:
                self._restart()
                for done in asked:
                    done.set()
            elif is_done():
                return

    def _restart(self) -> None:
        """Kill the bridge; start it as systemd does: until it stays, which a full disk may forbid."""
        until = time.monotonic() + START_S
        while True:
            try:
                self.town.restart_bridge()
                return
            except ProcessNotReady:
                if time.monotonic() > until:
                    raise

    def _place(self, database: Database, number: int) -> Place:
        now = datetime.now(UTC)
        key, login = f"soak-{number + 1}", f"clerk-{number + 1}"
        password = secrets.token_urlsafe(12)
        with database.transaction() as db:
            office = db.scalars(select(Office)).one()
            person = offices.NewPerson(
                login=login, name=login, role=Role.CLERK_PLUS, password=password
            )
            offices.add_person(db, office, person, now=now)
            counters.add_counter(db, office, key, key, now=now)
        return Place(
            key=key,
            kiosk_token=_paired(database, "kiosk", key),
            agent_token=_paired(database, "agent", key),
            clerk=SignIn(login=login, password=password, role="clerk_plus"),
        )


def store_token(state: Path, url: str, place: Place) -> None:
    """Give an agent its token, as its pairing does."""
    store(
        state / "token.json",
        Credentials(bridge_url=url, counter=place.key, token=place.agent_token),
    )


def _paired(database: Database, kind: pairing.Kind, key: str) -> str:
    now = datetime.now(UTC)
    with database.transaction() as db:
        offer = pairing.start_pairing(db, kind, key, now=now)
        pairing.approve(db, offer.code, counter_key=None, now=now)
        paired = pairing.claim(db, offer.claim, now=now)
    assert paired is not None
    return paired.token
