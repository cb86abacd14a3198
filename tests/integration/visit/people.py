"""The people of a visit, without browsers: they ask, and are told, exactly as their pages do."""

from __future__ import annotations

import itertools
import threading
import time
from collections.abc import Callable
from typing import Any, Self

import requests
import socketio

from deploy.stage.town import COUNTER, SignIn, Town
from deploy.virtual.processes import wait_until

PATIENCE_S = 60.0
State = dict[str, Any]

_numbers = itertools.count(1)


class Problem(AssertionError):
    """The bridge said no."""

    def __init__(self, answer: requests.Response) -> None:
        self.status = answer.status_code
        is_problem = answer.headers["Content-Type"] == "application/problem+json"
        plain: dict[str, Any] = answer.json() if is_problem else {}
        self.key: str | None = plain.get("key")
        self.facts: dict[str, Any] = plain.get("facts", {})
        super().__init__(f"{self.status} {self.key} {self.facts} {answer.text[:300]}")


class Screen:
    """One page: its cookies, its whole state, its link, and what it was told over that."""

    page = ""
    state_path = ""

    def __init__(self, town: Town) -> None:
        self.town = town
        self.web = requests.Session()
        self.web.headers["Sec-Fetch-Site"] = "same-origin"
        self.told: list[tuple[str, Any]] = []
        self._news = threading.Condition()
        self._seat: State | None = None
        self.link = self._new_link()

    def ask(self, method: str, path: str, body: object = None, **more: Any) -> requests.Response:
        """Send a request as the page would and return whatever came."""
        more = {"timeout": PATIENCE_S, "allow_redirects": False} | more
        return self.web.request(method, self.town.url + path, json=body, **more)

    def do(self, method: str, path: str, body: object = None) -> State:
        """Send a request and return its answer. Raises ``Problem``."""
        answer = self.ask(method, path, body)
        if answer.status_code >= 400:
            raise Problem(answer)
        return dict(answer.json()) if answer.content else {}

    def post(self, path: str, body: object = None) -> State:
        """Change something. Raises ``Problem``."""
        return self.do("POST", path, {} if body is None else body)

    def state(self) -> State:
        """Return the whole state, as after a reload."""
        return self.do("GET", self.state_path)

    def opens_link(self) -> Self:
        """Connect, as the page does once it was loaded."""
        who = {"page": self.page}
        self.link.connect(
            self.town.url, auth=who, transports=["websocket"], wait_timeout=int(PATIENCE_S)
        )
        return self

    def reloads(self) -> State:
        """Load the page anew: nothing stays but the cookie. Return the first state."""
        self.link.disconnect()
        self._seat = None
        self.link = self._new_link()
        self.opens_link()
        return self.state()

    def sees(
        self, what: str, condition: Callable[[State], bool], *, seconds: float = PATIENCE_S
    ) -> State:
        """Return the first state with ``condition``.

        Like the page, it asks again only when it is told that there is news: who is not told
        does not see it, and fails.
        """
        deadline = time.monotonic() + seconds
        state: State = {}
        while True:
            with self._news:
                known = len(self.told)
            try:
                state = self.state()
                if condition(state):
                    return state
            except requests.ConnectionError:  # the bridge is away; its return is news
                state = {}
            with self._news:
                left = deadline - time.monotonic()
                if not self._news.wait_for(lambda seen=known: len(self.told) > seen, left):  # type: ignore[misc]
                    raise TimeoutError(f"{self.page} never saw: {what}; at last {_brief(state)}")

    def hears(self, name: str, condition: Callable[[Any], bool] = lambda _: True) -> Any:
        """Wait until it was told ``name``; return the payload."""

        def heard() -> list[Any]:
            return [what for event, what in self.told if event == name and condition(what)]

        with self._news:
            if not self._news.wait_for(heard, PATIENCE_S):
                raise TimeoutError(f"{self.page} never heard {name}")
            return heard()[0]

    def says(self, name: str, payload: object) -> Any:
        """Send a message over the link and return the acknowledgement."""
        return self.link.call(name, payload, timeout=PATIENCE_S)

    def job(self, identifier: str, state: str, *, seconds: float = PATIENCE_S) -> State:
        """Wait until the page shows a job in ``state``; return the job."""

        def shown(whole: State) -> bool:
            return any(job["state"] == state for job in self._jobs(whole, identifier))

        whole = self.sees(f"job {state}", shown, seconds=seconds)
        return self._jobs(whole, identifier)[0]

    def goes(self) -> None:
        """Close the page for good."""
        self.link.disconnect()
        self.web.close()

    def _jobs(self, whole: State, identifier: str) -> list[State]:
        raise NotImplementedError

    def _joins(self, visit: str) -> None:
        epoch = f"epoch-{next(_numbers)}"
        answer = self.says("meeting:joined", {"visit": visit, "epoch": epoch})
        assert answer["ok"], answer
        self._seat = {"visit": visit, "epoch": epoch}

    def _new_link(self) -> socketio.Client:
        link = socketio.Client(
            http_session=self.web,
            reconnection_delay=0.1,
            reconnection_delay_max=0.5,
            randomization_factor=0,
        )
        link.on("connect", self._connected)
        link.on("*", self._hear)
        return link

    def _connected(self) -> None:
        # After a break both pages come back into the meeting by themselves.
        if self._seat is not None:
            self.link.emit("meeting:joined", self._seat)
        self._hear("connect")

    def _hear(self, name: str, payload: object = None) -> None:
        with self._news:
            self.told.append((name, payload))
            self._news.notify_all()


