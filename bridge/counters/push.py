"""Who is told when a job moves."""

from __future__ import annotations

from bridge.core.events import Event, Events
from bridge.core.push import Push, room


def subscribe(events: Events, push: Push) -> None:
    """Tell the counter's kiosk and the clerk who asked that a job is not as it was."""

    def on_job(event: Event) -> None:
        rooms = [room("counter", str(event.facts["counter"]))]
        if event.facts["clerk"]:
            rooms.append(room("clerk", str(event.facts["clerk"])))
        push.to_pages(rooms, "state:changed", {"because": event.name})

    events.on("job:changed", on_job)
