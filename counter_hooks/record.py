"""A small file that says how the last starts went and how the plugins of a program stand.

``oac-agent`` and ``oac-bridge`` write it while they run; their verb ``plugins`` reads it. After two
starts in a row that did not last, the next one is made in safe mode.
"""

from __future__ import annotations

import json
import logging
import threading
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from counter_hooks.guard import Registry

log = logging.getLogger(__name__)

NAME = "plugins.json"
MOST_FAILED_STARTS = 2
# A start has succeeded when the program is still there after so long, or was stopped in order.
GOOD_AFTER_S = 15.0


class Record:
    """The file ``plugins.json`` in a program's state folder; one that cannot be kept is no fault."""

    def __init__(self, folder: Path) -> None:
        self._path = folder / NAME
        self._lock = threading.Lock()
        self._known = read(folder)

    @property
    def failed_starts(self) -> int:
        """How many starts in a row did not last."""
        failed = self._known.get("failed_starts")
        return failed if isinstance(failed, int) and failed >= 0 else 0

    def begin(self) -> bool:
        """Note that a start begins; True when it should be made in safe mode."""
        failed = self.failed_starts
        self._write(failed_starts=failed + 1, plugins={}, is_safe=False)
        if failed >= MOST_FAILED_STARTS:
            log.warning("the last %s starts failed: this one leaves out plugins of others", failed)
        return failed >= MOST_FAILED_STARTS

    def succeeded(self) -> None:
        """Note that the start lasted, or that the program ends in order."""
        if self.failed_starts:
            self._write(failed_starts=0)

    def follow(self, registry: Registry) -> None:
        """Keep how the plugins of ``registry`` stand, now and whenever that changes."""

        def states() -> dict[str, object]:
            known = {
                one.name: {
                    "is_off": one.is_off,
                    "reason": one.reason,
                    "last_error": one.last_error,
                    "failures": one.failures,
                }
                for one in registry.plugins
            }
            return {"plugins": known, "is_safe": registry.is_safe}

        registry.on_change(lambda: self._update(states))
        self._update(states)

    def _write(self, **changes: object) -> None:
        self._update(lambda: changes)

    def _update(self, changes: Callable[[], Mapping[str, object]]) -> None:
        with self._lock:
            # Looked at while nobody else writes: an older look must not replace a newer one.
            self._known = {**self._known, **changes()}
            part = self._path.with_suffix(".part")
            try:
                part.write_text(json.dumps(self._known), encoding="utf-8")
                part.replace(self._path)
            except OSError as error:
                log.warning("%s cannot be written (%s)", self._path, error.strerror)


def read(folder: Path) -> Mapping[str, Any]:
    """Return what the record in ``folder`` says; nothing when there is none that makes sense."""
    try:
        known = json.loads((folder / NAME).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    return known if isinstance(known, dict) else {}
