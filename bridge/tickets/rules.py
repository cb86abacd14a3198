"""The lifecycle of a ticket, as a table, and who waits before whom."""

from __future__ import annotations

from datetime import datetime, timedelta
from enum import StrEnum

from bridge.core.rules import Lifecycle


class TicketState(StrEnum):
    """Where a ticket stands."""

    BOOKED = "booked"
    WAITING = "waiting"
    CALLED = "called"
    CONNECTING = "connecting"
    SERVING = "serving"
    PARKED = "parked"
    INTERRUPTED = "interrupted"
    REROUTED = "rerouted"
    NO_SHOW = "no_show"
    WRAP_UP = "wrap_up"
    COMPLETED = "completed"
    PENDING_FOLLOWUP = "pending_followup"
    LEFT = "left"
    CANCELLED = "cancelled"
    ANONYMISED = "anonymised"


T = TicketState

TICKET = Lifecycle[TicketState](
    {
        (T.BOOKED, "check_in"): T.WAITING,
        (T.BOOKED, "cancel"): T.CANCELLED,
        (T.WAITING, "call"): T.CALLED,
        (T.WAITING, "leave"): T.LEFT,
        (T.WAITING, "cancel"): T.CANCELLED,
        (T.CALLED, "recall"): T.CALLED,
        (T.CALLED, "arrive"): T.CONNECTING,
        (T.CALLED, "miss"): T.NO_SHOW,
        (T.CALLED, "put_back"): T.WAITING,
        (T.NO_SHOW, "reinstate"): T.WAITING,
        (T.CONNECTING, "meet"): T.SERVING,
        (T.CONNECTING, "lose_link"): T.INTERRUPTED,
        (T.CONNECTING, "finish"): T.WRAP_UP,
        (T.CONNECTING, "transfer"): T.WAITING,
        (T.SERVING, "park"): T.PARKED,
        (T.SERVING, "transfer"): T.WAITING,
        (T.SERVING, "lose_link"): T.INTERRUPTED,
        (T.SERVING, "finish"): T.WRAP_UP,
        (T.PARKED, "resume"): T.CALLED,
        (T.PARKED, "leave"): T.LEFT,
        (T.INTERRUPTED, "meet"): T.SERVING,
        (T.INTERRUPTED, "reroute"): T.REROUTED,
        (T.INTERRUPTED, "finish"): T.WRAP_UP,
        (T.INTERRUPTED, "transfer"): T.WAITING,
        (T.REROUTED, "queue"): T.WAITING,
        (T.WRAP_UP, "close"): T.COMPLETED,
        (T.WRAP_UP, "follow_up"): T.PENDING_FOLLOWUP,
        (T.COMPLETED, "forget"): T.ANONYMISED,
        (T.PENDING_FOLLOWUP, "forget"): T.ANONYMISED,
        (T.NO_SHOW, "forget"): T.ANONYMISED,
        (T.LEFT, "forget"): T.ANONYMISED,
        (T.CANCELLED, "forget"): T.ANONYMISED,
    }
)

# A ticket that occupies its counter's screen; at most one a counter.
OPEN = frozenset({T.WAITING, T.CALLED, T.CONNECTING, T.SERVING, T.INTERRUPTED})
# A ticket that a clerk has in hand; at most one a clerk.
IN_HAND = frozenset({T.CALLED, T.CONNECTING, T.SERVING, T.INTERRUPTED, T.WRAP_UP})
IN_MEETING = frozenset({T.CONNECTING, T.SERVING, T.INTERRUPTED})
# A ticket that is over; after a while nothing but times and outcomes stays of it.
ENDED = frozenset({T.COMPLETED, T.PENDING_FOLLOWUP, T.NO_SHOW, T.LEFT, T.CANCELLED})

MOST_SERVICES = 5
# What an event is called once it has happened: ``ticket:<this>``.
PAST = {
    "check_in": "checked-in",
    "cancel": "cancelled",
    "call": "called",
    "leave": "left",
    "recall": "recalled",
    "arrive": "arrived",
    "miss": "missed",
    "put_back": "put-back",
    "reinstate": "reinstated",
    "meet": "met",
    "lose_link": "interrupted",
    "finish": "finished",
    "transfer": "transferred",
    "park": "parked",
    "resume": "resumed",
    "reroute": "rerouted",
    "queue": "queued",
    "close": "closed",
    "follow_up": "closed",
    "forget": "anonymised",
}


class Outcome(StrEnum):
    """How one service of a ticket ended."""

    DONE = "done"
    PARTLY = "partly"
    NOT_POSSIBLE = "not_possible"
    SENT_ELSEWHERE = "sent_elsewhere"
    TO_FOLLOW_UP = "to_follow_up"


# Priorities: an interrupted visit or a reinstated ticket comes first, everybody else after it.
FIRST, NORMAL, LAST = 1, 2, 3


def recall_refusal(
    *, called_at: datetime, calls: int, now: datetime, gap_s: int, most: int
) -> str | None:
    """Return why a called ticket may not be called again yet, or None when it may.

    ``"too-soon"`` before ``gap_s`` seconds have passed, ``"too-often"`` after ``most`` calls.
    """
    if calls >= most:
        return "too-often"
    if now - called_at < timedelta(seconds=gap_s):
        return "too-soon"
    return None


def number_text(letter: str, ordinal: int) -> str:
    """Return the number that hall and citizen see: ``A012``."""
    return f"{letter}{ordinal:03d}"
