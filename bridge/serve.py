"""The server: gunicorn with one process and a thread per connection (ADR 3)."""

from __future__ import annotations

import logging
import os
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from gunicorn.app.base import BaseApplication
from gunicorn.errors import AppImportError
from gunicorn.workers.gthread import ThreadWorker

from bridge.core.config import Settings
from bridge.core.errors import BridgeError

if TYPE_CHECKING:
    from flask import Flask

    from bridge.app import App
    from counter_hooks.record import Record

log = logging.getLogger(__name__)

_made: list[tuple[App, Record]] = []


class Worker(ThreadWorker):  # type: ignore[misc]  # gunicorn ships no types
    """A worker that lets go of its connections when it is asked to stop."""

    def handle_exit(self, sig: int, frame: object) -> None:
        """Stop accepting, then close every connection so that no client holds the stop up."""
        super().handle_exit(sig, frame)
        for app, _ in _made:
            threading.Thread(target=_drop_connections, args=[app]).start()


class Server(BaseApplication):  # type: ignore[misc]  # gunicorn ships no types
    """Gunicorn, configured by our settings and by nothing else."""

    def __init__(self, settings: Settings, ready: Callable[[str], None]) -> None:
        self._settings = settings
        self._ready = ready
        super().__init__()

    def load_config(self) -> None:
        """Take over the settings; see ADR 3 for each figure."""
        chosen: dict[str, Any] = {
            "bind": f"{self._settings.host}:{self._settings.port}",
            "workers": 1,
            "threads": 1200,
            "worker_connections": 2400,
            "worker_class": Worker,
            "timeout": 60,
            "graceful_timeout": 5,
            "keepalive": 15,
            "control_socket_disable": True,
            "loglevel": "warning",
            "post_worker_init": self._say_ready,
            "worker_exit": _note_the_end,
        }
        for name, value in chosen.items():
            self.cfg.set(name, value)

    def load(self) -> Flask:
        """Make the application; in the worker, after the fork, so that no thread is lost by it."""
        from sqlalchemy.exc import DBAPIError

        # What is for its clients and for other servers, python-socketio loads wherever it finds
        # it: in one environment with an agent, 12 MiB.
        queue = () if self._settings.redis_url else ("redis",)
        with hidden("requests", "websocket", *queue):
            import socketio  # noqa: F401

        from bridge.app import create_app
        from bridge.core import logs
        from bridge.core.schema import check_schema
        from bridge.procedures.service import ProceduresUnsound
        from counter_hooks.errors import HookError
        from counter_hooks.record import GOOD_AFTER_S, Record
        from jitsi_oac_plugin.errors import JitsiError

        chosen = self._settings
        logs.install(level=chosen.log_level, is_json=chosen.log_format == "json")
        record = Record(chosen.data_dir)
        try:
            app = create_app(chosen, is_safe=record.begin())
            check_schema(app.database.engine)
        except (BridgeError, HookError, JitsiError, DBAPIError) as error:
            if not isinstance(error, ProceduresUnsound | HookError):
                # No plugin can have brought this about: it asks for no safe mode.
                record.succeeded()
            if isinstance(error, DBAPIError):
                raise AppImportError(f"The database cannot be used: {error.orig}") from error
            raise AppImportError(str(error)) from error
        _made.append((app, record))
        record.follow(app.plugins)
        app.sweeper.every(GOOD_AFTER_S, "noting the start", lambda _now: record.succeeded())
        app.start()
        return app.flask

    def _say_ready(self, worker: Any) -> None:
        host, port = worker.sockets[0].getsockname()[:2]
        self._ready(self._settings.public_url or f"http://{host}:{port}")


def serve(settings: Settings, ready: Callable[[str], None]) -> int:
    """Serve until SIGTERM or SIGINT; call ``ready`` with the address. Return the exit code."""
    parent = os.getpid()
    try:
        Server(settings, ready).run()
    except SystemExit as end:
        # The worker leaves by here too, and its code tells the parent whether to try again.
        if os.getpid() != parent:
            raise
        return 1 if end.code else 0
    return 0


@contextmanager
def hidden(*names: str) -> Iterator[None]:
    """Have these modules not found for a while, as if they were not installed."""
    absent = [name for name in names if name not in sys.modules]
    sys.modules.update(dict.fromkeys(absent))  # type: ignore[arg-type]  # as Python's import has it
    try:
        yield
    finally:
        for name in absent:
            del sys.modules[name]


def _note_the_end(_server: object, _worker: object) -> None:
    # Not called when the process was killed, nor with anything in the list when it never began.
    for _, record in _made:
        record.succeeded()


def _drop_connections(app: App) -> None:
    app.stop()
    server: Any = app.socketio.server  # type: ignore[attr-defined]  # the stubs forget it
    for connection in list(server.eio.sockets.values()):
        try:
            # Without a goodbye, which would tell clients to stay away.
            connection.close(wait=False, abort=True)
        except OSError as error:
            log.info("a connection could not be closed: %s", error)
