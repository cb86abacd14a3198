"""What the audit records, by whom, and how its chain is computed."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum
from typing import Literal

GENESIS = "0" * 64
MOST_FACT_CHARACTERS = 200


class Tag(StrEnum):
    """What happened: ``subject:past``."""

    OFFICE_MADE = "office:made"
    OFFICE_CHANGED = "office:changed"
    PERSON_ADDED = "person:added"
    PERSON_CHANGED = "person:changed"
    PERSON_SIGNED_IN = "person:signed-in"
    PERSON_SIGNED_OUT = "person:signed-out"
    PERSON_TAKEN_OVER = "person:taken-over"
    PERSON_REFUSED = "person:refused"
    COUNTER_ADDED = "counter:added"
    COUNTER_MOVED = "counter:moved"
    COUNTER_PAIRED = "counter:paired"
    COUNTER_WIPED = "counter:wiped"
    PAIRING_APPROVED = "pairing:approved"
    AGENT_CONNECTED = "agent:connected"
    AGENT_DISCONNECTED = "agent:disconnected"
    AGENT_DOUBLED = "agent:doubled"
    JOB_REQUESTED = "job:requested"
    JOB_ALLOWED = "job:allowed"
    JOB_REFUSED = "job:refused"
    JOB_UNFIT = "job:unfit"
    JOB_MOVED = "job:moved"
    JOB_CONTINUED = "job:continued"
    JOB_CANCELLED = "job:cancelled"
    JOB_CONFIRMED = "job:confirmed"
    JOB_EXPIRED = "job:expired"
    TICKET_ISSUED = "ticket:issued"
    TICKET_CALLED = "ticket:called"
    TICKET_RECALLED = "ticket:recalled"
    TICKET_MISSED = "ticket:missed"
    TICKET_MOVED = "ticket:moved"
    TICKET_LEFT = "ticket:left"
    TICKET_PARKED = "ticket:parked"
    TICKET_RESUMED = "ticket:resumed"
    TICKET_REINSTATED = "ticket:reinstated"
    TICKET_TRANSFERRED = "ticket:transferred"
    TICKET_ANONYMISED = "ticket:anonymised"
    VISIT_STARTED = "visit:started"
    VISIT_MET = "visit:met"
    VISIT_PAUSED = "visit:paused"
    VISIT_RESUMED = "visit:resumed"
    VISIT_INTERRUPTED = "visit:interrupted"
    VISIT_MOVED = "visit:moved"
    VISIT_REFUSED = "visit:refused"
    VISIT_GUEST_INVITED = "visit:guest-invited"
    VISIT_GUEST_JOINED = "visit:guest-joined"
    VISIT_ENDED = "visit:ended"
    VISIT_CLOSED = "visit:closed"
    STEP_CHANGED = "step:changed"
    DOCUMENT_MADE = "document:made"
    DOCUMENT_REFUSED = "document:refused"
    DOCUMENT_READ = "document:read"
    DOCUMENT_ERASED = "document:erased"
    PAGE_STORED = "page:stored"
    PAGE_REFUSED = "page:refused"
    PAGE_BARRED = "page:barred"
    PAGE_CHANGED = "page:changed"
    PAGE_MADE = "page:made"
    PAGE_RESTORED = "page:restored"
    PAGE_REMOVED = "page:removed"
    HELP_RAISED = "help:raised"
    HELP_MOVED = "help:moved"
    STATISTICS_EXPORTED = "statistics:exported"


@dataclass(frozen=True, slots=True)
class Actor:
    """Who did it: a person by id, the citizen at a counter, an agent, or the bridge itself."""

    kind: Literal["person", "citizen", "agent", "system"]
    id: str | None = None


@dataclass(frozen=True, slots=True)
class Subject:
    """What it was done to: a noun of the product and its id."""

    kind: str
    id: str


SYSTEM = Actor("system")


@dataclass(frozen=True, slots=True, kw_only=True)
class Record:
    """One entry as the chain sees it."""

    number: int
    at: datetime
    tag: str
    actor: Actor
    subject: Subject | None
    facts: Mapping[str, object]


def digest_of(record: Record, previous: str) -> str:
    """Return the SHA-256 over ``previous`` and the canonical JSON of ``record``, in hexadecimal."""
    plain = {
        "number": record.number,
        "at": record.at.astimezone(UTC).isoformat(timespec="microseconds"),
        "tag": record.tag,
        "actor": [record.actor.kind, record.actor.id],
        "subject": [record.subject.kind, record.subject.id] if record.subject else None,
        "facts": dict(record.facts),
        "previous": previous,
    }
    text = json.dumps(plain, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    return hashlib.sha256(text.encode()).hexdigest()


def plain_facts(facts: Mapping[str, object]) -> dict[str, object]:
    """Return ``facts`` as JSON keeps them: numbers, short texts, truth values.

    Raises ``TypeError`` for anything else: rows and documents have no place in the audit.
    """
    plain: dict[str, object] = {}
    for name, value in facts.items():
        if isinstance(value, StrEnum):
            plain[name] = value.value
        elif value is None or isinstance(value, bool | int | float):
            plain[name] = value
        elif isinstance(value, str):
            plain[name] = value[:MOST_FACT_CHARACTERS]
        else:
            raise TypeError(f"the fact {name} is a {type(value).__name__}")
    return plain
