"""A visit that is under way, driven through the bridge's own interface, for what happens in it."""

from __future__ import annotations

import itertools
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import requests

from deploy.stage.town import COUNTER, Town
from deploy.virtual.scanner import TestBackend
from tests.bench.page_clients import Heard, PageClients, wait_for

OURS = {"Sec-Fetch-Site": "same-origin"}
ENDED = ("produced", "confirmed", "failed", "cancelled", "refused", "expired", "not_confirmed")


class BenchTown(Town):
    """A town whose agent sees SANE's test backend beside our virtual scanner."""

    def __init__(self, folder: Path, *, pace_s: float) -> None:
        super().__init__(folder, pace_s=pace_s)
        self.sane = folder / "sane.d"
        self.set_test_pace(None)

    def set_test_pace(self, seconds: float | None) -> None:
        """Let a page of the test backend take so long; None is as fast as possible."""
        self.backend = TestBackend(self.sane, seconds=seconds)
        (self.sane / "dll.conf").write_text("test\noacsim\n")

    def agent_environment(self) -> dict[str, str]:
        """Return what the agent's programs see: the devices of both kinds."""
        return super().agent_environment() | {"SANE_CONFIG_DIR": str(self.sane)}


@dataclass(frozen=True, slots=True, kw_only=True)
class Timed:
    """One job: when it was accepted (monotonic seconds), and what the desk heard until it ended."""

    id: str
    accepted_at: float
    accepted_wall: float
    heard: list[Heard]
    state: str
    facts: dict[str, Any]

    def because(self, name: str) -> list[float]:
        """Return when the desk was told of it, in seconds since the acceptance."""
        return [
            one.at - self.accepted_at for one in self.heard if one.payload.get("because") == name
        ]

    def strips(self) -> list[float]:
        """Return when the desk had the strips of the preview, in seconds since the acceptance."""
        return [one.at - self.accepted_at for one in self.heard if one.name == "job:preview"]


