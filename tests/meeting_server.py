"""A Jitsi server for tests: answers the control on loopback, and reports what happens in its rooms.

It speaks what docs/api.md says of both, and keeps no more than who is in which room.
"""

from __future__ import annotations

import json
import ssl
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from ipaddress import ip_address
from itertools import count
from pathlib import Path
from typing import Any
from urllib.parse import unquote

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from cryptography.x509.oid import NameOID

from jitsi_oac_plugin.webhooks import sign

DOMAIN = "meet.example"
EVENTS_SECRET = "e" * 32
CONTROL_SECRET = "c" * 32
APP_SECRET = "a" * 32

_nonces = count(1)


def jitsi_settings(control_url: str = "") -> dict[str, str]:
    """Return the settings of a bridge whose meetings are this server's, without OAC_."""
    control = {"meeting_control_url": control_url, "meeting_control_secret": CONTROL_SECRET}
    return {
        "meeting_provider": "jitsi",
        "meeting_domain": DOMAIN,
        "meeting_app_id": "oac",
        "meeting_app_secret": APP_SECRET,
        "meeting_events_secret": EVENTS_SECRET,
        "meeting_phones": '{"counter-1": "961 234 567"}',
        **(control if control_url else {}),
    }


def post_of(
    body: bytes, *, at: datetime, secret: str = EVENTS_SECRET, nonce: str = ""
) -> dict[str, str]:
    """Return the headers of a post of events."""
    timestamp, nonce = str(int(at.timestamp())), nonce or f"{next(_nonces):032x}"
    signature = sign(body, secret=secret, timestamp=timestamp, nonce=nonce)
    return {
        "OAC-Timestamp": timestamp,
        "OAC-Nonce": nonce,
        "OAC-Signature": signature,
        "Content-Type": "application/json",
    }


@dataclass
class Reports:
    """What the server has to report: numbered events of one start of its spool."""

    boot: str = "boot-1"
    server: str = DOMAIN
    number: int = 0

    def event(
        self, kind: str, room: str, nick: str = "", person: str = "", **more: object
    ) -> dict[str, Any]:
        """Return the next event."""
        self.number += 1
        role = "moderator" if person.startswith("clerk") else "participant"
        somebody = {"nick": nick, "person": person, "role": role} if nick else None
        at = datetime(2026, 11, 24, 9, 15, tzinfo=UTC).isoformat(timespec="milliseconds")
        plain = {"number": self.number, "type": kind, "room": room, "occupant": somebody}
        return {**plain, "at": at.replace("+00:00", "Z"), "reason": None, **more}

    def body(self, *events: dict[str, Any]) -> bytes:
        """Return what is posted of some events."""
        plain = {"version": 1, "server": self.server, "boot": self.boot, "events": list(events)}
        return json.dumps(plain).encode()


@dataclass
class Server:
    """The control: ``rooms`` holds occupants by room, ``asked`` what was asked for.

    ``reasons`` are those that closed rooms were given; a room in ``broken`` answers its status.
    """

    rooms: dict[str, list[dict[str, str]]] = field(default_factory=dict)
    asked: list[str] = field(default_factory=list)
    status: dict[str, Any] = field(default_factory=dict)
    refuses_with: int | None = None
    broken: dict[str, int] = field(default_factory=dict)
    reasons: list[str] = field(default_factory=list)
    closed: threading.Event = field(default_factory=threading.Event)
    url: str = ""

    def answer(self, method: str, path: str) -> tuple[int, object]:
        """Return status and body for a request."""
        self.asked.append(f"{method} {path}")
        if self.refuses_with is not None:
            return self.refuses_with, {"error": "no"}
        if path == "status":
            return 200, self._status()
        room = unquote(path.removeprefix("rooms/"))
        if room in self.broken:
            return self.broken[room], {"error": "broken"}
        if room not in self.rooms:
            return 404, {"error": "no-such-room"}
        if method == "DELETE":
            del self.rooms[room]
            self.closed.set()
            return 204, None
        return 200, {"room": room, "occupants": self.rooms[room]}

    def _status(self) -> dict[str, Any]:
        plain = {"module": "1.0", "prosody": "0.12.3", "server": DOMAIN, "time": 0.0}
        return {
            **plain,
            "rooms": 0,
            "spool": 0,
            "oldest_s": None,
            "last_error": None,
            **self.status,
        }


class _Quiet(BaseHTTPRequestHandler):
    def log_message(self, *_: object) -> None:
        """Say nothing."""

    def answer(self, status: int, text: str) -> None:
        """Send an answer."""
        self.send_response(status)
        self.send_header("Content-Length", str(len(text.encode())))
        self.end_headers()
        self.wfile.write(text.encode())


@dataclass
class PageServer:
    """Where browsers get the API from: its host and port, and the certificate to believe."""

    certificate: Path
    domain: str = ""
    status: int = 200


@contextmanager
def running(server: Server, port: int = 0) -> Iterator[Server]:
    """Have the control answer at a loopback port; ``url`` says at which."""

    class Handler(_Quiet):
        def do_GET(self) -> None:
            self._do("GET")

        def do_DELETE(self) -> None:
            body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
            server.reasons.append(json.loads(body or b"{}").get("reason", ""))
            self._do("DELETE")

        def _do(self, method: str) -> None:
            status: int = 401
            plain: object = {"error": "no"}
            if self.headers["Authorization"] == f"Bearer {CONTROL_SECRET}":
                status, plain = server.answer(method, self.path.removeprefix("/oac/"))
            self.answer(status, "" if status == 204 else json.dumps(plain))

    with _listening(Handler, port=port) as found:
        server.url = f"http://127.0.0.1:{found}/oac"
        yield server


@contextmanager
def page_server(folder: Path) -> Iterator[PageServer]:
    """Serve ``external_api.js`` by HTTPS at a loopback port, with a certificate of its own."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "127.0.0.1")])
    now = datetime.now(UTC)
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(
            x509.SubjectAlternativeName([x509.IPAddress(ip_address("127.0.0.1"))]), critical=False
        )
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    file, secret = folder / "certificate.pem", folder / "key.pem"
    file.write_bytes(certificate.public_bytes(Encoding.PEM))
    pem = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    secret.write_bytes(pem)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(file, secret)
    server = PageServer(certificate=file)

    class Handler(_Quiet):
        def do_GET(self) -> None:
            self.answer(server.status, "// the API")

    with _listening(Handler, context=context) as port:
        server.domain = f"127.0.0.1:{port}"
        yield server


@contextmanager
def _listening(
    handler: type[BaseHTTPRequestHandler], *, port: int = 0, context: ssl.SSLContext | None = None
) -> Iterator[int]:
    listener = ThreadingHTTPServer(("127.0.0.1", port), handler)
    if context is not None:
        listener.socket = context.wrap_socket(listener.socket, server_side=True)
    thread = threading.Thread(target=listener.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    try:
        yield listener.server_address[1]
    finally:
        listener.shutdown()
        listener.server_close()
        thread.join()
