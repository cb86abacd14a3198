"""The lifecycle of a help request."""

from __future__ import annotations

from enum import StrEnum

from bridge.core.rules import Lifecycle
from counter_hooks.model import Attention

ESCALATE_AFTER_S = 60


class HelpState(StrEnum):
    """Where a help request stands."""

    RAISED = "raised"
    ACKNOWLEDGED = "acknowledged"
    ON_THE_WAY = "on_the_way"
    WITH_CITIZEN = "with_citizen"
    SOLVED = "solved"
    WITHDRAWN = "withdrawn"
    ESCALATED = "escalated"


_OPEN = (
    HelpState.RAISED,
    HelpState.ESCALATED,
    HelpState.ACKNOWLEDGED,
    HelpState.ON_THE_WAY,
    HelpState.WITH_CITIZEN,
)

HELP = Lifecycle[HelpState](
    {
        (HelpState.RAISED, "acknowledge"): HelpState.ACKNOWLEDGED,
        (HelpState.RAISED, "escalate"): HelpState.ESCALATED,
        (HelpState.ESCALATED, "acknowledge"): HelpState.ACKNOWLEDGED,
        (HelpState.ACKNOWLEDGED, "set_out"): HelpState.ON_THE_WAY,
        (HelpState.ACKNOWLEDGED, "arrive"): HelpState.WITH_CITIZEN,
        (HelpState.ON_THE_WAY, "arrive"): HelpState.WITH_CITIZEN,
        **{(state, "solve"): HelpState.SOLVED for state in _OPEN},
        **{(state, "withdraw"): HelpState.WITHDRAWN for state in _OPEN},
    }
)

OPEN = frozenset(_OPEN)


class HelpReason(StrEnum):
    """Why a person in the hall is asked to come."""

    CITIZEN_ASKS = "citizen_asks"
    CLERK_ASKS = "clerk_asks"
    DEVICE = "device"
    LINK_LOST = "link_lost"


# What a citizen who is told so can do: close a lid, put sheets in again, take papers out, lay the
# next page down, wait.
_CITIZEN_CAN = frozenset(
    {
        Attention.COVER_OPEN,
        Attention.FEEDER_EMPTY,
        Attention.FEEDER_DOUBLE,
        Attention.FEEDER_MISPICK,
        Attention.OUTPUT_FULL,
        Attention.INK_LOW,
        Attention.DEVICE_BUSY,
        Attention.PAGE_TOO_LONG,
        Attention.NEXT_PAGE,
    }
)
# For everything else somebody in the hall is called.
NEEDS_HANDS = frozenset(Attention) - _CITIZEN_CAN


def hands_for(reason: str | None) -> Attention | None:
    """Return what somebody in the hall is called for, None when the citizen can mend it.

    A reason that only a stranger's driver knows is nothing that a citizen could mend.
    """
    known = Attention(reason) if reason in set(Attention) else Attention.UNKNOWN
    return known if known in NEEDS_HANDS else None
