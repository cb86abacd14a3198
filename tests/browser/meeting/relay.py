"""A small server for two pages in one meeting: static files, headers and relay of the bridge's."""

from __future__ import annotations

import mimetypes
import threading
from pathlib import Path
from types import SimpleNamespace
from typing import Any

from flask import Flask, Response, request
from flask_socketio import SocketIO, emit
from werkzeug.serving import make_server
from werkzeug.utils import safe_join

from bridge.core.security import content_policy, permissions_policy

HERE = Path(__file__).resolve().parent
STATIC = HERE.parents[2] / "bridge" / "static"
VISIT = "visit-1"
PAGES = (("/room", "page.html", "text/html"), ("/page.js", "page.js", "text/javascript"))


class Relay:
    """Carries `meeting:joined` and `meeting:signal` as docs/api.md says; can be cut and healed."""

    def __init__(self, jitsi_origin: str = "") -> None:
        self.app = Flask(__name__, static_folder=None)
        self.socketio = SocketIO(self.app, async_mode="threading")
        self.is_cut = False
        self.signals: list[dict[str, Any]] = []
        self._sides: dict[str, tuple[str, str]] = {}
        self._connections: set[str] = set()
        self._policies = SimpleNamespace(jitsi_origin=jitsi_origin, origin="")
        self._set_up()
        self._server = make_server("127.0.0.1", 0, self.app, threaded=True)
        self._server.daemon_threads = True
        self.address = f"http://127.0.0.1:{self._server.server_port}"
        self._policies.origin = self.address
        self._thread = threading.Thread(target=self._server.serve_forever, daemon=True)

    def __enter__(self) -> Relay:
        self._thread.start()
        return self

    def __exit__(self, *_error: object) -> None:
        self.cut()
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()

    def cut(self) -> None:
        """End every connection and let none in."""
        self.is_cut = True
        for connection in list(self._connections):
            self.socketio.server.disconnect(connection)

    def heal(self) -> None:
        """Let connections in again."""
        self.is_cut = False

    def _set_up(self) -> None:
        for path, name, kind in PAGES:
            self.app.add_url_rule(path, name, lambda name=name, kind=kind: self._file(name, kind))
        self.app.add_url_rule("/static/<path:name>", "static", _static)
        self.app.after_request(self._protect)
        self.socketio.on_event("connect", self._connect)
        self.socketio.on_event("disconnect", self._disconnect)
        self.socketio.on_event("meeting:joined", self._joined)
        self.socketio.on_event("meeting:left", self._left)
        self.socketio.on_event("meeting:signal", self._signal)

    def _file(self, name: str, kind: str) -> Response:
        response = Response((HERE / name).read_text(), mimetype=kind)
        if "side" in request.args:
            response.set_cookie("side", request.args["side"])
        return response

    def _protect(self, response: Response) -> Response:
        response.headers["Content-Security-Policy"] = content_policy(self._policies)  # type: ignore[arg-type]
        response.headers["Permissions-Policy"] = permissions_policy(self._policies)  # type: ignore[arg-type]
        response.headers["Cross-Origin-Opener-Policy"] = "same-origin"
        return response

    def _connect(self, _auth: object = None) -> bool:
        if self.is_cut:
            return False
        self._connections.add(request.sid)  # type: ignore[attr-defined]
        return True

    def _disconnect(self, *_reason: object) -> None:
        self._connections.discard(request.sid)  # type: ignore[attr-defined]
        self._gone(request.sid)  # type: ignore[attr-defined]

    def _joined(self, message: dict[str, Any]) -> dict[str, Any]:
        side = request.cookies["side"]
        self._sides[side] = (request.sid, message["epoch"])  # type: ignore[attr-defined]
        self._tell(side, is_there=True, epoch=message["epoch"])
        return {"ok": True, "peer": _other(side) in self._sides}

    def _left(self, _message: dict[str, Any]) -> dict[str, Any]:
        self._gone(request.sid)  # type: ignore[attr-defined]
        return {"ok": True, "peer": False}

    def _signal(self, message: dict[str, Any]) -> dict[str, Any]:
        side = request.cookies["side"]
        self.signals.append({"from": side, **message["data"]})
        if _other(side) in self._sides:
            payload = {"visit": message["visit"], "from": side, "data": message["data"]}
            emit("meeting:signal", payload, to=self._sides[_other(side)][0])
        return {"ok": True}

    def _gone(self, connection: str) -> None:
        for side, (known, epoch) in list(self._sides.items()):
            if known == connection:
                del self._sides[side]
                self._tell(side, is_there=False, epoch=epoch)

    def _tell(self, side: str, *, is_there: bool, epoch: str) -> None:
        other = self._sides.get(_other(side))
        if other is not None:
            payload = {"visit": VISIT, "side": side, "is_there": is_there, "epoch": epoch}
            self.socketio.emit("meeting:peer", payload, to=other[0])


def _static(name: str) -> Response:
    # Read whole: a browser that leaves in the middle of an answer makes the server forget to close
    # the file that the answer streams from.
    file = safe_join(str(STATIC), name)
    if file is None or not Path(file).is_file():
        return Response(status=404)
    return Response(Path(file).read_bytes(), mimetype=mimetypes.guess_type(file)[0])


def _other(side: str) -> str:
    return "clerk" if side == "citizen" else "citizen"
