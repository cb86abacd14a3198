"""What happens by itself: calls end, days end, tickets are forgotten."""

from __future__ import annotations

from tests.unit.bridge.visit_world import World


def test_a_call_that_nobody_ends_is_missed(world: World) -> None:
    """After ten minutes counter and clerk are free again."""
    citizen, clerk = world.citizen(), world.clerk()
    citizen.takes_ticket()
    clerk.calls()
    world.house.clock.go(minutes=11)
    world.house.app.sweeper.sweep()
    state = clerk.state()
    assert (state["visit"], state["clerk"]["state"]) == (None, "available")
    assert state["queue"][0]["state"] == "no_show"


def test_the_queue_is_cleared_overnight(world: World) -> None:
    """Who is left in it leaves it, so that the counter is free in the morning (R12)."""
    citizen = world.citizen()
    citizen.takes_ticket()
    world.house.app.sweeper.sweep()
    assert citizen.state()["ticket"]["state"] == "waiting"
    world.house.clock.go(days=1)
    world.house.app.sweeper.sweep()
    assert citizen.state()["ticket"] is None


def test_old_tickets_are_forgotten(world: World) -> None:
    """After the retention nothing but times and outcomes is left."""
    citizen, clerk = world.citizen(), world.clerk()
    world.serve(citizen, clerk)
    clerk.changes_step("what-you-need", note="deaf in one ear")
    clerk.does("ending")
    clerk.does("closing")
    world.house.told.clear()
    world.house.clock.go(days=364)
    world.house.app.sweeper.sweep()
    assert "ticket:anonymised" not in world.house.names()
    world.house.clock.go(days=2)
    world.house.app.sweeper.sweep()
    assert world.house.names().count("ticket:anonymised") == 1
