"""The application of server_modes.py under each server: ``MODE PORT DATABASE [--bridge-imports]``.

Nothing is imported above the functions that need it: gevent must patch first, and the memory
of a mode must hold what that mode loads and no more.
"""

from __future__ import annotations

import contextlib
import importlib
import signal
import sqlite3
import sys
import threading
import time
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from flask import Flask
    from flask_socketio import SocketIO

ROOM = "counter:1"
BLOCK_SECONDS = 2.0
BRIDGE_IMPORTS = (
    "alembic.command",
    "argon2",
    "cryptography.hazmat.primitives.ciphers.aead",
    "flask_babel",
    "flask_limiter",
    "jwt",
    "PIL.Image",
    "pluggy",
    "pydantic",
    "pypdfium2",
    "reportlab.pdfgen.canvas",
    "sqlalchemy.orm",
)


def block(kind: str, database: str) -> None:
    """Hold the calling thread in the ways a stranger's plugin might, about two seconds each."""
    if kind == "short":
        time.sleep(1.0)
    elif kind in ("sleep", "handler"):
        time.sleep(BLOCK_SECONDS)
    elif kind == "hash":
        from argon2 import PasswordHasher

        for _ in range(8):
            PasswordHasher().hash("a long enough password")
    elif kind == "lock":
        with contextlib.closing(sqlite3.connect(database, timeout=10)) as connection, connection:
            connection.execute("INSERT INTO ticket (number) VALUES (0)")
    else:
        until = time.monotonic() + BLOCK_SECONDS
        while time.monotonic() < until:
            sum(range(1000))


def build(async_mode: str, database: str) -> tuple[Flask, SocketIO]:
    """Make the application that every mode serves: one room, one query, one emit per POST."""
    from flask import Flask
    from flask_socketio import SocketIO, join_room

    if "--bridge-imports" in sys.argv:
        for name in BRIDGE_IMPORTS:
            importlib.import_module(name)
    app = Flask("bench")
    sockets = SocketIO(
        app,
        async_mode=async_mode,
        async_handlers=False,
        ping_interval=25,
        ping_timeout=20,
        max_http_buffer_size=1_000_000,
    )

    def count() -> int:
        with contextlib.closing(sqlite3.connect(database, timeout=10)) as connection:
            return int(connection.execute("SELECT count(*) FROM ticket").fetchone()[0])

    @app.get("/health")
    def health() -> dict[str, int]:
        return {"tickets": count()}

    @app.post("/tick/<int:number>")
    def tick(number: int) -> dict[str, int]:
        tickets = count()
        sockets.emit("tick", {"number": number, "tickets": tickets}, to=ROOM)
        return {"tickets": tickets}

    @app.post("/block/<kind>")
    def block_request(kind: str) -> dict[str, str]:
        block(kind, database)
        return {"kind": kind}

    sockets.on_event("connect", lambda _auth: join_room(ROOM))
    sockets.on_event("block", lambda kind: block(kind, database))
    return app, sockets


def drop_connections(sockets: SocketIO) -> None:
    """Close every transport without a Socket.IO goodbye, which would tell clients to stay away."""
    for connection in list(sockets.server.eio.sockets.values()):
        connection.close(wait=False, abort=True)


def serve_werkzeug(port: int, database: str) -> None:
    """Serve with a thread per connection by Werkzeug."""
    import logging

    from werkzeug.serving import make_server

    logging.getLogger("werkzeug").setLevel(logging.ERROR)
    app, sockets = build("threading", database)
    server = make_server("127.0.0.1", port, app, threaded=True)
    stop = threading.Thread(target=server.shutdown)
    signal.signal(signal.SIGTERM, lambda *_: stop.start())
    server.serve_forever()
    drop_connections(sockets)
    server.server_close()


def serve_gthread(port: int, database: str) -> None:
    """Serve with gunicorn: one worker process, a pool that grows to a thread per connection."""
    from gunicorn.app.base import BaseApplication
    from gunicorn.workers.gthread import ThreadWorker

    settings = {
        "bind": f"127.0.0.1:{port}",
        "workers": 1,
        "threads": 1200,
        "worker_connections": 2400,
        "graceful_timeout": 10,
        "timeout": 60,
        "keepalive": 15,
        "control_socket_disable": True,
        "loglevel": "error",
    }

    class Worker(ThreadWorker):  # type: ignore[misc]
        def handle_exit(self, sig: int, frame: object) -> None:
            super().handle_exit(sig, frame)
            threading.Thread(target=drop_connections, args=[made["sockets"]]).start()

    class Server(BaseApplication):  # type: ignore[misc]
        def load_config(self) -> None:
            for name, value in {**settings, "worker_class": Worker}.items():
                self.cfg.set(name, value)

        def load(self) -> Flask:
            app, made["sockets"] = build("threading", database)
            return app

    made: dict[str, SocketIO] = {}
    Server().run()


def serve_gevent(port: int, database: str, *, old_websocket: bool = False) -> None:
    """Serve with gevent's WSGI server; WebSockets by simple-websocket or by gevent-websocket."""
    import gevent
    from gevent.pywsgi import WSGIServer

    handler_class = None
    if old_websocket:
        from geventwebsocket.handler import WebSocketHandler

        handler_class = WebSocketHandler
    else:
        sys.modules["geventwebsocket"] = None  # type: ignore[assignment]
    app, sockets = build("gevent", database)
    server = WSGIServer(
        ("127.0.0.1", port), app, log=None, handler_class=handler_class, backlog=2048
    )

    def stop() -> None:
        server.close()
        drop_connections(sockets)
        server.stop(timeout=10)

    gevent.signal_handler(signal.SIGTERM, lambda: gevent.spawn(stop))
    server.serve_forever()


def main(mode: str, port: int, database: str) -> None:
    """Run one mode in this process until SIGTERM."""
    sys.modules["aiohttp"] = None  # type: ignore[assignment]  # the measuring side's, not a bridge's
    if mode in ("gevent-patched", "gevent-websocket"):
        from gevent import monkey

        monkey.patch_all()
    if mode == "werkzeug":
        serve_werkzeug(port, database)
    elif mode == "gthread":
        serve_gthread(port, database)
    else:
        serve_gevent(port, database, old_websocket=mode == "gevent-websocket")


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]), sys.argv[3])
