"""What kinds of steps procedures may have."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from counter_hooks.texts import Text


class Proof(StrEnum):
    """What must be there before a step is done, unless a note says why not."""

    NOTHING = "nothing"
    SCAN = "scan"
    PRINT = "print"
    ACTION = "action"


@dataclass(frozen=True, slots=True, kw_only=True)
class StepKind:
    """A kind of step: which tables it has in its procedure's file, and what proves it.

    With ``has_scan`` a step says how its page is scanned, with ``has_form`` which form it is
    about, with ``has_action`` which action of the counter it needs. With ``has_signature`` the
    citizen signs that form on the screen, which gives the step its page.
    """

    key: str
    title: Text
    has_scan: bool = False
    has_form: bool = False
    has_action: bool = False
    has_signature: bool = False
    proof: Proof = Proof.NOTHING
