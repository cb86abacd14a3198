"""Tell the clerk that a page arrived or changed."""

from __future__ import annotations

from bridge.core.db import Database
from bridge.core.events import Event, Events
from bridge.core.push import Push, room
from bridge.counters.models import DeviceJob


def subscribe(events: Events, push: Push, database: Database) -> None:
    """Send ``state:changed`` to the clerk who asked for the page, and to the counter."""

    def on_page(event: Event) -> None:
        with database.reading() as db:
            job = db.get(DeviceJob, str(event.facts["job"]))
        if job is not None:
            rooms = [room("counter", job.counter_id)]
            if job.requested_by:
                rooms.append(room("clerk", job.requested_by))
            push.to_pages(rooms, "state:changed", {"because": event.name})

    events.on("page:stored", on_page)
    events.on("page:changed", on_page)
