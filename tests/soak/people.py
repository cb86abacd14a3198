"""A citizen and a clerk who do not give up: whatever was lost on the way, they look and try again."""

from __future__ import annotations

import threading
import time
from typing import Any

import requests
from sqlalchemy import select

from bridge.core.web import KIOSK_COOKIE
from bridge.counters.models import DeviceJob
from deploy.stage.town import SignIn, Town
from tests.integration.visit.people import Citizen, Clerk, Problem, Screen, State, new_key
from tests.soak.plan import Work

PATIENCE_S = 420.0
PAUSE_S = 0.2
ENDS = frozenset({"produced", "confirmed", "failed", "cancelled", "refused", "expired"})
FORM = "census-application"


class GaveUp(AssertionError):
    """Something never came about."""


class People:
    """Who sits at one counter, and who serves there."""

    def __init__(self, town: Town, counter: str, kiosk_token: str, who: SignIn) -> None:
        self._town = town
        self._counter = counter
        self._citizen = Citizen(town)
        self._citizen.web.cookies.set(KIOSK_COOKIE, kiosk_token)
        self._clerk = Clerk(town)
        self._who = who
        self._visits = 0
        self._pause = threading.Event()

    def come(self) -> None:
        """Open both pages."""
        self._until("the kiosk is there", lambda: _is_open(self._citizen))
        self._until("the desk is there", lambda: self._clerk.signs_in(self._who))

    def go(self) -> None:
        """Close both pages."""
        self._citizen.goes()
        self._clerk.goes()

    def meet(self) -> None:
        """Be in a visit, whatever it takes."""
        self._visits += 1
        wish = {"language": "ca", "procedures": ["census"], "idempotency_key": new_key()}
        self._until("they meet", lambda: self._meets(wish))

    def part(self) -> None:
        """End the visit and leave the counter idle."""
        self._until("they part", self._parts)

    def order(self, work: Work, device: str) -> str | None:
        """Ask for a job and allow it; return its id, None when the bridge refuses it."""
        key = new_key()
        wish: dict[str, Any] = {"kind": "scan", "device": device, "idempotency_key": key}
        if work is Work.PRINT:
            wish |= {"kind": "print", "form": FORM}
        else:
            options = {"resolution_dpi": 75, "colour": "grey", "source": work.value}
            wish |= {"options": options}
        refused: list[str] = []

        def ask() -> bool:
            try:
                visit = self._clerk.visit()
                self._clerk.post(f"/api/visits/{visit['id']}/jobs", wish)
            except Problem as error:
                if error.key in ("device-away", "visit-paused", "ticket-elsewhere"):
                    refused.append(error.key)
                    return self._job(key) is None
                raise
            return True

        self._until("a job is asked for", ask)
        job = self._job(key)
        if job is None:
            return None
        self._until("it is allowed", lambda: self._allows(job.id))
        return job.id

    def cancel(self, job: str) -> None:
        """Stop a job, unless it has ended."""

        def stop() -> bool:
            if self.state(job)[0] in ENDS:
                return True
            self._clerk.cancels(job)
            return True

        self._until("it is stopped", stop)

    def state(self, job: str) -> tuple[str, str | None]:
        """Return a job's state and reason, as the bridge has written them down."""
        with self._town.records.database.reading() as db:
            found = db.get_one(DeviceJob, job)
            return found.state.value, found.reason

    def wait(self, job: str, states: frozenset[str], *, seconds: float) -> bool:
        """Wait until a job is in one of the states or has ended; False when it is not in time."""
        deadline = time.monotonic() + seconds
        while self.state(job)[0] not in states | ENDS:
            if time.monotonic() > deadline:
                return False
            self._pause.wait(PAUSE_S)
        return True

    def _allows(self, job: str) -> bool:
        if self.state(job)[0] != "awaiting_consent":
            return True
        self._citizen.post(f"/api/kiosk/jobs/{job}/consent", {"allow": True})
        return False

    def _meets(self, wish: dict[str, Any]) -> bool:
        kiosk = self._citizen.state()
        ticket = kiosk["ticket"]
        if ticket is None:
            if kiosk["counter"]["state"] == "cleaning":
                self._citizen.post("/api/kiosk/wiped", {"storage": 0, "caches": 0, "elements": 0})
            else:
                self._citizen.post("/api/kiosk/tickets", wish)
            return False
        desk = self._clerk.state()
        if desk["visit"] is None:
            self._clerk.is_available()
            rows = [row for row in desk["queue"] if row["number"] == ticket["number"]]
            if rows:
                self._clerk.calls_next(ticket=rows[0]["id"], version=rows[0]["version"])
            return False
        if ticket["state"] == "called":
            self._citizen.arrives()
            return False
        if not desk["visit"]["clerk_joined"]:
            self._clerk.joins()
            return False
        if ticket["state"] != "serving" and kiosk["visit"]:
            self._citizen._joins(str(kiosk["visit"]["id"]))  # noqa: SLF001 - as after a reload
        return bool(ticket["state"] == "serving")

    def _parts(self) -> bool:
        desk = self._clerk.state()
        visit = desk["visit"]
        if visit is not None:
            if visit["ticket"]["state"] == "called":
                self._citizen.arrives()
            elif visit["ended_at"] is None:
                self._clerk.ends()
            else:
                self._clerk.closes()
            return False
        kiosk = self._citizen.state()
        if kiosk["counter"]["state"] == "cleaning":
            self._citizen._seat = None  # noqa: SLF001 - the page forgets it as it wipes
            self._citizen.post("/api/kiosk/wiped", {"storage": 0, "caches": 0, "elements": 0})
            return False
        if kiosk["ticket"] is not None:
            self._citizen.post("/api/kiosk/departure")
            return False
        return True

    def _job(self, key: str) -> DeviceJob | None:
        with self._town.records.database.reading() as db:
            return db.scalar(select(DeviceJob).where(DeviceJob.idempotency_key == key))

    def _until(self, what: str, step: Any) -> None:
        """Repeat a step until it says that it is done; what the bridge refuses is looked at again."""
        deadline = time.monotonic() + PATIENCE_S
        last: object = None
        while True:
            try:
                if step():
                    return
            # The bridge is away, or was quicker than we looked: both are seen at the next look.
            except (Problem, requests.RequestException, TimeoutError, OSError, ValueError) as error:
                last = error
            except Exception as error:  # noqa: BLE001 - a link that breaks raises what it likes
                last = error
            if time.monotonic() > deadline:
                raise GaveUp(f"{self._counter}: never: {what}; {last}; {self._looks()}")
            self._pause.wait(PAUSE_S)

    def _looks(self) -> State:
        def look(screen: Screen) -> object:
            try:
                state = screen.state()
            except Exception as error:  # noqa: BLE001 - told as it is
                return str(error)
            visit = state.get("visit") or {}
            return {
                "ticket": (visit.get("ticket") or state.get("ticket") or {}).get("state"),
                "counter": state.get("counter"),
                "ended": visit.get("ended_at"),
            }

        return {"kiosk": look(self._citizen), "desk": look(self._clerk)}


def _is_open(screen: Screen) -> bool:
    if not screen.link.connected:
        screen.opens_link()
    return True
