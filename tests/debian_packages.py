"""Programs out of Debian's packages, unpacked into the user's cache at first use.

Unpacked and not installed: no root is needed, no service is started on somebody's machine, and
several versions are there side by side.
"""

from __future__ import annotations

import os
import subprocess
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import NoReturn

import pytest

KEYRING = Path("/usr/share/keyrings/debian-archive-keyring.gpg")


def missing(name: str, error: Exception) -> NoReturn:
    """Skip because a program cannot be had, or fail as OAC_REQUIRE says."""
    words = getattr(error, "stderr", None) or str(error).encode()
    reason = f"Debian's {name} could not be fetched: {words.decode()[-300:]}"
    if name in os.environ.get("OAC_REQUIRE", "").split(","):
        pytest.fail(f"{reason}, but OAC_REQUIRE asks for {name}")
    pytest.skip(reason)


def unpacked(
    suite: str,
    place: str,
    packages: tuple[str, ...],
    finish: Callable[[Path, Path], None] = lambda unpacked, root: None,
) -> Path:
    """Return the folder of some packages of a release of Debian, with all that they depend on.

    ``place`` names it; raise its number whenever what is fetched and made of it changes. ``finish``
    is told what was unpacked and where it will stand.
    """
    root = _cache() / place
    if not root.exists():
        _fetch(suite, root, packages, finish)
    return root


def _cache() -> Path:
    base = os.environ.get("XDG_CACHE_HOME")
    return (Path(base) if base else Path.home() / ".cache") / "jitsi-oac"


def _fetch(
    suite: str, root: Path, packages: tuple[str, ...], finish: Callable[[Path, Path], None]
) -> None:
    """Download with an apt of its own, and unpack; the folder is there only when it is whole."""
    root.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=root.parent, prefix="fetch-") as name:
        folder = Path(name)
        environment = os.environ | {"APT_CONFIG": str(_apt_of_its_own(folder, suite))}
        for command in (
            ("update",),
            ("install", "--yes", "--download-only", "--no-install-recommends", *packages),
        ):
            _run("apt-get", "-q", *command, environment=environment)
        for package in sorted((folder / "cache" / "archives").glob("*.deb")):
            _run("dpkg-deb", "-x", str(package), str(folder / "root"))
        finish(folder / "root", root)
        try:
            (folder / "root").rename(root)
        except OSError:
            # Somebody else was quicker: what is there is not replaced.
            if not root.exists():
                raise


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


def _run(*command: str, environment: dict[str, str] | None = None) -> None:
    subprocess.run(command, check=True, capture_output=True, timeout=300, env=environment)
