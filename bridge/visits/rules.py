"""What may happen to a step, and when it counts as done."""

from __future__ import annotations

from enum import StrEnum

from bridge.core.rules import Lifecycle


class StepState(StrEnum):
    """Where a step stands."""

    TO_DO = "to_do"
    DONE = "done"
    TO_CORRECT = "to_correct"


STEP = Lifecycle[StepState](
    {
        (StepState.TO_DO, "do"): StepState.DONE,
        (StepState.TO_DO, "correct"): StepState.TO_CORRECT,
        (StepState.DONE, "correct"): StepState.TO_CORRECT,
        (StepState.DONE, "reopen"): StepState.TO_DO,
        (StepState.TO_CORRECT, "do"): StepState.DONE,
    }
)
