"""The queue: numbers, order, one call a ticket, and no move that is not in the table."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import select

from bridge.audit.rules import SYSTEM, Actor
from bridge.core.db import Db
from bridge.core.errors import NotFound
from bridge.counters.models import Counter
from bridge.counters.service import CounterNotReady
from bridge.offices.models import Office, OpeningHours, Person
from bridge.procedures import service as procedures
from bridge.procedures.service import ProcedureUnknown
from bridge.tickets import issuing, service, waiting
from bridge.tickets.errors import (
    CounterTaken,
    NotToday,
    OfficeClosed,
    TicketAlreadyCalled,
    TicketElsewhere,
    TicketEmpty,
    TooOften,
    TooSoon,
)
from bridge.tickets.issuing import NewTicket
from bridge.tickets.models import Period, Ticket
from bridge.tickets.rules import FIRST, PAST, TICKET, Outcome, TicketState
from bridge.tickets.service import Target
from counter_hooks.plugins.basics import STEP_KINDS
from tests.makers import NOW, Clock, House

OFFERED = procedures.load(kinds={kind.key: kind for kind in STEP_KINDS})
CITIZEN = Actor("citizen")


def _counter(house: House, key: str = "counter-1") -> Counter:
    counter = house.counter(key)
    house.kiosk(counter)
    return counter


def _issue(house: House, counter: Counter | None = None, **more: object) -> Ticket:
    wanted = {
        "office_id": house.office.id,
        "counter_id": counter.id if counter else None,
        "language": "ca",
        "procedures": ("census",),
        "idempotency_key": f"{counter.key if counter else ''}{house.clock.now.isoformat()}",
        **more,
    }
    with house.app.database.transaction() as db:
        new = NewTicket(**wanted)
        return issuing.issue(db, new, OFFERED, actor=CITIZEN, now=house.clock())[0]


def _fetch(db: Db, ticket: Ticket) -> Ticket:
    return service.find(db, ticket.id, office_id=ticket.office_id)


def test_numbers_count_up_each_day_of_the_office(house: House) -> None:
    """The day changes at midnight in Madrid, not in Greenwich."""
    house.clock.now = datetime(2026, 11, 24, 22, 30, tzinfo=UTC)
    first = _issue(house)
    house.clock.go(minutes=20)
    assert _issue(house).number == "A002"
    house.clock.go(minutes=20)  # 00:10 in Madrid
    later = _issue(house)
    assert (first.number, later.number) == ("A001", "A001")
    assert later.day == first.day + timedelta(days=1)


def test_the_same_key_gives_the_same_ticket(house: House) -> None:
    """A ticket that was asked for twice is given out once (R2), within its counter."""
    one, two = _counter(house), _counter(house, "counter-2")
    ticket = _issue(house, one, idempotency_key="k")
    assert _issue(house, one, idempotency_key="k").id == ticket.id
    assert _issue(house, two, idempotency_key="k").id != ticket.id
    assert house.names().count("ticket:issued") == 2


def test_a_counter_has_one_open_ticket(house: House) -> None:
    """Whoever waits there occupies the screen; a counter without its screen takes nobody."""
    counter = _counter(house)
    _issue(house, counter, idempotency_key="a")
    with pytest.raises(CounterTaken) as caught:
        _issue(house, counter, idempotency_key="b")
    assert caught.value.facts["state"] is TicketState.WAITING
    with pytest.raises(CounterNotReady):
        _issue(house, house.counter("dark"))


def test_what_makes_no_sense_is_refused(house: House) -> None:
    """Unknown errands, none at all, and too many."""
    with pytest.raises(ProcedureUnknown):
        _issue(house, procedures=("dance",))
    for wanted in ((), tuple(f"p{n}" for n in range(6))):
        with pytest.raises(TicketEmpty):
            _issue(house, procedures=wanted)
    assert [one.procedure_key for one in _issue(house, procedures=("census",) * 3).services] == [
        "census"
    ]


def test_a_closed_office_gives_out_no_tickets(house: House) -> None:
    """Opening hours are those on the office's wall."""
    with house.app.database.transaction() as db:
        office = db.get_one(Office, house.office.id)
        at = service.day_of(office, NOW)
        opens, closes = (at + timedelta(hours=1)).time(), (at + timedelta(hours=3)).time()
        hours = OpeningHours(id="h1", weekday=at.weekday(), opens=opens, closes=closes)
        office.hours.append(hours)
    with pytest.raises(OfficeClosed):
        _issue(house)
    house.clock.go(hours=2)
    assert _issue(house).number == "A001"


