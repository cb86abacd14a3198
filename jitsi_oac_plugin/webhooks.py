"""What the Jitsi server's module ``mod_oac_counter`` posts: signed batches of events.

A batch is signed with HMAC-SHA256 over ``<timestamp>.<nonce>.<body>``. Numbers grow by one within
one ``boot`` of one server, so whoever remembers the last number of each takes nothing twice. The
nonces that were seen are the caller's to remember, for ``LEEWAY`` on both sides of now.
"""

from __future__ import annotations

import hashlib
import hmac
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from itertools import pairwise
from typing import Literal

from pydantic import TypeAdapter, ValidationError

from jitsi_oac_plugin.errors import BatchUnsound, SignatureWrong, TooOld
from jitsi_oac_plugin.rooms import is_room_name

VERSION = 1
LEEWAY = timedelta(seconds=300)
MOST_BYTES = 256 * 1024
_NONCE = re.compile(r"[0-9a-f]{32}")
_TIMESTAMP = re.compile(r"[0-9]{1,12}")


class EventType(StrEnum):
    """What happened in one of our rooms."""

    ROOM_OPENED = "room:opened"
    ROOM_CLOSED = "room:closed"
    OCCUPANT_JOINED = "occupant:joined"
    OCCUPANT_LEFT = "occupant:left"
    OCCUPANT_REFUSED = "occupant:refused"


class Refusal(StrEnum):
    """Why somebody was not let in: the ``reason`` of ``occupant:refused``."""

    MISSING = "token-missing"
    EXPIRED = "token-expired"
    EARLY = "token-early"
    UNSIGNED = "token-unsigned"
    ISSUER = "token-issuer"
    ROOM = "token-room"
    SUBJECT = "token-subject"
    UNSOUND = "token-unsound"


@dataclass(frozen=True, slots=True, kw_only=True)
class Occupant:
    """Somebody in a room: ``nick`` is the IFrame API's id, ``person`` the token's."""

    nick: str
    person: str
    role: Literal["moderator", "participant"]


@dataclass(frozen=True, slots=True, kw_only=True)
class MeetingEvent:
    """One fact. Somebody refused is named only when the token was signed by us."""

    number: int
    type: EventType
    room: str
    at: datetime
    occupant: Occupant | None = None
    reason: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Batch:
    """What one post holds, in order. ``boot`` names the spool that the numbers belong to."""

    server: str
    boot: str
    events: tuple[MeetingEvent, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class _Body(Batch):
    version: Literal[1]


_adapter = TypeAdapter(_Body)


def read_batch(
    headers: Mapping[str, str], body: bytes, *, secret: str, now: datetime
) -> tuple[Batch, str]:
    """Return the batch and its nonce. Raises ``SignatureWrong``, ``TooOld``, ``BatchUnsound``."""
    plain = {name.lower(): value for name, value in headers.items()}
    timestamp, nonce = plain.get("oac-timestamp", ""), plain.get("oac-nonce", "")
    if not (secret and _TIMESTAMP.fullmatch(timestamp) and _NONCE.fullmatch(nonce)):
        raise SignatureWrong(
            "The events have no time, no nonce, or there is no secret to check by."
        )
    expected = sign(body, secret=secret, timestamp=timestamp, nonce=nonce)
    given = plain.get("oac-signature", "")
    if not hmac.compare_digest(expected.encode(), given.encode()):
        raise SignatureWrong("The events are not signed with this bridge's meeting.events_secret.")
    if abs(now.timestamp() - int(timestamp)) > LEEWAY.total_seconds():
        raise TooOld(
            "The events were signed too long ago; please set both machines' clocks.",
            off_s=round(now.timestamp() - int(timestamp)),
        )
    return _decode(body), nonce


def sign(body: bytes, *, secret: str, timestamp: str, nonce: str) -> str:
    """Return the value of the header ``OAC-Signature``."""
    signed = f"{timestamp}.{nonce}.".encode() + body
    return "v1=" + hmac.new(secret.encode(), signed, hashlib.sha256).hexdigest()


def _decode(body: bytes) -> Batch:
    if len(body) > MOST_BYTES:
        raise BatchUnsound(f"A batch of events has at most {MOST_BYTES} bytes.", bytes=len(body))
    try:
        read = _adapter.validate_json(body, strict=True)
    except ValidationError as error:
        places = sorted({".".join(str(part) for part in one["loc"]) for one in error.errors()})
        raise BatchUnsound(
            f"The events are not of version {VERSION}; please install the module that belongs to "
            "this bridge.",
            fields=places,
        ) from error
    _check(read)
    return Batch(
        server=read.server,
        boot=read.boot,
        events=tuple(read.events),
    )


def _check(batch: Batch) -> None:
    if not (batch.server and batch.boot and batch.events):
        raise BatchUnsound("A batch names its server and its spool, and has an event.")
    numbers = [event.number for event in batch.events]
    if numbers[0] < 1 or any(after <= before for before, after in pairwise(numbers)):
        raise BatchUnsound("The numbers of the events do not grow.", numbers=numbers)
    for event in batch.events:
        if event.at.utcoffset() != UTC.utcoffset(None):
            raise BatchUnsound("The time of an event is not in UTC.", number=event.number)
        if not is_room_name(event.room):
            raise BatchUnsound("An event is about a room that is not ours.", number=event.number)
        if event.type.startswith("occupant:") and event.occupant is None and event.reason is None:
            raise BatchUnsound("An event does not say of whom.", number=event.number)
