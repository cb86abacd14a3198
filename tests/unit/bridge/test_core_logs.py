"""The log: one line a thing, nothing that opens a door."""

from __future__ import annotations

import json
import logging
import threading
from collections.abc import Iterator

import pytest

from bridge.core import logs
from bridge.core.clock import now
from bridge.core.sweeper import Sweeper


@pytest.fixture(autouse=True)
def root_logger() -> Iterator[None]:
    """Give the root logger back as it was, and what ends with a thread to whoever had it."""
    root, hook = logging.getLogger(), threading.excepthook
    handlers, level = root.handlers[:], root.level
    yield
    root.handlers[:], threading.excepthook = handlers, hook
    root.setLevel(level)


def test_json_lines(capsys: pytest.CaptureFixture[str]) -> None:
    """Every line is one JSON object, an exception and text of any script within it."""
    logs.install(level="info", is_json=True)
    try:
        raise ValueError("línia\nnova")
    except ValueError:
        logging.getLogger("bridge.test").exception("job %s", "j1")
    (line,) = capsys.readouterr().err.splitlines()
    told = json.loads(line)
    assert (told["level"], told["logger"], told["message"]) == ("error", "bridge.test", "job j1")
    assert "línia\nnova" in told["exception"]


def test_addresses_are_not_logged(capsys: pytest.CaptureFixture[str]) -> None:
    """What the libraries say of every request, secrets in addresses included, is left out."""
    logs.install(level="debug", is_json=False)
    for name in ("werkzeug", "engineio.server", "socketio.server", "httpx", "httpcore"):
        logging.getLogger(name).info("GET /api/agent/prints/secret")
    assert "secret" not in capsys.readouterr().err


def test_a_chore_that_fails_is_said_once(caplog: pytest.LogCaptureFixture) -> None:
    """The other chores are done all the same; the failure is in the log until it worked again."""
    sweeper, done, is_broken = Sweeper(now), [], True

    def fail(_now: object) -> None:
        if is_broken:
            raise RuntimeError

    sweeper.every(60, "failing", fail)
    sweeper.every(60, "working", done.append)
    sweeper.sweep()
    sweeper.sweep()
    assert (len(done), caplog.text.count("failing failed")) == (2, 1)
    is_broken = False
    sweeper.sweep()
    is_broken = True
    sweeper.sweep()
    assert caplog.text.count("failing failed") == 2


def test_the_sweeper_runs_and_stops() -> None:
    """A chore is done when its time has come, and after the stop no more."""
    sweeper, was_done = Sweeper(now), threading.Event()
    sweeper.every(0.01, "working", lambda _now: was_done.set())
    sweeper.start()
    assert was_done.wait(10)
    sweeper.stop()
    was_done.clear()
    assert not [one for one in threading.enumerate() if one.name == "sweeper"]