def _clerk(house: House, login: str = "empar") -> Person:
    return house.person(login)


# How each event happens to a ticket, through the service.
EVENTS: dict[str, Callable[[Db, Ticket, House, Person], object]] = {
    "call": lambda db, t, h, p: service.call(db, t, p, now=h.clock()),
    "resume": lambda db, t, h, p: service.call(db, t, p, now=h.clock()),
    "recall": lambda db, t, h, p: service.recall(db, t, actor=SYSTEM, now=h.clock.go(minutes=1)),
    "miss": lambda db, t, h, p: service.miss(db, t, actor=SYSTEM, now=h.clock.go(minutes=1)),
    "reinstate": lambda db, t, h, p: service.reinstate(db, t, actor=SYSTEM, now=h.clock()),
    "leave": lambda db, t, h, p: service.leave(db, t, actor=SYSTEM, now=h.clock()),
    "park": lambda db, t, h, p: service.park(db, t, actor=SYSTEM, now=h.clock()),
    "put_back": lambda db, t, h, p: service.put_back(db, t, actor=SYSTEM, now=h.clock()),
    "forget": lambda db, t, h, p: service.forget(db, t, now=h.clock()),
    "close": lambda db, t, h, p: service.close(db, t, actor=SYSTEM, now=h.clock()),
    "transfer": lambda db, t, h, p: service.transfer(
        db, t, Target(), reason="", actor=SYSTEM, now=h.clock()
    ),
    **{
        event: lambda db, t, h, p, event=event: service.move(
            db, t, event, actor=SYSTEM, now=h.clock()
        )
        for event in (
            "check_in",
            "cancel",
            "arrive",
            "meet",
            "lose_link",
            "finish",
            "follow_up",
            "reroute",
            "queue",
        )
    },
}


def test_every_event_has_its_function_and_its_name() -> None:
    """The table, the functions and the names of what was announced speak of the same events."""
    events = {event for _, event in TICKET.moves}
    assert events == set(EVENTS) == set(PAST)


@pytest.mark.parametrize("event", sorted(EVENTS))
def test_no_move_that_is_not_in_the_table(house: House, event: str) -> None:
    """From every state: a move of the table is made, any other refused with the present state."""
    clerk = _clerk(house)
    for number, state in enumerate(TicketState):
        ticket = _issue(house, idempotency_key=f"k{number}")
        with house.app.database.transaction() as db:
            row = _fetch(db, ticket)
            row.state = state
            row.called_at = house.clock()
        expected = TICKET.after(state, event)
        if event in ("call", "resume"):  # one door: a parked ticket is called again
            expected = TICKET.after(state, "call") or TICKET.after(state, "resume")
        if expected is None:
            with (
                pytest.raises(TicketElsewhere) as caught,
                house.app.database.transaction() as db,
            ):
                EVENTS[event](db, _fetch(db, ticket), house, clerk)
            assert caught.value.facts["state"] is state
            expected = state
        else:
            with house.app.database.transaction() as db:
                EVENTS[event](db, _fetch(db, ticket), house, clerk)
        with house.app.database.transaction() as db:
            row = _fetch(db, ticket)
            assert row.state is expected, (state, event)
            row.state, row.clerk_id = TicketState.ANONYMISED, None


def test_of_two_clerks_one_calls(house: House) -> None:
    """The second is told who has it, and nothing of the first's call is changed (R1)."""
    ticket = _issue(house)
    empar, vicent = _clerk(house), _clerk(house, "vicent")
    with house.app.database.reading() as db:
        seen = _fetch(db, ticket)  # what the second clerk's transaction read before the first's
    with house.app.database.transaction() as db:
        service.call(db, _fetch(db, ticket), db.get_one(Person, empar.id), now=NOW)
    with (
        pytest.raises(TicketAlreadyCalled) as caught,
        house.app.database.transaction() as db,
    ):
        service.call(db, db.merge(seen, load=False), vicent, now=NOW)
    assert caught.value.facts["clerk"] == "Empar"
    assert caught.value.facts["state"] is TicketState.CALLED
    with house.app.database.reading() as db:
        assert _fetch(db, ticket).clerk_id == empar.id
        assert _fetch(db, ticket).version == 1


def test_a_ticket_that_changed_on_the_way_is_not_called(house: House) -> None:
    """The version on the clerk's screen has to be the present one."""
    ticket, clerk = _issue(house), _clerk(house)
    with pytest.raises(TicketElsewhere), house.app.database.transaction() as db:
        service.call(db, _fetch(db, ticket), clerk, now=NOW, version=7)


