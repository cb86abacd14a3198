"""Moving a visit to another kind of meeting, with everything that was done in it."""

from __future__ import annotations

from datetime import datetime

from bridge.audit.rules import Actor, Subject, Tag
from bridge.audit.service import append
from bridge.core.db import Db
from bridge.core.errors import N_, NotNow
from bridge.meetings import Provider, Side, rooms
from bridge.tickets.errors import TicketElsewhere
from bridge.tickets.rules import IN_MEETING
from bridge.visits import finding, occupancy, presence
from bridge.visits.errors import VisitOver
from bridge.visits.models import Visit
from bridge.visits.tools import Tools

_SIDES: tuple[Side, ...] = ("citizen", "clerk")


class MeetingUnfit(NotNow):
    """This office has no meeting of that kind."""

    key = "meeting-unfit"
    text = N_("This office has no meetings of that kind.")


def move(db: Db, tools: Tools, visit: Visit, provider: Provider, *, now: datetime) -> None:
    """Let the visit go on in another kind of meeting; ticket, steps, pages and jobs stay.

    Raises ``VisitOver``, ``MeetingUnfit``.
    """
    if visit.ended_at is not None:
        raise VisitOver(state="ended", visit=visit.id)
    if provider not in tools.meetings.choices:
        raise MeetingUnfit(state=visit.provider, provider=provider)
    if provider == visit.provider:
        return
    facts = {"ticket": visit.ticket_id, "from": visit.provider, "to": provider}
    if visit.provider == "jitsi":
        rooms.want_end(db, visit.room, visit.id, reason="visit-moved", now=now)
    elif provider == "jitsi":
        rooms.keep_open(db, visit.room)
    visit.provider, visit.moved_at = provider, now
    visit.citizen_joined_at = visit.clerk_joined_at = None
    presence.admit(db, visit)
    if tools.meetings.is_told(provider):
        occupancy.settle(db, visit, now=now)
    actor, subject = Actor("person", visit.clerk_id), Subject("visit", visit.id)
    append(db, tag=Tag.VISIT_MOVED, actor=actor, subject=subject, facts=facts, now=now)
    finding.tell(db, visit, "moved")


def say_met(db: Db, visit: Visit, *, is_met: bool, now: datetime) -> None:
    """Take the clerk's word that both are talking on the telephone, or are not.

    Raises ``TicketElsewhere`` before the arrival, ``MeetingUnfit`` where a meeting says it itself.
    """
    if visit.provider != "phone":
        raise MeetingUnfit(state=visit.provider, provider="phone")
    if visit.ended_at is not None or visit.ticket.state not in IN_MEETING:
        raise TicketElsewhere(state=visit.ticket.state, ticket=visit.ticket_id)
    for side in _SIDES:
        if is_met:
            presence.join(db, visit, side, now=now)
        else:
            presence.leave(db, visit, side)
