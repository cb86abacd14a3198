"""Counters: adding them, what they are doing, who and what is connected there."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from sqlalchemy import Select, select, update

from bridge.audit.rules import SYSTEM, Actor, Subject, Tag
from bridge.audit.service import append
from bridge.core.db import LOCK, Db, announce
from bridge.core.errors import N_, NotFound, NotNow, Refused
from bridge.core.ids import new_id
from bridge.counters import screen
from bridge.counters.models import Counter, CounterDevice
from bridge.counters.rules import COUNTER, GONE_AFTER, SCAN_DPI, CounterState, is_there
from bridge.offices.models import Office
from counter_hooks.wire import DeviceEntry, encode

_KEY_CHARACTERS = frozenset("abcdefghijklmnopqrstuvwxyz0123456789-")


class CounterNotReady(NotNow):
    """The counter cannot do this in its present state."""

    key = "counter-not-ready"
    text = N_("The counter is not ready yet. Wait a few seconds and try again.")


class CounterKeyUnsound(Refused):
    """A counter's key is small letters, digits and hyphens, at most forty."""

    key = "counter-key-unsound"
    text = N_("A counter's key needs small letters, digits and hyphens, at most forty.")


class CounterKeyTaken(NotNow):
    """Another counter has this key."""

    key = "counter-key-taken"
    text = N_("There is a counter with this key already. Please choose another key.")


def add_counter(db: Db, office: Office, key: str, name: str, *, now: datetime) -> Counter:
    """Add a counter to an office. Raises ``CounterKeyUnsound``, ``CounterKeyTaken``."""
    if not 1 <= len(key) <= 40 or set(key) - _KEY_CHARACTERS:
        raise CounterKeyUnsound(counter=key)
    if db.scalar(select(Counter.id).where(Counter.key == key)) is not None:
        raise CounterKeyTaken(counter=key)
    counter = Counter(id=new_id(now), office=office, key=key, name=name.strip() or key)
    db.add(counter)
    db.flush()
    subject = Subject("counter", counter.id)
    append(db, tag=Tag.COUNTER_ADDED, actor=SYSTEM, subject=subject, facts={"key": key}, now=now)
    return counter


def counter_by_key(db: Db, key: str) -> Counter:
    """Return the counter with ``key``. Raises ``NotFound``."""
    counter = db.scalar(select(Counter).where(Counter.key == key))
    if counter is None:
        raise NotFound(counter=key)
    return counter


def move_counter(
    db: Db, counter: Counter, event: str, *, now: datetime, actor: Actor = SYSTEM
) -> Counter:
    """Move a counter by ``event`` of ``rules.COUNTER``, if it is still as ``counter`` says.

    Announced as ``counter:moved``. Raises ``CounterNotReady`` with the present state.
    """
    state = COUNTER.after(counter.state, event)
    before = counter.state
    if state is not None:
        moved = db.execute(
            update(Counter)
            .where(
                Counter.id == counter.id,
                Counter.version == counter.version,
                Counter.state == counter.state,
            )
            .values(state=state, version=Counter.version + 1)
            .returning(Counter.version)
        ).scalar()
        db.refresh(counter)
        if moved is not None:
            facts = {"from": before, "event": event, "to": state}
            subject = Subject("counter", counter.id)
            append(db, tag=Tag.COUNTER_MOVED, actor=actor, subject=subject, facts=facts, now=now)
            tell_moved(db, counter)
            return counter
    raise CounterNotReady(state=counter.state, counter=counter.key)


def tell_moved(db: Db, counter: Counter) -> None:
    """Announce that a counter, or what is connected there, is not as it was."""
    announce(
        db,
        "counter:moved",
        counter=counter.id,
        office=counter.office_id,
        state=counter.state.value,
    )


def kiosk_came(db: Db, counter_id: str, *, now: datetime) -> Counter:
    """Note that a counter's screen is connected; an offline counter becomes idle."""
    counter = db.get_one(Counter, counter_id, with_for_update=LOCK)
    counter.kiosk_seen_at = now
    db.flush()
    if counter.state is CounterState.OFFLINE:
        move_counter(db, counter, "connect", now=now)
    if counter.state is CounterState.SELF_TEST:
        move_counter(db, counter, "pass", now=now)
    return counter


def note_seen(
    db: Db, *, kiosks: Iterable[str] = (), agents: Iterable[str] = (), now: datetime
) -> None:
    """Note which counters' kiosks and agents are connected right now."""
    seen = {Counter.kiosk_seen_at: set(kiosks), Counter.agent_seen_at: set(agents)}
    ids = set().union(*seen.values())
    db.execute(_in_order(select(Counter.id).where(Counter.id.in_(ids))))
    for column, known in seen.items():
        if known:
            db.execute(update(Counter).where(Counter.id.in_(known)).values({column: now}))