def test_recalls_keep_their_gap_and_their_number(house: House) -> None:
    """Too soon, then again, then too often (R5); and no-show not before the gap is over."""
    ticket, clerk = _issue(house), _clerk(house)
    with house.app.database.transaction() as db:
        row = service.call(db, _fetch(db, ticket), clerk, now=NOW)
        soon = NOW + timedelta(seconds=14)
        with pytest.raises(TooSoon):
            service.recall(db, row, actor=SYSTEM, now=soon)
        with pytest.raises(TooSoon):
            service.miss(db, row, actor=SYSTEM, now=soon)
        for n in (1, 2):
            service.recall(db, row, actor=SYSTEM, now=NOW + timedelta(seconds=15 * n))
        with pytest.raises(TooOften):
            service.recall(db, row, actor=SYSTEM, now=NOW + timedelta(minutes=9))
        service.miss(db, row, actor=SYSTEM, now=NOW + timedelta(seconds=31))
        assert row.state is TicketState.NO_SHOW


def test_a_missed_ticket_comes_back_first_on_its_own_day(house: House) -> None:
    """It can always be reinstated that day (R4), unless somebody else sits there now."""
    counter, clerk = _counter(house), _clerk(house)
    ticket = _issue(house, counter)
    with house.app.database.transaction() as db:
        row = service.call(db, _fetch(db, ticket), clerk, now=house.clock())
        service.miss(db, row, actor=SYSTEM, now=house.clock.go(minutes=1))
    other = _issue(house, counter, idempotency_key="other")
    with pytest.raises(CounterTaken), house.app.database.transaction() as db:
        service.reinstate(db, _fetch(db, ticket), actor=SYSTEM, now=house.clock())
    with house.app.database.transaction() as db:
        service.leave(db, _fetch(db, other), actor=SYSTEM, now=house.clock())
    tomorrow = house.clock() + timedelta(days=1)
    with pytest.raises(NotToday), house.app.database.transaction() as db:
        service.reinstate(db, _fetch(db, ticket), actor=SYSTEM, now=tomorrow)
    with house.app.database.transaction() as db:
        row = service.reinstate(db, _fetch(db, ticket), actor=SYSTEM, now=house.clock())
        assert (row.state, row.priority, row.calls) == (TicketState.WAITING, FIRST, 0)


def test_the_queue_shows_who_is_before_whom(house: House) -> None:
    """Priority first, then the time of issue; a transferred ticket keeps both (R3)."""
    clerk = _clerk(house)
    tickets = []
    for n in range(3):
        tickets.append(_issue(house, idempotency_key=str(n)))
        house.clock.go(minutes=1)
    with house.app.database.transaction() as db:
        row = service.call(db, _fetch(db, tickets[0]), clerk, now=house.clock())
        service.move(db, row, "arrive", actor=SYSTEM, now=house.clock())
        target, now = Target(), house.clock.go(hours=1)
        service.transfer(db, row, target, reason="form", actor=SYSTEM, now=now)
        assert (row.issued_at, row.priority) == (tickets[0].issued_at, tickets[0].priority)
        assert row.note == "form"
        assert [waiting.ahead_of(db, _fetch(db, one)) for one in tickets] == [0, 1, 2]
        urgent = _fetch(db, tickets[2])
        urgent.priority = FIRST
        db.flush()
        office = db.get_one(Office, house.office.id)
        shown = waiting.queue(db, office, now=house.clock())
        assert [one.number for one in shown] == ["A003", "A001", "A002"]
        assert waiting.count_waiting(db, office.id) == 3


def test_next_is_who_can_be_called_and_whom_the_hook_chooses(house: House) -> None:
    """Counters that are not ready are passed over; a plugin may choose among the rest."""
    clerk = _clerk(house)
    one, two = _counter(house), _counter(house, "counter-2")
    first, second = _issue(house, one), _issue(house, two)
    third = _issue(house, idempotency_key="none")
    _counter(house, "counter-3")
    with house.app.database.transaction() as db:
        person = db.get_one(Person, clerk.id)
        assert waiting.next_for(db, person, waiting.in_order).id == first.id
        offered: list[list[str]] = []

        def last(desk: object, shown: object) -> str:
            offered.append([view.number for view in shown])
            return shown[-1].id

        assert waiting.next_for(db, person, last).id == third.id
        assert offered == [["A001", "A002", "A003"]]
        db.get_one(Counter, one.id).state = "cleaning"
        _fetch(db, second).clerk_id = _clerk_of(db, house).id
        db.flush()
        assert waiting.next_for(db, person, waiting.in_order).id == third.id
        assert waiting.first_blocked(db, person).id == first.id


