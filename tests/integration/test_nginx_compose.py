"""The nginx before everything in ``deploy/compose.yml``: three names on one port 443."""

from __future__ import annotations

import contextlib
import re
import socket
import ssl
import threading
from collections.abc import Iterator
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from deploy.virtual.processes import wait_until
from tests.integration.nginx_front import Nginx, certificate, needed
from tests.integration.prosody.server import free_port
from tests.support import require

DEPLOY = Path(__file__).parents[2] / "deploy"
NAMES = {
    "BRIDGE_HOST": "oac.example.org",
    "MEET_HOST": "meet.example.org",
    "TURN_HOST": "turn.example.org",
}
STREAM = Path("/usr/lib/nginx/modules/ngx_stream_module.so")
PATIENCE_S = 60
TOKEN = "eyJhbGciOi.not-for-a-log.signature"


class _Behind(BaseHTTPRequestHandler):
    """Answers with who it is and whom nginx says it is for."""

    def do_GET(self) -> None:
        """Answer in one line."""
        name = self.server.server_name  # type: ignore[attr-defined]  # set below
        said = f"{name} {self.headers['Host']} {self.headers['X-Forwarded-For']}"
        self.send_response(200)
        self.send_header("Content-Length", str(len(said)))
        self.end_headers()
        self.wfile.write(said.encode())

    def log_message(self, *_given: object) -> None:
        """Say nothing."""


@dataclass(frozen=True)
class Front:
    """The port that the world sees, the certificate, and nginx."""

    port: int
    ca: Path
    nginx: Nginx

    def ask(self, host: str, path: str, *, claim: str = "") -> str:
        """Return the whole answer to a request from 127.0.0.2."""
        context = ssl.create_default_context(cafile=str(self.ca))
        lines = [f"GET {path} HTTP/1.1", f"Host: {host}", "Connection: close"]
        lines += [f"X-Forwarded-For: {claim}"] if claim else []
        plain = socket.create_connection(
            ("127.0.0.1", self.port), PATIENCE_S, source_address=("127.0.0.2", 0)
        )
        with plain, context.wrap_socket(plain, server_hostname=host) as secure:
            secure.sendall(("\r\n".join(lines) + "\r\n\r\n").encode())
            return b"".join(iter(lambda: secure.recv(65536), b"")).decode()


def _behind(name: str) -> ThreadingHTTPServer:
    server = ThreadingHTTPServer(("127.0.0.1", 0), _Behind)
    server.server_name = name
    threading.Thread(target=server.serve_forever, daemon=True).start()
    return server


class _Turn:
    """A TLS server that says one word to whoever comes, with a certificate of its own."""

    def __init__(self, folder: Path) -> None:
        self.certificate = certificate(folder, NAMES["TURN_HOST"])
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(self.certificate, folder / "key.pem")
        self._socket = context.wrap_socket(socket.create_server(("127.0.0.1", 0)), server_side=True)
        self.port: int = self._socket.getsockname()[1]
        threading.Thread(target=self._serve, daemon=True).start()

    def _serve(self) -> None:
        while True:
            try:
                connection, _ = self._socket.accept()
            except (ssl.SSLError, ConnectionError):  # somebody who left
                continue
            except OSError:
                return
            with connection, contextlib.suppress(ConnectionError):
                connection.sendall(b"turn")

    def close(self) -> None:
        """Stop taking connections."""
        self._socket.shutdown(socket.SHUT_RDWR)
        self._socket.close()


def _substituted(text: str) -> str:
    """Do what nginx's image does: put in the variables that the composition lets through."""
    found = re.search(r"NGINX_ENVSUBST_FILTER: (\S+)", (DEPLOY / "compose.yml").read_text())
    assert found
    let_through = re.compile(found[1].replace("$$", "$"))
    for name, value in NAMES.items():
        if let_through.search(name):
            text = text.replace(f"${{{name}}}", value)
    return text


def _nginx(folder: Path, parts: dict[str, str]) -> Nginx:
    """Return nginx with the shipped main file and ``parts`` beside it."""
    for name, text in parts.items():
        (folder / name).write_text(text.replace("/dev/stdout", str(folder / "nginx/access.log")))
    main = (DEPLOY / "front/nginx.conf").read_text().replace("/etc/nginx/conf.d", str(folder))
    module = f"load_module {STREAM};\n" if STREAM.exists() else ""
    return Nginx(folder / "nginx", main, modules=module)


