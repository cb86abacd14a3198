"""Plugins of the bridge: loaded as the settings say, and told what happens."""

from __future__ import annotations

from bridge.core.config import Settings
from bridge.core.db import Database
from bridge.core.events import Event, Events
from bridge.offices.models import Person
from bridge.tickets.models import Ticket
from bridge.tickets.waiting import view_of
from counter_hooks.registry import BridgeRegistry, Wish
from counter_hooks.views import DeskView


def load(settings: Settings, *, is_safe: bool = False) -> BridgeRegistry:
    """Return the plugins that ``settings`` ask for; ``is_safe`` leaves out those of others."""
    return BridgeRegistry(
        wish=Wish(
            settings=settings.plugins,
            but=settings.disabled_plugins,
            is_safe=is_safe or settings.safe_mode,
            is_traced=settings.trace_hooks,
        )
    )


def names_of_troubled(plugins: BridgeRegistry) -> tuple[str, ...]:
    """Return the names of the plugins of others that are not used, or not any more."""
    return tuple(one.name for one in plugins.troubled)


def subscribe(events: Events, database: Database, plugins: BridgeRegistry) -> None:
    """Tell plugins of what was committed; none of them is waited for."""

    def on_called(event: Event) -> None:
        if not plugins.has("ticket_called"):
            return
        with database.reading() as db:
            ticket = db.get_one(Ticket, str(event.facts["ticket"]))
            clerk = db.get_one(Person, str(event.facts["clerk"]))
            desk = DeskView(clerk_id=clerk.id, office_key=clerk.office.key)
            view = view_of(ticket)
        plugins.ticket_called(view, desk)

    events.on("ticket:called", on_called)
    events.on("ticket:recalled", on_called)
