"""Who else may have a place in a meeting: helper, supervisor, and an interpreter by a link."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import delete

from bridge.audit.rules import SYSTEM, Actor, Subject, Tag
from bridge.audit.service import append
from bridge.core.db import Db
from bridge.core.errors import N_, Gone, NotFound, NotNow
from bridge.core.ids import digest, new_secret
from bridge.meetings import Place, Seat
from bridge.offices.models import Person
from bridge.tickets.errors import TicketElsewhere
from bridge.tickets.rules import IN_MEETING
from bridge.visits.models import GuestLink, Visit
from bridge.visits.rules import GUEST_LINK_LASTS


class NoPlaceForGuests(NotNow):
    """The visit's meeting is none that a third person can come into."""

    key = "no-place-for-guests"
    text = N_("Nobody else can come into this kind of meeting.")


class GuestLinkGone(Gone):
    """The link was followed before, is too old, or its visit is over."""

    key = "guest-link-gone"
    text = N_("This link is no longer good. Please ask for a new one.")


def seat_of_staff(db: Db, person: Person, visit_id: str, place: Place) -> Seat:
    """Return the place of somebody of the office in a visit's meeting.

    Raises ``NotFound`` for another office's, ``TicketElsewhere``, ``NoPlaceForGuests``.
    """
    visit = db.get(Visit, visit_id)
    if visit is None or visit.ticket.office_id != person.office_id:
        raise NotFound(visit=visit_id)
    return _seat(visit, place, person.name)


def invite(db: Db, visit: Visit, *, now: datetime) -> tuple[str, datetime]:
    """Make a link for an interpreter: return its secret, which is shown once, and its end.

    Raises ``TicketElsewhere``, ``NoPlaceForGuests``.
    """
    _check(visit)
    db.execute(delete(GuestLink).where(GuestLink.expires_at < now))
    secret, expires_at = new_secret(), now + GUEST_LINK_LASTS
    db.add(GuestLink(secret_digest=digest(secret), visit_id=visit.id, expires_at=expires_at))
    _record(db, visit, Tag.VISIT_GUEST_INVITED, Actor("person", visit.clerk_id), now=now)
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
        seat = _seat(visit, "interpreter", name)
    except NotNow as error:
        raise GuestLinkGone from error
    _record(db, visit, Tag.VISIT_GUEST_JOINED, SYSTEM, now=now)
    return seat


def _seat(visit: Visit, place: Place, name: str) -> Seat:
    _check(visit)
    return Seat(
        visit_id=visit.id,
        room=visit.room,
        provider="jitsi",
        side=place,
        name=name,
        peer_name=visit.ticket.number,
        language=visit.ticket.language,
    )


def _check(visit: Visit) -> None:
    ticket = visit.ticket
    if visit.ended_at is not None or ticket.state not in IN_MEETING:
        raise TicketElsewhere(state=ticket.state, ticket=ticket.id)
    if visit.provider != "jitsi":
        raise NoPlaceForGuests(state=visit.provider, visit=visit.id)


def _record(db: Db, visit: Visit, tag: Tag, actor: Actor, *, now: datetime) -> None:
    facts = {"ticket": visit.ticket_id}
    append(db, tag=tag, actor=actor, subject=Subject("visit", visit.id), facts=facts, now=now)
