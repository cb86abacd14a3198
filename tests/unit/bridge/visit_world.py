"""A day at a counter for tests: a kiosk, a clerk, an agent, and what they do."""

from __future__ import annotations

from dataclasses import dataclass, field
from itertools import count
from typing import Any

from flask.testing import FlaskClient
from flask_socketio.test_client import SocketIOTestClient
from sqlalchemy import select

from bridge.audit.models import Entry
from bridge.counters.models import Counter
from bridge.offices.models import Person
from bridge.offices.rules import Role
from tests.makers import OURS, PRINTER, SCANNER, AgentClient, House

_keys = count(1)


@dataclass
class Answer:
    """What the bridge answered: status, and the JSON."""

    status: int
    json: dict[str, Any]


def ask(browser: FlaskClient, method: str, path: str, **body: object) -> Answer:
    """Send a request as our own pages do."""
    response = browser.open(path, method=method, json=body or None, headers=OURS)
    return Answer(response.status_code, response.get_json(silent=True) or {})


@dataclass
class Citizen:
    """Whoever sits at a counter."""

    house: House
    counter: Counter
    browser: FlaskClient

    def state(self) -> dict[str, Any]:
        """Return the KioskState."""
        answer = ask(self.browser, "GET", "/api/kiosk")
        assert answer.status == 200, answer.json
        return answer.json

    def does(self, what: str, **body: object) -> Answer:
        """Touch something: ``departure``, ``arrival``, ``stop`` and so on."""
        return ask(self.browser, "POST", f"/api/kiosk/{what}", **body)

    def takes_ticket(self, *wanted: str, language: str = "ca", key: str = "") -> Answer:
        """Ask for a number, a second after whoever came before."""
        self.house.clock.go(seconds=1)
        return self.does(
            "tickets",
            language=language,
            procedures=list(wanted or ("census",)),
            idempotency_key=key or f"ticket-{next(_keys)}",
        )

    def page(self) -> SocketIOTestClient:
        """Open the page's socket."""
        return self.house.page(self.browser, {"page": "kiosk"})


@dataclass
class Clerk:
    """Whoever serves from afar."""

    house: House
    person: Person
    browser: FlaskClient

    def state(self) -> dict[str, Any]:
        """Return the DeskState."""
        answer = ask(self.browser, "GET", "/api/desk")
        assert answer.status == 200, answer.json
        return answer.json

    def visit(self) -> dict[str, Any]:
        """Return the visit in hand."""
        found: dict[str, Any] = self.state()["visit"]
        return found

    def is_available(self) -> Answer:
        """Become available."""
        return ask(self.browser, "PUT", "/api/desk/availability", state="available")

    def calls(self, **body: object) -> Answer:
        """Call the next citizen, or the one named."""
        return ask(self.browser, "POST", "/api/desk/calls", **body)

    def does(self, what: str, **body: object) -> Answer:
        """Do something in the visit in hand: ``recall``, ``ending`` and so on."""
        return ask(self.browser, "POST", f"/api/visits/{self.visit()['id']}/{what}", **body)

    def changes_step(self, key: str, **body: object) -> Answer:
        """Change the step ``key`` of the visit in hand."""
        visit = self.visit()
        step = self.step(key)
        path = f"/api/visits/{visit['id']}/steps/{step['id']}"
        return ask(self.browser, "PATCH", path, **body)

    def step(self, key: str) -> dict[str, Any]:
        """Return the step ``key`` of the visit in hand."""
        steps = [one for service in self.visit()["services"] for one in service["steps"]]
        found: dict[str, Any] = next(one for one in steps if one["key"] == key)
        return found

    def wants(self, kind: str, **body: object) -> Answer:
        """Ask for a scan or a print, a second after whatever came before."""
        self.house.clock.go(seconds=1)
        device = SCANNER["id"] if kind == "scan" else PRINTER["id"]
        wanted = {"device": device, "idempotency_key": f"job-{next(_keys)}", **body}
        return self.does("jobs", kind=kind, **wanted)

    def page(self) -> SocketIOTestClient:
        """Open the page's socket."""
        return self.house.page(self.browser)


@dataclass
class World:
    """A house with the people who come to it."""

    house: House
    agents: dict[str, AgentClient] = field(default_factory=dict)

    def citizen(self, key: str = "counter-1") -> Citizen:
        """Have somebody sit down at a new counter."""
        counter = self.house.counter(key)
        return Citizen(self.house, counter, self.house.kiosk(counter))

    def clerk(self, login: str = "empar", role: Role = Role.CLERK) -> Clerk:
        """Have a clerk sign in and become available."""
        person = self.house.person(login, role)
        clerk = Clerk(self.house, person, self.house.desk(person))
        assert clerk.is_available().status == 200
        return clerk

    def plugs_in(self, citizen: Citizen) -> AgentClient:
        """Connect the agent of the counter, with a scanner and a printer."""
        agent = self.house.agent(citizen.counter)
        agent.hello(SCANNER, PRINTER)
        self.agents[citizen.counter.key] = agent
        return agent

    def sit(self, citizen: Citizen, clerk: Clerk, *wanted: str) -> None:
        """Have the citizen called and seated."""
        assert citizen.takes_ticket(*wanted).status == 201
        assert clerk.calls().status == 201
        assert citizen.does("arrival").status == 200

    def meet(self, citizen: Citizen, clerk: Clerk) -> tuple[SocketIOTestClient, SocketIOTestClient]:
        """Have both join the meeting; return their pages' sockets, the citizen's first."""
        visit = clerk.visit()["id"]
        theirs, ours = citizen.page(), clerk.page()
        assert say(theirs, "meeting:joined", visit=visit)["peer"] is False
        assert say(ours, "meeting:joined", visit=visit)["peer"] is True
        return theirs, ours

    def serve(self, citizen: Citizen, clerk: Clerk, *wanted: str) -> None:
        """Have the citizen called, seated and met."""
        self.sit(citizen, clerk, *wanted)
        self.meet(citizen, clerk)


def say(page: SocketIOTestClient, name: str, **payload: object) -> dict[str, Any]:
    """Send a message of a page and return its acknowledgement."""
    answer = page.emit(name, payload, callback=True)
    assert isinstance(answer, dict)
    return answer


def heard(page: SocketIOTestClient, name: str) -> list[dict[str, Any]]:
    """Return the payloads called ``name`` that came since the last time."""
    return [one["args"][0] for one in page.get_received() if one["name"] == name]


def refusals(world: World, tag: str) -> list[dict[str, object]]:
    """Return the facts of what the audit keeps under ``tag``."""
    with world.house.app.database.reading() as db:
        entries = db.scalars(select(Entry).where(Entry.tag == tag).order_by(Entry.number))
        return [dict(entry.facts) for entry in entries]