class Citizen(Screen):
    """Sits in front of the kiosk."""

    page = "kiosk"
    state_path = "/api/kiosk"

    def sits_down(self, counter: str = COUNTER) -> Self:
        """Show a code, have a supervisor approve it, and open the page."""
        offer = self.post("/api/pairings", {"kind": "kiosk", "counter": counter})
        self.town.run("oac-bridge", "pair", str(offer["code"]), "--counter", counter)
        self.post("/api/pairings/claim", {"claim": offer["claim"]})
        self.opens_link()
        wait_until(lambda: self.link.connected, "the kiosk is connected", seconds=PATIENCE_S)
        return self

    def takes_ticket(self, procedure: str = "census", language: str = "ca") -> str:
        """Choose language and errand; return the number."""
        wish = {"language": language, "procedures": [procedure], "idempotency_key": new_key()}
        ticket: State = self.post("/api/kiosk/tickets", wish)["ticket"]
        return str(ticket["number"])

    def arrives(self) -> str:
        """Start the visit that one was called for, and join the meeting; return its id."""
        state = self.post("/api/kiosk/arrival")
        self.do("GET", "/api/kiosk/meeting")
        visit = str(state["visit"]["id"])
        self._joins(visit)
        return visit

    def is_asked(self) -> State:
        """Wait until a consent is asked for on the screen; return its job."""

        def asked(state: State) -> list[State]:
            return [job for job in state["jobs"] if job["state"] == "awaiting_consent"]

        return asked(self.sees("a consent", lambda state: bool(asked(state))))[0]

    def allows(self, *, allow: bool = True) -> State:
        """Wait for the question and answer it; return the job that it is about."""
        job = self.is_asked()
        self.post(f"/api/kiosk/jobs/{job['id']}/consent", {"allow": allow})
        return job

    def confirms(self, job: str, *, came_out: bool = True) -> State:
        """Say whether the paper came out."""
        return self.post(f"/api/kiosk/jobs/{job}/confirmation", {"came_out": came_out})

    def turns_page(self, job: str, page: int, *, is_last: bool = False) -> State:
        """Say that the next page lies there, or that it was all."""
        return self.post(f"/api/kiosk/jobs/{job}/next-page", {"page": page, "is_last": is_last})

    def job_is_gone(self, job: str) -> State:
        """Wait until the screen shows a job no more."""
        return self.sees("the job is gone", lambda state: not self._jobs(state, job))

    def wipes(self) -> State:
        """Forget everything, and prove it."""
        self.sees("goodbye", lambda state: state["counter"]["state"] == "cleaning")
        self._seat = None
        return self.post("/api/kiosk/wiped", {"storage": 0, "caches": 0, "elements": 0})

    def _jobs(self, whole: State, identifier: str) -> list[State]:
        return [job for job in whole["jobs"] if job["id"] == identifier]


