"""Two hosts under one domain, by TLS on this machine: the meeting server's web side and the desk's."""

from __future__ import annotations

import asyncio
import json
import ssl
import threading
from collections.abc import Callable, Coroutine
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

HERE = Path(__file__).resolve().parent
PLUGIN = HERE.parents[2] / "jitsi_oac_plugin" / "web"
MEETING, DESK = "meet.oac.test", "desk.oac.test"
FLAGS = ("--host-resolver-rules=MAP *.oac.test 127.0.0.1",)
_KINDS = {
    ".js": "text/javascript",
    ".css": "text/css",
    ".html": "text/html",
    ".json": "application/json",
}

Answer = tuple[int, str, bytes]


def certificate(folder: Path) -> ssl.SSLContext:
    """Make a certificate for both hosts that nobody has signed."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "oac.test")])
    now = datetime.now(UTC)
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName("*.oac.test")]), critical=False)
        .sign(key, hashes.SHA256())
    )
    file = folder / "both.pem"
    file.write_bytes(
        key.private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption(),
        )
        + made.public_bytes(serialization.Encoding.PEM)
    )
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(file)
    return context


class Pages:
    """Answers by TLS what a function gives for a path, and remembers what was posted."""

    def __init__(self, context: ssl.SSLContext, answer: Callable[[str], Answer]) -> None:
        self.posted: list[tuple[str, bytes]] = []
        outer = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                status, kind, body = answer(self.path)
                self._reply(status, kind, body)

            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
                outer.posted.append((self.path, body))
                self._reply(204, "text/plain", b"")

            def _reply(self, status: int, kind: str, body: bytes) -> None:
                self.send_response(status)
                self.send_header("Content-Type", kind)
                self.send_header("Content-Length", str(len(body)))
                self.send_header("Cache-Control", "no-store")
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, *_of: object) -> None:
                return

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._server.daemon_threads = True
        self._server.handle_error = lambda *_of: None  # type: ignore[method-assign]
        # The handshake belongs to the connection's own thread: one that hangs holds up nobody.
        self._server.socket = context.wrap_socket(
            self._server.socket, server_side=True, do_handshake_on_connect=False
        )
        self.port: int = self._server.server_port
        self._thread = threading.Thread(target=self._server.serve_forever, daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()


class Tunnel:
    """Takes TLS off before a server that speaks plain HTTP, WebSocket included."""

    def __init__(self, context: ssl.SSLContext, port: int) -> None:
        self._context = context
        self._to = port
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, daemon=True)
        self.port = 0

    def __enter__(self) -> Self:
        self._thread.start()
        self._server = self._do(
            asyncio.start_server(self._carry, "127.0.0.1", 0, ssl=self._context)
        )
        self.port = self._server.sockets[0].getsockname()[1]
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._do(self._end())
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()
        self._loop.close()

    def _do(self, work: Coroutine[Any, Any, Any]) -> Any:
        return asyncio.run_coroutine_threadsafe(work, self._loop).result(30)

    async def _end(self) -> None:
        self._server.close()
        others = asyncio.all_tasks() - {asyncio.current_task()}
        for task in others:
            task.cancel()
        await asyncio.gather(*others, return_exceptions=True)

    async def _carry(self, near: asyncio.StreamReader, back: asyncio.StreamWriter) -> None:
        try:
            far, away = await asyncio.open_connection("127.0.0.1", self._to)
        except OSError:  # the bridge is away
            back.close()
            return
        await asyncio.gather(_pour(near, away), _pour(far, back))


async def _pour(source: asyncio.StreamReader, target: asyncio.StreamWriter) -> None:
    try:
        while block := await source.read(65536):
            target.write(block)
            await target.drain()
    except OSError:  # one of the two went
        pass
    finally:
        target.close()


class MeetingPages:
    """What the meeting server answers: our part, its settings, and a stand-in for every room."""

    def __init__(self, desk_origin: Callable[[], str], api: str = "") -> None:
        self.client = "newer"
        self._desk_origin = desk_origin
        self._api = api

    def __call__(self, path: str) -> Answer:
        """Return status, kind and body for a path."""
        path = path.partition("?")[0]
        if path == "/oac/settings.json":
            return 200, _KINDS[".json"], json.dumps({"bridge": self._desk_origin()}).encode()
        if path == "/external_api.js":
            return 200, _KINDS[".js"], self._api.encode()
        if path.startswith("/stand-in/"):
            return _file(HERE / Path(path).name)
        if path.startswith("/oac/"):
            return _file(PLUGIN / Path(path).name)
        page = (HERE / "jitsi_page.html").read_text().replace("CLIENT", self.client)
        return 200, _KINDS[".html"], page.encode()


def _file(path: Path) -> Answer:
    if not path.is_file():
        return 404, "text/plain", b""
    return 200, _KINDS[path.suffix], path.read_bytes()