@pytest.fixture(scope="module")
def front(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Front]:
    """Start nginx with the templates, and something behind each name."""
    needed()
    if not STREAM.exists():
        require("nginx-stream", "libnginx-mod-stream")
    folder = tmp_path_factory.mktemp("front")
    ca = certificate(folder / "tls", NAMES["BRIDGE_HOST"], NAMES["MEET_HOST"])
    web = folder / "web"
    web.mkdir()
    (web / "oac-meeting.js").write_text("export {};\n")
    bridge, meet, turn = _behind("bridge"), _behind("web"), _Turn(folder / "turn")
    outer, inner, passed, plain = (free_port() for _ in range(4))
    parts = {
        path.name.removesuffix(".template"): _substituted(path.read_text())
        for path in (DEPLOY / "front/templates").iterdir()
    }
    for old, new in (
        ("http://bridge:8300", f"http://127.0.0.1:{bridge.server_address[1]}"),
        ("http://web:8000", f"http://127.0.0.1:{meet.server_address[1]}"),
        ("turn:5349", f"127.0.0.1:{turn.port}"),
        ("127.0.0.1:5350", f"127.0.0.1:{passed}"),
        ("127.0.0.1:8443", f"127.0.0.1:{inner}"),
        ("listen 443;", f"listen 127.0.0.1:{outer};"),
        ("listen 80 ", f"listen 127.0.0.1:{plain} "),
        ("/etc/ssl/oac", str(folder / "tls")),
        ("/usr/share/oac/web", str(web)),
        ("    http2 on;\n", ""),  # Debian 12's nginx says it in another way
    ):
        assert any(old in text for text in parts.values()), old
        parts = {name: text.replace(old, new) for name, text in parts.items()}
    parts = {name: re.sub(r"(?m)^ *listen \[::\].*\n", "", text) for name, text in parts.items()}
    nginx = _nginx(folder, parts)
    assert nginx.complaint() == ""
    nginx.start(outer)
    yield Front(outer, ca, nginx)
    nginx.stop()
    for server in (bridge, meet):
        server.shutdown()
        server.server_close()
    turn.close()


@pytest.mark.parametrize(("host", "behind"), [("BRIDGE_HOST", "bridge"), ("MEET_HOST", "web")])
def test_a_name_leads_to_its_server_which_learns_who_asks(
    front: Front, host: str, behind: str
) -> None:
    """The client's own address arrives, whatever it claims to be."""
    answer = front.ask(NAMES[host], "/", claim="192.0.2.7")
    assert answer.endswith(f"{behind} {NAMES[host]} 127.0.0.2"), answer


def test_turn_shares_the_port_with_a_tls_of_its_own(front: Front) -> None:
    """The name of TURN is passed on untouched: its own certificate answers."""
    context = ssl.create_default_context(cafile=str(front.ca.parent.parent / "turn/cert.pem"))
    plain = socket.create_connection(("127.0.0.1", front.port), PATIENCE_S)
    with plain, context.wrap_socket(plain, server_hostname=NAMES["TURN_HOST"]) as secure:
        assert secure.recv(16) == b"turn"


def test_another_name_gets_no_answer(front: Front) -> None:
    """A scanner that asks for an address or a foreign name learns nothing."""
    context = ssl.create_default_context()
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    plain = socket.create_connection(("127.0.0.1", front.port), PATIENCE_S)
    refused = pytest.raises((ssl.SSLError, ConnectionError))
    with plain, refused, context.wrap_socket(plain, server_hostname="b.org"):
        pass


def test_the_meeting_host_serves_our_files_and_names_who_may_frame_it(front: Front) -> None:
    """Settings, scripts and the policy come from the front; the rest is Jitsi's."""
    assert '{"bridge": "https://oac.example.org"}' in front.ask(
        NAMES["MEET_HOST"], "/oac/settings.json"
    )
    assert "export {};" in front.ask(NAMES["MEET_HOST"], "/oac/oac-meeting.js")
    assert " 404 " in front.ask(NAMES["MEET_HOST"], "/oac/status").splitlines()[0]
    page = front.ask(NAMES["MEET_HOST"], "/oac-room")
    assert "frame-ancestors 'self' https://oac.example.org" in page
    assert page.lower().count("strict-transport-security") == 1


def test_no_token_reaches_the_log(front: Front) -> None:
    """What passes through is logged without its query."""
    front.ask(NAMES["MEET_HOST"], f"/oac-room?jwt={TOKEN}")
    # The line is written after the answer.
    wait_until(
        lambda: "/oac-room?[redacted]" in front.nginx.log() or TOKEN in front.nginx.log(),
        "the line",
        seconds=PATIENCE_S,
    )
    assert TOKEN not in front.nginx.log()