class Clerk(Screen):
    """Teleworks."""

    page = "staff"
    state_path = "/api/desk"

    def signs_in(self, who: SignIn) -> Self:
        """Sign in by the form, and open the page."""
        form = {"login": who.login, "password": who.password, "take_over": "yes"}
        answer = self.ask("POST", "/sign-in", data=form)
        assert answer.status_code == 303, answer.status_code
        return self.opens_link()

    def is_available(self) -> Self:
        """Be ready to call."""
        if self.state()["clerk"]["state"] != "available":
            self.do("PUT", "/api/desk/availability", {"state": "available"})
        return self

    def calls_next(self, **named: object) -> str:
        """Call whoever is next, or the ticket ``ticket=`` in ``version=``; return the visit."""
        return str(self.post("/api/desk/calls", named)["visit"]["id"])

    def joins(self) -> None:
        """Join the meeting of one's visit."""
        visit = self.visit()["id"]
        self.do("GET", f"/api/visits/{visit}/meeting")
        self._joins(visit)

    def visit(self) -> State:
        """Return one's visit."""
        return dict(self.state()["visit"])

    def scans(self, step: str | None = "scan-id", **more: object) -> str:
        """Ask for a scan of a step, or of nothing in particular; return the job's id."""
        return self._orders("scan", step, more)

    def prints(self, step: str | None = "print-application", **more: object) -> str:
        """Ask for the form of a step; return the job's id."""
        return self._orders("print", step, more)

    def device(self, capability: str) -> State:
        """Return the device that can do it."""
        devices = self.visit()["devices"]
        return next(dict(one) for one in devices if capability in one["capabilities"])

    def sees_job(self, job: str, state: str, reason: str | None = None) -> State:
        """Wait until the desk shows the job in ``state``, for ``reason`` when one is given."""

        def shown(whole: State) -> bool:
            return any(
                one["state"] == state and reason in (None, one["reason"])
                for one in self._jobs(whole, job)
            )

        return self._jobs(self.sees(f"{job} {state} {reason}", shown), job)[0]

    def sees_pages(self, count: int, state: str = "visible") -> list[State]:
        """Wait until the desk shows so many checked pages; return them."""

        def pages(whole: State) -> list[State]:
            found = (page for one in whole["visit"]["documents"] for page in one["pages"])
            return [page for page in found if page["state"] == state]

        return pages(self.sees(f"{count} pages", lambda whole: len(pages(whole)) == count))

    def sees_printer(self, attention: str | None) -> None:
        """Wait until the desk shows what the printer needs."""

        def shown(whole: State) -> bool:
            return any(
                "print" in one["capabilities"] and one["attention"] == attention
                for one in whole["visit"]["devices"]
            )

        self.sees(f"the printer says {attention}", shown)

    def turns_page(self, job: str, page: int, *, is_last: bool = False) -> State:
        """Say that the next page lies there, or that it was all."""
        path = f"/api/visits/{self.visit()['id']}/jobs/{job}/next-page"
        return self.post(path, {"page": page, "is_last": is_last})

    def sees_awaited(self, job: str, page: int) -> State:
        """Wait until the desk shows that a job waits for ``page``."""

        def shown(whole: State) -> bool:
            jobs = whole["visit"]["jobs"]
            return any((one["id"], one["awaits_page"]) == (job, page) for one in jobs)

        return self.sees(f"page {page} is awaited", shown)

    def cancels(self, job: str) -> State:
        """Stop a job."""
        return self.post(f"/api/visits/{self.visit()['id']}/jobs/{job}/cancellation")

    def ends(self) -> State:
        """Let the citizen go."""
        self._seat = None
        return self.post(f"/api/visits/{self.visit()['id']}/ending")

    def closes(self) -> State:
        """Finish the paperwork."""
        return self.post(f"/api/visits/{self.visit()['id']}/closing")

    def _orders(self, kind: str, step: str | None, more: dict[str, object]) -> str:
        visit = self.visit()
        wish = {"kind": kind, "device": self.device(kind)["id"], "idempotency_key": new_key()}
        if step is not None:
            wish["step"] = self.step(step)
        before = {job["id"] for job in visit["jobs"]}
        after = self.post(f"/api/visits/{visit['id']}/jobs", wish | more)["visit"]["jobs"]
        return next(str(job["id"]) for job in after if job["id"] not in before)

    def step(self, key: str) -> str:
        """Return the id of a step of one's visit."""
        steps = (one for service in self.visit()["services"] for one in service["steps"])
        return next(str(one["id"]) for one in steps if one["key"] == key)

    def _jobs(self, whole: State, identifier: str) -> list[State]:
        visit = whole["visit"]
        return [job for job in visit["jobs"] if job["id"] == identifier] if visit else []


class Helper(Screen):
    """Walks the hall."""

    page = "staff"
    state_path = "/api/helper"

    def signs_in(self, who: SignIn) -> Self:
        """Sign in by the form, and open the page."""
        form = {"login": who.login, "password": who.password, "take_over": "yes"}
        assert self.ask("POST", "/sign-in", data=form).status_code == 303
        return self.opens_link()

    def answers(self, request: str, event: str) -> State:
        """Move a help request."""
        return self.post(f"/api/helper/requests/{request}/{event}")


def new_key() -> str:
    """Return an idempotency key for a new intent."""
    return f"intent-{next(_numbers)}-{time.time_ns()}"


def _brief(state: State) -> State:
    """Return what of a state helps to see why a wait was in vain."""
    visit = state.get("visit") or {}
    jobs = visit.get("jobs") or state.get("jobs") or []
    return {
        "ticket": (visit.get("ticket") or state.get("ticket") or {}).get("state"),
        "jobs": [(job["kind"], job["state"], job["reason"], job["pages"]) for job in jobs],
        "devices": [(one["id"], one["attention"]) for one in visit.get("devices", [])],
        "counter": state.get("counter", {}),
    }
