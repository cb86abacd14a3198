"""Calls a stranger's code so that it can keep nobody waiting and bring nothing down.

Every call runs in a thread of its own. One that does not come back in time is left to its thread,
which is counted until it does; Python has no way to end it.
"""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Callable
from typing import Generic, TypeVar

from counter_hooks.errors import HookError

Answer = TypeVar("Answer")

# What waits for a plugin that is told things; more are dropped and held against it.
MOST_WAITING = 100


class PluginOverdue(HookError):
    """A plugin did not answer in time."""

    key = "plugin-overdue"


class PluginBroke(HookError):
    """A plugin raised what nobody should: ``SystemExit``, ``KeyboardInterrupt`` and their like."""

    key = "plugin-broke"


def said(error: BaseException) -> str:
    """Return what an error says on one line, or at least what it is."""
    try:
        text = " ".join(str(error).split())[:300]
    # An error of a stranger's class may not even be able to say what it is.
    except BaseException:  # noqa: BLE001 - see above
        text = ""
    if isinstance(error, HookError):
        return text
    return f"{type(error).__name__}: {text}" if text else type(error).__name__


class Calls:
    """Runs calls in threads, and knows how many of them never came back."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._lost = 0

    @property
    def lost(self) -> int:
        """How many threads are with a plugin that does not come back."""
        with self._lock:
            return self._lost

    def ask(self, name: str, work: Callable[[], Answer], *, limit_s: float) -> Answer:
        """Return what ``work`` returns, or raise what it raises, within ``limit_s`` seconds.

        Raises ``PluginOverdue``, and ``PluginBroke`` for what is no ``Exception``.
        """
        call = _Call(work)
        threading.Thread(target=self._run, args=(call,), name=f"plugin-{name}", daemon=True).start()
        if not call.done.wait(limit_s):
            with self._lock:
                if not call.done.is_set():
                    call.is_lost = True
                    self._lost += 1
                    raise PluginOverdue(f"no answer within {limit_s:g} s", plugin=name)
        if call.error is None:
            return call.answers[0]
        if isinstance(call.error, Exception):
            raise call.error
        raise PluginBroke(said(call.error), plugin=name) from call.error

    def _run(self, call: _Call[Answer]) -> None:
        try:
            call.answers.append(call.work())
        # Also what would end the thread or the program is only this plugin's failure.
        except BaseException as error:  # noqa: BLE001 - see above
            call.error = error
        with self._lock:
            call.done.set()
            self._lost -= call.is_lost


class _Call(Generic[Answer]):
    """One call: what it is, what came of it, and whether anybody still waits."""

    def __init__(self, work: Callable[[], Answer]) -> None:
        self.work = work
        self.answers: list[Answer] = []
        self.error: BaseException | None = None
        self.done = threading.Event()
        self.is_lost = False


class Teller:
    """Tells one plugin what happened, one thing after the other; whoever tells goes on at once."""

    def __init__(self, name: str) -> None:
        self._name = name
        self._lock = threading.Lock()
        self._waiting: deque[Callable[[], None]] = deque()
        self._is_telling = False
        self.idle = threading.Event()
        self.idle.set()

    def tell(self, work: Callable[[], None]) -> bool:
        """Queue ``work``, which raises nothing; False when too much is waiting already."""
        with self._lock:
            if len(self._waiting) >= MOST_WAITING:
                return False
            self._waiting.append(work)
            self.idle.clear()
            if self._is_telling:
                return True
            self._is_telling = True
        threading.Thread(target=self._run, name=f"tell-{self._name}", daemon=True).start()
        return True

    def forget(self) -> None:
        """Drop what is waiting."""
        with self._lock:
            self._waiting.clear()

    def _run(self) -> None:
        while True:
            with self._lock:
                if not self._waiting:
                    # The thread ends; the next thing to tell begins another.
                    self._is_telling = False
                    self.idle.set()
                    return
                work = self._waiting.popleft()
            work()
