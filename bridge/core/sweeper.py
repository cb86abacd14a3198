"""What is done every so often, in one background thread."""

from __future__ import annotations

import logging
import math
import threading
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from bridge.core.clock import monotonic_s

log = logging.getLogger(__name__)


@dataclass(slots=True, kw_only=True)
class _Chore:
    name: str
    period_s: float
    do: Callable[[datetime], object]
    due_s: float
    is_failing: bool = False


class Sweeper:
    """Does chores that may be done by several processes at once, and done twice."""

    def __init__(self, clock: Callable[[], datetime], *, name: str = "sweeper") -> None:
        self._clock = clock
        self._name = name
        self._chores: list[_Chore] = []
        self._stop = threading.Event()
        self._wake = threading.Event()
        self._thread: threading.Thread | None = None

    def every(self, period_s: float, name: str, do: Callable[[datetime], object]) -> None:
        """Call ``do`` with the present moment every ``period_s`` seconds."""
        due = monotonic_s() + period_s
        self._chores.append(_Chore(name=name, period_s=period_s, do=do, due_s=due))

    def hurry(self, name: str) -> None:
        """Do the chore ``name`` as soon as the one in hand is done."""
        for chore in self._chores:
            if chore.name == name:
                chore.due_s = 0.0
        self._wake.set()

    def sweep(self) -> None:
        """Do every chore now."""
        for chore in self._chores:
            self._do(chore)

    def start(self) -> None:
        """Begin, in a thread of its own."""
        self._thread = threading.Thread(target=self._run, name=self._name, daemon=True)
        self._thread.start()

    def stop(self) -> None:
        """End after the chore in hand."""
        self._stop.set()
        self._wake.set()
        if self._thread is not None:
            self._thread.join(timeout=10)

    def _run(self) -> None:
        while self._chores:
            first = min(chore.due_s for chore in self._chores)
            self._wake.wait(max(0.0, first - monotonic_s()))
            self._wake.clear()
            for chore in self._chores:
                if self._stop.is_set():
                    return
                if chore.due_s <= monotonic_s():
                    chore.due_s = math.inf
                    self._do(chore)
                    # Unless it was hurried meanwhile: then it is due already.
                    if chore.due_s == math.inf:
                        chore.due_s = monotonic_s() + chore.period_s

    def _do(self, chore: _Chore) -> None:
        try:
            chore.do(self._clock())
            chore.is_failing = False
        except Exception:  # the other chores still have to be done; said once until it works again
            if not chore.is_failing:
                log.exception("%s failed", chore.name)
            chore.is_failing = True
