"""A page for the technician in front of the counter's computer: how it stands, and nothing to press.

It listens on 127.0.0.1 alone, changes nothing, and shows neither people nor documents. A name that
somebody else's DNS leads here is refused (``Host``), and so is a page of another site that asks.
"""

from __future__ import annotations

import json
import logging
import sys
import threading
from collections.abc import Callable, Iterator, Mapping
from dataclasses import asdict, dataclass
from html import escape
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, ClassVar
from urllib.parse import parse_qs

from counter_hooks.agent.technician_texts import TEXTS
from counter_hooks.texts import LANGUAGES

log = logging.getLogger(__name__)

LOOPBACK = "127.0.0.1"
NAMES = (LOOPBACK, "localhost")
REFRESH_S = 10
LOOK_S = 1.0
# Browsers open six connections to one place; more are nobody in front of this computer.
MOST_AT_ONCE = 16
HEADERS = {
    "Content-Security-Policy": "default-src 'none'; style-src 'self'; base-uri 'none';"
    " form-action 'none'; frame-ancestors 'none'",
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Cache-Control": "no-store",
}
STYLE = (
    "body{font:1rem/1.5 system-ui,sans-serif;max-width:60rem;margin:2rem auto;padding:0 1rem}"
    "td,th{padding:.25rem 1rem .25rem 0;text-align:left;vertical-align:top}.wrong{font-weight:700}"
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Status:
    """How an agent stands; ``devices`` with their attention, ``findings`` of the last self-test."""

    counter: str
    bridge: str
    version: str
    is_online: bool
    devices: list[dict[str, str]]
    open_jobs: int
    pages: int
    looked_at: str
    findings: list[dict[str, Any]]


class TechnicianPage:
    """The page at ``port`` of the loopback; 0 takes one that is free."""

    def __init__(self, port: int, status: Callable[[], Status]) -> None:
        """Listen. Raises ``OSError`` when the port is taken."""
        handler = type("Handler", (_Handler,), {"status": staticmethod(status)})
        # A thread each: browsers open connections that they may never use, and whoever says nothing
        # must hold up neither the next one nor our end.
        self._server = _Server((LOOPBACK, port), handler)
        self.port = self._server.server_port
        self._thread = threading.Thread(
            target=self._server.serve_forever, args=(LOOK_S,), name="technician", daemon=True
        )

    def start(self) -> None:
        """Begin to answer."""
        self._thread.start()

    def stop(self) -> None:
        """Answer no more."""
        self._server.shutdown()
        self._server.server_close()


class _Server(ThreadingHTTPServer):
    """Gives so many connections a thread each; those that come beyond are closed at once."""

    def __init__(self, address: tuple[str, int], handler: type[BaseHTTPRequestHandler]) -> None:
        self._places = threading.BoundedSemaphore(MOST_AT_ONCE)
        super().__init__(address, handler)

    def process_request(self, request: Any, client_address: Any) -> None:
        if not self._places.acquire(blocking=False):
            self.shutdown_request(request)
            return
        try:
            super().process_request(request, client_address)
        except BaseException:
            self._places.release()
            raise

    def process_request_thread(self, request: Any, client_address: Any) -> None:
        try:
            super().process_request_thread(request, client_address)
        finally:
            self._places.release()

    def handle_error(self, request: Any, client_address: Any) -> None:
        # Whoever hangs up in the middle is no trouble of ours.
        error = sys.exception()
        if not isinstance(error, OSError):
            log.error("the technician's page cannot be shown", exc_info=error)


class _Handler(BaseHTTPRequestHandler):
    status: ClassVar[Callable[[], Status]]
    timeout = 5
    server_version = "oac-agent"
    sys_version = ""

    def do_GET(self) -> None:
        """Show the status."""
        where, _, query = self.path.partition("?")
        if not self._is_for_us():
            self._answer(421, "text/plain", "This name does not belong here.")
        elif where == "/style.css":
            self._answer(200, "text/css", STYLE)
        elif where == "/status.json":
            self._answer(200, "application/json", json.dumps(asdict(type(self).status())))
        elif where == "/":
            language = self._language(parse_qs(query).get("lang", [""])[0])
            self._answer(200, "text/html", page(type(self).status(), language))
        else:
            self._answer(404, "text/plain", "There is no such page.")

    def log_message(self, *_: object) -> None:
        """Say nothing."""

    def _is_for_us(self) -> bool:
        port = self.connection.getsockname()[1]
        hosts = {f"{name}:{port}" for name in NAMES}
        is_strange = self.headers.get("Sec-Fetch-Site") in {"cross-site", "same-site"}
        return self.headers.get("Host") in hosts and not is_strange

    def _language(self, wanted: str) -> str:
        asked = [wanted, *self.headers.get("Accept-Language", "").split(",")]
        known = [one.strip()[:2].lower() for one in asked]
        return next((one for one in known if one in LANGUAGES), LANGUAGES[0])

    def _answer(self, status: int, kind: str, text: str) -> None:
        content = text.encode()
        self.send_response(status)
        for name, value in HEADERS.items():
            self.send_header(name, value)
        self.send_header("Content-Type", f"{kind}; charset=utf-8")
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)


def page(status: Status, language: str) -> str:
    """Return the page in a language."""
    texts = {key: text.plain()[language] for key, text in TEXTS.items()}
    title = escape(texts["title"])
    return (
        f'<!doctype html><html lang="{language}"><meta charset="utf-8">'
        f'<meta http-equiv="refresh" content="{REFRESH_S}"><title>{title}</title>'
        f'<link rel="stylesheet" href="/style.css"><h1>{title}</h1>'
        f"{''.join(_parts(status, texts))}</html>"
    )


def _parts(status: Status, texts: Mapping[str, str]) -> Iterator[str]:
    link = texts["connected" if status.is_online else "away"]
    yield _table(
        (texts["counter"], status.counter, True),
        (texts["bridge"], status.bridge, True),
        (texts["version"], status.version, True),
        ("", link, status.is_online),
    )
    yield f"<h2>{escape(texts['devices'])}</h2>"
    yield _table(
        *(
            (one["name"], one["attention"] or texts["ready"], not one["attention"])
            for one in status.devices
        )
    )
    if not status.devices:
        yield f"<p class=wrong>{escape(texts['no-devices'])}</p>"
    yield f"<h2>{escape(texts['waiting'])}</h2>"
    yield _table(
        (texts["open-jobs"], str(status.open_jobs), True), (texts["pages"], str(status.pages), True)
    )
    yield f"<h2>{escape(texts['self-test'])}</h2>"
    yield f"<p>{escape(status.looked_at or texts['not-yet'])}</p>"
    yield _table(
        *(
            (found["subject"], f"{texts['ok' if well else 'wrong']}: {found['told']}", well)
            for found in status.findings
            for well in (bool(found["is_well"]),)
        )
    )
    yield f"<p>{escape(texts['try'])}</p>"


def _table(*rows: tuple[str, str, bool]) -> str:
    lines = [
        f"<tr><th>{escape(name)}</th><td{'' if is_well else ' class=wrong'}>{escape(told)}</td></tr>"
        for name, told, is_well in rows
    ]
    return f"<table>{''.join(lines)}</table>"
