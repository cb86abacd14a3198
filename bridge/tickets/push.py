"""Who is told when the queue moves."""

from __future__ import annotations

from bridge.core.db import Database
from bridge.core.events import Event, Events
from bridge.core.push import Push, room
from bridge.tickets.rules import PAST
from bridge.tickets.waiting import count_waiting, counters_of_waiting


def subscribe(events: Events, push: Push, database: Database) -> None:
    """Tell the office, the ticket's counter and clerk, and everybody whose place may have changed."""

    def on_ticket(event: Event) -> None:
        office = str(event.facts["office"])
        with database.reading() as db:
            waiting = count_waiting(db, office)
            rooms = {room("counter", counter) for counter in counters_of_waiting(db, office)}
        for noun in ("counter", "clerk"):
            if event.facts[noun]:
                rooms.add(room(noun, str(event.facts[noun])))
        if rooms:
            push.to_pages(rooms, "state:changed", {"because": event.name})
        push.to_pages([room("office", office)], "queue:changed", {"waiting": waiting})

    for past in sorted({"issued", *PAST.values()}):
        events.on(f"ticket:{past}", on_ticket)
