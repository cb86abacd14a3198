"""What a client's broken protocol leaves in the log."""

from __future__ import annotations

import logging
import sys

import pytest
from engineio.packet import Packet

from bridge.core.logs import ClientsFault
from bridge.core.rules import Lifecycle


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
    assert record.getMessage() == "a client broke the protocol: ValueError"


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
