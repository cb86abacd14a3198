"""A visit from the call to the end of its paperwork."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from sqlalchemy import select

from bridge.audit.rules import SYSTEM, Actor, Subject, Tag
from bridge.audit.service import append
from bridge.core.db import LOCK, Db
from bridge.core.errors import NotAllowed
from bridge.core.i18n import current_language
from bridge.core.ids import new_id
from bridge.counters import jobs, offers
from bridge.counters.models import Counter, CounterDevice, DeviceJob
from bridge.counters.rules import AT_AGENT, COUNTER, CounterState, is_there
from bridge.counters.service import CounterNotReady, move_counter
from bridge.helpers import service as helpers
from bridge.helpers.rules import HelpReason
from bridge.meetings import new_room, rooms
from bridge.offices.models import Person
from bridge.offices.rules import CLERK, SERVES, may
from bridge.offices.service import ClerkBusy, move_clerk
from bridge.tickets import service as tickets
from bridge.tickets import waiting
from bridge.tickets.errors import NobodyWaiting, TicketElsewhere
from bridge.tickets.models import Ticket
from bridge.tickets.rules import IN_HAND, IN_MEETING, Outcome, TicketState
from bridge.visits import finding, presence, steps
from bridge.visits.errors import JobRunning, TargetUnfit
from bridge.visits.models import Visit
from bridge.visits.tools import Tools


@dataclass(frozen=True, slots=True, kw_only=True)
class CallWish:
    """Whom a clerk wants to call: the next one, or a ticket as it was on the screen."""

    ticket_id: str | None = None
    version: int | None = None


def call_next(db: Db, tools: Tools, clerk_id: str, wish: CallWish, *, now: datetime) -> Visit:
    """Call a ticket and begin its visit: counter, ticket and clerk move together or not at all.

    Raises ``ClerkBusy``, ``NobodyWaiting``, ``CounterNotReady``, ``TicketAlreadyCalled``,
    ``TicketElsewhere``, ``NotAllowed`` (only some clerks may pick).
    """
    clerk = _free_clerk(db, clerk_id)
    ticket = _wanted(db, tools, clerk, wish)
    return _begin(db, tools, clerk, ticket, version=wish.version, now=now)


def resume(db: Db, tools: Tools, clerk_id: str, ticket_id: str, *, now: datetime) -> Visit:
    """Call a parked ticket again. Raises as ``call_next``."""
    clerk = _free_clerk(db, clerk_id)
    ticket = tickets.find(db, ticket_id, office_id=clerk.office_id)
    if ticket.state not in IN_HAND | {TicketState.PARKED}:
        raise TicketElsewhere(state=ticket.state, ticket=ticket.id)
    return _begin(db, tools, clerk, ticket, version=None, now=now)


def arrive(db: Db, counter_id: str, *, now: datetime) -> Visit:
    """Note that the called citizen sits down; a second touch changes nothing.

    Raises ``CounterNotReady``, ``TicketElsewhere``.
    """
    visit = _at(db, counter_id)
    if visit.ticket.state in IN_MEETING:
        return visit
    actor = Actor("citizen", counter_id)
    tickets.move(db, visit.ticket, "arrive", actor=actor, now=now)
    move_counter(db, visit.counter, "arrive", now=now, actor=actor)
    finding.tell(db, visit, "arrived")
    return visit


def recall(db: Db, visit: Visit, *, now: datetime) -> None:
    """Call the citizen again. Raises ``TooSoon``, ``TooOften``, ``TicketElsewhere``."""
    tickets.recall(db, visit.ticket, actor=_clerk(visit), now=now)


def miss(db: Db, visit: Visit, *, actor: Actor, now: datetime) -> None:
    """Note that the citizen did not come; the counter is free again. Raises ``TooSoon``."""
    tickets.miss(db, visit.ticket, actor=actor, now=now)
    _let_go(db, visit, "missed", now=now)


def park(db: Db, visit: Visit, *, now: datetime) -> None:
    """Put the ticket aside with its steps and documents. Raises ``JobRunning``."""
    _check_no_job_runs(db, visit)
    tickets.park(db, visit.ticket, actor=_clerk(visit), now=now)
    _let_go(db, visit, "parked", now=now)


@dataclass(frozen=True, slots=True, kw_only=True)
class Handover:
    """Where a ticket goes: ``target`` is a counter's key or a person's id."""

    to: Literal["queue", "counter", "person"]
    reason: str
    target: str | None = None


def transfer(db: Db, visit: Visit, wish: Handover, *, now: datetime) -> None:
    """Hand the ticket on with its steps and documents. Raises ``JobRunning``, ``TargetUnfit``."""
    _check_no_job_runs(db, visit)
    target = _target(db, visit, wish)
    actor = _clerk(visit)
    tickets.transfer(db, visit.ticket, target, reason=wish.reason, actor=actor, now=now)
    _let_go(db, visit, "transferred", now=now)


def reroute(db: Db, visit: Visit, *, now: datetime) -> None:
    """Give up a broken meeting: the ticket waits again, before all others.

    Nobody can be called to a screen that is dark; another counter may take the citizen.
    """
    keeps = is_there(visit.counter.kiosk_seen_at, now=now)
    tickets.reroute(db, visit.ticket, keeps_counter=keeps, actor=SYSTEM, now=now)
    jobs.cancel_open_jobs(db, visit_id=visit.id, actor=SYSTEM, now=now)
    _let_go(db, visit, "rerouted", now=now)


def end(db: Db, visit: Visit, outcomes: Mapping[str, Outcome], *, now: datetime) -> None:
    """Let the citizen go; the clerk finishes the paperwork. Raises ``JobRunning``."""
    _check_no_job_runs(db, visit)
    actor = _clerk(visit)
    tickets.move(db, visit.ticket, "finish", actor=actor, now=now)
    tickets.set_outcomes(visit.ticket, outcomes)
    _leave_counter(db, visit, actor=actor, now=now)
    move_clerk(db, visit.clerk, "wrap_up")
    _record(db, visit, Tag.VISIT_ENDED, actor, now=now)
    finding.tell(db, visit, "ended")


def close(
    db: Db, visit: Visit, outcomes: Mapping[str, Outcome], *, actor: Actor, now: datetime
) -> None:
    """End the paperwork; the clerk is free again. Raises ``TicketElsewhere`` before the end."""
    tickets.set_outcomes(visit.ticket, outcomes)
    tickets.close(db, visit.ticket, actor=actor, now=now)
    visit.closed_at = now
    move_clerk(db, visit.clerk, "free")
    _record(db, visit, Tag.VISIT_CLOSED, actor, now=now)
    finding.tell(db, visit, "closed")


def stop_everything(db: Db, counter_id: str, *, now: datetime) -> Visit:
    """Cancel every open job of the visit at a counter, and pause camera and microphone.

    What the citizen allowed is asked for anew. Raises ``CounterNotReady``.
    """
    visit = _at(db, counter_id)
    actor = Actor("citizen", counter_id)
    jobs.cancel_open_jobs(db, visit_id=visit.id, actor=actor, now=now)
    steps.withdraw_consent(db, visit)
    _pause(db, visit, is_paused=True, now=now)
    return visit


def go_on(db: Db, counter_id: str, *, now: datetime) -> Visit:
    """End the pause of the visit at a counter. Raises ``CounterNotReady``."""
    visit = _at(db, counter_id)
    _pause(db, visit, is_paused=False, now=now)
    return visit


def ask_help(db: Db, counter: Counter, reason: HelpReason, *, actor: Actor, now: datetime) -> bool:
    """Ask for a person at a counter; say whether that is new."""
    visit = finding.on_screen(db, counter)
    visit_id = visit.id if visit else None
    return helpers.raise_help(db, counter, reason, actor=actor, now=now, visit_id=visit_id)[1]


def wiped(db: Db, counter_id: str, left: Mapping[str, int], *, now: datetime) -> Counter:
    """Take the screen's proof that nothing of the visit is left on it; the counter is idle then.

    A screen that could not forget everything needs somebody to look at it. Raises
    ``CounterNotReady`` when there was nothing to wipe.
    """
    counter = db.get_one(Counter, counter_id, with_for_update=LOCK, populate_existing=True)
    if counter.state is CounterState.IDLE:
        return counter  # the first report arrived, its answer did not
    is_clean = not any(left.values())
    actor = Actor("citizen", counter_id)
    move_counter(db, counter, "wiped" if is_clean else "fail", now=now, actor=actor)
    subject = Subject("counter", counter.id)
    append(db, tag=Tag.COUNTER_WIPED, actor=actor, subject=subject, facts=left, now=now)
    if is_clean:
        # Who asked has left the seat; the next citizen must not find help on its way.
        for reason in (HelpReason.CITIZEN_ASKS, HelpReason.CLERK_ASKS, HelpReason.LINK_LOST):
            helpers.withdraw(db, counter_id, reason=reason, now=now)
    else:
        detail = "wipe-failed"
        reason = HelpReason.DEVICE
        helpers.raise_help(db, counter, reason, actor=SYSTEM, now=now, detail=detail)
    return counter


def _begin(
    db: Db, tools: Tools, clerk: Person, ticket: Ticket, *, version: int | None, now: datetime
) -> Visit:
    if ticket.state in (TicketState.WAITING, TicketState.PARKED):
        counter = _counter_for(db, ticket)
        ticket.counter_id = counter.id
        db.flush()
    tickets.call(db, ticket, clerk, now=now, version=version)
    actor = Actor("person", clerk.id)
    counter = db.get_one(Counter, ticket.counter_id, with_for_update=LOCK, populate_existing=True)
    move_counter(db, counter, "reserve", now=now, actor=actor)
    move_clerk(db, clerk, "ring")
    visit = Visit(
        id=new_id(now),
        ticket_id=ticket.id,
        counter_id=counter.id,
        clerk_id=clerk.id,
        room=new_room(),
        provider=tools.meetings.provider,
        started_at=now,
        is_paused=False,
    )
    db.add(visit)
    db.flush()
    steps.make_missing(db, visit, tools.procedures, now=now)
    _record(db, visit, Tag.VISIT_STARTED, actor, now=now)
    finding.tell(db, visit, "started")
    return visit


def _free_clerk(db: Db, clerk_id: str) -> Person:
    clerk = db.get_one(Person, clerk_id, with_for_update=LOCK, populate_existing=True)
    if CLERK.after(clerk.state, "ring") is None:
        raise ClerkBusy(state=clerk.state)
    return clerk


def _wanted(db: Db, tools: Tools, clerk: Person, wish: CallWish) -> Ticket:
    if wish.ticket_id is None:
        chosen = waiting.next_for(db, clerk, tools.choose)
        if chosen is None:
            _say_why_nobody(db, clerk)
            raise NobodyWaiting
        return chosen
    ticket = tickets.find(db, wish.ticket_id, office_id=clerk.office_id)
    is_theirs = may(clerk.role, "ticket:pick") or ticket.clerk_id == clerk.id
    if ticket.state is TicketState.WAITING and not is_theirs:
        chosen = waiting.next_for(db, clerk, tools.choose)
        if chosen is None or chosen.id != ticket.id:
            raise NotAllowed(right="ticket:pick")
    return ticket


def _say_why_nobody(db: Db, clerk: Person) -> None:
    first = waiting.first_blocked(db, clerk)
    if first is not None:
        counter = first.counter
        state = counter.state if counter else "none"
        raise CounterNotReady(state=state, counter=counter.key if counter else None)


def _counter_for(db: Db, ticket: Ticket) -> Counter:
    # A parked ticket's place may be somebody else's by now; one issued elsewhere has none yet.
    own = db.get(Counter, ticket.counter_id) if ticket.counter_id else None
    if own is not None and ticket.state is TicketState.WAITING:
        return own
    if own is not None and COUNTER.after(own.state, "reserve") is not None:
        there = tickets.open_at(db, own.id)
        if there is None:
            return own
    free = waiting.free_counter(db, ticket.office_id)
    if free is None:
        state = own.state if own else "none"
        raise CounterNotReady(state=state, counter=own.key if own else None)
    return free


def _target(db: Db, visit: Visit, wish: Handover) -> tickets.Target:
    office_id = visit.ticket.office_id
    if wish.to == "queue":
        return tickets.Target()
    if wish.to == "counter":
        counter = db.scalar(
            select(Counter).where(Counter.office_id == office_id, Counter.key == wish.target)
        )
        if counter is None:
            raise TargetUnfit(state=visit.ticket.state, target=wish.target)
        return tickets.Target(counter_id=counter.id)
    person = db.get(Person, wish.target) if wish.target else None
    is_fit = person and person.office_id == office_id and person.is_active
    if person is None or not is_fit or person.role not in SERVES or person.id == visit.clerk_id:
        raise TargetUnfit(state=visit.ticket.state, target=wish.target)
    return tickets.Target(clerk_id=person.id)


def _let_go(db: Db, visit: Visit, past: str, *, now: datetime) -> None:
    actor = _clerk(visit)
    _leave_counter(db, visit, actor=actor, now=now)
    visit.closed_at = now
    move_clerk(db, visit.clerk, "free")
    _record(db, visit, Tag.VISIT_CLOSED, actor, now=now)
    finding.tell(db, visit, past)


def _leave_counter(db: Db, visit: Visit, *, actor: Actor, now: datetime) -> None:
    jobs.cancel_open_jobs(db, visit_id=visit.id, actor=actor, now=now)
    steps.withdraw_consent(db, visit)
    visit.ended_at = now
    visit.citizen_joined_at = visit.clerk_joined_at = None
    presence.admit(db, visit)
    if visit.provider == "jitsi":
        rooms.want_end(db, visit.room, visit.id, reason="visit-ended", now=now)
    counter = db.get_one(Counter, visit.counter_id, with_for_update=LOCK, populate_existing=True)
    if is_there(counter.kiosk_seen_at, now=now):
        # In front of a dark screen somebody still has to be fetched.
        helpers.withdraw(db, visit.counter_id, reason=HelpReason.LINK_LOST, now=now)
    event = "release" if counter.state is CounterState.RESERVED else "finish"
    move_counter(db, counter, event, now=now, actor=actor)


def _check_no_job_runs(db: Db, visit: Visit) -> None:
    for job in jobs.open_jobs(db, visit_id=visit.id):
        if job.state in AT_AGENT:
            raise JobRunning(
                state=visit.ticket.state,
                job=job.id,
                kind=job.kind,
                device=_name_of_what_works(db, visit, job),
            )


def _name_of_what_works(db: Db, visit: Visit, job: DeviceJob) -> str:
    device = db.get(CounterDevice, (job.counter_id, job.device_id))
    if device is not None:
        return device.name
    action = offers.action_of(visit.counter, job.device_id)
    return action.title.plain()[current_language()] if action else job.purpose


def _at(db: Db, counter_id: str) -> Visit:
    visit = finding.open_at(db, counter_id)
    if visit is None:
        counter = db.get_one(Counter, counter_id)
        raise CounterNotReady(state=counter.state, counter=counter.key)
    return visit


def _pause(db: Db, visit: Visit, *, is_paused: bool, now: datetime) -> None:
    if visit.is_paused == is_paused:
        return
    visit.is_paused = is_paused
    actor = Actor("citizen", visit.counter_id)
    tag = Tag.VISIT_PAUSED if is_paused else Tag.VISIT_RESUMED
    _record(db, visit, tag, actor, now=now)
    finding.tell(db, visit, "paused" if is_paused else "resumed")


def _clerk(visit: Visit) -> Actor:
    return Actor("person", visit.clerk_id)


def _record(db: Db, visit: Visit, tag: Tag, actor: Actor, *, now: datetime) -> None:
    facts = {"ticket": visit.ticket_id, "counter": visit.counter_id, "clerk": visit.clerk_id}
    append(db, tag=tag, actor=actor, subject=Subject("visit", visit.id), facts=facts, now=now)
