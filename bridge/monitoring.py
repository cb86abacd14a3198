"""What monitoring asks: is it alive, is it ready, how much is going on."""

from __future__ import annotations

import hmac
from collections.abc import Iterator
from ipaddress import ip_address

from flask import Flask, Response, jsonify, make_response, request
from prometheus_client import CollectorRegistry, generate_latest
from prometheus_client.core import GaugeMetricFamily, Metric
from prometheus_client.exposition import CONTENT_TYPE_PLAIN_0_0_4
from prometheus_client.registry import Collector
from sqlalchemy import func, select, text
from sqlalchemy.exc import SQLAlchemyError

from bridge.audit.models import Head
from bridge.core.db import Db
from bridge.core.errors import NotAllowed
from bridge.core.sockets import PageSockets
from bridge.core.web import bearer, database, now, settings
from bridge.counters import offers
from bridge.counters.link import AgentLink
from bridge.counters.models import IS_OPEN, Counter, DeviceJob
from bridge.counters.service import is_agent_there
from bridge.meeting_page.web import page_reports
from bridge.meetings.health import Health
from bridge.meetings.models import RoomEnding
from bridge.offices.models import Person
from counter_hooks.registry import BridgeRegistry


class _Figures(Collector):
    """The figures of one moment, read when they are asked for."""

    def __init__(
        self,
        db: Db,
        *,
        pages: PageSockets,
        agents: AgentLink,
        health: Health,
        plugins: BridgeRegistry,
    ) -> None:
        self._db = db
        self._pages = pages
        self._agents = agents
        self._health = health
        self._plugins = plugins

    def collect(self) -> Iterator[Metric]:
        """Yield every figure."""
        connected = GaugeMetricFamily(
            "oac_connections", "Connections to this process", labels=["kind"]
        )
        for side in ("staff", "kiosk"):
            connected.add_metric([side], len(self._pages.present(side)))
        connected.add_metric(["agent"], len(self._agents.present()))
        yield connected
        yield self._by_state("oac_counters", "Counters by state", Counter)
        yield self._by_state("oac_people", "People by what they are doing", Person)
        yield self._by_state("oac_jobs_open", "Device jobs that have not ended", DeviceJob)
        yield from self._of_meetings()
        head = self._db.get(Head, 1)
        entries = head.number if head else 0
        yield GaugeMetricFamily("oac_audit_entries", "Entries of the audit", value=entries)
        yield from self._of_plugins()

    def _of_plugins(self) -> Iterator[Metric]:
        states = GaugeMetricFamily("oac_plugins", "Plugins by state", labels=["plugin", "state"])
        for one in self._plugins.plugins:
            state = "off" if one.is_off else "loaded" if one.loaded else "left-out"
            states.add_metric([one.name, state], 1)
        yield states
        lost = self._plugins.calls.lost
        told = "Threads that a plugin does not give back"
        yield GaugeMetricFamily("oac_plugin_threads_lost", told, value=lost)

    def _of_meetings(self) -> Iterator[Metric]:
        state = self._health.state
        ready = GaugeMetricFamily(
            "oac_meetings_ready", "Whether visits can meet", labels=["provider", "reason"]
        )
        ready.add_metric([state.provider, state.reason or ""], int(state.is_ready))
        yield ready
        endings = self._db.scalar(select(func.count()).select_from(RoomEnding))
        yield GaugeMetricFamily(
            "oac_rooms_to_close", "Rooms that the meeting server has not closed", value=endings
        )

    def _by_state(
        self, name: str, help_text: str, row: type[Counter | Person | DeviceJob]
    ) -> Metric:
        family = GaugeMetricFamily(name, help_text, labels=["state"])
        query = select(row.state, func.count()).group_by(row.state)
        if row is DeviceJob:
            query = query.where(IS_OPEN)
        for state, count in self._db.execute(query):
            family.add_metric([state.value], count)
        return family


def install(
    app: Flask, *, pages: PageSockets, agents: AgentLink, health: Health, plugins: BridgeRegistry
) -> None:
    """Add ``/healthz``, ``/readyz`` and ``/metrics``."""

    def metrics() -> Response:
        _check_monitor()
        registry = CollectorRegistry()
        registry.register(page_reports(app))
        with database().reading() as db:
            registry.register(
                _Figures(db, pages=pages, agents=agents, health=health, plugins=plugins)
            )
            response = make_response(generate_latest(registry))
        response.content_type = CONTENT_TYPE_PLAIN_0_0_4
        return response

    app.add_url_rule("/healthz", "healthz", lambda: jsonify({"ok": True}))
    app.add_url_rule("/readyz", "readyz", lambda: readiness(health, plugins))
    app.add_url_rule("/metrics", "metrics", metrics)


def readiness(health: Health, plugins: BridgeRegistry) -> Response:
    """Say whether the bridge can serve: its database answers.

    Agents are counted, what their self-tests found is named, the meeting server is described and plugins that are not used are named;
    none is required: the queue goes on.
    """
    try:
        with database().reading() as db:
            db.execute(text("SELECT 1"))
            counters = db.scalars(select(Counter)).all()
    except SQLAlchemyError as error:
        problem = {"ok": False, "database": type(error).__name__}
        return make_response(jsonify(problem), 503)
    there = [counter for counter in counters if is_agent_there(counter, now=now())]
    troubled = {one.key: told for one in there if (told := offers.of(one).troubles)}
    return jsonify(
        {
            "ok": True,
            "database": "ok",
            "meeting": health.state.plain(),
            "agents": {
                "connected": len(there),
                "counters": len(counters),
                "troubled": troubled,
            },
            "plugins": {
                "is_safe": plugins.is_safe,
                "off": [one.name for one in plugins.troubled],
            },
        }
    )


def _check_monitor() -> None:
    token, shown = settings().monitoring_token, bearer() or ""
    if token and hmac.compare_digest(token.encode(), shown.encode()):
        return
    try:
        is_local = ip_address(request.remote_addr or "").is_loopback
    except ValueError:
        is_local = False
    if not is_local:
        raise NotAllowed