def retire_gone_kiosks(db: Db, *, now: datetime) -> int:
    """Take counters offline whose screen is away; one in a visit stays. Return how many."""
    free = (CounterState.IDLE, CounterState.SELF_TEST)
    gone = [
        counter
        for counter in db.scalars(_in_order(select(Counter).where(Counter.state.in_(free))))
        if not is_there(counter.kiosk_seen_at, now=now)
    ]
    for counter in gone:
        move_counter(db, counter, "disconnect", now=now)
    return len(gone)


def tell_gone_agents(db: Db, *, now: datetime) -> int:
    """Announce agents that vanished without a goodbye, once each. Return how many."""
    query = select(Counter).where(
        Counter.agent_seen_at.is_not(None), Counter.agent_seen_at < now - GONE_AFTER
    )
    gone = db.scalars(_in_order(query)).all()
    for counter in gone:
        agent_left(db, counter.id, now=now)
    return len(gone)


def agent_came(db: Db, counter_id: str, *, version: str, now: datetime) -> Counter:
    """Note that a counter's agent is connected."""
    counter = db.get_one(Counter, counter_id, with_for_update=LOCK)
    counter.agent_seen_at, counter.agent_version = now, version[:40]
    db.flush()
    actor, facts = Actor("agent", counter_id), {"version": version}
    subject = Subject("counter", counter_id)
    append(db, tag=Tag.AGENT_CONNECTED, actor=actor, subject=subject, facts=facts, now=now)
    tell_moved(db, counter)
    return counter


def agent_left(db: Db, counter_id: str, *, now: datetime) -> None:
    """Note that a counter's agent is away."""
    counter = db.get_one(Counter, counter_id, with_for_update=LOCK)
    if counter.agent_seen_at is None:
        return
    counter.agent_seen_at = None
    db.flush()
    actor, subject = Actor("agent", counter_id), Subject("counter", counter_id)
    append(db, tag=Tag.AGENT_DISCONNECTED, actor=actor, subject=subject, now=now)
    tell_moved(db, counter)


def agent_doubled(db: Db, counter_id: str, *, now: datetime) -> None:
    """Note that a second agent holds the counter's token."""
    subject = Subject("counter", counter_id)
    append(db, tag=Tag.AGENT_DOUBLED, actor=SYSTEM, subject=subject, now=now)


def sync_devices(db: Db, counter_id: str, entries: Iterable[DeviceEntry], *, now: datetime) -> None:
    """Make the agent's devices those of ``entries``; its others are not present any more.

    Announced as ``devices:changed`` when anything differs.
    """
    known = {
        row.id: row
        for row in db.scalars(
            select(CounterDevice).where(
                CounterDevice.counter_id == counter_id, CounterDevice.driver != screen.DRIVER
            )
        )
    }
    # What the screen can do is the screen's to say; a driver by that name would pass for it.
    told = {
        entry.id: entry
        for entry in entries
        if entry.driver != screen.DRIVER and not screen.is_of_screen(entry.id)
    }
    for identifier, entry in told.items():
        row = known.get(identifier) or CounterDevice(counter_id=counter_id, id=identifier)
        row.driver, row.name = entry.driver, entry.name
        usable = [dpi for dpi in entry.resolutions_dpi if dpi in SCAN_DPI]
        row.description = {**encode(entry), "resolutions_dpi": usable}
        row.attention = entry.attention.value if entry.attention else None
        row.is_present, row.seen_at = True, now
        db.add(row)
    for identifier in known.keys() - told.keys():
        known[identifier].is_present = False
    db.flush()
    announce(db, "devices:changed", counter=counter_id)


def present_devices(db: Db, counter_id: str) -> list[CounterDevice]:
    """Return the devices of a counter that are plugged in, by name."""
    query = (
        select(CounterDevice)
        .where(CounterDevice.counter_id == counter_id, CounterDevice.is_present)
        .order_by(CounterDevice.name)
    )
    return list(db.scalars(query))


def is_agent_there(counter: Counter, *, now: datetime) -> bool:
    """Say whether the counter's agent is connected."""
    return is_there(counter.agent_seen_at, now=now)


def _in_order(query: Select[Any]) -> Select[Any]:
    # Whoever locks several counters does so in one order.
    return query.order_by(Counter.id).with_for_update(key_share=True)
