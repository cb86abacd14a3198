"""Installs what a command needs, says so first, and touches nothing else.

Standard library only: it runs before anything is there. Debian and Ubuntu packages come by apt
(through sudo when not root), Python packages go into ``.venv`` beside the sources. On another
system it says what to install and goes on with what is there.
"""

from __future__ import annotations

import hashlib
import os
import shutil
import socket
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
VENV = ROOT / ".venv"
LEAST_PYTHON = (3, 11)
# Bindings to C libraries that come as sources only.
BUILT = ("cards", "cups", "sane")

PACKAGES: dict[str, tuple[str, ...]] = {
    "python": ("python3-venv", "python3-dev", "gcc", "libc6-dev"),
    "scan": ("libsane1", "sane-utils", "libsane-dev", "libjpeg-turbo-progs"),
    "print": (
        "cups-daemon",
        "cups-client",
        "cups-ipp-utils",
        "cups-filters",
        "libcups2-dev",
        "dbus-daemon",
        "poppler-utils",
    ),
    "cards": ("libpcsclite-dev", "pcscd", "vsmartcard-vpcd"),
    "browser": ("chromium", "fonts-dejavu-core"),
    "tests": (
        "nodejs",
        "lua5.4",
        "postgresql",
        "redis-server",
        "curl",
        "debian-archive-keyring",
        "nginx",
        "coturn",
        "libnginx-mod-stream",
        "shellcheck",
    ),
}


@dataclass(frozen=True, kw_only=True)
class Needs:
    """What a command needs: groups of system packages and extras of ours."""

    groups: tuple[str, ...]
    extras: tuple[str, ...]


def prepare(needs: Needs, *, install: bool = True) -> Path:
    """Install what ``needs`` names and is missing; return the interpreter to go on with."""
    if sys.version_info < LEAST_PYTHON:
        raise SystemExit("This needs Python 3.11 or newer; Debian 12, 13 and Ubuntu 24.04 have it.")
    lacking = _missing_packages(needs.groups)
    if lacking and install:
        _install_packages(lacking)
    elif lacking:
        print(f"Not installed, as you asked: {' '.join(lacking)}")
    if install:
        _name_loopback()
        _prepare_venv(needs.extras)
    return VENV / "bin" / "python"


def _name_loopback() -> None:
    """Give a root that was made by hand the name that every installed machine has.

    The virtual printer listens at ``localhost`` by name only; a bare root has no /etc/hosts.
    """
    hosts = Path("/etc/hosts")
    try:
        socket.getaddrinfo("localhost", None)
    except OSError:
        if hosts.exists():
            print("This machine does not know localhost; please mend /etc/hosts.")
            return
        print("There is no /etc/hosts: writing one that names localhost", flush=True)
        line = "127.0.0.1 localhost\n::1 localhost ip6-localhost ip6-loopback\n"
        subprocess.run([*_as_root(), "tee", str(hosts)], input=line, text=True, check=False,
                       stdout=subprocess.DEVNULL)  # fmt: skip


def _as_root() -> list[str]:
    return [] if os.geteuid() == 0 else ["sudo"]


def _missing_packages(groups: tuple[str, ...]) -> list[str]:
    wanted = [package for group in groups for package in PACKAGES[group]]
    if shutil.which("dpkg-query") is None:
        print("This is not Debian or Ubuntu. On yours, install what corresponds to:")
        print("  " + " ".join(wanted))
        print("Going on with what is here.")
        return []
    present = _installed(wanted)
    return [package for package in wanted if package not in present]


def _installed(packages: list[str]) -> set[str]:
    """Return those of some packages of Debian that are installed."""
    if shutil.which("dpkg-query") is None:
        return set()
    answer = subprocess.run(
        ["dpkg-query", "-W", "-f", "${Package} ${db:Status-Status}\n", *packages],
        capture_output=True,
        text=True,
        check=False,
    )
    present = {
        line.split()[0] for line in answer.stdout.splitlines() if line.endswith(" installed")
    }
    # From Debian 13 and Ubuntu 24.04 on, some libraries carry the 64-bit time suffix.
    return present | {name.removesuffix("t64") for name in present}


def _install_packages(packages: list[str]) -> None:
    print(f"Installing system packages: {' '.join(packages)}", flush=True)
    if os.geteuid() != 0 and shutil.which("sudo") is None:
        print("You are not root and there is no sudo. Ask an administrator for:")
        print(f"  apt-get install --no-install-recommends {' '.join(packages)}")
        print("Going on with what is here.")
        return
    apt = [*_as_root(), "env", "DEBIAN_FRONTEND=noninteractive", "apt-get", "-q", "-y"]
    subprocess.run([*apt, "update"], check=False, stdout=subprocess.DEVNULL)
    command = [*apt, "install", "--no-install-recommends", *packages]
    done = subprocess.run(command, check=False, stdout=subprocess.DEVNULL)
    if done.returncode:
        print("apt-get could not install all of them; what needs them will say so.")


def _prepare_venv(extras: tuple[str, ...]) -> None:
    python = VENV / "bin" / "python"
    stamp = VENV / "oac-stamp"
    wanted = _fingerprint(extras)
    if python.exists() and stamp.exists() and stamp.read_text() == wanted:
        return
    if not python.exists():
        print("Making .venv", flush=True)
        subprocess.run([sys.executable, "-m", "venv", str(VENV)], check=True)
    print(f"Installing Python packages into .venv: jitsi-oac[{','.join(extras)}]", flush=True)
    pip = [str(python), "-m", "pip", "install", "-q", "--disable-pip-version-check"]
    constraints = str(ROOT / "deploy" / "constraints.txt")
    # One that cannot be built leaves its device family out, not the whole product.
    plain = [extra for extra in extras if extra not in BUILT]
    subprocess.run([*pip, "-c", constraints, "-e", f"{ROOT}[{','.join(plain)}]"], check=True)
    for extra in sorted(set(BUILT) & set(extras)):
        built = subprocess.run(
            [*pip, "-c", constraints, "-e", f"{ROOT}[{extra}]"],
            check=False,
            stderr=subprocess.PIPE,
            text=True,
        )
        if built.returncode:
            last = (built.stderr.strip().splitlines() or ["no reason given"])[-1]
            print(f"The {extra} driver could not be built and is left out: {last}")
    stamp.write_text(wanted)


def _fingerprint(extras: tuple[str, ...]) -> str:
    content = hashlib.sha256()
    for name in ("setup.cfg", "pyproject.toml", "deploy/constraints.txt"):
        content.update((ROOT / name).read_bytes())
    # A binding that could not be built is tried again as soon as its headers are there.
    headers = [name for names in PACKAGES.values() for name in names if name.endswith("-dev")]
    facts = (sys.version_info[:2], sorted(extras), str(ROOT), sorted(_installed(headers)))
    content.update(repr(facts).encode())
    return content.hexdigest()
