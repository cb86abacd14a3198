"""How long to pause before trying again, so that a thousand counters do not come back at once."""

from __future__ import annotations

from random import Random

FIRST_S = 0.5


class Backoff:
    """Pauses that double from half a second to ``maximum_s``, each shortened at random by up to half."""

    def __init__(self, *, maximum_s: float, chance: Random) -> None:
        self._maximum_s = maximum_s
        self._chance = chance
        self._failures = 0

    def next(self) -> float:
        """Return the pause after one more failure, in seconds."""
        # Sixteen doublings pass any maximum; the cap keeps the power small.
        pause_s = min(self._maximum_s, FIRST_S * (1 << min(self._failures, 16)))
        self._failures += 1
        return pause_s * self._chance.uniform(0.5, 1.0)

    def reset(self) -> None:
        """Begin again after a success."""
        self._failures = 0
