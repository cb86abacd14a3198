"""Debian's Prosodies, unpacked into the user's cache at first use.

Unpacked and not installed: no root is needed, no service is started on somebody's machine, and
both versions are there side by side. The programs are started by the loader that came with them,
because they may want another C library than the machine's.
"""

from __future__ import annotations

import os
import subprocess
import tempfile
from dataclasses import dataclass, field
from pathlib import Path

import pytest

KEYRING = Path("/usr/share/keyrings/debian-archive-keyring.gpg")
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
        words = getattr(error, "stderr", None) or str(error).encode()
        reason = f"Debian's Prosody could not be fetched: {words.decode()[-300:]}"
    if name in os.environ.get("OAC_REQUIRE", "").split(","):
        pytest.fail(f"{reason}, but OAC_REQUIRE asks for {name}")
    pytest.skip(reason)


def debian(suite: str) -> Program:
    """Return the Prosody of a release of Debian."""
    root = _cache() / f"{suite}-{RECIPE}"
    if not root.exists():
        _fetch(suite, root)
    return _unpacked(root)


def _cache() -> Path:
    base = os.environ.get("XDG_CACHE_HOME")
    return (Path(base) if base else Path.home() / ".cache") / "jitsi-oac" / "prosody"


def _fetch(suite: str, root: Path) -> None:
    """Download with an apt of its own, and unpack; the folder is there only when it is whole."""
    root.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=root.parent, prefix="fetch-") as name:
        folder = Path(name)
        environment = os.environ | {"APT_CONFIG": str(_apt_of_its_own(folder, suite))}
        for command in (
            ("update",),
            ("install", "--yes", "--download-only", "--no-install-recommends", *PACKAGES),
        ):
            _run("apt-get", "-q", *command, environment=environment)
        for package in sorted((folder / "cache" / "archives").glob("*.deb")):
            _run("dpkg-deb", "-x", str(package), str(folder / "root"))
        _adapt(folder / "root", root)
        # Somebody else may have been quicker.
        if not root.exists():
            (folder / "root").rename(root)


def _apt_of_its_own(folder: Path, suite: str) -> Path:
    for name in ("state/lists/partial", "cache/archives/partial", "etc/apt.conf.d", "root"):
        (folder / name).mkdir(parents=True)
    (folder / "etc" / "preferences.d").mkdir()
    (folder / "state" / "status").touch()
    source = f"deb [signed-by={KEYRING}] {_mirror()} {suite} main\n"
    (folder / "etc" / "sources.list").write_text(source)
    # The machine's way to the net, a proxy for instance, stays.
    dump = subprocess.run(["apt-config", "dump"], capture_output=True, text=True, check=True)
    network = [line for line in dump.stdout.splitlines() if line.startswith("Acquire::http")]
    configuration = folder / "apt.conf"
    configuration.write_text(
        f'Dir "{folder}";\nDir::State "{folder}/state";\n'
        f'Dir::State::status "{folder}/state/status";\nDir::Cache "{folder}/cache";\n'
        f'Dir::Etc "{folder}/etc";\nAcquire::Languages "none";\n'
        'APT::Sandbox::User "";\nDebug::NoLocking "true";\n' + "\n".join(network) + "\n"
    )
    return configuration


def _mirror() -> str:
    """Return where this machine has its Debian from; other systems have no mirror of it."""
    ask = ("apt-get", "indextargets", "--format", "$(REPO_URI)", "Created-By: Packages")
    known = subprocess.run(ask, capture_output=True, text=True, check=True).stdout.split()
    mirrors = [uri for uri in known if uri.rstrip("/").endswith("/debian")]
    if not mirrors:
        raise FileNotFoundError("apt knows no mirror of Debian here")
    return mirrors[0]


def _adapt(unpacked: Path, root: Path) -> None:
    """Write the program anew where it will stand: the place of its sources is written in."""
    text = (unpacked / "usr/bin/prosody").read_text().replace(SOURCES, f"{root}{SOURCES}")
    (unpacked / "prosody").write_text(text)


def _run(*command: str, environment: dict[str, str] | None = None) -> None:
    subprocess.run(command, check=True, capture_output=True, timeout=300, env=environment)


def _unpacked(root: Path) -> Program:
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