class OpenVisit:
    """A kiosk and a clerk who have met; ``scan`` and ``print_form`` give jobs with their times."""

    def __init__(self, town: Town, pages: PageClients) -> None:
        self._town = town
        self._keys = itertools.count()
        self._kiosk, self._desk = requests.Session(), requests.Session()
        for one in (self._kiosk, self._desk):
            one.headers.update(OURS)
        self._pair_kiosk()
        clerk = next(one for one in town.sign_ins if one.role == "clerk")
        form = {"login": clerk.login, "password": clerk.password}
        self._desk.post(f"{town.url}/sign-in", data=form, allow_redirects=False).raise_for_status()
        self.kiosk_page, self.desk_page = pages.open(
            ("kiosk", cookie_of(self._kiosk)), ("staff", cookie_of(self._desk))
        )
        self._meet()

    def devices(self) -> dict[str, dict[str, Any]]:
        """Return the devices of the counter by their ids."""
        return {one["id"]: one for one in self._visit()["devices"]}

    def scan(self, device: str, **options: object) -> Timed:
        """Scan and wait for the end of the job and its last page."""
        job_id, begun = self.order("scan", device, options)
        return self.follow(job_id, begun)

    def print_form(self, device: str, form: str) -> Timed:
        """Print a form and wait until it was produced, as the bridge tells the desk."""
        job_id, begun = self.order("print", device, {}, form=form)
        timed = self.follow(job_id, begun)
        href = f"/api/kiosk/jobs/{timed.id}/confirmation"
        self._ask(self._kiosk, "POST", href, {"came_out": True})
        return timed

    def order(
        self, kind: str, device: str, options: dict[str, object], **more: object
    ) -> tuple[str, tuple[float, float]]:
        """Order a job and allow it; return its id and the moment just before it was allowed."""
        body = {"kind": kind, "device": device, "options": options, **more}
        body["idempotency_key"] = f"bench-{next(self._keys)}"
        state = self._ask(self._desk, "POST", f"/api/visits/{self.id}/jobs", body)
        job = state["visit"]["jobs"][0]
        self.desk_page.heard.clear()
        begun = (time.monotonic(), time.time())
        if job["state"] == "awaiting_consent":
            href = f"/api/kiosk/jobs/{job['id']}/consent"
            self._ask(self._kiosk, "POST", href, {"allow": True})
        return str(job["id"]), begun

    def cancel(self, job_id: str) -> None:
        """Stop a job and wait until it has stopped."""
        self._ask(self._desk, "POST", f"/api/visits/{self.id}/jobs/{job_id}/cancellation", {})
        wait_for(lambda: self._job(job_id)[0] in ENDED, "the job is cancelled")
        # The scanner has to be free for the next one.
        wait_for(lambda: not self._is_held(), "the scanner is let go")

    def follow(self, job_id: str, begun: tuple[float, float]) -> Timed:
        """Wait until a job has ended and all that was told of it has come."""
        told = 0
        state = ""
        until = time.monotonic() + 300
        while state not in ENDED:
            seen = sum(1 for one in list(self.desk_page.heard) if one.name == "state:changed")
            if seen != told:
                told = seen
                state, facts = self._job(job_id)
            elif time.monotonic() > until:
                raise TimeoutError(f"job {job_id} is still {state}")
            time.sleep(0.002)
        return Timed(
            id=job_id,
            accepted_at=begun[0],
            accepted_wall=begun[1],
            heard=list(self.desk_page.heard),
            state=state,
            facts=facts,
        )

    def _pair_kiosk(self) -> None:
        body = {"kind": "kiosk", "counter": COUNTER}
        claim = self._ask(self._kiosk, "POST", "/api/pairings", body)["claim"]
        self._town.pair_waiting()
        self._ask(self._kiosk, "POST", "/api/pairings/claim", {"claim": claim})

    def _meet(self) -> None:
        wish = {"language": "ca", "procedures": ["census"], "idempotency_key": "bench"}
        wait_for(
            lambda: self._ask(self._kiosk, "GET", "/api/kiosk")["counter"]["state"] == "idle",
            "the counter is idle",
        )
        self._ask(self._kiosk, "POST", "/api/kiosk/tickets", wish)
        self._ask(self._desk, "PUT", "/api/desk/availability", {"state": "available"})
        state = self._ask(self._desk, "POST", "/api/desk/calls", {})
        self.id = state["visit"]["id"]
        self._ask(self._kiosk, "POST", "/api/kiosk/arrival", {})

    def _visit(self) -> dict[str, Any]:
        visit: dict[str, Any] = self._ask(self._desk, "GET", "/api/desk")["visit"]
        return visit

    def _job(self, job_id: str) -> tuple[str, dict[str, Any]]:
        [job] = [one for one in self._town.records.jobs("scan") if one.id == job_id] or [
            one for one in self._town.records.jobs("print") if one.id == job_id
        ]
        return job.state.value, job.facts

    def _is_held(self) -> bool:
        return any("scanimage" in name for name in _names_below(self._town.agent.pid))

    def _ask(
        self, who: requests.Session, method: str, path: str, body: object = None
    ) -> dict[str, Any]:
        answer = who.request(method, f"{self._town.url}{path}", json=body, timeout=30)
        if not answer.ok:
            raise RuntimeError(f"{method} {path}: {answer.status_code} {answer.text[:300]}")
        told: dict[str, Any] = answer.json()
        return told


def cookie_of(browser: requests.Session) -> str:
    """Return the header that carries a browser's cookies."""
    return "; ".join(f"{one.name}={one.value}" for one in browser.cookies)


def _names_below(pid: int) -> list[str]:
    from tests.bench.figures import tree

    names = []
    for child in tree(pid):
        try:
            names.append(Path(f"/proc/{child}/comm").read_text().strip())
        except OSError:
            continue
    return names
