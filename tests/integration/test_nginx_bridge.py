"""The bridge behind a real nginx with the site that we ship: sign-in, sockets, uploads, addresses."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
import requests
import socketio
from requests.adapters import HTTPAdapter

from deploy.virtual.processes import Process, wait_until
from tests.integration.nginx_front import Nginx, certificate, main_of, needed
from tests.integration.prosody.server import free_port

ROOT = Path(__file__).parents[2]
SITE = ROOT / "deploy/nginx/oac.conf"
PATIENCE_S = 60
PASSWORD = "a long enough password"
OURS = {"Sec-Fetch-Site": "same-origin"}


@dataclass(frozen=True)
class Front:
    """The bridge's public address, and what a client needs for it."""

    url: str
    plain_url: str
    ca: Path
    nginx: Nginx

    def client(self, *, address: str = "127.0.0.1") -> requests.Session:
        """Return a client that comes from ``address``."""
        made = requests.Session()
        made.verify = str(self.ca)
        made.trust_env = False
        made.mount("https://", _From(address))
        return made


class _From(HTTPAdapter):
    def __init__(self, address: str) -> None:
        self._address = address
        super().__init__()

    def init_poolmanager(self, *given: object, **more: object) -> None:
        super().init_poolmanager(*given, **more, source_address=(self._address, 0))


@pytest.fixture(scope="module")
def front(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Front]:
    """Start a bridge and nginx before it."""
    needed()
    folder = tmp_path_factory.mktemp("front")
    inner, outer, plain = free_port(), free_port(), free_port()
    url = f"https://127.0.0.1:{outer}"
    environment = {
        **os.environ,
        "PYTHONPATH": str(ROOT),
        "OAC_DATA_DIR": str(folder / "data"),
        "OAC_PORT": str(inner),
        "OAC_PUBLIC_URL": url,
        "OAC_TRUSTED_PROXIES": "1",
        "OAC_LIMITS_PAIRING": "3 per 10 minutes",
    }
    _make_office(environment)
    ca = certificate(folder / "tls", "oac.example.org")
    nginx = Nginx(folder / "nginx", main_of(_site(folder, inner, outer, plain)))
    assert nginx.complaint() == ""
    running = Process(
        [sys.executable, "-m", "bridge", "serve"],
        log=folder / "bridge",
        environment=environment,
        directory=folder,
    )
    try:
        running.wait_until(
            lambda: "https://" in (folder / "bridge").read_text(), seconds=PATIENCE_S
        )
        nginx.start(outer)
        yield Front(url, f"http://127.0.0.1:{plain}", ca, nginx)
    finally:
        nginx.stop()
        running.stop()


def _make_office(environment: dict[str, str]) -> None:
    """Make an office with a counter and a clerk."""
    for words in (
        ["init", "--password-stdin"],
        ["add-counter", "counter-1"],
        ["add-clerk", "empar", "--password-stdin"],
    ):
        bridge = [sys.executable, "-m", "bridge", *words]
        subprocess.run(
            bridge, env=environment, check=True, capture_output=True, input=PASSWORD, text=True
        )


def _site(folder: Path, inner: int, outer: int, plain: int) -> str:
    """Return the shipped site with nothing changed but ports, name and places."""
    text = SITE.read_text()
    changed = re.sub(r"(?m)^ *listen \[::\].*\n", "", text)
    for old, new in (
        ("127.0.0.1:8300", f"127.0.0.1:{inner}"),
        ("listen 443 ", f"listen 127.0.0.1:{outer} "),
        ("listen 80;", f"listen 127.0.0.1:{plain};"),
        ("server_name oac.example.org;", "server_name 127.0.0.1;"),
        ("/etc/ssl/oac", str(folder / "tls")),
    ):
        assert old in changed
        changed = changed.replace(old, new)
    return changed


def _sign_in(client: requests.Session, front: Front) -> requests.Response:
    form = {"login": "empar", "password": PASSWORD}
    return client.post(
        f"{front.url}/sign-in", data=form, headers=OURS, timeout=PATIENCE_S, allow_redirects=False
    )


