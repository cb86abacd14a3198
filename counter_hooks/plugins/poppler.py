"""Runs the programs of poppler-utils on a file that may be made to take whatever there is."""

from __future__ import annotations

import shutil
import subprocess

from counter_hooks import PluginRefused

MOST_MEMORY_BYTES = 1024 * 1024 * 1024


def require(*programs: str) -> None:
    """Refuse where one of ``programs``, or what bounds them, is missing. Raises ``PluginRefused``."""
    for program in programs:
        if shutil.which(program) is None:
            raise PluginRefused(f"{program} is missing: install the package poppler-utils")
    if shutil.which("prlimit") is None:
        raise PluginRefused("prlimit is missing: install the package util-linux")


def run(*command: str, limit_s: int) -> subprocess.CompletedProcess[str]:
    """Run a program within its bounds. Raises ``subprocess.TimeoutExpired``."""
    return subprocess.run(
        ["prlimit", f"--as={MOST_MEMORY_BYTES}", f"--cpu={limit_s}", *command],
        capture_output=True,
        text=True,
        errors="replace",
        check=False,
        timeout=limit_s,
    )
