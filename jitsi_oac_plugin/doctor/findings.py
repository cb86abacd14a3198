"""What a check comes to: well, something to mend, or not looked at, each with a sentence."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Outcome(StrEnum):
    """How one check ended."""

    OK = "ok"
    MEND = "mend"
    UNCHECKED = "unchecked"


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """One thing looked at: ``told`` says what was seen, what to do, or why it was not looked at."""

    check: str
    outcome: Outcome
    told: str


class ToMend(Exception):
    """A check's verdict: the text says in a sentence what to do."""


class NotChecked(Exception):
    """A check's verdict: what it needs is not there, and the text says what."""


class Silent(ToMend):
    """Whatever was asked gave no answer that could be used."""
