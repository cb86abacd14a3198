"""Makers of what tests stand on: a whole bridge on an empty database, and who acts in it."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from flask.testing import FlaskClient
from flask_socketio.test_client import SocketIOTestClient

import bridge.audit.models
import bridge.counters.models
import bridge.documents.models
import bridge.helpers.models
import bridge.meetings.models
import bridge.offices.models
import bridge.tickets.models
import bridge.visits.models  # noqa: F401  # importing a models module makes its tables known
from bridge.app import App, create_app
from bridge.core.config import OfficeSettings, Settings, load
from bridge.core.db import Base
from bridge.core.events import Event
from bridge.core.keys import make_keys
from bridge.core.web import KIOSK_COOKIE, STAFF_COOKIE
from bridge.counters import pairing
from bridge.counters import service as counters
from bridge.counters.models import Counter, DeviceJob
from bridge.offices import service as offices
from bridge.offices.models import Office, Person
from bridge.offices.rules import Role
from counter_hooks.wire import NAMESPACE, WIRE

NOW = datetime(2026, 11, 24, 9, 15, tzinfo=UTC)
PASSWORD = "a long enough password"
OURS = {"Sec-Fetch-Site": "same-origin"}

SCANNER = {
    "id": "fake:scanner",
    "driver": "fake",
    "name": "Scanner",
    "capabilities": ["scan"],
    "sources": ["glass", "feeder"],
    "resolutions_dpi": [150, 300, 600],
    "colours": ["colour", "grey"],
    "sides": [],
    "attention": None,
}
PRINTER = {
    "id": "fake:printer",
    "driver": "fake",
    "name": "Printer",
    "capabilities": ["print"],
    "sources": [],
    "resolutions_dpi": [],
    "colours": ["grey"],
    "sides": ["one-sided", "two-sided-long-edge"],
    "attention": None,
}


class Clock:
    """A clock that goes only when it is told to."""

    def __init__(self, now: datetime = NOW) -> None:
        self.now = now

    def __call__(self) -> datetime:
        """Return what time it is."""
        return self.now

    def go(self, **span: float) -> datetime:
        """Let time pass, as ``timedelta`` says it: ``clock.go(minutes=5)``."""
        self.now += timedelta(**span)
        return self.now


def settings_in(folder: Path, **more: str) -> Settings:
    """Return settings for an installation in ``folder``; ``more`` are variables without OAC_."""
    environment = {f"OAC_{name.upper()}": value for name, value in more.items()}
    return load(None, {"OAC_DATA_DIR": str(folder), **environment})


@dataclass
class House:
    """A bridge that was put together, its clock, its one office, and all events told."""

    app: App
    clock: Clock
    office: Office
    told: list[Event] = field(default_factory=list)

    def close(self) -> None:
        """End what runs in the background and let go of the database."""
        self.app.stop()
        self.app.database.engine.dispose()

    def person(self, login: str = "empar", role: Role = Role.CLERK) -> Person:
        """Add a person to the office; the password is ``PASSWORD``."""
        with self.app.database.transaction() as db:
            wanted = offices.NewPerson(
                login=login, name=login.title(), role=role, password=PASSWORD
            )
            return offices.add_person(
                db, db.get_one(Office, self.office.id), wanted, now=self.clock()
            )

    def counter(self, key: str = "counter-1") -> Counter:
        """Add a counter to the office; it is offline."""
        with self.app.database.transaction() as db:
            office = db.get_one(Office, self.office.id)
            return counters.add_counter(db, office, key, key.title(), now=self.clock())

    def token(self, counter: Counter, kind: pairing.Kind) -> str:
        """Pair a kiosk or agent and return its device token."""
        with self.app.database.transaction() as db:
            offer = pairing.start_pairing(db, kind, counter.key, now=self.clock())
            pairing.approve(db, offer.code, counter_key=None, now=self.clock())
            paired = pairing.claim(db, offer.claim, now=self.clock())
        assert paired is not None
        return paired.token

    def browser(self) -> FlaskClient:
        """Return a browser that knows nobody."""
        return self.app.flask.test_client()

    def desk(self, person: Person) -> FlaskClient:
        """Return a browser in which ``person`` is signed in; pass ``headers=OURS`` to change."""
        with self.app.database.transaction() as db:
            secret = offices.sign_in(
                db,
                person.id,
                take_over=True,
                staff=self.app.settings.staff,
                now=self.clock(),
            )
        browser = self.browser()
        browser.set_cookie(STAFF_COOKIE, secret)
        return browser

    def kiosk(self, counter: Counter) -> FlaskClient:
        """Return the paired browser of a counter, which is idle from now on."""
        browser = self.browser()
        browser.set_cookie(KIOSK_COOKIE, self.token(counter, "kiosk"))
        with self.app.database.transaction() as db:
            counters.kiosk_came(db, counter.id, now=self.clock())
        return browser

    def page(self, browser: FlaskClient, auth: dict[str, Any] | None = None) -> SocketIOTestClient:
        """Open the page's socket of a browser."""
        return SocketIOTestClient(
            self.app.flask, self.app.socketio, auth=auth, flask_test_client=browser
        )

    def agent(self, counter: Counter, token: str | None = None) -> AgentClient:
        """Connect the agent of a counter; it has not said hello yet."""
        return AgentClient(self, token or self.token(counter, "agent"))

    def job(self, job_id: str) -> DeviceJob:
        """Return a job as it is now."""
        with self.app.database.reading() as db:
            return db.get_one(DeviceJob, job_id)

    def names(self) -> list[str]:
        """Return the names of all events told so far, in order."""
        return [event.name for event in self.told]


