"""Logging: lines for people or JSON lines for machines; ids only, never names or secrets."""

from __future__ import annotations

import json
import logging
import sys
import threading
from datetime import UTC, datetime

_QUIET = ("werkzeug", "engineio.server", "socketio.server", "alembic", "httpx", "httpcore")
_TALKS_TO_CLIENTS = ("engineio.server", "socketio.server")
_SERVES_CONNECTIONS = {"engineio.server", "engineio.socket", "simple_websocket.ws"}

_threads = logging.getLogger("bridge.threads")


class ClientsFault(logging.Filter):
    """Says in one line, as a warning, that a client left suddenly or broke its protocol.

    The libraries write an error with a traceback for it, with which any stranger could fill the
    log. One that leads through our own code is ours, and stays as it is.
    """

    def filter(self, record: logging.LogRecord) -> bool:
        """Make ``record`` as short as it should be; keep every one."""
        error = record.exc_info[1] if record.exc_info else None
        came_through = _modules(error)
        is_theirs = record.name in _TALKS_TO_CLIENTS or came_through & _SERVES_CONNECTIONS
        if not is_theirs or any(name.startswith("bridge.") for name in came_through):
            return True
        if error is not None:
            record.msg, record.args = (
                "a client left or broke the protocol: %s",
                (type(error).__name__,),
            )
            record.exc_info = record.exc_text = None
        if record.levelno > logging.WARNING:
            record.levelno, record.levelname = logging.WARNING, "WARNING"
        return True


def _modules(error: BaseException | None) -> set[str]:
    found = set()
    trace = error.__traceback__ if error else None
    while trace is not None:
        found.add(str(trace.tb_frame.f_globals.get("__name__")))
        trace = trace.tb_next
    return found


class JsonLines(logging.Formatter):
    """One JSON object a line."""

    def format(self, record: logging.LogRecord) -> str:
        """Return ``record`` as one line."""
        line: dict[str, object] = {
            "at": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname.lower(),
            "logger": record.name,
            "message": record.getMessage(),
        }
        if record.exc_info:
            line["exception"] = self.formatException(record.exc_info)
        return json.dumps(line, ensure_ascii=False)


def install(*, level: str, is_json: bool) -> None:
    """Write the log to standard error.

    The libraries below write addresses with query strings, in which secrets can be: they speak
    only when something is wrong.
    """
    handler = logging.StreamHandler(sys.stderr)
    plain = logging.Formatter("%(asctime)s %(levelname)s %(name)s: %(message)s")
    handler.setFormatter(JsonLines() if is_json else plain)
    logging.basicConfig(level=level.upper(), handlers=[handler], force=True)
    for name in _QUIET:
        logging.getLogger(name).setLevel(logging.WARNING)
    for name in (*_TALKS_TO_CLIENTS, "gunicorn.error", _threads.name):
        logging.getLogger(name).addFilter(ClientsFault())
    threading.excepthook = _end_of_thread


def _end_of_thread(ended: threading.ExceptHookArgs) -> None:
    """Log what ended a thread like anything else; Python would write it past the log."""
    if ended.exc_value is not None and not isinstance(ended.exc_value, SystemExit):
        name = ended.thread.name if ended.thread else "?"
        _threads.error("thread %s broke", name, exc_info=ended.exc_value)
