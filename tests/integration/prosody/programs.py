"""Debian's Prosodies, unpacked and not installed.

They are started by the loader that came with them, because they may want another C library than
the machine's.
"""

from __future__ import annotations

import subprocess
from dataclasses import dataclass, field
from pathlib import Path

from tests.debian_packages import missing, unpacked

PACKAGES = ("prosody", "lua-luaossl")
SOURCES = "/usr/lib/prosody"
# Raised whenever what is fetched and made of it changes.
RECIPE = 1
SUITES = {"prosody": "bookworm", "prosody13": "trixie"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Program:
    """How to start a Prosody: the command without its options, and what its environment adds."""

    version: str
    command: tuple[str, ...]
    environment: dict[str, str] = field(default_factory=dict)


def find(name: str) -> Program:
    """Return the Prosody of that name; skip where it cannot be had, or fail as OAC_REQUIRE says."""
    try:
        return debian(SUITES[name])
    except (subprocess.SubprocessError, OSError) as error:
        missing(name, error)


def debian(suite: str) -> Program:
    """Return the Prosody of a release of Debian."""
    return _program(unpacked(suite, f"prosody/{suite}-{RECIPE}", PACKAGES, _adapt))


def _adapt(files: Path, root: Path) -> None:
    """Write the program anew where it will stand: the place of its sources is written in."""
    text = (files / "usr/bin/prosody").read_text().replace(SOURCES, f"{root}{SOURCES}")
    (files / "prosody").write_text(text)


def _program(root: Path) -> Program:
    (libraries,) = (path.parent for path in root.glob("**/libc.so.6"))
    (loader,) = libraries.glob("ld-linux*.so.*")
    modules = root / "usr" / "lib" / libraries.name
    search = f"{libraries}:{modules}"
    lua = f"{root}/usr/share/lua/5.4/?.lua;{root}/usr/share/lua/5.4/?/init.lua"
    return Program(
        version=(root / SOURCES.lstrip("/") / "prosody.version").read_text().strip(),
        command=(
            str(loader),
            "--library-path",
            search,
            str(root / "usr/bin/lua5.4"),
            str(root / "prosody"),
        ),
        environment={"LUA_PATH": lua, "LUA_CPATH": f"{modules}/lua/5.4/?.so"},
    )
