"""What may happen to a step, and how long a visit waits for whom."""

from __future__ import annotations

from datetime import timedelta
from enum import StrEnum

from bridge.core.rules import Lifecycle


class StepState(StrEnum):
    """Where a step stands."""

    TO_DO = "to_do"
    DONE = "done"
    TO_CORRECT = "to_correct"


class Camera(StrEnum):
    """Which of the counter's cameras the meeting shows."""

    PERSON = "person"
    DOCUMENT = "document"


class CameraFault(StrEnum):
    """Why the document cannot be shown."""

    MISSING = "camera-missing"
    REFUSED = "camera-refused"
    BUSY = "camera-busy"


STEP = Lifecycle[StepState](
    {
        (StepState.TO_DO, "do"): StepState.DONE,
        (StepState.TO_DO, "correct"): StepState.TO_CORRECT,
        (StepState.DONE, "correct"): StepState.TO_CORRECT,
        (StepState.DONE, "reopen"): StepState.TO_DO,
        (StepState.TO_CORRECT, "do"): StepState.DONE,
    }
)

# The event that leads to a wished state.
EVENT_TO = {
    StepState.DONE: "do",
    StepState.TO_CORRECT: "correct",
    StepState.TO_DO: "reopen",
}

# How long one side may be away from a meeting before somebody in the hall is asked to go there.
LINK_LOST_AFTER = timedelta(seconds=15)
# Devices are asked for leave and warm up before the first meeting of a visit.
MEET_WITHIN = timedelta(seconds=60)
# How long a citizen may be refused by the meeting server before somebody is asked to go there.
REFUSED_FOR = timedelta(seconds=8)
# How long the link for an interpreter is good.
GUEST_LINK_LASTS = timedelta(minutes=15)
# How long a page may say that it is in a meeting before the server's silence is a fault.
SILENT_FOR = timedelta(seconds=15)
# How long a broken meeting may take to come back before the ticket goes back into the queue.
REROUTE_AFTER = timedelta(minutes=5)
# A call that neither citizen nor clerk ended.
CALL_ENDS_AFTER = timedelta(minutes=10)
WATCH_EVERY_S = 5
