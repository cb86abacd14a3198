"""Starts programs that must not outlive us, waits until they are ready, and stops them by process id."""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

TICK = 0.01
"""Seconds between two looks at a condition."""

DYING = ("setpriv", "--pdeathsig", "TERM", "--")
"""The wrapper (util-linux) that has the kernel end a child when we die: prctl(2), PR_SET_PDEATHSIG.
Not `preexec_fn`, which may deadlock where there are threads."""


class ProcessNotReady(RuntimeError):
    """A program ended, or did not become ready in time; the message has the end of its log."""


def wait_until(condition: Callable[[], bool], what: str, *, seconds: float) -> None:
    """Return as soon as the condition holds; raise `TimeoutError`, saying what, when it never does."""
    deadline = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > deadline:
            raise TimeoutError(f"not within {seconds} s: {what}")
        time.sleep(TICK)


class Process:
    """One child, the leader of a session and process group of its own, with its output in a file.

    It is ended when the *thread* that made it ends without stopping it, however that comes about
    (that is how Linux defines the signal): make it in a thread that stays.
    """

    def __init__(
        self, command: Sequence[str], *, log: Path, environment: Mapping[str, str], directory: Path
    ) -> None:
        self.log = log
        self._name = Path(command[0]).name
        with log.open("ab") as output:
            self._child = subprocess.Popen(
                [*DYING, *command],
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=output,
                env=dict(environment),
                cwd=directory,
                start_new_session=True,
            )

    @property
    def pid(self) -> int:
        """The process id, which is also the id of the group."""
        return self._child.pid

    def running(self) -> bool:
        """Return whether the program has not ended."""
        if self._child.returncode is not None:
            return False
        # WNOWAIT leaves the dead leader its id, so that `stop` can still name its group by it.
        return os.waitid(os.P_PID, self.pid, os.WEXITED | os.WNOHANG | os.WNOWAIT) is None

    def wait_until(self, ready: Callable[[], bool], *, seconds: float = 60) -> None:
        """Return when it is ready; raise `ProcessNotReady` when it ends before or takes too long."""
        try:
            wait_until(lambda: not self.running() or ready(), "ready", seconds=seconds)
        except TimeoutError as error:
            raise ProcessNotReady(f"{self._name} is {error}{self._last_words()}") from error
        if not self.running():
            raise ProcessNotReady(f"{self._name} has ended{self._last_words()}")

    def stop(self, *, grace: float = 3) -> int:
        """Ask the program to end, then make its whole session end; do nothing when that is done.

        Return its exit code, negative when a signal ended it.
        """
        if self._child.returncode is not None:
            return self._child.returncode
        os.kill(self.pid, signal.SIGTERM)
        # A program that takes longer than its grace is no error: it is made to end.
        with contextlib.suppress(TimeoutError):
            wait_until(lambda: not self.running(), "ended", seconds=grace)
        self._end_all()
        return int(self._child.returncode)

    def kill(self) -> None:
        """End the program and all that it started at once, as a power cut would."""
        if self._child.returncode is None:
            self._end_all()

    def _end_all(self) -> None:
        os.killpg(self.pid, signal.SIGKILL)
        # cupsd gives each backend a group of its own, but the session stays. Looked for while the
        # dead leader keeps its id, so that no stranger's session can have it.
        while left := [pid for pid in _members(self.pid) if pid != self.pid]:
            for pid in left:
                with contextlib.suppress(ProcessLookupError):
                    os.kill(pid, signal.SIGKILL)
        self._child.wait()

    def _last_words(self) -> str:
        lines = self.log.read_text(errors="replace").splitlines()[-5:]
        return "".join(f"\n  {line}" for line in lines)


def _members(session: int) -> list[int]:
    """Return the processes of a session that have not ended."""
    found = []
    for status in Path("/proc").glob("[0-9]*/stat"):
        try:
            # Behind the program's name, which may hold anything: state, parent, group, session.
            state, _, _, its = status.read_text().rpartition(")")[2].split()[:4]
        except (OSError, ValueError):  # it ended meanwhile
            continue
        if int(its) == session and state not in "ZX":
            found.append(int(status.parent.name))
    return found
