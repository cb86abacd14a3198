"""Who is in the meeting: both meet, one is lost, both are back."""

from __future__ import annotations

import logging
from datetime import datetime

from sqlalchemy import delete, or_, select, update

from bridge.audit.rules import SYSTEM, Actor, Subject, Tag
from bridge.audit.service import append
from bridge.core.db import LOCK, Db
from bridge.core.errors import NotFound
from bridge.counters import rules as counters
from bridge.counters.models import Counter
from bridge.helpers import service as helpers
from bridge.helpers.rules import HelpReason
from bridge.meetings import Place, Seat, Side
from bridge.offices.rules import ClerkState
from bridge.offices.service import move_clerk
from bridge.tickets import service as tickets
from bridge.tickets.errors import TicketElsewhere
from bridge.tickets.models import Period, Ticket
from bridge.tickets.rules import IN_MEETING, TicketState
from bridge.visits import finding
from bridge.visits.models import Refusal, Visit
from bridge.visits.rules import LINK_LOST_AFTER, MEET_WITHIN, REFUSED_FOR

log = logging.getLogger(__name__)


def other(side: Side) -> Side:
    """Return the other side of a meeting."""
    return "clerk" if side == "citizen" else "citizen"


def seat_of(visit: Visit, side: Side, *, language: str | None = None) -> Seat:
    """Return one side's place in the meeting, in the ticket's language or the one given.

    Before the arrival the citizen has none. Raises ``TicketElsewhere``.
    """
    ticket = visit.ticket
    is_early = side == "citizen" or ticket.state is not TicketState.CALLED
    if visit.ended_at is not None or (is_early and ticket.state not in IN_MEETING):
        raise TicketElsewhere(state=ticket.state, ticket=ticket.id)
    # The citizen is a number to the meeting's server: no name goes there.
    names = {"citizen": ticket.number, "clerk": visit.clerk.name}
    return Seat(
        visit_id=visit.id,
        room=visit.room,
        provider=visit.provider,  # type: ignore[arg-type]  # written by ``Meetings`` alone
        side=side,
        name=names[side],
        peer_name=names[other(side)],
        language=language or ticket.language,
    )


def member(db: Db, visit_id: str, side: Side, identifier: str, *, to_change: bool = True) -> Visit:
    """Return the visit that a page is a member of, locked ``to_change`` it.

    ``identifier`` is that of the clerk or of the counter. Raises ``NotFound``, also once the
    visit ended.
    """
    visit = db.get(
        Visit, visit_id, with_for_update=LOCK if to_change else None, populate_existing=True
    )
    if visit is None or visit.ended_at is not None:
        raise NotFound(visit=visit_id)
    if identifier != (visit.counter_id if side == "citizen" else visit.clerk_id):
        raise NotFound(visit=visit_id)
    return visit


def is_there(visit: Visit, side: Side) -> bool:
    """Say whether a side is in the meeting."""
    return (visit.citizen_joined_at if side == "citizen" else visit.clerk_joined_at) is not None


def join(db: Db, visit: Visit, side: Side, *, now: datetime) -> bool:
    """Note that a side is in the meeting; say whether the other one is.

    With both there the ticket is being served. Raises ``TicketElsewhere`` before the arrival.
    """
    seat_of(visit, side)
    if side == "citizen":
        visit.citizen_joined_at = now
    else:
        visit.clerk_joined_at = now
    db.flush()
    admit(db, visit, side)
    is_complete = is_there(visit, other(side))
    if is_complete:
        visit.met_by = visit.provider
    if is_complete and visit.ticket.state in (TicketState.CONNECTING, TicketState.INTERRUPTED):
        _meet(db, visit, now=now)
    finding.tell(db, visit, "joined")
    return is_complete


def leave(db: Db, visit: Visit, side: Side) -> None:
    """Note that a side is not in the meeting; whether that is for good shows in a while."""
    if side == "citizen":
        visit.citizen_joined_at = None
    else:
        visit.clerk_joined_at = None
    db.flush()
    finding.tell(db, visit, "left")