class AgentClient:
    """The agent's end of the link: real messages over Flask-SocketIO's test client."""

    def __init__(self, house: House, token: str, wire: int = WIRE) -> None:
        self.token = token
        self._wire = wire
        self._client = SocketIOTestClient(
            house.app.flask,
            house.app.socketio,
            namespace=NAMESPACE,
            auth={"token": token, "wire": wire},
        )

    @property
    def is_connected(self) -> bool:
        """Whether the bridge took the connection and has not ended it."""
        return self._client.is_connected(NAMESPACE)

    def hello(
        self,
        *devices: dict[str, Any],
        open_jobs: tuple[str, ...] = (),
        offer: dict[str, Any] | None = None,
    ) -> dict[str, Any]:
        """Say hello with ``devices`` and what plugins add; return the welcome."""
        told = {
            "wire": self._wire,
            "version": "1.0.0",
            "devices": list(devices),
            "open_jobs": list(open_jobs),
            **({"offer": offer} if offer else {}),
        }
        return self.say("hello", told)

    def say(self, name: str, message: object) -> dict[str, Any]:
        """Send a message and return its acknowledgement."""
        answer = self._client.emit(name, message, callback=True, namespace=NAMESPACE)
        assert isinstance(answer, dict)
        return answer

    def report(self, job: str, sequence: int, state: str, **more: object) -> dict[str, Any]:
        """Report how a job stands."""
        return self.say("job:state", {"job": job, "sequence": sequence, "state": state, **more})

    def received(self, name: str) -> list[dict[str, Any]]:
        """Return the payloads of the messages ``name`` that came since the last time."""
        came = self._client.get_received(NAMESPACE)
        return [one["args"][0] for one in came if one["name"] == name]

    def answer(self, told: dict[str, Any]) -> None:
        """Acknowledge the newest message, as an agent does each of them."""
        server: Any = self._client.socketio.server
        connection = server.manager.sid_from_eio_sid(self._client.eio_sid, NAMESPACE)
        newest = max(server.manager.callbacks[connection])
        server.manager.trigger_callback(connection, newest, [told])

    def leave(self) -> None:
        """End the connection."""
        self._client.disconnect(NAMESPACE)


def make_house(settings: Settings, clock: Clock | None = None) -> House:
    """Put a bridge together on an empty database, with one office and keys."""
    settings.data_dir.mkdir(parents=True, exist_ok=True)
    settings.documents_dir.mkdir(exist_ok=True)
    make_keys(settings)
    time = clock or Clock()
    app = create_app(settings, clock=time)
    Base.metadata.create_all(app.database.engine)
    with app.database.transaction() as db:
        office = offices.make_office(db, OfficeSettings(), now=time())
    house = House(app=app, clock=time, office=office)
    _listen_to_all(app, house.told)
    return house


def _listen_to_all(app: App, told: list[Event]) -> None:
    tell = app.events.tell

    def tell_and_note(event: Event) -> None:
        told.append(event)
        tell(event)

    app.events.tell = tell_and_note  # type: ignore[method-assign]  # a test overhears, nothing else
