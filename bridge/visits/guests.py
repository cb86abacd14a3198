"""Who else may have a place in a meeting: helper, supervisor, and an interpreter by a link."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import delete, select

from bridge.audit.rules import SYSTEM, Actor, Subject, Tag
from bridge.audit.service import append
from bridge.core.db import Db
from bridge.core.errors import N_, Gone, NotFound, NotNow
from bridge.core.ids import digest, new_secret
from bridge.meetings import Place, Seat
from bridge.offices.models import Person
from bridge.tickets.errors import TicketElsewhere
from bridge.tickets.models import Ticket
from bridge.tickets.rules import IN_MEETING
from bridge.visits.models import GuestLink, Visit
from bridge.visits.rules import GUEST_LINK_LASTS

# How much of a digest tells two guests apart; more would only be longer.
_WHO_CHARACTERS = 16


class NoPlaceForGuests(NotNow):
    """The visit's meeting is none that a third person can come into."""

    key = "no-place-for-guests"
    text = N_("Nobody else can come into this kind of meeting.")


class GuestLinkGone(Gone):
    """The link was followed before, is too old, or its visit is over."""

    key = "guest-link-gone"
    text = N_("This link is no longer good. Please ask for a new one.")


def join(db: Db, person: Person, visit_id: str, place: Place, *, now: datetime) -> Seat:
    """Let somebody of the office into a visit's meeting; return their place.

    Raises ``NotFound`` for another office's, ``TicketElsewhere``, ``NoPlaceForGuests``.
    """
    visit = db.get(Visit, visit_id)
    if visit is None or visit.ticket.office_id != person.office_id:
        raise NotFound(visit=visit_id)
    # Not the person's own id, which the meeting server has no business to know.
    seat = _seat(visit, place, person.name, who=digest(f"{visit_id} {person.id}"))
    _record_joined(db, visit, place, Actor("person", person.id), now=now)
    return seat


def meetings_in(db: Db, office_id: str) -> dict[str, str]:
    """Return the visits of an office whose meetings a guest could come into, by their counters."""
    query = (
        select(Visit.counter_id, Visit.id)
        .join(Ticket)
        .where(
            Ticket.office_id == office_id,
            Ticket.state.in_(IN_MEETING),
            Visit.closed_at.is_(None),
            Visit.ended_at.is_(None),
            Visit.provider == "jitsi",
        )
    )
    return {row.counter_id: row.id for row in db.execute(query)}


def invite(db: Db, visit: Visit, *, now: datetime) -> tuple[str, datetime]:
    """Make a link for an interpreter: return its secret, which is shown once, and its end.

    Raises ``TicketElsewhere``, ``NoPlaceForGuests``.
    """
    _check(visit)
    db.execute(delete(GuestLink).where(GuestLink.expires_at < now))
    secret, expires_at = new_secret(), now + GUEST_LINK_LASTS
    db.add(GuestLink(secret_digest=digest(secret), visit_id=visit.id, expires_at=expires_at))
    actor, facts = Actor("person", visit.clerk_id), {"ticket": visit.ticket_id}
    subject = Subject("visit", visit.id)
    append(db, tag=Tag.VISIT_GUEST_INVITED, actor=actor, subject=subject, facts=facts, now=now)
    return secret, expires_at


def follow(db: Db, secret: str, name: str, *, now: datetime) -> Seat:
    """Return the place that a link is for; it is good for nobody from then on.

    ``name`` is what the others in the meeting read. Raises ``GuestLinkGone``.
    """
    # One statement: of two that follow a link at once, one finds it.
    visit_id = db.scalar(
        delete(GuestLink)
        .where(GuestLink.secret_digest == digest(secret), GuestLink.expires_at >= now)
        .returning(GuestLink.visit_id)
    )
    visit = db.get(Visit, visit_id) if visit_id else None
    if visit is None:
        raise GuestLinkGone
    try:
        seat = _seat(visit, "interpreter", name, who=digest(secret))
    except NotNow as error:
        raise GuestLinkGone from error
    _record_joined(db, visit, "interpreter", SYSTEM, now=now)
    return seat


def _seat(visit: Visit, place: Place, name: str, *, who: str) -> Seat:
    _check(visit)
    return Seat(
        visit_id=visit.id,
        room=visit.room,
        provider="jitsi",
        side=place,
        name=name,
        peer_name=visit.ticket.number,
        language=visit.ticket.language,
        who=who[:_WHO_CHARACTERS],
    )


def _check(visit: Visit) -> None:
    ticket = visit.ticket
    if visit.ended_at is not None or ticket.state not in IN_MEETING:
        raise TicketElsewhere(state=ticket.state, ticket=ticket.id)
    if visit.provider != "jitsi":
        raise NoPlaceForGuests(state=visit.provider, visit=visit.id)


def _record_joined(db: Db, visit: Visit, place: Place, actor: Actor, *, now: datetime) -> None:
    facts, subject = {"ticket": visit.ticket_id, "place": place}, Subject("visit", visit.id)
    append(db, tag=Tag.VISIT_GUEST_JOINED, actor=actor, subject=subject, facts=facts, now=now)
