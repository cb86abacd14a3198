"""Facts, told after commit: a service announces, edges listen, nobody in between.

An event is a name in the past tense (``ticket:called``) and a mapping of plain values, ids and
states only. Listeners run in the thread of the transaction, after its commit; one that fails is
logged and the others are still told.
"""

from __future__ import annotations

import logging
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass, field

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True, kw_only=True)
class Event:
    """One fact."""

    name: str
    facts: Mapping[str, object] = field(default_factory=dict)


Listener = Callable[[Event], None]


class Events:
    """Who wants to hear of what; built once by the application."""

    def __init__(self) -> None:
        self._listeners: dict[str, list[Listener]] = defaultdict(list)
        self._together: Callable[[], AbstractContextManager[object]] = nullcontext

    def on(self, name: str, listener: Listener) -> None:
        """Call ``listener`` for every event called ``name``, in the order of registration."""
        self._listeners[name].append(listener)

    def tell_together(self, by: Callable[[], AbstractContextManager[object]]) -> None:
        """Have the facts of one transaction told inside of ``by()``."""
        self._together = by

    def tell_all(self, events: Iterable[Event]) -> None:
        """Hand the facts of one transaction to their listeners."""
        with self._together():
            for event in events:
                self.tell(event)

    def tell(self, event: Event) -> None:
        """Hand ``event`` to its listeners."""
        for listener in self._listeners[event.name]:
            try:
                listener(event)
            except Exception:  # what is committed stays; a listener may not undo it for others
                log.exception("a listener of %s failed", event.name)
