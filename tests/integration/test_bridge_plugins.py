"""The bridge as a process with plugins of strangers: a start that one of them ruins ends in safe mode."""

from __future__ import annotations

import os
import re
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
import requests

from counter_hooks.record import read
from tests.plugins import installer

ROOT = Path(__file__).resolve().parents[2]
PATIENCE_S = 120


@pytest.fixture
def environ(tmp_path: Path) -> dict[str, str]:
    """Make an installation, with a plugin that takes the whole process down at the start."""
    site = tmp_path / "site"
    site.mkdir()
    installer(site)("bomb", "import os\nos._exit(9)")
    environ = {
        **os.environ,
        "OAC_DATA_DIR": str(tmp_path / "data"),
        "OAC_PORT": "0",
        "PYTHONPATH": str(ROOT),
    }
    command = [sys.executable, "-m", "bridge", "init"]
    subprocess.run(command, env=environ, check=True, capture_output=True)
    return {**environ, "PYTHONPATH": os.pathsep.join([str(ROOT), str(site)])}


@contextmanager
def served(environ: dict[str, str], *options: str) -> Iterator[str]:
    """Serve until it is ready; yield its address. Whatever it says meanwhile is read away."""
    process = subprocess.Popen(
        [sys.executable, "-m", "bridge", "serve", *options],
        env=environ,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    # A start that comes to nothing must end the reading, too.
    guard = threading.Timer(PATIENCE_S, process.kill)
    guard.start()
    assert process.stdout is not None
    said: list[str] = []
    try:
        for line in process.stdout:
            said.append(line)
            found = re.search(r"ready at (http://\S+)", line)
            if found:
                yield found.group(1)
                return
        raise AssertionError("".join(said))
    finally:
        guard.cancel()
        process.terminate()
        process.communicate(timeout=PATIENCE_S)


def test_a_start_that_a_plugin_ruins_ends_in_safe_mode(
    environ: dict[str, str], tmp_path: Path
) -> None:
    """The process comes back by itself, the third time without the plugins of others, and says so."""
    with served(environ) as url:
        told = requests.get(f"{url}/readyz", timeout=PATIENCE_S).json()["plugins"]
        assert told == {"is_safe": True, "off": []}
    known = read(tmp_path / "data")
    assert (known["is_safe"], known["failed_starts"]) == (True, 0)


def test_safe_mode_by_hand(environ: dict[str, str], tmp_path: Path) -> None:
    """``--safe`` starts at once, and counts no failed start."""
    with served(environ, "--safe") as url:
        assert requests.get(f"{url}/readyz", timeout=PATIENCE_S).json()["plugins"]["is_safe"]
    assert read(tmp_path / "data")["failed_starts"] == 0
