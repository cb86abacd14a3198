"""What tests share: saying which outside program or module they need."""

from __future__ import annotations

import contextlib
import os
import shutil
import socket
from importlib.util import find_spec
from pathlib import Path

import pytest


def require(name: str, program: str = "", *, module: str = "", file: Path | None = None) -> None:
    """Skip unless it is installed; fail instead where OAC_REQUIRE (a,b,c) holds the name."""
    if file.exists() if file else shutil.which(program) if program else find_spec(module):
        return
    leave_out(name, f"{file or program or module} is not installed")


def leave_out(name: str, reason: str) -> None:
    """Skip for a reason; fail instead where OAC_REQUIRE (a,b,c) holds the name."""
    if name in os.environ.get("OAC_REQUIRE", "").split(","):
        pytest.fail(f"{reason}, but OAC_REQUIRE asks for {name}")
    pytest.skip(reason)


def own_ports(count: int = 1) -> int:
    """Return the first of ``count`` free ports for a program that cannot be told to choose itself.

    They lie below those that the system gives out (from 32768 on), and each process of tests looks
    in another place: so nobody takes them before the program does.
    """
    start = 20_000 + os.getpid() % 1000 * 10
    for port in range(start, 32_000):
        with contextlib.ExitStack() as held, contextlib.suppress(OSError):
            for number in range(port, port + count):
                held.enter_context(socket.create_server(("127.0.0.1", number)))
            return port
    raise RuntimeError("no port is free")
