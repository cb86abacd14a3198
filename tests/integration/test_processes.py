"""Programs of the virtual devices start, are waited for, and end with all their children."""

from __future__ import annotations

import os
import signal
import sys
from pathlib import Path

import pytest

from deploy.virtual.processes import Process, ProcessNotReady, wait_until
from tests.support import require

STUBBORN = """
trap '' TERM
sleep 600 &
echo "$!" >child
wait
"""
"""A program that does not end when asked, with a child that does not either."""


REGROUPING = """
import pathlib, subprocess
child = subprocess.Popen(["sleep", "600"], process_group=0)
pathlib.Path("child").write_text(str(child.pid))
child.wait()
"""


def start(directory: Path, script: str) -> Process:
    """Start a shell script whose output goes to `log` in the directory."""
    require("cups", "setpriv")
    return Process(
        ["/bin/sh", "-c", script],
        log=directory / "log",
        environment={"PATH": os.defpath},
        directory=directory,
    )


def child_of(directory: Path) -> int:
    """Return the process id that the script wrote, as soon as it has."""
    written = directory / "child"
    wait_until(lambda: written.exists() and bool(written.read_text()), "it wrote", seconds=60)
    return int(written.read_text())


def alive(pid: int) -> bool:
    """Return whether the process is there and not merely waiting to be reaped."""
    try:
        status = Path(f"/proc/{pid}/status").read_text()
    except OSError:
        return False
    return "State:\tZ" not in status


def test_a_stubborn_program_is_made_to_end(tmp_path: Path) -> None:
    """What ignores the request to end is ended by force, with its children; twice does no harm."""
    process = start(tmp_path, STUBBORN)
    child = child_of(tmp_path)
    assert process.running()
    process.stop(grace=0.2)
    assert not process.running()
    wait_until(lambda: not alive(child), "the child has ended", seconds=60)
    process.stop()
    process.kill()


def test_children_do_not_outlive_a_leader_that_ended(tmp_path: Path) -> None:
    """A program that has ended by itself and left a child behind is cleared up all the same."""
    process = start(tmp_path, "sleep 600 & echo $! >child")
    child = child_of(tmp_path)
    wait_until(lambda: not process.running(), "the leader has ended", seconds=60)
    assert alive(child)
    process.stop()
    wait_until(lambda: not alive(child), "the child has ended", seconds=60)


def test_a_child_in_a_group_of_its_own_does_not_outlive_a_killed_leader(tmp_path: Path) -> None:
    """What a program put into another process group, as cupsd does, ends with the program's stop."""
    process = start(tmp_path, f"exec {sys.executable} -c '{REGROUPING}'")
    child = child_of(tmp_path)
    assert os.getpgid(child) == child != process.pid
    os.kill(process.pid, signal.SIGKILL)
    wait_until(lambda: not process.running(), "the leader has ended", seconds=60)
    assert alive(child)
    process.stop()
    wait_until(lambda: not alive(child), "the child has ended", seconds=60)


def test_a_program_that_ends_too_early_says_why(tmp_path: Path) -> None:
    """The error names the program and has the end of its log."""
    process = start(tmp_path, "echo 'port is taken' >&2; exit 1")
    with pytest.raises(ProcessNotReady, match=r"sh has ended\n  port is taken"):
        process.wait_until(lambda: False, seconds=60)
    process.stop()


def test_a_program_that_is_never_ready_is_not_waited_for_for_ever(tmp_path: Path) -> None:
    """After the deadline the error says so; the program can still be stopped."""
    process = start(tmp_path, "exec sleep 600")
    with pytest.raises(ProcessNotReady, match=r"not within 0\.1 s"):
        process.wait_until(lambda: False, seconds=0.1)
    assert process.running()
    process.stop()
    assert not process.running()
