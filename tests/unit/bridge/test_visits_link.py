"""What the two pages of a visit say to each other, and what happens when one goes silent."""

from __future__ import annotations

from tests.unit.bridge.visit_world import World, heard, say


def test_signals_reach_the_other_side_only(world: World) -> None:
    """Each side hears the other, not itself, and nobody else."""
    citizen, clerk, other = world.citizen(), world.clerk(), world.clerk("vicent")
    world.sit(citizen, clerk)
    theirs, ours = world.meet(citizen, clerk)
    stranger = other.page()
    visit = clerk.visit()["id"]
    (peer,) = heard(theirs, "meeting:peer")
    assert (peer["side"], peer["is_there"]) == ("clerk", True)
    assert peer["epoch"]
    data = {"description": {"type": "offer", "sdp": "v=0"}}
    assert say(theirs, "meeting:signal", visit=visit, data=data) == {"ok": True}
    assert heard(ours, "meeting:signal") == [{"visit": visit, "from": "citizen", "data": data}]
    assert say(ours, "say:typed", visit=visit, line=1, text="Bon dia", is_ended=False)["ok"]
    (typed,) = heard(theirs, "say:typed")
    assert (typed["side"], typed["text"], typed["is_ended"]) == ("clerk", "Bon dia", False)
    assert heard(stranger, "meeting:signal") == heard(stranger, "say:typed") == []
    assert say(stranger, "say:typed", visit=visit, line=1, text="x", is_ended=True) == {
        "ok": False,
        "key": "not-found",
        "facts": {"visit": visit},
    }


def test_what_is_too_large_or_shapeless_is_refused(world: World) -> None:
    """Signals up to 64 KiB, lines up to 500 characters, and nothing else."""
    citizen, clerk = world.citizen(), world.clerk()
    world.sit(citizen, clerk)
    theirs, _ours = world.meet(citizen, clerk)
    visit = clerk.visit()["id"]
    big = {"candidate": {"candidate": "c" * 65536}}
    assert say(theirs, "meeting:signal", visit=visit, data=big)["key"] == "too-large"
    assert say(theirs, "meeting:signal", visit=visit, data={"x": 1})["key"] == "refused"
    assert say(theirs, "meeting:signal", visit=visit)["key"] == "body-unsound"
    long = {"visit": visit, "line": 1, "text": "x" * 501, "is_ended": False}
    assert say(theirs, "say:typed", **long)["key"] == "too-large"
    assert say(theirs, "meeting:joined", visit=visit, epoch="e" * 81)["key"] == "too-large"


def test_nobody_joins_before_the_arrival_or_after_the_end(world: World) -> None:
    """The citizen has no place before; nobody has one afterwards."""
    citizen, clerk = world.citizen(), world.clerk()
    citizen.takes_ticket()
    visit = clerk.calls().json["visit"]["id"]
    theirs, ours = citizen.page(), clerk.page()
    refused = say(theirs, "meeting:joined", visit=visit)
    assert (refused["ok"], refused["facts"]["state"]) == (False, "called")
    assert say(ours, "meeting:joined", visit=visit) == {"ok": True, "peer": False}
    citizen.does("arrival")
    assert say(theirs, "meeting:joined", visit=visit)["peer"] is True
    clerk.does("ending")
    assert say(theirs, "meeting:joined", visit=visit)["key"] == "not-found"


def test_a_lost_side_interrupts_and_brings_help(world: World) -> None:
    """Fifteen seconds without both: interrupted, help asked for; both back: served again."""
    citizen, clerk = world.citizen(), world.clerk()
    world.sit(citizen, clerk)
    theirs, ours = world.meet(citizen, clerk)
    sweeper, clock = world.house.app.sweeper, world.house.clock
    heard(ours, "meeting:peer")
    theirs.disconnect()
    (gone,) = heard(ours, "meeting:peer")
    assert (gone["side"], gone["is_there"]) == ("citizen", False)
    sweeper.sweep()
    clock.go(seconds=14)
    sweeper.sweep()
    assert clerk.visit()["ticket"]["state"] == "serving"
    clock.go(seconds=1)
    sweeper.sweep()
    state = clerk.visit()
    assert state["ticket"]["state"] == "interrupted"
    assert state["help"]["reason"] == "link_lost"
    again = citizen.page()
    assert say(again, "meeting:joined", visit=state["id"])["peer"] is True
    assert clerk.visit()["ticket"]["state"] == "serving"
    assert clerk.visit()["help"] is None


def test_a_page_that_was_replaced_says_goodbye_for_itself(world: World) -> None:
    """The goodbye of an older joining does not end the newer one."""
    citizen, clerk = world.citizen(), world.clerk()
    world.sit(citizen, clerk)
    theirs, ours = world.meet(citizen, clerk)
    visit = clerk.visit()["id"]
    assert say(ours, "meeting:joined", visit=visit, epoch="new")["peer"] is True
    assert say(ours, "meeting:left", visit=visit, epoch="old")["ok"]
    assert clerk.visit()["clerk_joined"] is True
    assert say(ours, "meeting:left", visit=visit, epoch="new")["ok"]
    assert clerk.visit()["clerk_joined"] is False
    assert [one["epoch"] for one in heard(theirs, "meeting:peer")][-2:] == ["new", "new"]


def test_a_meeting_that_does_not_come_back_goes_to_the_queue(world: World) -> None:
    """After five minutes the ticket waits first, and the clerk is free."""
    citizen, clerk = world.citizen(), world.clerk()
    world.sit(citizen, clerk)
    _theirs, ours = world.meet(citizen, clerk)
    sweeper, clock = world.house.app.sweeper, world.house.clock
    say(ours, "meeting:left", visit=clerk.visit()["id"])
    sweeper.sweep()
    clock.go(seconds=15)
    sweeper.sweep()
    clock.go(minutes=6)
    sweeper.sweep()
    state = clerk.state()
    assert (state["visit"], state["clerk"]["state"]) == (None, "available")
    assert (state["queue"][0]["state"], state["queue"][0]["priority"]) == ("waiting", 1)
    assert citizen.state()["counter"]["state"] == "cleaning"


def test_pages_are_told_to_ask_again(world: World) -> None:
    """A ticket shows on every desk; a call and a step show on the citizen's screen, once each."""
    citizen, clerk = world.citizen(), world.clerk()
    next_one = world.citizen("counter-2")
    theirs, ours, others = citizen.page(), clerk.page(), next_one.page()
    for page in (theirs, ours, others):
        page.get_received()
    citizen.takes_ticket()
    assert heard(ours, "queue:changed")[-1] == {"waiting": 1}
    next_one.takes_ticket()
    for page in (theirs, others):
        page.get_received()
    clerk.calls()
    assert [one["because"] for one in heard(theirs, "state:changed")] == ["ticket:called"]
    assert "ticket:called" in [one["because"] for one in heard(others, "state:changed")]
    clerk.changes_step("scan-id", current=True)
    assert [one["because"] for one in heard(theirs, "state:changed")] == ["visit:step-changed"]