def test_a_person_signs_in(front: Front) -> None:
    """The form, the cookie and the page after it pass; the cookie is for HTTPS alone."""
    client = front.client()
    answer = _sign_in(client, front)
    assert answer.status_code == 303, answer.text
    assert "Secure" in answer.headers["Set-Cookie"]
    assert answer.headers["Location"].startswith(("/", front.url))
    assert client.get(f"{front.url}/api/desk", timeout=PATIENCE_S).status_code == 200


def test_a_form_of_another_site_is_refused(front: Front) -> None:
    """The bridge sees the origin that the browser was on, not nginx's."""
    form = {"login": "empar", "password": PASSWORD}
    for origin, status in (("https://elsewhere.example", 403), (front.url, 303)):
        answer = front.client().post(
            f"{front.url}/sign-in",
            data={**form, "take_over": "1"},
            headers={"Origin": origin},
            timeout=PATIENCE_S,
            allow_redirects=False,
        )
        assert answer.status_code == status


def test_a_page_has_a_socket(front: Front) -> None:
    """Socket.IO connects as a WebSocket through nginx, with the cookie of the sign-in."""
    client = front.client()
    form = {"login": "empar", "password": PASSWORD, "take_over": "1"}
    signed = client.post(f"{front.url}/sign-in", data=form, headers=OURS, timeout=PATIENCE_S)
    assert signed.ok
    page = socketio.Client(http_session=client, reconnection=False)
    page.connect(front.url, transports=["websocket"], wait_timeout=PATIENCE_S)
    try:
        assert page.transport() == "websocket"
    finally:
        page.disconnect()
    # The line is written when the connection is over.
    upgraded = re.compile(r'"GET /socket\.io/[^"]*" 101 ')
    wait_until(
        lambda: upgraded.search(front.nginx.log()) is not None, "the upgrade", seconds=PATIENCE_S
    )


def test_a_page_of_a_scan_passes(front: Front) -> None:
    """Eleven megabytes reach the bridge, which answers; too much gets a refusal."""
    address = f"{front.url}/api/agent/jobs/none/pages/1"
    client = front.client()
    for size, status in ((11 * 1024**2, 401), (17 * 1024**2, 413)):
        answer = client.put(address, data=b"0" * size, timeout=PATIENCE_S)
        assert answer.status_code == status
        client.close()
    answer = client.put(address, data=b"0" * (11 * 1024**2), timeout=PATIENCE_S)
    assert answer.headers["Content-Type"] == "application/problem+json"


def test_who_asks_is_whom_nginx_sees(front: Front) -> None:
    """Limits count by the client's own address; a header of the client's changes nothing."""
    answers = []
    for number in range(5):
        answer = front.client(address="127.0.0.2").post(
            f"{front.url}/api/pairings",
            json={"kind": "kiosk", "counter": "counter-1"},
            headers={**OURS, "X-Forwarded-For": f"192.0.2.{number}"},
            timeout=PATIENCE_S,
        )
        answers.append(answer.status_code)
    assert answers == [201, 201, 201, 429, 429]
    other = front.client(address="127.0.0.3").post(
        f"{front.url}/api/pairings",
        json={"kind": "kiosk", "counter": "counter-1"},
        headers=OURS,
        timeout=PATIENCE_S,
    )
    assert other.status_code == 201


def test_security_headers_come_once(front: Front) -> None:
    """Each of them is in the answer exactly once, as the bridge meant it."""
    answer = front.client().get(f"{front.url}/sign-in", timeout=PATIENCE_S)
    sent = [name.lower() for name in answer.raw.headers.keys()]  # noqa: SIM118  # with repeats
    for name in (
        "content-security-policy",
        "permissions-policy",
        "referrer-policy",
        "strict-transport-security",
        "x-content-type-options",
    ):
        assert len(answer.raw.headers.getlist(name)) == 1, (name, sent)
    assert "nginx/" not in answer.headers["Server"]


def test_plain_http_leads_to_https_and_figures_stay_inside(front: Front) -> None:
    """Port 80 only redirects; the metrics are not for the world."""
    answer = requests.get(f"{front.plain_url}/desk", timeout=PATIENCE_S, allow_redirects=False)
    assert answer.status_code == 301
    assert answer.headers["Location"] == "https://127.0.0.1/desk"
    assert front.client().get(f"{front.url}/metrics", timeout=PATIENCE_S).status_code == 404
