"""Who may do what: roles, rights, and the states of a clerk."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, time, timedelta
from enum import StrEnum

from bridge.core.rules import Lifecycle


class Role(StrEnum):
    """What a person is for the office."""

    HELPER = "helper"
    CLERK = "clerk"
    CLERK_PLUS = "clerk_plus"
    ENABLED_OFFICIAL = "enabled_official"
    SUPERVISOR = "supervisor"
    INTERPRETER = "interpreter"
    REPORTING_VIEWER = "reporting_viewer"
    AUDIT_VIEWER = "audit_viewer"
    SYSADMIN = "sysadmin"


class ClerkState(StrEnum):
    """What a clerk is doing."""

    OFFLINE = "offline"
    AVAILABLE = "available"
    RINGING = "ringing"
    SERVING = "serving"
    WRAP_UP = "wrap_up"
    BREAK = "break"
    BACK_OFFICE = "back_office"


# What a clerk may choose; the rest follows from visits.
_AT_LEISURE = (
    ClerkState.OFFLINE,
    ClerkState.AVAILABLE,
    ClerkState.BREAK,
    ClerkState.BACK_OFFICE,
)

SERVES = frozenset({Role.CLERK, Role.CLERK_PLUS, Role.ENABLED_OFFICIAL})

# Deny by default: a right that a role is not named for, it has not.
RIGHTS: dict[str, frozenset[Role]] = {
    "desk:open": SERVES,
    "queue:see": SERVES | {Role.HELPER, Role.SUPERVISOR},
    "ticket:call": SERVES,
    "ticket:pick": frozenset({Role.CLERK_PLUS, Role.ENABLED_OFFICIAL}),
    "ticket:issue": SERVES | {Role.HELPER},
    "ticket:reinstate": frozenset({Role.CLERK_PLUS, Role.ENABLED_OFFICIAL, Role.HELPER}),
    "ticket:take-out": SERVES | {Role.HELPER},
    "visit:serve": SERVES,
    "guest:invite": SERVES,
    "meeting:help": frozenset({Role.HELPER}),
    "meeting:oversee": frozenset({Role.SUPERVISOR}),
    "device:use": SERVES,
    "document:read": SERVES,
    "copy:certify": frozenset({Role.ENABLED_OFFICIAL}),
    "help:answer": frozenset({Role.HELPER, Role.SUPERVISOR}),
    "office:run": frozenset({Role.SUPERVISOR}),
    "people:manage": frozenset({Role.SUPERVISOR, Role.SYSADMIN}),
    "counter:pair": frozenset({Role.SUPERVISOR, Role.SYSADMIN}),
    "statistics:read": frozenset({Role.SUPERVISOR, Role.REPORTING_VIEWER}),
    "audit:read": frozenset({Role.AUDIT_VIEWER}),
}

HOME_PAGES: dict[Role, str] = {
    Role.HELPER: "/helper",
    Role.CLERK: "/desk",
    Role.CLERK_PLUS: "/desk",
    Role.ENABLED_OFFICIAL: "/desk",
    Role.SUPERVISOR: "/helper",
}


def may(role: Role, right: str) -> bool:
    """Say whether ``role`` has ``right``; an unknown right raises ``KeyError``."""
    return role in RIGHTS[right]


CLERK = Lifecycle[ClerkState](
    {
        **{
            (source, target.value): target
            for source in _AT_LEISURE
            for target in _AT_LEISURE
            if source is not target
        },
        (ClerkState.AVAILABLE, "ring"): ClerkState.RINGING,
        (ClerkState.RINGING, "serve"): ClerkState.SERVING,
        (ClerkState.RINGING, "free"): ClerkState.AVAILABLE,
        (ClerkState.SERVING, "free"): ClerkState.AVAILABLE,
        (ClerkState.SERVING, "wrap_up"): ClerkState.WRAP_UP,
        (ClerkState.RINGING, "wrap_up"): ClerkState.WRAP_UP,
        (ClerkState.WRAP_UP, "free"): ClerkState.AVAILABLE,
    }
)


def is_open(hours: Iterable[tuple[int, time, time]], local: datetime) -> bool:
    """Say whether an office with ``hours`` (weekday, opens, closes) is open at its ``local`` time.

    No hours at all mean always open.
    """
    stretches = list(hours)
    moment = local.time().replace(tzinfo=None)
    return not stretches or any(
        weekday == local.weekday() and opens <= moment < closes
        for weekday, opens, closes in stretches
    )


def sign_in_ends(
    *, created_at: datetime, seen_at: datetime, most_hours: float, idle_hours: float
) -> datetime:
    """Return when a sign-in stops being good."""
    return min(created_at + timedelta(hours=most_hours), seen_at + timedelta(hours=idle_hours))
