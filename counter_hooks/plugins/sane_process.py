"""Starting and ending the programs that touch a scanner, so that none of them outlives its use."""

from __future__ import annotations

import os
import signal
import subprocess
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from pathlib import Path

from counter_hooks import DeviceSilent, JobCancelled

# SIGKILL takes effect at once unless the process sleeps inside a kernel driver.
KILL_WAIT_S = 1.0
# How often a wait looks up to see whether the job was cancelled.
LOOK_UP_S = 0.1

Program = subprocess.Popen[bytes]


def start(
    arguments: Sequence[str],
    *,
    environment: Mapping[str, str],
    directory: Path | None = None,
    output: int = subprocess.DEVNULL,
) -> Program:
    """Start a program in a process group of its own, with standard error piped.

    ``setpriv`` asks the kernel to kill it when the agent dies: a scanimage left behind would hold
    the scanner for ever. ``env`` adds to the agent's environment; ``LC_ALL=C`` keeps SANE's texts
    in the form that :mod:`counter_hooks.plugins.sane_status` reads.
    """
    settings = {"LC_ALL": "C", **environment}
    return subprocess.Popen(
        [
            *("setpriv", "--pdeathsig", "KILL", "--"),
            *("env", *(f"{name}={value}" for name, value in settings.items())),
            *arguments,
        ],
        stdin=subprocess.DEVNULL,
        stdout=output,
        stderr=subprocess.PIPE,
        cwd=directory,
        start_new_session=True,
    )


def end(program: Program) -> None:
    """Kill a program and all that it started, and collect it.

    The group is killed before the program is collected: until then its number cannot be given
    to somebody else's process.
    """
    if program.returncode is None:
        with suppress(ProcessLookupError):
            os.killpg(program.pid, signal.SIGKILL)
        with suppress(subprocess.TimeoutExpired):
            program.wait(KILL_WAIT_S)
    for stream in (program.stdout, program.stderr):
        if stream is not None:
            stream.close()


def output_of(
    arguments: Sequence[str],
    *,
    environment: Mapping[str, str],
    limit_s: float,
    is_cancelled: Callable[[], bool] = lambda: False,
) -> tuple[bytes, int]:
    """Run a short program to its end; return what it printed and its exit code.

    Raises ``DeviceSilent`` when it takes longer than ``limit_s`` seconds, ``JobCancelled`` as
    soon as ``is_cancelled`` says so.
    """
    program = start(arguments, environment=environment, output=subprocess.PIPE)
    give_up = time.monotonic() + limit_s
    try:
        while True:
            try:
                output, _ = program.communicate(timeout=LOOK_UP_S)
            except subprocess.TimeoutExpired:
                if is_cancelled():
                    raise JobCancelled("stopped while asking the scanner") from None
                if time.monotonic() > give_up:
                    raise DeviceSilent("SANE did not answer in time", limit_s=limit_s) from None
            else:
                return output, program.returncode
    finally:
        end(program)
