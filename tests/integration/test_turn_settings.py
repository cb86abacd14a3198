"""The TURN server of ``deploy/compose.yml``: its settings, in the hands of a real coturn."""

from __future__ import annotations

import os
import re
import socket
import ssl
import textwrap
from collections.abc import Iterator
from pathlib import Path

import pytest

from deploy.virtual.processes import Process
from tests.integration.nginx_front import certificate
from tests.integration.prosody.server import free_port
from tests.support import require

COMPOSE = Path(__file__).parents[2] / "deploy/compose.yml"
HOST = "turn.example.org"
VALUES = {"TURN_CREDENTIALS": "s" * 64, "TURN_HOST": HOST, "PUBLIC_ADDRESS": "192.0.2.1"}
START_S = 60


@pytest.fixture
def settings(tmp_path: Path) -> str:
    """Return what the composition gives coturn, with its variables filled and places changed."""
    found = re.search(r"  turnserver:\n    content: \|\n((?:      .*\n)+)", COMPOSE.read_text())
    assert found
    text = re.sub(r"\$\{(\w+)(?::-([^}]*))?\}", _value, textwrap.dedent(found[1]))
    return text.replace("/etc/ssl/oac", str(tmp_path))


def _value(found: re.Match[str]) -> str:
    return VALUES.get(found[1]) or found[2]


@pytest.fixture
def turn(settings: str, tmp_path: Path) -> Iterator[tuple[int, Path]]:
    """Start coturn at loopback; return its TLS port and its log."""
    require("coturn", "turnserver")
    certificate(tmp_path, HOST)
    port = free_port()
    changed = settings.replace("=5349", f"={port}").replace("=3478", f"={free_port()}")
    own = f"listening-ip=127.0.0.1\nrelay-ip=127.0.0.1\npidfile={tmp_path}/pid\n"
    own += f"userdb={tmp_path}/db\n"
    (tmp_path / "turnserver.conf").write_text(changed + own)
    log = tmp_path / "log"
    command = ["turnserver", "-c", str(tmp_path / "turnserver.conf")]
    process = Process(command, log=log, environment=os.environ, directory=tmp_path)
    try:
        process.wait_until(lambda: _is_open(port), seconds=START_S)
        yield port, log
    finally:
        process.stop()


def _is_open(port: int) -> bool:
    try:
        with socket.create_connection(("127.0.0.1", port), timeout=5):
            return True
    except OSError:
        return False


def test_every_setting_is_known_and_tls_is_answered(turn: tuple[int, Path], tmp_path: Path) -> None:
    """Coturn complains of none of them, and shows the certificate to whoever asks by name."""
    port, log = turn
    context = ssl.create_default_context(cafile=str(tmp_path / "cert.pem"))
    plain = socket.create_connection(("127.0.0.1", port), timeout=START_S)
    with plain, context.wrap_socket(plain, server_hostname=HOST) as secure:
        assert secure.version() in ("TLSv1.2", "TLSv1.3")
    assert "Bad configuration" not in log.read_text()
