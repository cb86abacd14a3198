"""The bridge as a process of its own: it starts, carries sockets, and stops when asked."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
import requests
import socketio

from bridge.core.db import Database
from bridge.core.events import Events
from bridge.counters import pairing
from counter_hooks.wire import NAMESPACE, WIRE
from tests.makers import SCANNER, settings_in

PATIENCE_S = 60


class Running:
    """A running bridge."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.process = subprocess.Popen(
            [sys.executable, "-m", "bridge", "serve"],
            env=_environment(folder),
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )
        assert self.process.stdout is not None
        line = self.process.stdout.readline()
        found = re.search(r"http://\S+", line)
        assert found, line
        self.url = found.group()

    def get(self, path: str) -> tuple[int, dict[str, object]]:
        """Ask for JSON."""
        answer = requests.get(self.url + path, timeout=PATIENCE_S)
        return answer.status_code, answer.json()

    def stop(self) -> str:
        """Ask it to stop; return what it said since it was ready."""
        self.process.send_signal(signal.SIGTERM)
        said, _ = self.process.communicate(timeout=PATIENCE_S)
        return said


def _environment(folder: Path) -> dict[str, str]:
    root = str(Path(__file__).parents[2])
    return {**os.environ, "OAC_DATA_DIR": str(folder), "OAC_PORT": "0", "PYTHONPATH": root}


@pytest.fixture
def installation(tmp_path: Path) -> Path:
    """Make an installation with one counter; return its folder."""
    for words in (["init"], ["add-counter", "counter-1"]):
        subprocess.run(
            [sys.executable, "-m", "bridge", *words],
            env=_environment(tmp_path / "data"),
            check=True,
            capture_output=True,
        )
    return tmp_path / "data"


@pytest.fixture
def running(installation: Path) -> Iterator[Running]:
    """Start the bridge."""
    bridge = Running(installation)
    yield bridge
    if bridge.process.poll() is None:
        bridge.process.kill()
        bridge.process.communicate()


def _agent_token(folder: Path) -> str:
    from bridge.core import clock

    database = Database(settings_in(folder).database, Events())
    with database.transaction() as db:
        offer = pairing.start_pairing(db, "agent", "counter-1", now=clock.now())
        pairing.approve(db, offer.code, counter_key=None, now=clock.now())
        paired = pairing.claim(db, offer.claim, now=clock.now())
    database.engine.dispose()
    assert paired is not None
    return paired.token


def test_an_agent_over_a_real_socket(running: Running) -> None:
    """An agent connects by WebSocket, is welcomed, and is counted; a stop lets go of it."""
    client = socketio.Client(reconnection=False)
    left = threading.Event()
    client.on("disconnect", lambda *_: left.set(), namespace=NAMESPACE)
    token = _agent_token(running.folder)
    client.connect(
        running.url,
        transports=["websocket"],
        namespaces=[NAMESPACE],
        auth={"token": token, "wire": WIRE},
    )
    hello = {"wire": WIRE, "version": "1", "devices": [SCANNER]}
    welcome = client.call("hello", hello, namespace=NAMESPACE, timeout=PATIENCE_S)
    assert welcome["counter"] == "counter-1"
    status, facts = running.get("/readyz")
    assert (status, facts["agents"]) == (200, {"connected": 1, "counters": 1, "troubled": {}})
    assert running.stop() == ""
    assert running.process.returncode == 0
    assert left.wait(PATIENCE_S)
    client.eio.ws.shutdown()  # the library forgets it when the server hangs up


def test_a_database_of_another_version_is_not_served(installation: Path) -> None:
    """The start ends with one sentence and exit code 1."""
    database = Database(settings_in(installation).database, Events())
    with database.engine.begin() as connection:
        connection.exec_driver_sql("UPDATE alembic_version SET version_num = '0000'")
    database.engine.dispose()
    done = subprocess.run(
        [sys.executable, "-m", "bridge", "serve"],
        env=_environment(installation),
        capture_output=True,
        text=True,
        timeout=PATIENCE_S,
        check=False,
    )
    assert done.returncode == 1
    assert "run 'oac-bridge migrate'" in done.stderr
    assert "Traceback" not in done.stderr
