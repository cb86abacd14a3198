"""The composition root: the one place that knows every slice and joins them."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial
from pathlib import Path
from typing import Any

from flask import Flask, url_for
from flask_socketio import SocketIO
from werkzeug.middleware.proxy_fix import ProxyFix

from bridge import monitoring, plugging
from bridge.core import clock as real_clock
from bridge.core import i18n, problems, security, web
from bridge.core.config import Settings
from bridge.core.db import Database
from bridge.core.events import Event, Events
from bridge.core.keys import load_key
from bridge.core.push import Push
from bridge.core.sockets import Caller, PageSockets, Side
from bridge.core.sweeper import Sweeper
from bridge.counters import jobs as job_service
from bridge.counters import offers
from bridge.counters import push as counters_push
from bridge.counters import service as counter_service
from bridge.counters import web as counters_web
from bridge.counters.link import AgentLink
from bridge.counters.rules import SEEN_EVERY_S
from bridge.documents import prints
from bridge.documents import service as document_service
from bridge.documents import web as documents_web
from bridge.documents.checks import PageChecks
from bridge.documents.store import DocumentStore
from bridge.meeting_page import web as meeting_page_web
from bridge.meetings import Meetings, reports
from bridge.meetings.health import Health, State
from bridge.offices import service as office_service
from bridge.offices import web as offices_web
from bridge.procedures.service import Procedures
from bridge.procedures.service import load as load_procedures
from bridge.visits import joined, presence
from bridge.visits.tools import Tools
from counter_hooks.registry import BridgeRegistry
from jitsi_oac_plugin.servers import Control

_HERE = Path(__file__).parent
_MOST_MESSAGE_BYTES = 1_000_000
# What an action said goes when its visit is closed; this finds what a crash left behind.
_ANSWERS_STAY = timedelta(days=1)
# So long it is made sure that nothing of an erased visit is left on the disk.
_FILES_LAST = timedelta(days=30)


@dataclass(frozen=True, slots=True, kw_only=True)
class App:
    """One bridge, put together."""

    settings: Settings
    flask: Flask
    socketio: SocketIO
    database: Database
    events: Events
    push: Push
    pages: PageSockets
    agents: AgentLink
    sweeper: Sweeper
    errands: Sweeper
    meetings: Meetings
    health: Health
    control: Control | None
    plugins: BridgeRegistry
    store: DocumentStore
    checks: PageChecks
    procedures: Procedures

    def start(self) -> None:
        """Begin what runs in the background."""
        if not self.settings.redis_url:
            # This process is the only one: nobody is connected yet, whatever a crash left behind.
            with self.database.transaction() as db:
                presence.forget_who_is_there(db, is_told=self.meetings.is_told("jitsi"))
        self.sweeper.start()
        self.errands.start()

    def stop(self) -> None:
        """End what runs in the background; what was begun is finished."""
        self.sweeper.stop()
        self.errands.stop()
        if self.control is not None:
            self.control.close()
        self.checks.stop()


def create_app(
    settings: Settings, *, clock: Callable[[], datetime] = real_clock.now, is_safe: bool = False
) -> App:
    """Put a bridge together, which ``serve`` starts; in safe mode without plugins of others."""
    flask = _make_flask(settings)
    events = Events()
    database = Database(settings.database, events)
    socketio = _make_socketio(flask, settings)
    push = Push(socketio)
    events.tell_together(push.together)
    web.install(flask, web.Parts(settings=settings, database=database, push=push, clock=clock))
    plugins = plugging.load(settings, is_safe=is_safe)
    store = DocumentStore(settings.documents_dir, load_key(settings, "documents"))
    control = _make_control(settings)
    app = App(
        settings=settings,
        flask=flask,
        socketio=socketio,
        database=database,
        events=events,
        push=push,
        pages=PageSockets(socketio, push, _who_is),
        agents=_make_agents(socketio, database, push, store=store, clock=clock),
        sweeper=Sweeper(clock),
        errands=Sweeper(clock, name="errands"),
        meetings=Meetings(settings.meeting, origin=settings.origin),
        health=_make_health(settings, control, database),
        control=control,
        plugins=plugins,
        store=store,
        checks=PageChecks(database, store, plugins.check_page, clock),
        procedures=_offered(plugins, settings),
    )
    _join(app, clock)
    return app


def _make_agents(
    socketio: SocketIO,
    database: Database,
    push: Push,
    *,
    store: DocumentStore,
    clock: Callable[[], datetime],
) -> AgentLink:
    return AgentLink(
        socketio,
        database,
        push,
        clock=clock,
        print_source_of=lambda db, job: prints.print_source(db, store, job),
    )


def _join(app: App, clock: Callable[[], datetime]) -> None:
    for blueprint in (
        offices_web.pages,
        counters_web.pages,
        documents_web.agent_blueprint(app.store),
    ):
        app.flask.register_blueprint(blueprint)
    meeting_page_web.install(app.flask)
    _watch(app, clock)
    _add_chores(app)
    _join_visits(app, clock)
    monitoring.install(
        app.flask, pages=app.pages, agents=app.agents, health=app.health, plugins=app.plugins
    )


def _join_visits(app: App, clock: Callable[[], datetime]) -> None:
    tools = Tools(
        procedures=app.procedures,
        store=app.store,
        meetings=app.meetings,
        health=app.health,
        choose=app.plugins.next_ticket,
        plugins_off=lambda: plugging.names_of_troubled(app.plugins),
        documents_days=app.settings.retention.documents_days,
    )
    ground = joined.Ground(
        settings=app.settings,
        flask=app.flask,
        database=app.database,
        push=app.push,
        pages=app.pages,
        sweeper=app.sweeper,
        errands=app.errands,
        control=app.control,
        clock=clock,
    )
    joined.join(ground, tools)


def _make_control(settings: Settings) -> Control | None:
    meeting = settings.meeting
    is_there = meeting.provider == "jitsi" and meeting.control_url
    return Control(meeting.control_url, meeting.control_secret) if is_there else None


def _make_health(settings: Settings, control: Control | None, database: Database) -> Health:
    def last_taken_at() -> datetime | None:
        with database.reading() as db:
            return reports.last_taken_at(db)

    def tell(state: State) -> None:
        database.events.tell(Event(name="meetings:changed", facts={"reason": state.reason}))

    return Health(settings.meeting, control, last_taken_at=last_taken_at, tell=tell)


def _offered(plugins: BridgeRegistry, settings: Settings) -> Procedures:
    return load_procedures(
        kinds=plugins.register_step_kinds(),
        plugins=plugins.register_procedures(),
        own=settings.procedures_dir,
    )


def _make_flask(settings: Settings) -> Flask:
    flask = Flask(
        "bridge",
        root_path=str(_HERE),
        static_url_path=f"/static/{static_digest(_HERE / 'static')}",
    )
    flask.jinja_env.trim_blocks = flask.jinja_env.lstrip_blocks = True
    flask.jinja_env.globals["static_url"] = lambda path: url_for("static", filename=path)
    i18n.install(flask, i18n.Catalogues(_HERE / "translations", settings.language))
    problems.install(flask, sign_in="/sign-in")
    security.install(flask, settings)
    return flask


def _make_socketio(flask: Flask, settings: Settings) -> SocketIO:
    def is_ours(origin: str, environ: dict[str, Any]) -> bool:
        asked = f"{environ['wsgi.url_scheme']}://{environ.get('HTTP_HOST', '')}"
        return origin in (settings.origin, asked)

    # A connection's messages are handled in their order, in its own thread.
    socketio = SocketIO(
        flask,
        async_mode="threading",
        async_handlers=False,
        manage_session=False,
        message_queue=settings.redis_url or None,
        cors_allowed_origins=is_ours,  # type: ignore[arg-type]  # the stubs forget callables
        ping_interval=25,
        ping_timeout=20,
        max_http_buffer_size=_MOST_MESSAGE_BYTES,
    )
    if settings.trusted_proxies:
        # Around Socket.IO too, which has put itself before Flask.
        hops = settings.trusted_proxies
        flask.wsgi_app = ProxyFix(  # type: ignore[method-assign]  # Flask's documented way
            flask.wsgi_app, x_for=hops, x_proto=hops, x_host=hops
        )
    return socketio


def _who_is(side: Side) -> Caller | None:
    return offices_web.staff_caller() if side == "staff" else counters_web.kiosk_caller()


def _watch(app: App, clock: Callable[[], datetime]) -> None:
    """Join what happens in one slice with what another one does about it."""

    def on_came(caller: Caller) -> None:
        if caller.side == "kiosk":
            with app.database.transaction() as db:
                counter_service.kiosk_came(db, caller.id, now=clock())

    def on_sign_in_ended(event: Event) -> None:
        app.pages.drop("staff", str(event.facts["person"]))

    def on_visit_over(event: Event) -> None:
        with app.database.transaction() as db:
            offers.forget_answers(db, visit_id=str(event.facts["visit"]))

    def on_token_revoked(event: Event) -> None:
        if event.facts["kind"] == "kiosk":
            app.pages.drop("kiosk", str(event.facts["counter"]))

    app.pages.on_came(on_came)
    app.events.on("sign-in:ended", on_sign_in_ended)
    app.events.on("token:revoked", on_token_revoked)
    app.events.on("page:stored", app.checks.on_stored)
    for past in ("missed", "parked", "transferred", "rerouted", "closed"):
        app.events.on(f"visit:{past}", on_visit_over)
    plugging.subscribe(app.events, app.database, app.plugins)
    counters_push.subscribe(app.events, app.push)


def _add_chores(app: App) -> None:
    def note_who_is_there(now: datetime) -> None:
        kiosks = [caller.id for caller in app.pages.present("kiosk")]
        with app.database.transaction() as db:
            counter_service.note_seen(db, kiosks=kiosks, agents=app.agents.present(), now=now)
        with app.database.transaction() as db:
            counter_service.retire_gone_kiosks(db, now=now)
        with app.database.transaction() as db:
            counter_service.tell_gone_agents(db, now=now)

    def expire_jobs(now: datetime) -> None:
        with app.database.transaction() as db:
            job_service.expire_jobs(db, app.settings.jobs, now=now)

    def end_stale_sign_ins(now: datetime) -> None:
        with app.database.transaction() as db:
            office_service.end_stale_sign_ins(db, staff=app.settings.staff, now=now)

    def forget_answers(now: datetime) -> None:
        with app.database.transaction() as db:
            offers.forget_old_answers(db, before=now - _ANSWERS_STAY)

    app.sweeper.every(3600, "erasing documents", partial(_erase_documents, app))
    app.sweeper.every(3600, "forgetting answers", forget_answers)
    app.sweeper.every(SEEN_EVERY_S, "noting who is there", note_who_is_there)
    app.sweeper.every(SEEN_EVERY_S, "expiring jobs", expire_jobs)
    app.sweeper.every(SEEN_EVERY_S, "sending orders again", app.agents.send_again)
    app.sweeper.every(60, "checking pages", app.checks.sweep)
    # What was left by a bridge that was killed is looked at before anybody waits for it.
    app.sweeper.hurry("checking pages")
    app.sweeper.every(60, "ending stale sign-ins", end_stale_sign_ins)


def _erase_documents(app: App, now: datetime) -> None:
    before = now - timedelta(days=app.settings.retention.documents_days)
    with app.database.reading() as db:
        due = document_service.due_for_erasure(db, before=before)
        # Those whose files a bridge that was killed left behind.
        erased = document_service.erased_since(db, now - _FILES_LAST)
    for visit_id in due:
        with app.database.transaction() as db:
            document_service.erase_visit(db, app.store, visit_id, now=now)
    for visit_id in erased:
        app.store.remove_all(visit_id)
    app.store.forget_unfinished(before=now - timedelta(hours=1))


def static_digest(folder: Path) -> str:
    """Return a short digest of every file under ``folder``: a new one makes browsers load anew."""
    whole = hashlib.sha256()
    for file in sorted(path for path in folder.rglob("*") if path.is_file()):
        whole.update(str(file.relative_to(folder)).encode())
        whole.update(hashlib.sha256(file.read_bytes()).digest())
    return whole.hexdigest()[:12]
