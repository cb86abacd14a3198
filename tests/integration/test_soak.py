"""A short soak: some counters at work while agents, bridge, devices, lines and disks fail."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from deploy.virtual.printer import PACKAGES, find
from tests.support import require

pytestmark = [pytest.mark.sane, pytest.mark.cups]


def test_nothing_is_lost_or_doubled_whatever_fails() -> None:
    """Every page and paper is there once, every job has an end and a reason, and nothing is left over."""
    require("sane", module="sane")
    require("sane", "gcc")
    require("cups", module="cups")
    for program in PACKAGES:
        require("cups", find(program) or program)
    done = subprocess.run(
        [sys.executable, "-m", "tests.soak", "--counters", "6", "--jobs", "4", "--seed", "1"],
        cwd=Path(__file__).parents[2],
        capture_output=True,
        text=True,
        check=False,
        timeout=1800,
    )
    assert done.returncode == 0, f"{done.stdout}\n{done.stderr}"
    assert done.stdout.rstrip().endswith("proved")
