"""Taking a Jitsi server's reports: each event once, in order, from our own server only."""

from __future__ import annotations

from datetime import datetime, timedelta
from itertools import pairwise

from sqlalchemy import delete, func, select

from bridge.core.db import LOCK, Db
from bridge.core.errors import N_, NotSignedIn, Refused
from bridge.meetings.models import SeenNonce, Spool
from counter_hooks.plain import is_text
from jitsi_oac_plugin.webhooks import LEEWAY, Batch

_MOST_BOOT_CHARACTERS = 80
_LARGEST_NUMBER = 2**63 - 1
# A spool that was silent for so long does not come back: its server has begun another one.
_FORGET_SPOOL_AFTER = timedelta(days=30)


class ReportsRefused(NotSignedIn):
    """Events that our meeting server did not sign, or not just now."""

    key = "reports-refused"
    text = N_("These events were not signed by this bridge's meeting server.")


class ReportsReplayed(NotSignedIn):
    """The very post that was taken before."""

    key = "reports-replayed"
    text = N_("These events were sent before.")


class ServerForeign(NotSignedIn):
    """Well signed, by another server than the one in the settings."""

    key = "server-foreign"
    text = N_("These events come from another meeting server.")


class ReportsUnsound(Refused):
    """Well signed, and never to be understood."""

    key = "reports-unsound"
    text = N_("These events cannot be understood.")


def note_post(db: Db, batch: Batch, nonce: str, *, server: str, now: datetime) -> bool:
    """Remember a post; say whether events are missing before or in it.

    Raises ``ReportsReplayed``, ``ServerForeign``, ``ReportsUnsound``.
    """
    if batch.server != server:
        raise ServerForeign
    names = [batch.boot, *(event.occupant.nick for event in batch.events if event.occupant)]
    is_long = len(batch.boot) > _MOST_BOOT_CHARACTERS
    if is_long or batch.events[-1].number > _LARGEST_NUMBER or not all(map(is_text, names)):
        raise ReportsUnsound
    if db.get(SeenNonce, nonce) is not None:
        raise ReportsReplayed
    db.add(SeenNonce(nonce=nonce, seen_at=now))
    numbers = [event.number for event in batch.events]
    spool = _spool(db, batch)
    if spool is None:
        # There before any event is taken, so that whoever takes one has something to wait for.
        first = Spool(server=batch.server, boot=batch.boot, last_number=numbers[0] - 1)
        first.taken_at = now
        db.add(first)
    db.flush()
    known = [spool.last_number, *numbers] if spool else numbers
    return spool is None or any(after > before + 1 for before, after in pairwise(known))


def begin_taking(db: Db, batch: Batch, number: int) -> bool:
    """Wait for whoever takes events of the same spool; say whether ``number`` is still to be taken."""
    spool = _spool(db, batch)
    return spool is not None and number > spool.last_number


def note_taken(db: Db, batch: Batch, number: int, *, now: datetime) -> None:
    """Remember that everything up to ``number`` was taken."""
    spool = db.get_one(Spool, (batch.server, batch.boot))
    spool.last_number, spool.taken_at = number, now
    db.flush()


def last_taken_at(db: Db) -> datetime | None:
    """Return when the last event of any server was taken."""
    return db.scalar(select(func.max(Spool.taken_at)))


def forget(db: Db, *, now: datetime) -> None:
    """Forget posts that would be too old by now, and spools that are over."""
    db.execute(delete(SeenNonce).where(SeenNonce.seen_at < now - 2 * LEEWAY))
    db.execute(delete(Spool).where(Spool.taken_at < now - _FORGET_SPOOL_AFTER))


def _spool(db: Db, batch: Batch) -> Spool | None:
    return db.get(Spool, (batch.server, batch.boot), with_for_update=LOCK, populate_existing=True)
