"""How a kiosk or agent comes to belong to a counter: a code for people, then a long secret."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal

from sqlalchemy import delete, select
from sqlalchemy.orm import joinedload

from bridge.audit.rules import SYSTEM, Actor, Subject, Tag
from bridge.audit.service import append
from bridge.core.db import Db, announce
from bridge.core.errors import N_, Gone, NotFound, Refused
from bridge.core.ids import digest, new_code, new_id, new_secret
from bridge.counters import jobs
from bridge.counters.models import Counter, DeviceToken, Pairing
from bridge.counters.rules import PAIRING_MINUTES
from bridge.counters.service import counter_by_key
from bridge.offices.models import Office

Kind = Literal["kiosk", "agent"]


class PairingExpired(Gone):
    """The code was not approved in time, was used, or never existed."""

    key = "pairing-expired"
    text = N_("This code is no longer good. Please ask for a new one.")


class CounterNeeded(Refused):
    """The pairing does not say to which counter, and neither does the approval."""

    key = "counter-needed"
    text = N_("Please say which counter this is for.")


class CodeUnknown(NotFound):
    """No kiosk or agent shows this code now."""

    key = "code-unknown"
    text = N_(
        "No kiosk and no agent shows this code now. Codes change after some minutes: please look again."
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Offer:
    """What the asking side gets: a code to show, a secret to claim with."""

    code: str
    claim: str
    expires_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Paired:
    """What a claim gets once the code was approved."""

    kind: str
    counter_id: str
    counter_key: str
    token: str


def start_pairing(db: Db, kind: Kind, counter_key: str | None, *, now: datetime) -> Offer:
    """Begin a pairing. Raises ``NotFound`` for a counter that does not exist."""
    db.execute(delete(Pairing).where(Pairing.expires_at <= now))
    counter = counter_by_key(db, counter_key) if counter_key else None
    offer = Offer(
        code=new_code(), claim=new_secret(), expires_at=now + timedelta(minutes=PAIRING_MINUTES)
    )
    row = Pairing(
        id=new_id(now),
        kind=kind,
        code=offer.code,
        claim_digest=digest(offer.claim),
        counter_id=counter.id if counter else None,
        created_at=now,
        expires_at=offer.expires_at,
    )
    db.add(row)
    return offer


def approve(
    db: Db, code: str, *, counter_key: str | None, now: datetime, actor: Actor = SYSTEM
) -> tuple[str, Counter]:
    """Approve what shows ``code``; return its kind and its counter.

    Raises ``CodeUnknown``, ``CounterNeeded``, ``NotFound``.
    """
    letters = "".join(code.upper().split()).replace("-", "")
    pairing = db.scalar(
        select(Pairing).where(
            Pairing.code == f"{letters[:4]}-{letters[4:]}", Pairing.expires_at > now
        )
    )
    if pairing is None:
        raise CodeUnknown
    if counter_key is not None:
        pairing.counter_id = counter_by_key(db, counter_key).id
    if pairing.counter_id is None:
        raise CounterNeeded
    pairing.approved_at = now
    counter = db.get_one(Counter, pairing.counter_id)
    facts, subject = {"kind": pairing.kind}, Subject("counter", counter.id)
    append(db, tag=Tag.PAIRING_APPROVED, actor=actor, subject=subject, facts=facts, now=now)
    return pairing.kind, counter


def claim(db: Db, secret: str, *, now: datetime) -> Paired | None:
    """Return the device token once the code was approved, None until then.

    It is given once; the counter's earlier token of the same kind stops being good, announced as
    ``token:revoked``, and with an agent's token the jobs that it had end. Raises ``PairingExpired``.
    """
    pairing = db.scalar(
        select(Pairing)
        .where(Pairing.claim_digest == digest(secret))
        .with_for_update(key_share=True)
    )
    if pairing is None or pairing.expires_at <= now:
        raise PairingExpired
    if pairing.approved_at is None or pairing.counter_id is None:
        return None
    counter, token = db.get_one(Counter, pairing.counter_id), new_secret()
    _revoke(db, counter.id, pairing.kind, now=now)
    row = DeviceToken(
        id=new_id(now),
        counter_id=counter.id,
        kind=pairing.kind,
        secret_digest=digest(token),
        created_at=now,
    )
    db.add(row)
    db.delete(pairing)
    facts, subject = {"kind": pairing.kind}, Subject("counter", counter.id)
    append(db, tag=Tag.COUNTER_PAIRED, actor=SYSTEM, subject=subject, facts=facts, now=now)
    return Paired(kind=pairing.kind, counter_id=counter.id, counter_key=counter.key, token=token)


def who_holds(db: Db, token: str, kind: Kind) -> Counter | None:
    """Return the counter that ``token`` was given to, its office and hours loaded, if it is good."""
    found = db.scalar(
        select(DeviceToken)
        .where(
            DeviceToken.secret_digest == digest(token),
            DeviceToken.kind == kind,
            DeviceToken.revoked_at.is_(None),
        )
        .options(
            joinedload(DeviceToken.counter).joinedload(Counter.office).selectinload(Office.hours)
        )
    )
    return found.counter if found else None


def _revoke(db: Db, counter_id: str, kind: str, *, now: datetime) -> None:
    query = select(DeviceToken).where(
        DeviceToken.counter_id == counter_id,
        DeviceToken.kind == kind,
        DeviceToken.revoked_at.is_(None),
    )
    for row in db.scalars(query):
        row.revoked_at = now
        announce(db, "token:revoked", counter=counter_id, kind=kind)
        if kind == "agent":
            jobs.give_up_at_agent(db, counter_id, "token-revoked", now=now)
    db.flush()