def refuse(db: Db, visit: Visit, side: Place, reason: str, *, now: datetime) -> None:
    """Note that the meeting server does not let somebody in; each reason is recorded once."""
    there = db.get(Refusal, (visit.id, side))
    if there is not None and there.reason == reason:
        return
    facts = {"ticket": visit.ticket_id, "side": side, "reason": reason}
    subject = Subject("visit", visit.id)
    append(db, tag=Tag.VISIT_REFUSED, actor=SYSTEM, subject=subject, facts=facts, now=now)
    if there is None:
        db.add(Refusal(visit_id=visit.id, side=side, reason=reason, refused_at=now))
    else:
        there.reason = reason
    db.flush()
    finding.tell(db, visit, "refused")


def admit(db: Db, visit: Visit, side: Place | None = None) -> None:
    """Note that nobody is refused any more, or not this side."""
    of_visit = delete(Refusal).where(Refusal.visit_id == visit.id)
    db.execute(of_visit if side is None else of_visit.where(Refusal.side == side))


def refusals_of(db: Db, visit: Visit) -> dict[str, str]:
    """Return why the meeting server does not let whom in, by side."""
    rows = db.scalars(select(Refusal).where(Refusal.visit_id == visit.id))
    return {row.side: row.reason for row in rows}


def refused_for_long(db: Db, *, now: datetime) -> list[str]:
    """Return the visits whose citizen has been refused for some seconds, and nobody was asked to go."""
    query = (
        select(Visit.id)
        .join(Refusal)
        .where(
            Refusal.side == "citizen",
            Refusal.paged_at.is_(None),
            Refusal.refused_at <= now - REFUSED_FOR,
            Visit.closed_at.is_(None),
            Visit.ended_at.is_(None),
            Visit.citizen_joined_at.is_(None),
        )
    )
    return list(db.scalars(query))


def page_for_refused(db: Db, visit: Visit, *, now: datetime) -> None:
    """Ask somebody in the hall to go to a citizen who is refused, once."""
    refusal = db.get(Refusal, (visit.id, "citizen"))
    if refusal is None or refusal.paged_at is not None:
        return
    refusal.paged_at = now
    told = {"visit_id": visit.id, "detail": "meeting-refused"}
    helpers.raise_help(db, visit.counter, HelpReason.LINK_LOST, actor=SYSTEM, now=now, **told)


def forget_who_is_there(db: Db, *, is_told: bool) -> None:
    """Have everybody say again that they are in a meeting; who does not is missing from now on.

    With ``is_told`` the Jitsi server says it: what it has told of its rooms stays true, and what
    it tells meanwhile waits there. Of a telephone the clerk has given word.
    """
    said = Visit.provider == "direct"
    by_pages = said if is_told else or_(said, Visit.provider == "jitsi")
    going_on = update(Visit).where(Visit.closed_at.is_(None), Visit.ended_at.is_(None), by_pages)
    db.execute(going_on.values(citizen_joined_at=None, clerk_joined_at=None))


def lose(db: Db, visit: Visit, *, now: datetime) -> None:
    """Note that a meeting broke off: somebody in the hall is asked to go there."""
    tickets.move(db, visit.ticket, "lose_link", actor=SYSTEM, now=now)
    _record(db, visit, Tag.VISIT_INTERRUPTED, now=now)
    reason = HelpReason.LINK_LOST
    helpers.raise_help(db, visit.counter, reason, actor=SYSTEM, now=now, visit_id=visit.id)
    finding.tell(db, visit, "interrupted")


def give_up(db: Db, visit: Visit, cause: str, *, now: datetime) -> None:
    """Have somebody come: the screen was refused, or cannot reach its meeting, again and again."""
    seat_of(visit, "citizen")
    log.warning("no meeting for visit %s: %s", visit.id, cause)
    reason, actor = HelpReason.LINK_LOST, Actor("citizen", visit.counter_id)
    helpers.raise_help(
        db,
        visit.counter,
        reason,
        actor=actor,
        now=now,
        visit_id=visit.id,
        detail=f"meeting-{cause}",
    )
    finding.tell(db, visit, "unreached")


