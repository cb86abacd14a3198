"""A lifecycle as a table: from a state, by an event, to a state. What is not in it is refused."""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum
from typing import Generic, TypeVar

State = TypeVar("State", bound=StrEnum)


class Lifecycle(Generic[State]):
    """The moves of one kind of thing."""

    def __init__(self, moves: Mapping[tuple[State, str], State]) -> None:
        self.moves = dict(moves)

    def after(self, state: State, event: str) -> State | None:
        """Return the state after ``event``, or None when that move does not exist."""
        return self.moves.get((state, event))

    def may(self, state: State) -> frozenset[str]:
        """Return the events that are possible in ``state``."""
        return frozenset(event for (source, event) in self.moves if source == state)
