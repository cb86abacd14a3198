"""A throw-away PostgreSQL: a private cluster on a free loopback port, as an unprivileged user."""

from __future__ import annotations

import os
import pwd
import shutil
import socket
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tests.support import require

_BINARIES = sorted(Path("/usr/lib/postgresql").glob("*/bin"), reverse=True)


def program(name: str) -> str:
    """Return where a program of PostgreSQL is: Debian keeps them off the PATH."""
    for folder in _BINARIES:
        if (folder / name).exists():
            return str(folder / name)
    return shutil.which(name) or name


@contextmanager
def postgres() -> Iterator[str]:
    """Run a cluster in a folder of its own; give the URL of an empty database in it.

    Not in pytest's folders: they are root's alone, and PostgreSQL refuses to run as root.
    """
    require("postgres", program("initdb"))
    require("postgres", module="psycopg")
    with (
        tempfile.TemporaryDirectory(prefix="oac-postgres-", ignore_cleanup_errors=True) as name,
        _cluster(Path(name)) as url,
    ):
        yield url


@contextmanager
def _cluster(folder: Path) -> Iterator[str]:
    user = None
    if os.geteuid() == 0:
        user = pwd.getpwnam("nobody").pw_name
        shutil.chown(folder, user)
    data = str(folder / "data")
    _run(user, program("initdb"), "-D", data, "-U", "oac", "-A", "trust", "-E", "UTF8", "-N")
    port = _free_port()
    options = f"-h 127.0.0.1 -p {port} -k {folder} -F"
    start = [program("pg_ctl"), "-D", data, "-l", str(folder / "log"), "-w"]
    _run(user, *start, "-o", options, "start")
    try:
        yield f"postgresql+psycopg://oac@127.0.0.1:{port}/postgres"
    finally:
        _run(user, *start, "-m", "immediate", "stop")


def _run(user: str | None, *command: str) -> None:
    subprocess.run(
        command, user=user, check=True, capture_output=True, cwd="/", env={"LC_ALL": "C"}
    )


def _free_port() -> int:
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        port: int = one.getsockname()[1]
        return port
