"""The lifecycles of a counter and of a device job (anchors: states of the field)."""

from __future__ import annotations

from datetime import datetime, timedelta
from enum import StrEnum

from bridge.core.rules import Lifecycle

PAIRING_MINUTES = 10


class CounterState(StrEnum):
    """What a counter is doing."""

    OFFLINE = "offline"
    SELF_TEST = "self_test"
    IDLE = "idle"
    RESERVED = "reserved"
    IN_VISIT = "in_visit"
    CLEANING = "cleaning"
    NEEDS_HELP = "needs_help"
    OUT_OF_SERVICE = "out_of_service"


COUNTER = Lifecycle[CounterState](
    {
        (CounterState.OFFLINE, "connect"): CounterState.SELF_TEST,
        (CounterState.SELF_TEST, "pass"): CounterState.IDLE,
        (CounterState.SELF_TEST, "fail"): CounterState.NEEDS_HELP,
        (CounterState.SELF_TEST, "disconnect"): CounterState.OFFLINE,
        (CounterState.IDLE, "reserve"): CounterState.RESERVED,
        (CounterState.IDLE, "disconnect"): CounterState.OFFLINE,
        (CounterState.IDLE, "break_down"): CounterState.NEEDS_HELP,
        (CounterState.IDLE, "retire"): CounterState.OUT_OF_SERVICE,
        (CounterState.RESERVED, "arrive"): CounterState.IN_VISIT,
        (CounterState.RESERVED, "release"): CounterState.IDLE,
        (CounterState.IN_VISIT, "finish"): CounterState.CLEANING,
        (CounterState.CLEANING, "wiped"): CounterState.IDLE,
        (CounterState.CLEANING, "fail"): CounterState.NEEDS_HELP,
        (CounterState.NEEDS_HELP, "mend"): CounterState.IDLE,
        (CounterState.NEEDS_HELP, "retire"): CounterState.OUT_OF_SERVICE,
        (CounterState.OFFLINE, "retire"): CounterState.OUT_OF_SERVICE,
        (CounterState.OUT_OF_SERVICE, "restore"): CounterState.OFFLINE,
    }
)


class JobState(StrEnum):
    """Where a device job stands."""

    REQUESTED = "requested"
    AWAITING_CONSENT = "awaiting_consent"
    QUEUED = "queued"
    RUNNING = "running"
    NEEDS_ATTENTION = "needs_attention"
    PRODUCED = "produced"
    CONFIRMED = "confirmed"
    REFUSED = "refused"
    FAILED = "failed"
    CANCELLED = "cancelled"
    EXPIRED = "expired"


_WAITING = (JobState.REQUESTED, JobState.AWAITING_CONSENT, JobState.QUEUED)
_AT_WORK = (JobState.QUEUED, JobState.RUNNING, JobState.NEEDS_ATTENTION)

JOB = Lifecycle[JobState](
    {
        (JobState.REQUESTED, "ask"): JobState.AWAITING_CONSENT,
        (JobState.REQUESTED, "allow"): JobState.QUEUED,
        (JobState.AWAITING_CONSENT, "allow"): JobState.QUEUED,
        (JobState.AWAITING_CONSENT, "refuse"): JobState.REFUSED,
        (JobState.QUEUED, "run"): JobState.RUNNING,
        (JobState.RUNNING, "attend"): JobState.NEEDS_ATTENTION,
        (JobState.NEEDS_ATTENTION, "run"): JobState.RUNNING,
        (JobState.PRODUCED, "confirm"): JobState.CONFIRMED,
        (JobState.PRODUCED, "deny"): JobState.FAILED,
        **{(state, "produce"): JobState.PRODUCED for state in _AT_WORK},
        **{(state, "fail"): JobState.FAILED for state in (*_WAITING, *_AT_WORK)},
        **{(state, "cancel"): JobState.CANCELLED for state in (*_WAITING, *_AT_WORK)},
        **{(state, "expire"): JobState.EXPIRED for state in _WAITING},
    }
)

OPEN_JOBS = frozenset({*_WAITING, *_AT_WORK})
AT_AGENT = frozenset(_AT_WORK)
BAD_ENDS = frozenset({JobState.REFUSED, JobState.FAILED, JobState.CANCELLED, JobState.EXPIRED})

# Events by which an agent's report moves a job; ``accepted`` only says that it is in its journal.
REPORTS: dict[str, str | None] = {
    "accepted": None,
    "running": "run",
    "needs_attention": "attend",
    "produced": "produce",
    "failed": "fail",
    "cancelled": "cancel",
}

# Connected kiosks and agents are noted this often, and believed gone after three times as long.
SEEN_EVERY_S = 15
GONE_AFTER = timedelta(seconds=3 * SEEN_EVERY_S)


def is_there(seen_at: datetime | None, *, now: datetime) -> bool:
    """Say whether a kiosk or agent that was last seen then is connected now."""
    return seen_at is not None and now - seen_at < GONE_AFTER


# A finer A4 page in colour becomes a file of more than the 10 MiB that the registry exchange
# takes: 14 MiB were measured at 1200 dpi.
SCAN_DPI = range(50, 601)
