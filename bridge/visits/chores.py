"""What visits need done every so often."""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlalchemy import select, update

from bridge.audit.rules import SYSTEM
from bridge.core.db import LOCK, Database, Db
from bridge.core.errors import NotNow
from bridge.core.sweeper import Sweeper
from bridge.helpers import service as helpers
from bridge.offices.models import Office
from bridge.tickets import service as tickets
from bridge.tickets import waiting
from bridge.tickets.models import Ticket
from bridge.tickets.rules import IN_MEETING, TicketState
from bridge.visits import presence, service, slips
from bridge.visits.models import Step, Visit
from bridge.visits.rules import CALL_ENDS_AFTER, REROUTE_AFTER, WATCH_EVERY_S


class Chores:
    """Watches meetings and calls, escalates help requests, and forgets."""

    def __init__(self, database: Database, *, tickets_days: float) -> None:
        self._database = database
        self._tickets_days = tickets_days
        self._watch = presence.Watch()

    def register(self, sweeper: Sweeper) -> None:
        """Have everything done at its pace."""
        sweeper.every(WATCH_EVERY_S, "watching meetings", self.watch_meetings)
        sweeper.every(WATCH_EVERY_S, "asking for help for the refused", self.page_for_refused)
        sweeper.every(WATCH_EVERY_S, "escalating help requests", self.escalate)
        sweeper.every(30, "ending calls that nobody answers", self.end_calls)
        sweeper.every(30, "withdrawing late numbers", self.withdraw_late_numbers)
        sweeper.every(600, "clearing earlier days", self.clear_earlier_days)
        sweeper.every(3600, "forgetting tickets", self.forget)

    def watch_meetings(self, now: datetime) -> None:
        """Give up links that are lost, and meetings that did not come back."""
        with self._database.reading() as db:
            lost = self._watch.lost(db, now=now)
            back = presence.interrupted_but_complete(db, now=now)
            stale = [one.id for one in presence.interrupted_before(db, now - REROUTE_AFTER)]
        for visit_id in lost:
            with self._database.transaction() as db:
                visit = _locked(db, visit_id)
                is_going_on = visit.ticket.state in IN_MEETING - {TicketState.INTERRUPTED}
                if is_going_on and presence.is_incomplete(visit, now):
                    presence.lose(db, visit, now=now)
        for visit_id in back:
            with self._database.transaction() as db:
                presence.resume(db, _locked(db, visit_id), now=now)
        for visit_id in stale:
            with self._database.transaction() as db:
                visit = _locked(db, visit_id)
                if visit.ticket.state is TicketState.INTERRUPTED:
                    service.reroute(db, visit, now=now)

    def page_for_refused(self, now: datetime) -> None:
        """Ask somebody in the hall to go to citizens whom the meeting server does not let in."""
        with self._database.reading() as db:
            refused = presence.refused_for_long(db, now=now)
        for visit_id in refused:
            with self._database.transaction() as db:
                presence.page_for_refused(db, _locked(db, visit_id), now=now)

    def escalate(self, now: datetime) -> None:
        """Escalate help requests that nobody answers."""
        with self._database.transaction() as db:
            helpers.escalate(db, now=now)

    def end_calls(self, now: datetime) -> None:
        """Note as missed whoever was called long ago and did not come."""
        with self._database.reading() as db:
            query = (
                select(Visit.id)
                .join(Ticket)
                .where(
                    Visit.closed_at.is_(None),
                    Visit.ended_at.is_(None),
                    Ticket.state == TicketState.CALLED,
                    Ticket.called_at < now - CALL_ENDS_AFTER,
                )
            )
            stale = list(db.scalars(query))
        for visit_id in stale:
            with self._database.transaction() as db:
                visit = _locked(db, visit_id)
                if visit.ticket.state is TicketState.CALLED:
                    service.miss(db, visit, actor=SYSTEM, now=now)

    def withdraw_late_numbers(self, now: datetime) -> None:
        """Have no number printed after its turn, when somebody fills in paper at last."""
        with self._database.transaction() as db:
            slips.withdraw_late(db, now=now)

    def clear_earlier_days(self, now: datetime) -> None:
        """Take out of the queue who was left in it overnight (R12), and close old paperwork."""
        self._close_paperwork(now)
        with self._database.reading() as db:
            stale = [
                (ticket.id, ticket.office_id)
                for office in db.scalars(select(Office))
                for ticket in waiting.left_over(db, office, now=now)
            ]
        for ticket_id, office_id in stale:
            with self._database.transaction() as db:
                ticket = tickets.find(db, ticket_id, office_id=office_id)
                try:
                    tickets.leave(db, ticket, actor=SYSTEM, now=now, reason="end-of-day")
                except NotNow:  # called, or cleared by another process, in this very moment
                    continue

    def _close_paperwork(self, now: datetime) -> None:
        # A visit that its clerk never closes would keep the clerk busy and its notes for ever.
        with self._database.reading() as db:
            stale = [
                found.id
                for found in db.scalars(
                    select(Visit)
                    .join(Ticket)
                    .where(Visit.closed_at.is_(None), Ticket.state == TicketState.WRAP_UP)
                )
                if found.ticket.day < tickets.day_of(found.ticket.office, now).date()
            ]
        for visit_id in stale:
            with self._database.transaction() as db:
                visit = _locked(db, visit_id)
                if visit.ticket.state is TicketState.WRAP_UP:
                    service.close(db, visit, {}, actor=SYSTEM, now=now)

    def forget(self, now: datetime) -> None:
        """Keep nothing of old tickets but times, procedures and outcomes."""
        before = now - timedelta(days=self._tickets_days)
        with self._database.transaction() as db:
            for ticket in tickets.due_for_forgetting(db, before=before):
                services = [service.id for service in ticket.services]
                tickets.forget(db, ticket, now=now)
                db.execute(update(Step).where(Step.service_id.in_(services)).values(note=None))


def _locked(db: Db, visit_id: str) -> Visit:
    return db.get_one(Visit, visit_id, with_for_update=LOCK, populate_existing=True)
