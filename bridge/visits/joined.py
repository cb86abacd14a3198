"""Joins queue, help and visits to a bridge: addresses, sockets, pushes, chores."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from flask import Flask

from bridge.core.config import Settings
from bridge.core.db import Database
from bridge.core.push import Push
from bridge.core.sockets import PageSockets
from bridge.core.sweeper import Sweeper
from bridge.documents import web as documents_web
from bridge.helpers import web as helpers_web
from bridge.tickets import push as tickets_push
from bridge.visits import finding, kiosk_web, web
from bridge.visits.chores import Chores
from bridge.visits.link import VisitLink
from bridge.visits.push import VisitPush
from bridge.visits.tools import Tools, install


@dataclass(frozen=True, slots=True, kw_only=True)
class Ground:
    """The parts of a bridge that this half of it stands on."""

    settings: Settings
    flask: Flask
    database: Database
    push: Push
    pages: PageSockets
    sweeper: Sweeper
    clock: Callable[[], datetime]


def join(ground: Ground, tools: Tools) -> Chores:
    """Add this half to the bridge; return its chores, which the sweeper does from now on."""
    flask, database = ground.flask, ground.database
    install(flask, tools)
    for blueprint in (
        web.pages,
        kiosk_web.pages,
        helpers_web.pages,
        documents_web.desk_blueprint(tools.store, finding.guard_ticket),
    ):
        flask.register_blueprint(blueprint)
    tickets_push.subscribe(database.events, ground.push, database)
    VisitPush(database.events, ground.push, database)
    VisitLink(ground.pages, database, ground.push, clock=ground.clock)
    chores = Chores(database, tickets_days=ground.settings.retention.tickets_days)
    chores.register(ground.sweeper)
    return chores