class Watch:
    """Notices meetings in which a side has been missing for too long.

    It remembers since when; a restart only makes it wait once more.
    """

    def __init__(self) -> None:
        self._missing_since: dict[tuple[object, ...], datetime] = {}

    def lost(self, db: Db, *, now: datetime) -> list[str]:
        """Return the visits whose link is to be given up now."""
        states = (TicketState.CONNECTING, TicketState.SERVING)
        rows = db.scalars(
            select(Visit)
            .join(Ticket)
            .where(Visit.closed_at.is_(None), Visit.ended_at.is_(None), Ticket.state.in_(states))
        )
        incomplete = [visit for visit in rows if is_incomplete(visit, now)]
        # Whoever was moved to another kind of meeting has as long as at the beginning.
        keys = {visit.id: (visit.id, visit.moved_at) for visit in incomplete}
        self._missing_since = {key: self._missing_since.get(key, now) for key in keys.values()}
        return [
            visit.id
            for visit in incomplete
            if now - self._missing_since[keys[visit.id]]
            >= (LINK_LOST_AFTER if visit.met_by == visit.provider else MEET_WITHIN)
        ]


def interrupted_but_complete(db: Db, *, now: datetime) -> list[str]:
    """Return the visits that are interrupted though everybody is there.

    A screen that lost only the bridge for a while never left its meeting: nobody joins anew.
    """
    query = (
        select(Visit)
        .join(Ticket)
        .where(
            Visit.closed_at.is_(None),
            Visit.ended_at.is_(None),
            Ticket.state == TicketState.INTERRUPTED,
        )
    )
    return [visit.id for visit in db.scalars(query) if not is_incomplete(visit, now)]


def resume(db: Db, visit: Visit, *, now: datetime) -> None:
    """Note that an interrupted meeting goes on, if everybody is there."""
    if visit.ticket.state is TicketState.INTERRUPTED and not is_incomplete(visit, now):
        _meet(db, visit, now=now)
        finding.tell(db, visit, "joined")


def interrupted_before(db: Db, moment: datetime) -> list[Visit]:
    """Return the visits whose meeting broke off before ``moment`` and did not come back."""
    query = (
        select(Visit)
        .join(Ticket)
        .join(Period, Period.ticket_id == Ticket.id)
        .where(
            Visit.closed_at.is_(None),
            Visit.ended_at.is_(None),
            Ticket.state == TicketState.INTERRUPTED,
            Period.ended_at.is_(None),
            Period.started_at < moment,
            or_(Visit.moved_at.is_(None), Visit.moved_at < moment),
        )
    )
    return list(db.scalars(query))


def is_incomplete(visit: Visit, now: datetime) -> bool:
    """Say whether a side, or the screen of its meeting, is missing."""
    counter: Counter = visit.counter
    # A screen that lost its power said no goodbye; a telephone rings beside a dark one too.
    is_screen_gone = visit.provider != "phone" and not counters.is_there(
        counter.kiosk_seen_at, now=now
    )
    return is_screen_gone or not (is_there(visit, "citizen") and is_there(visit, "clerk"))


def _meet(db: Db, visit: Visit, *, now: datetime) -> None:
    is_first = visit.met_at is None
    tickets.move(db, visit.ticket, "meet", actor=SYSTEM, now=now)
    visit.met_at = visit.met_at or now
    helpers.withdraw(db, visit.counter_id, reason=HelpReason.LINK_LOST, now=now)
    if visit.clerk.state is ClerkState.RINGING:
        move_clerk(db, visit.clerk, "serve")
    _record(db, visit, Tag.VISIT_MET if is_first else Tag.VISIT_RESUMED, now=now)


def _record(db: Db, visit: Visit, tag: Tag, *, now: datetime) -> None:
    subject = Subject("visit", visit.id)
    actor: Actor = SYSTEM
    facts = {"ticket": visit.ticket_id}
    append(db, tag=tag, actor=actor, subject=subject, facts=facts, now=now)
