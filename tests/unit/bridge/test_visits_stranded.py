"""What goes wrong around a visit leaves neither citizen nor clerk behind."""

from __future__ import annotations

from bridge.offices.models import Person
from bridge.offices.rules import ClerkState
from bridge.tickets.models import Ticket
from tests.unit.bridge.visit_world import Clerk, World, ask, say


def _breaks_off(world: World) -> None:
    """Let a meeting stay broken for so long that it is given up."""
    for minutes in (1, 1, 6):
        world.house.clock.go(minutes=minutes)
        world.house.app.sweeper.sweep()


def _signs_out(clerk: Clerk) -> None:
    assert ask(clerk.browser, "POST", "/sign-out").status == 303


def _state(world: World, clerk: Clerk) -> ClerkState:
    with world.house.app.database.reading() as db:
        return db.get_one(Person, clerk.person.id).state


def test_a_dead_screen_keeps_its_help(world: World) -> None:
    """Whose screen went dark is still expected by the helper when the meeting was given up."""
    citizen, clerk = world.citizen(), world.clerk()
    world.sit(citizen, clerk)
    theirs, _ours = world.meet(citizen, clerk)
    theirs.disconnect()
    _breaks_off(world)
    state = clerk.state()
    assert state["queue"][0]["state"] == "waiting"
    assert state["counters"][0]["help"] in ("raised", "escalated")


def test_a_ticket_leaves_a_dead_screen(world: World) -> None:
    """After a meeting was given up the citizen is called to a counter whose screen works."""
    citizen, clerk = world.citizen(), world.clerk()
    world.sit(citizen, clerk)
    theirs, _ours = world.meet(citizen, clerk)
    theirs.disconnect()
    _breaks_off(world)
    world.citizen("counter-2")
    assert clerk.calls().status == 201
    assert clerk.visit()["counter"]["key"] == "counter-2"


def test_a_working_screen_keeps_its_ticket(world: World) -> None:
    """When it was the clerk who vanished, the citizen waits where they sit, and needs no help."""
    citizen, clerk = world.citizen(), world.clerk()
    world.sit(citizen, clerk)
    _theirs, ours = world.meet(citizen, clerk)
    ours.disconnect()
    _breaks_off(world)
    row = clerk.state()["queue"][0]
    assert (row["state"], row["counter"]["key"]) == ("waiting", "counter-1")
    assert citizen.state()["help"] is None


def test_help_for_a_lost_link_ends_with_the_wipe(world: World) -> None:
    """A screen that came back and forgot the visit needs nobody any more."""
    citizen, clerk = world.citizen(), world.clerk()
    world.sit(citizen, clerk)
    theirs, _ours = world.meet(citizen, clerk)
    theirs.disconnect()
    _breaks_off(world)
    assert citizen.does("wiped", storage=0, caches=0, elements=0).status == 200
    assert citizen.state()["help"] is None


def test_who_was_promised_a_clerk_that_left_is_called_by_another(world: World) -> None:
    """A ticket handed to a person waits for that person only while they are there."""
    citizen, clerk, other = world.citizen(), world.clerk(), world.clerk("vicent")
    world.serve(citizen, clerk)
    wish = {"to": "person", "id": other.person.id, "reason": "knows the form"}
    assert clerk.does("transfer", **wish).status == 200
    assert citizen.does("wiped", storage=0, caches=0, elements=0).status == 200
    assert clerk.calls().json["key"] == "nobody-waiting"
    _signs_out(other)
    assert clerk.calls().status == 201


def test_who_signed_out_in_a_visit_is_not_available_after_it(world: World) -> None:
    """A clerk who left during a call is offline once it has ended, not available for ever."""
    citizen, clerk = world.citizen(), world.clerk()
    citizen.takes_ticket()
    assert clerk.calls().status == 201
    _signs_out(clerk)
    assert _state(world, clerk) is ClerkState.RINGING
    world.house.clock.go(minutes=11)
    world.house.app.sweeper.sweep()
    world.house.app.sweeper.sweep()
    assert _state(world, clerk) is ClerkState.OFFLINE
    assert citizen.state()["office"]["clerks"] == 0


def test_forgotten_paperwork_is_closed_overnight(world: World) -> None:
    """Who let the citizen go and never closed the visit is free the next day; its notes are gone."""
    citizen, clerk = world.citizen(), world.clerk()
    world.serve(citizen, clerk)
    assert clerk.does("ending").status == 200
    ticket = clerk.visit()["ticket"]["id"]
    world.house.app.sweeper.sweep()
    assert _state(world, clerk) is ClerkState.WRAP_UP
    world.house.clock.go(days=1)
    world.house.app.sweeper.sweep()
    world.house.app.sweeper.sweep()
    assert _state(world, clerk) is ClerkState.OFFLINE
    with world.house.app.database.reading() as db:
        assert db.get_one(Ticket, ticket).state == "completed"


def test_who_does_not_come_back_after_a_crash_is_missed(world: World) -> None:
    """A bridge that starts again does not believe that whoever was in a meeting still is."""
    citizen, clerk = world.citizen(), world.clerk()
    world.sit(citizen, clerk)
    theirs, _ours = world.meet(citizen, clerk)
    world.house.app.start()
    visit = clerk.visit()["id"]
    assert say(theirs, "meeting:joined", visit=visit)["peer"] is False
    for _ in range(2):
        world.house.app.sweeper.sweep()
        world.house.clock.go(seconds=20)
    assert clerk.visit()["ticket"]["state"] == "interrupted"


def test_a_key_of_another_visit_is_refused(world: World) -> None:
    """An idempotency key never shows one visit's job in another."""
    citizen, clerk = world.citizen(), world.clerk()
    world.plugs_in(citizen)
    world.serve(citizen, clerk)
    assert clerk.wants("scan", idempotency_key="k").status == 201
    clerk.does("ending")
    clerk.does("closing")
    assert citizen.does("wiped", storage=0, caches=0, elements=0).status == 200
    world.serve(citizen, clerk)
    assert clerk.wants("scan", idempotency_key="k").status == 400
    assert clerk.visit()["documents"] == []
