"""The lifecycle of a help request."""

from __future__ import annotations

from enum import StrEnum

from bridge.core.rules import Lifecycle

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
