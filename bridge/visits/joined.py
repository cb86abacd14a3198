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
from bridge.documents import making_web
from bridge.documents import web as documents_web
from bridge.tickets import push as tickets_push
from bridge.visits import finding, helper_web, kiosk_web, meeting_web, papers_web, screen_web, web
from bridge.visits.chores import Chores
from bridge.visits.keeper import Keeper, Server
from bridge.visits.link import VisitLink
from bridge.visits.paging import Paging
from bridge.visits.push import VisitPush
from bridge.visits.rules import WATCH_EVERY_S
from bridge.visits.tools import Tools, install
from jitsi_oac_plugin.servers import Control


@dataclass(frozen=True, slots=True, kw_only=True)
class Ground:
    """The parts of a bridge that this half of it stands on.

    ``errands`` is the sweeper for what has to wait for the meeting server.
    """

    settings: Settings
    flask: Flask
    database: Database
    push: Push
    pages: PageSockets
    sweeper: Sweeper
    errands: Sweeper
    control: Control | None
    clock: Callable[[], datetime]


def join(ground: Ground, tools: Tools) -> Chores:
    """Add this half to the bridge; return its chores, which the sweeper does from now on."""
    flask, database = ground.flask, ground.database
    install(flask, tools)
    for blueprint in (
        web.pages,
        kiosk_web.pages,
        screen_web.pages,
        meeting_web.pages,
        papers_web.pages,
        helper_web.pages,
        documents_web.desk_blueprint(tools.store, finding.guard_ticket),
        making_web.making_blueprint(tools.store, finding.guard_ticket),
    ):
        flask.register_blueprint(blueprint)
    tickets_push.subscribe(database.events, ground.push, database)
    VisitPush(database.events, ground.push, database)
    link = VisitLink(
        ground.pages, database, ground.push, meetings=tools.meetings, clock=ground.clock
    )
    is_telling = tools.meetings.is_told("jitsi")
    server = Server(control=ground.control, health=tools.health, is_telling=is_telling)
    Keeper(database, server, link.hints_before).register(ground.errands)
    chores = Chores(database, tickets_days=ground.settings.retention.tickets_days)
    chores.register(ground.sweeper)
    paging = Paging(database, ground.clock)
    paging.subscribe(database.events)
    ground.sweeper.every(WATCH_EVERY_S, "calling somebody to devices", paging.sweep)
    return chores
