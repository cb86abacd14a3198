"""Who is told when a visit, its counter, its clerk or its devices are not as they were."""

from __future__ import annotations

from sqlalchemy import select

from bridge.core.db import Database
from bridge.core.events import Event, Events
from bridge.core.push import Push, room
from bridge.helpers import service as helpers
from bridge.offices.models import Office
from bridge.tickets.waiting import count_waiting, counters_of_waiting
from bridge.visits import finding

_VISIT = (
    "started",
    "arrived",
    "missed",
    "parked",
    "transferred",
    "rerouted",
    "ended",
    "closed",
    "paused",
    "resumed",
    "camera-ordered",
    "camera-missing",
    "unreached",
    "joined",
    "left",
    "interrupted",
    "step-changed",
    "moved",
    "refused",
    "guests-changed",
)


class VisitPush:
    """Listens to what was committed and tells the pages that it concerns to ask again."""

    def __init__(self, events: Events, push: Push, database: Database) -> None:
        self._push = push
        self._database = database
        for past in _VISIT:
            events.on(f"visit:{past}", self._on_visit)
        for past in ("stored", "changed"):
            events.on(f"page:{past}", self._on_page)
        for past in helpers.EVENTS:
            events.on(f"help:{past}", self._on_counter)
        events.on("counter:moved", self._on_counter)
        events.on("devices:changed", self._on_devices)
        events.on("clerk:moved", self._on_clerk)
        events.on("meetings:changed", self._on_meetings)

    def _on_visit(self, event: Event) -> None:
        rooms = [
            room("counter", str(event.facts["counter"])),
            room("clerk", str(event.facts["clerk"])),
        ]
        self._push.to_pages(rooms, "state:changed", {"because": event.name})

    def _on_page(self, event: Event) -> None:
        with self._database.reading() as db:
            visit = finding.about_same_ticket(db, str(event.facts["visit"]))
        if visit is not None:
            rooms = [room("counter", visit.counter_id), room("clerk", visit.clerk_id)]
            self._push.to_pages(rooms, "state:changed", {"because": event.name})

    def _on_counter(self, event: Event) -> None:
        self._on_devices(event)
        self._tell_office(str(event.facts["office"]))

    def _on_devices(self, event: Event) -> None:
        counter_id = str(event.facts["counter"])
        with self._database.reading() as db:
            visit = finding.open_at(db, counter_id, to_change=False)
        rooms = [room("counter", counter_id)]
        if visit is not None:
            rooms.append(room("clerk", visit.clerk_id))
        self._push.to_pages(rooms, "state:changed", {"because": event.name})

    def _on_clerk(self, event: Event) -> None:
        target = room("clerk", str(event.facts["person"]))
        with self._database.reading() as db:
            # Who waits reads whether anybody is there to call.
            waiting = counters_of_waiting(db, str(event.facts["office"]))
        rooms = [target, *(room("counter", counter) for counter in waiting)]
        self._push.to_pages(rooms, "state:changed", {"because": event.name})
        self._tell_office(str(event.facts["office"]))

    def _on_meetings(self, event: Event) -> None:
        with self._database.reading() as db:
            offices = [room("office", office_id) for office_id in db.scalars(select(Office.id))]
        self._push.to_pages(offices, "state:changed", {"because": event.name})

    def _tell_office(self, office_id: str) -> None:
        with self._database.reading() as db:
            waiting = count_waiting(db, office_id)
        self._push.to_pages([room("office", office_id)], "queue:changed", {"waiting": waiting})
