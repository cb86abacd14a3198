"""What may happen to a step, and how long a visit waits for whom."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum

from bridge.core.rules import Lifecycle
from counter_hooks.model import Colour, Quality


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


class PictureFault(StrEnum):
    """Why a paper could not be photographed."""

    MISSING = "camera-missing"
    REFUSED = "camera-refused"
    BUSY = "camera-busy"
    TOO_SMALL = "picture-too-small"
    TOO_LARGE = "page-too-large"
    UNREADABLE = "page-unreadable"


@dataclass(frozen=True, slots=True, kw_only=True)
class QualityWish:
    """At least so many dots per inch, in the first of ``colours`` that the device has."""

    resolution_dpi: int
    colours: tuple[Colour, ...]


# The law wants 200 dpi whatever the colour (NTI de Digitalización, 2011). At 300 dpi text was read
# with 3 wrong letters in a thousand, and all lines of a card's machine-readable zone. A photograph
# or a drawing is looked at closer; 600 dpi and more would near the 10 MiB that a page may have.
QUALITIES: dict[Quality, QualityWish] = {
    Quality.TEXT: QualityWish(resolution_dpi=300, colours=(Colour.GREY, Colour.COLOUR)),
    Quality.PHOTO: QualityWish(resolution_dpi=400, colours=(Colour.COLOUR, Colour.GREY)),
    Quality.IDENTITY_CARD: QualityWish(resolution_dpi=300, colours=(Colour.COLOUR, Colour.GREY)),
}
USUAL_QUALITY = Quality.TEXT


def nearest_dpi(wanted: int, offered: Iterable[int]) -> int:
    """Return the least offered resolution that is enough, else the finest there is."""
    known = sorted(offered)
    return next((dpi for dpi in known if dpi >= wanted), known[-1] if known else wanted)


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
