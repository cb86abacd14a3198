"""Looks at the counter when the agent starts and every morning, so that faults are known before anybody comes.

While something is wrong it looks again and again: a device may have come late, or been mended.
"""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable, Iterable
from datetime import date, datetime

from counter_hooks.agent.doctor import Finding

log = logging.getLogger(__name__)

# Before offices open, and after computers that are switched on in the morning have started.
MORNING_HOUR = 7
AGAIN_S = 600
MOST_TOLD = 20


class SelfTest:
    """What ``examine`` found last; ``on_change`` is called, in any thread, when it differs."""

    def __init__(
        self, examine: Callable[[], Iterable[Finding]], *, on_change: Callable[[], None]
    ) -> None:
        self._examine = examine
        self._on_change = on_change
        self._lock = threading.Lock()
        self._findings: tuple[Finding, ...] = ()
        self._looked_at: datetime | None = None
        self._day: date | None = None
        self._is_looking = False

    @property
    def findings(self) -> tuple[Finding, ...]:
        """What was found last."""
        return self._findings

    @property
    def looked_at(self) -> datetime | None:
        """When that was."""
        return self._looked_at

    def troubles(self) -> list[str]:
        """Return what is wrong, by its subject, as the bridge is told."""
        wrong = [found.subject for found in self._findings if not found.is_well]
        # Of a plugin the bridge hears by itself.
        return [subject for subject in wrong if not subject.startswith("plugin ")][:MOST_TOLD]

    def look_if_due(self, now: datetime) -> None:
        """Begin to look, in a thread of its own: at first, every morning, and while something is wrong."""
        with self._lock:
            is_morning = now.hour >= MORNING_HOUR and self._day != now.date()
            is_due = self._day is None or is_morning or self._is_worth_another(now)
            if self._is_looking or not is_due:
                return
            self._is_looking, self._day = True, now.date()
        threading.Thread(target=self._look, args=(now,), name="self-test", daemon=True).start()

    def _is_worth_another(self, now: datetime) -> bool:
        looked = self._looked_at
        is_old = looked is not None and abs((now - looked).total_seconds()) >= AGAIN_S
        return is_old and bool(self.troubles())

    def _look(self, now: datetime) -> None:
        before = self.troubles()
        try:
            found = tuple(self._examine())
        # A plugin or the disk may break any look; the next one comes.
        except Exception:
            log.exception("the self-test broke")
            found = (Finding(subject="self-test", is_well=False, told="it broke; see the log"),)
        self._findings = found
        for one in found:
            if not one.is_well:
                log.warning("self-test: %s: %s", one.subject, one.told)
        with self._lock:
            self._is_looking, self._looked_at = False, now
        if self.troubles() != before:
            self._on_change()
