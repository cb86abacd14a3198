"""Where a Prosody is: the machine's own, or Debian 13's, unpacked into the user's cache.

Unpacked and not installed: no root and no chroot is needed. Debian 13's programs want a newer C
library than Debian 12 has, so they are started by the loader that came with them.
"""

from __future__ import annotations

import hashlib
import os
import shutil
import subprocess
import tempfile
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from tests.support import require

KEYRING = Path("/usr/share/keyrings/debian-archive-keyring.gpg")
MIRROR = "http://deb.debian.org/debian"
PACKAGES = ("prosody", "lua-luaossl")
SOURCES = "/usr/lib/prosody"


@dataclass(frozen=True, slots=True, kw_only=True)
class Program:
    """How to start a Prosody: the command without its options, and what its environment adds."""

    version: str
    command: tuple[str, ...]
    environment: dict[str, str] = field(default_factory=dict)


def installed() -> Program:
    """Return the machine's own Prosody; skip where there is none."""
    require("prosody", "prosody")
    # Asked for its version the program itself does not always end.
    version = Path(SOURCES, "prosody.version").read_text().strip()
    return Program(version=version, command=(shutil.which("prosody") or "prosody",))


def debian_13() -> Program:
    """Return Debian 13's Prosody, fetched at first use; skip where it cannot be had."""
    if not (shutil.which("apt-get") and KEYRING.exists()):
        _lack("apt-get and Debian's archive keyring are needed to fetch Prosody 13")
    root = _cache() / hashlib.sha256(Path(__file__).read_bytes()).hexdigest()[:16]
    if not root.exists():
        try:
            _fetch(root)
        except (subprocess.CalledProcessError, OSError) as error:
            words = getattr(error, "stderr", b"") or str(error).encode()
            _lack(f"Debian 13's Prosody could not be fetched: {words.decode()[-300:]}")
    return _unpacked(root)


def _lack(reason: str) -> None:
    if "prosody13" in os.environ.get("OAC_REQUIRE", "").split(","):
        pytest.fail(f"{reason}, but OAC_REQUIRE asks for prosody13")
    pytest.skip(reason)


def _cache() -> Path:
    base = os.environ.get("XDG_CACHE_HOME")
    return (Path(base) if base else Path.home() / ".cache") / "jitsi-oac" / "prosody-13"


def _fetch(root: Path) -> None:
    """Download with an apt of its own, and unpack; the folder is there only when it is whole."""
    root.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=root.parent, prefix="fetch-") as name:
        folder = Path(name)
        environment = os.environ | {"APT_CONFIG": str(_apt_of_its_own(folder))}
        for command in (
            ("update",),
            ("install", "--yes", "--download-only", "--no-install-recommends", *PACKAGES),
        ):
            _run("apt-get", "-q", *command, environment=environment)
        for package in sorted((folder / "cache" / "archives").glob("*.deb")):
            _run("dpkg-deb", "-x", str(package), str(folder / "root"))
        (folder / "root").rename(root)


def _apt_of_its_own(folder: Path) -> Path:
    for name in ("state/lists/partial", "cache/archives/partial", "etc/apt.conf.d", "root"):
        (folder / name).mkdir(parents=True)
    (folder / "etc" / "preferences.d").mkdir()
    (folder / "state" / "status").touch()
    (folder / "etc" / "sources.list").write_text(
        f"deb [signed-by={KEYRING}] {MIRROR} trixie main\n"
    )
    configuration = folder / "apt.conf"
    configuration.write_text(
        f'Dir "{folder}";\nDir::State "{folder}/state";\n'
        f'Dir::State::status "{folder}/state/status";\nDir::Cache "{folder}/cache";\n'
        f'Dir::Etc "{folder}/etc";\nAcquire::Languages "none";\n'
        'APT::Sandbox::User "";\nDebug::NoLocking "true";\n'
    )
    return configuration


def _run(*command: str, environment: dict[str, str] | None = None) -> None:
    subprocess.run(command, check=True, capture_output=True, timeout=300, env=environment)


def _unpacked(root: Path) -> Program:
    (libraries,) = (path.parent for path in root.glob("usr/lib/*/libc.so.6"))
    (loader,) = libraries.glob("ld-linux*.so.*")
    # The program has the place of its sources written in.
    script = root / "prosody"
    text = (root / "usr/bin/prosody").read_text().replace(SOURCES, f"{root}{SOURCES}")
    script.write_text(text)
    lua = f"{root}/usr/share/lua/5.4/?.lua;{root}/usr/share/lua/5.4/?/init.lua"
    return Program(
        version=(root / SOURCES.lstrip("/") / "prosody.version").read_text().strip(),
        command=(
            str(loader),
            "--library-path",
            str(libraries),
            str(root / "usr/bin/lua5.4"),
            str(script),
        ),
        environment={"LUA_PATH": lua, "LUA_CPATH": f"{libraries}/lua/5.4/?.so"},
    )
