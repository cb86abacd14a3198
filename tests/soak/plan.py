"""The script: which counter does what, and what fails meanwhile; the same for the same seed."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum
from random import Random

KINDS = ("sane", "folder", "fake")
"""A virtual SANE scanner with a printer behind CUPS; a machine with shared folders; invented devices."""


class Work(StrEnum):
    """What a clerk asks for."""

    GLASS = "glass"
    FEEDER = "feeder"
    PRINT = "print"


class Moment(StrEnum):
    """When a fault strikes."""

    BEFORE = "before"
    ORDERED = "ordered"
    RUNNING = "running"


EVERYWHERE = ("agent-killed", "network-reset", "network-silent", "agent-disk-full", "bridge-killed")
FAULTS = {
    "sane": {
        Work.GLASS: ("scanner-unplugged", "scanner-jam", "scanner-killed"),
        Work.FEEDER: ("scanner-unplugged", "scanner-jam", "scanner-killed"),
        Work.PRINT: ("printer-off", "printer-jam", "printer-empty", "cups-killed"),
    },
    "folder": {
        Work.GLASS: ("share-gone",),
        Work.FEEDER: ("share-gone",),
        Work.PRINT: ("share-gone",),
    },
    "fake": {
        Work.GLASS: ("device-gone", "paper_jam", "wait:cover_open"),
        Work.FEEDER: ("device-gone", "paper_jam", "wait:cover_open"),
        Work.PRINT: ("device-gone", "paper_jam", "wait:cover_open"),
    },
}
"""What may fail, by kind of counter and work; `EVERYWHERE` besides."""

RARE = ("bridge-disk-full",)
"""What strikes everybody, one time in forty."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Deed:
    """One job, the fault that strikes it (empty: none), and whether the clerk stops it."""

    work: Work
    fault: str
    moment: Moment
    hold_s: float
    is_cancelled: bool


def kind_of(counter: int) -> str:
    """Return what kind the counter of this number is."""
    return KINDS[counter % len(KINDS)]


def deeds(seed: int, counter: int) -> Iterator[Deed]:
    """Yield, without end, what one counter goes through."""
    chance = Random(f"{seed}/{counter}")  # noqa: S311 - a script, not a secret
    kind = kind_of(counter)
    # Each work once before anything is left to chance: a short run has all of them.
    first = list(Work)
    chance.shuffle(first)
    while True:
        work = first.pop() if first else chance.choice(list(Work))
        faults = (*FAULTS[kind][work], *EVERYWHERE)
        is_calm = chance.random() < 0.25
        fault = "" if is_calm else chance.choice(faults)
        is_rare = chance.random() < 1 / 40
        if is_rare:
            fault = chance.choice(RARE)
        moment, is_cancelled = chance.choice(list(Moment)), chance.random() < 0.12
        yield Deed(
            work=work,
            fault=fault,
            # Nothing is ordered or stopped while the bridge can write nothing: it would be waited
            # for by the very hands that make room again.
            moment=Moment.ORDERED if is_rare else moment,
            hold_s=round(chance.uniform(0.2, 4.0), 1),
            is_cancelled=is_cancelled and not is_rare,
        )
