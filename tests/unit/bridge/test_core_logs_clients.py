"""What a client's broken protocol leaves in the log."""

from __future__ import annotations

import json
import logging
import socket
import sys
import threading
from collections.abc import Iterator

import pytest
import simple_websocket
from engineio.packet import Packet

from bridge.core import logs
from bridge.core.logs import ClientsFault
from bridge.core.rules import Lifecycle


@pytest.fixture
def own_log() -> Iterator[None]:
    """Give the log back as it was, once a test has installed the bridge's."""
    root, hook = logging.getLogger(), threading.excepthook
    handlers, level = root.handlers[:], root.level
    yield
    root.handlers[:], threading.excepthook = handlers, hook
    root.setLevel(level)


def record_of(name: str, error: BaseException | None) -> logging.LogRecord:
    """Return what a library logs for ``error``."""
    told = (type(error), error, error.__traceback__) if error else None
    return logging.LogRecord(name, logging.ERROR, __file__, 1, "it fell", (), told)


def test_a_client_fault_is_one_line() -> None:
    """A stranger's frame is a warning without a traceback."""
    with pytest.raises(ValueError, match="invalid literal") as caught:
        Packet(encoded_packet="x")
    record = record_of("engineio.server", caught.value)
    assert ClientsFault().filter(record)
    assert (record.levelname, record.exc_info) == ("WARNING", None)
    assert record.getMessage() == "a client left or broke the protocol: ValueError"


def test_our_own_fault_stays() -> None:
    """An error that came through our code keeps level and traceback, whoever logs it."""
    try:
        Lifecycle({}).after(None, [])  # type: ignore[type-var, arg-type]
    except TypeError:
        told = sys.exc_info()[1]
    for name in ("engineio.server", "gunicorn.error"):
        record = record_of(name, told)
        assert ClientsFault().filter(record)
        assert (record.levelname, record.getMessage()) == ("ERROR", "it fell")
        assert record.exc_info


def test_the_server_own_fault_stays() -> None:
    """What the server says of itself, without a client in it, is not touched."""
    record = record_of("gunicorn.error", RuntimeError("no more threads"))
    assert ClientsFault().filter(record)
    assert (record.levelname, record.getMessage()) == ("ERROR", "it fell")


@pytest.mark.usefixtures("own_log")
def test_a_connection_that_is_gone_already(capsys: pytest.CaptureFixture[str]) -> None:
    """The library's thread that says goodbye to one who has left leaves a line, no traceback."""
    logs.install(level="info", is_json=False)
    ours, theirs = socket.socketpair()
    environ = {
        "gunicorn.socket": ours, "PATH_INFO": "/", "HTTP_HOST": "counter",
        "HTTP_UPGRADE": "websocket", "HTTP_CONNECTION": "Upgrade",
        "HTTP_SEC_WEBSOCKET_VERSION": "13", "HTTP_SEC_WEBSOCKET_KEY": "dGhlIHNhbXBsZSBub25jZQ==",
    }  # fmt: skip
    link = simple_websocket.Server(environ)
    assert b"101" in theirs.recv(4096)
    theirs.close()
    link.thread.join(10)
    link.connected = True  # the moment in between: the one thread has closed, the other not seen it
    goodbye = threading.Thread(target=link.close)
    goodbye.start()
    goodbye.join(10)
    (line,) = capsys.readouterr().err.splitlines()
    assert "WARNING bridge.threads: a client left or broke the protocol: OSError" in line


@pytest.mark.usefixtures("own_log")
def test_a_thread_of_ours_that_breaks(capsys: pytest.CaptureFixture[str]) -> None:
    """What ended it is in the log as an error with its traceback, in one record of JSON."""
    logs.install(level="info", is_json=True)
    broken = threading.Thread(target=Lifecycle({}).after, args=(None, []), name="ours")
    broken.start()
    broken.join(10)
    (line,) = capsys.readouterr().err.splitlines()
    told = json.loads(line)
    assert (told["level"], told["message"]) == ("error", "thread ours broke")
    assert "bridge/core/rules.py" in told["exception"]
