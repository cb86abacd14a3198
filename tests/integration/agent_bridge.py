"""A small bridge for the agent's tests: real Flask-SocketIO on a free port, speaking wire.py."""

from __future__ import annotations

import base64
import hashlib
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import flask
import flask_socketio
from werkzeug.serving import WSGIRequestHandler, make_server

from counter_hooks.wire import NAMESPACE, WIRE

TOKEN = "a-token-for-tests"
PATIENCE_S = 60.0


class _Quiet(WSGIRequestHandler):
    protocol_version = "HTTP/1.1"

    def log(self, *_: Any) -> None:
        """Say nothing."""


@dataclass
class StoredPage:
    """A page as far as it has arrived."""

    total: int = 0
    content: bytes = b""
    is_complete: bool = False


@dataclass
class Bridge:
    """What arrived, and the faults that a test may ask for."""

    pages: dict[tuple[str, int], StoredPage] = field(default_factory=dict)
    puts: list[tuple[str, int, str | None]] = field(default_factory=list)
    states: list[dict[str, Any]] = field(default_factory=list)
    hellos: list[dict[str, Any]] = field(default_factory=list)
    devices: list[dict[str, Any]] = field(default_factory=list)
    offers: list[dict[str, Any]] = field(default_factory=list)
    strips: list[dict[str, Any]] = field(default_factory=list)
    open_orders: list[dict[str, Any]] = field(default_factory=list)
    cancelled: list[str] = field(default_factory=list)
    sources: dict[str, bytes] = field(default_factory=dict)
    state_troubles: list[str] = field(default_factory=list)
    is_revoked: bool = False
    refuse_upload: Callable[[str, int], tuple[dict[str, str], int] | None] | None = None
    cut_puts_after: int | None = None
    pairing: dict[str, Any] = field(default_factory=dict)
    wire: int = WIRE

    def __post_init__(self) -> None:
        self.changed = threading.Condition()
        self._sids: set[str] = set()
        self._made: list[tuple[Any, threading.Thread]] = []
        self.port = 0
        self.start()

    @property
    def url(self) -> str:
        """Where it listens."""
        return f"http://127.0.0.1:{self.port}"

    def start(self) -> None:
        """Listen, on the same port as before."""
        app = flask.Flask("bridge")
        # As in the real one, a connection's messages are handled in their order.
        self.socketio = flask_socketio.SocketIO(
            app, async_mode="threading", async_handlers=False, cors_allowed_origins=[]
        )
        self._routes(app)
        self._events()
        server = make_server("127.0.0.1", self.port, app, threaded=True, request_handler=_Quiet)
        server.daemon_threads = True
        server.block_on_close = False
        self.port = server.server_port
        thread = threading.Thread(target=server.serve_forever, daemon=True)
        thread.start()
        self._made.append((server, thread))

    def stop(self) -> None:
        """Hang up every connection and listen no more."""
        server, thread = self._made.pop()
        server.shutdown()
        server.server_close()
        thread.join()
        self.drop_connections()

    def drop_connections(self) -> None:
        """Hang up, as a broken line would."""
        for sid in list(self._sids):
            self.socketio.server.disconnect(sid, namespace=NAMESPACE)

    def order(self, message: dict[str, Any]) -> dict[str, Any]:
        """Send an order to the agent and return its acknowledgement."""
        return self.send("job", message)

    def send(self, event: str, message: dict[str, Any]) -> dict[str, Any]:
        """Send an event and return the acknowledgement."""
        self.wait(lambda: self._sids)
        answered = threading.Event()
        answers: list[dict[str, Any]] = []

        def take(*values: Any) -> None:
            answers.extend(values)
            answered.set()

        self.socketio.emit(
            event, message, namespace=NAMESPACE, to=next(iter(self._sids)), callback=take
        )
        assert answered.wait(PATIENCE_S), f"no acknowledgement of {event}"
        return answers[0]

    def wait(self, condition: Callable[[], Any]) -> None:
        """Wait until ``condition`` holds; it may also be about files, so it is asked often."""
        deadline = time.monotonic() + PATIENCE_S
        with self.changed:
            while not condition():
                assert time.monotonic() < deadline, f"waited in vain: {self.states}"
                self.changed.wait(0.05)

    def wait_for_state(self, job: str, state: str) -> dict[str, Any]:
        """Wait until the agent reported ``state`` for ``job`` and return the report."""
        self.wait(lambda: any(r["job"] == job and r["state"] == state for r in self.states))
        return next(r for r in self.states if r["job"] == job and r["state"] == state)

    def states_of(self, job: str) -> list[str]:
        """Return the states that were reported for ``job``, in order."""
        return [report["state"] for report in self.states if report["job"] == job]

    def is_connected(self) -> bool:
        """Say whether an agent said hello on a connection that still stands."""
        return bool(self._sids)

    def _note(self, change: Callable[[], Any]) -> None:
        with self.changed:
            change()
            self.changed.notify_all()

    def _events(self) -> None:
        on = self.socketio.on

        @on("connect", namespace=NAMESPACE)
        def connect(auth: dict[str, Any] | None = None) -> None:
            if self.is_revoked or not auth or auth.get("token") != TOKEN:
                raise flask_socketio.ConnectionRefusedError("not-paired", {"key": "not-paired"})
            if auth["wire"] != self.wire:
                told = {"key": "wire-unknown", "wire": self.wire}
                raise flask_socketio.ConnectionRefusedError("wire", told)

        @on("disconnect", namespace=NAMESPACE)
        def disconnect(*_: Any) -> None:
            sid = flask.request.sid  # type: ignore[attr-defined]
            self._note(lambda: self._sids.discard(sid))

        @on("hello", namespace=NAMESPACE)
        def hello(message: dict[str, Any]) -> dict[str, Any]:
            sid = flask.request.sid  # type: ignore[attr-defined]
            self._note(lambda: (self.hellos.append(message), self._sids.add(sid)))
            return {
                "wire": self.wire,
                "counter": "c1",
                "jobs": self.open_orders,
                "cancelled": self.cancelled,
            }

        @on("devices", namespace=NAMESPACE)
        def devices(message: dict[str, Any]) -> dict[str, Any]:
            self._note(lambda: setattr(self, "devices", message["devices"]))
            self._note(lambda: self.offers.append(message["offer"]))
            return {"ok": True}

        self._job_events()

    def _job_events(self) -> None:
        on = self.socketio.on

        @on("job:state", namespace=NAMESPACE)
        def state(message: dict[str, Any]) -> dict[str, Any]:
            if self.state_troubles:
                return {"ok": False, "key": self.state_troubles.pop()}
            known = {(report["job"], report["sequence"]) for report in self.states}
            if (message["job"], message["sequence"]) not in known:
                self._note(lambda: self.states.append(message))
            return {"ok": True}

        @on("job:progress", namespace=NAMESPACE)
        def progress(_message: dict[str, Any]) -> None:
            return None

        @on("job:preview", namespace=NAMESPACE)
        def preview(message: dict[str, Any]) -> None:
            self._note(lambda: self.strips.append(message))

    def _routes(self, app: flask.Flask) -> None:
        app.before_request(self._signed_in)
        app.add_url_rule(
            "/api/agent/jobs/<job>/pages/<int:number>", view_func=self._put, methods=["PUT"]
        )
        app.add_url_rule(
            "/api/agent/jobs/<job>/pages/<int:number>", "told", self._told, methods=["GET"]
        )
        app.add_url_rule("/api/sources/<name>", view_func=self._source)
        app.add_url_rule("/api/pairings", view_func=self._pair, methods=["POST"])
        app.add_url_rule("/api/pairings/claim", view_func=self._claim, methods=["POST"])

    def _signed_in(self) -> tuple[dict[str, str], int] | None:
        path = flask.request.path
        if path.startswith(("/api/agent", "/api/sources")):
            given = flask.request.headers.get("Authorization")
            if self.is_revoked or given != f"Bearer {TOKEN}":
                return {"type": "urn:oac:error:not-paired"}, 401
        return None

    def _put(self, job: str, number: int) -> tuple[dict[str, Any], int]:
        given_range = flask.request.headers.get("Content-Range")
        content = flask.request.get_data()
        self._note(lambda: self.puts.append((job, number, given_range)))
        refusal = self.refuse_upload and self.refuse_upload(job, number)
        if refusal:
            return refusal
        page = self.pages.setdefault((job, number), StoredPage())
        if page.is_complete:
            return {}, 200
        page.total = len(content)
        if given_range:
            span, total = given_range.removeprefix("bytes ").split("/")
            start = int(span.split("-")[0])
            page.total = int(total)
            if start != len(page.content):
                return {"type": "urn:oac:error:part-out-of-place"}, 409
        else:
            page.content = b""
        if self.cut_puts_after is not None:
            content, self.cut_puts_after = content[: self.cut_puts_after], None
        page.content += content
        if len(page.content) < page.total:
            return {"received": len(page.content)}, 202
        digest = base64.b64encode(hashlib.sha256(page.content).digest()).decode()
        if flask.request.headers["Repr-Digest"] != f"sha-256=:{digest}:":
            page.content = b""
            return {"type": "urn:oac:error:hash-mismatch"}, 409
        self._note(lambda: setattr(page, "is_complete", True))
        return {}, 201

    def _told(self, job: str, number: int) -> tuple[dict[str, Any], int]:
        page = self.pages.get((job, number), StoredPage())
        return {"received": len(page.content), "complete": page.is_complete}, 200

    def _source(self, name: str) -> flask.Response:
        if name not in self.sources:
            flask.abort(410)
        return flask.Response(self.sources[name], mimetype="application/pdf")

    def _pair(self) -> tuple[dict[str, Any], int]:
        self.pairing["asked"] = flask.request.get_json()
        return {"code": "123456", "claim": "claim", "expires_at": "2026-01-01T00:00:00Z"}, 201

    def _claim(self) -> tuple[dict[str, Any], int]:
        assert flask.request.get_json() == {"claim": "claim"}
        if self.pairing.setdefault("polls", 0) < 1:
            self.pairing["polls"] += 1
            return {}, 202
        return {"counter": "c1", "token": TOKEN}, 200