def test_who_has_no_place_holds_nobody_up(house: House) -> None:
    """A ticket without a counter is passed over while every counter is taken."""
    clerk, counter = _clerk(house), _counter(house)
    placeless = _issue(house, idempotency_key="none", priority=1)
    with house.app.database.transaction() as db:
        person = db.get_one(Person, clerk.id)
        assert waiting.next_for(db, person, waiting.in_order).id == placeless.id
    seated = _issue(house, counter)
    with house.app.database.transaction() as db:
        person = db.get_one(Person, clerk.id)
        assert waiting.next_for(db, person, waiting.in_order).id == seated.id
        assert waiting.first_blocked(db, person).id == placeless.id


def _clerk_of(db: Db, house: House) -> Person:
    other = Person(
        id="p9",
        office_id=house.office.id,
        login="other",
        name="Other",
        role="clerk",
        state="available",
        password_hash="x",
    )
    db.add(other)
    db.flush()
    return other


def test_times_are_an_append_only_table(house: House) -> None:
    """Every state has its period, the last one open (R7); a recall begins none."""
    ticket, clerk = _issue(house), _clerk(house)
    with house.app.database.transaction() as db:
        row = service.call(db, _fetch(db, ticket), clerk, now=house.clock.go(minutes=5))
        service.recall(db, row, actor=SYSTEM, now=house.clock.go(minutes=1))
        service.move(db, row, "arrive", actor=SYSTEM, now=house.clock.go(minutes=1))
        rows = db.scalars(select(Period).order_by(Period.started_at)).all()
        assert [one.state for one in rows] == ["waiting", "called", "connecting"]
        minutes = [
            (one.ended_at - one.started_at).total_seconds() / 60 for one in rows if one.ended_at
        ]
        assert minutes == [5, 2]
        assert [one.person_id for one in rows] == [None, clerk.id, clerk.id]


def test_outcomes_decide_whether_something_is_to_follow(house: House) -> None:
    """Left out is done; one service to follow up keeps the ticket marked."""
    for outcome, state in (
        (Outcome.PARTLY, TicketState.COMPLETED),
        (Outcome.TO_FOLLOW_UP, TicketState.PENDING_FOLLOWUP),
    ):
        ticket = _issue(
            house, idempotency_key=outcome, procedures=("census", "digital-certificate")
        )
        with house.app.database.transaction() as db:
            row = _fetch(db, ticket)
            row.state, row.note = TicketState.WRAP_UP, "secret"
            service.set_outcomes(row, {row.services[0].id: outcome})
            with pytest.raises(NotFound):
                service.set_outcomes(row, {"x": outcome})
            service.close(db, row, actor=SYSTEM, now=house.clock())
            assert [one.outcome for one in row.services] == [outcome, Outcome.DONE]
            assert (row.state, row.note, row.ended_at) == (state, None, house.clock())


def test_forgetting_leaves_times_and_outcomes(house: House, clock: Clock) -> None:
    """After the retention nobody and no place shows any more."""
    ticket, clerk = _issue(house), _clerk(house)
    with house.app.database.transaction() as db:
        row = service.call(db, _fetch(db, ticket), clerk, now=clock())
        service.miss(db, row, actor=SYSTEM, now=clock.go(minutes=1))
        assert service.due_for_forgetting(db, before=clock()) == []
        (due,) = service.due_for_forgetting(db, before=clock.go(days=400))
        service.forget(db, due, now=clock())
        assert due.state is TicketState.ANONYMISED
        assert (due.clerk_id, due.counter_id, due.note) == (None, None, None)
        periods = db.scalars(select(Period).where(Period.ticket_id == ticket.id)).all()
        assert len(periods) == 4
        assert {one.person_id for one in periods} == {None}


def test_rerouting_puts_the_ticket_before_all_others(house: House) -> None:
    """A broken meeting is nobody's fault who sits there."""
    ticket = _issue(house)
    with house.app.database.transaction() as db:
        row = _fetch(db, ticket)
        row.state = TicketState.INTERRUPTED
        db.flush()
        service.reroute(db, row, actor=SYSTEM, now=NOW)
        assert (row.state, row.priority) == (TicketState.WAITING, FIRST)
