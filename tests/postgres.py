"""A throw-away PostgreSQL: a private cluster on a free loopback port, as an unprivileged user."""

from __future__ import annotations

import os
import pwd
import shutil
import socket
import subprocess
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
def postgres(folder: Path) -> Iterator[str]:
    """Run a cluster under ``folder``; give the URL of an empty database in it."""
    require("postgres", program("initdb"))
    require("postgres", module="psycopg")
    folder.mkdir(mode=0o700)
    user = _unprivileged(folder)
    port = _free_port()
    _run(
        user,
        program("initdb"),
        "-D",
        str(folder / "data"),
        "-U",
        "oac",
        "-A",
        "trust",
        "-E",
        "UTF8",
        "-N",
    )
    options = f"-h 127.0.0.1 -p {port} -k {folder} -F"
    start = [program("pg_ctl"), "-D", str(folder / "data"), "-l", str(folder / "log"), "-w"]
    _run(user, *start, "-o", options, "start")
    try:
        yield f"postgresql+psycopg://oac@127.0.0.1:{port}/postgres"
    finally:
        _unprivileged(folder)  # whoever starts pytest meanwhile shuts its folders again
        _run(user, *start, "-m", "immediate", "stop")


def _unprivileged(folder: Path) -> str | None:
    # PostgreSQL refuses to run as root; "nobody" may not enter pytest's private folders.
    if os.geteuid() != 0:
        return None
    shutil.chown(folder, "nobody")
    for parent in folder.parents:
        if parent.stat().st_mode & 0o001 == 0:
            parent.chmod(parent.stat().st_mode | 0o011)
    return pwd.getpwnam("nobody").pw_name


def _run(user: str | None, *command: str) -> None:
    subprocess.run(
        command, user=user, check=True, capture_output=True, cwd="/", env={"LC_ALL": "C"}
    )


def _free_port() -> int:
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        port: int = one.getsockname()[1]
        return port
