"""One whole visit, from the ticket to the wiped screen."""

from __future__ import annotations

from tests.unit.bridge.visit_world import Citizen, Clerk, World, ask


def test_a_visit_from_ticket_to_wiped_screen(world: World) -> None:
    """Every state that the two pages show on the way is the documented one."""
    citizen, clerk = world.citizen(), world.clerk()
    _takes_a_ticket(citizen, clerk)
    _is_called(citizen, clerk)
    _sits_down(citizen)
    world.meet(citizen, clerk)
    _is_served(citizen, clerk)
    _is_let_go(citizen, clerk)
    _is_closed(clerk)


def _takes_a_ticket(citizen: Citizen, clerk: Clerk) -> None:
    state = citizen.state()
    assert state["counter"]["state"] == "idle"
    assert [one["key"] for one in state["procedures"]] == ["census", "digital-certificate"]
    assert (state["ticket"], state["visit"], state["jobs"], state["help"]) == (None, None, [], None)
    state = citizen.takes_ticket("census", "digital-certificate").json
    assert (state["ticket"]["number"], state["ticket"]["ahead"]) == ("A001", 0)
    assert state["office"]["waiting"] == 1
    assert clerk.state()["queue"][0]["counter"]["key"] == "counter-1"


def _is_called(citizen: Citizen, clerk: Clerk) -> None:
    called = clerk.calls()
    assert called.status == 201
    assert called.json["clerk"]["state"] == "ringing"
    visit = called.json["visit"]
    assert visit["ticket"]["state"] == "called"
    assert [one["procedure"] for one in visit["services"]] == ["census", "digital-certificate"]
    assert visit["current_step"] == visit["services"][0]["steps"][0]["id"]
    assert citizen.state()["visit"]["clerk"] == "Empar"
    # The room has no name for the citizen until somebody sits there.
    assert ask(citizen.browser, "GET", "/api/kiosk/meeting").status == 409


def _sits_down(citizen: Citizen) -> None:
    assert citizen.does("arrival").json["ticket"]["state"] == "connecting"
    assert citizen.does("arrival").status == 200
    join = ask(citizen.browser, "GET", "/api/kiosk/meeting").json
    assert join["provider"] == "direct"
    assert (join["side"], join["name"], join["peer_name"]) == ("citizen", "A001", "Empar")


def _is_served(citizen: Citizen, clerk: Clerk) -> None:
    state = clerk.state()
    assert state["clerk"]["state"] == "serving"
    assert state["visit"]["ticket"]["state"] == "serving"
    assert state["visit"]["is_met"] is True
    assert citizen.state()["visit"]["step"]["position"] == 1


def _is_let_go(citizen: Citizen, clerk: Clerk) -> None:
    first, second = (one["id"] for one in clerk.visit()["services"])
    ended = clerk.does("ending", outcomes={second: "to_follow_up"})
    assert ended.status == 200
    assert ended.json["clerk"]["state"] == "wrap_up"
    assert ended.json["visit"]["documents_days"] == 7
    outcomes = {one["id"]: one["outcome"] for one in ended.json["visit"]["services"]}
    assert outcomes == {first: "done", second: "to_follow_up"}
    assert citizen.state()["counter"]["state"] == "cleaning"
    assert citizen.state()["visit"] is not None
    for _ in range(2):
        answer = citizen.does("wiped", storage=0, caches=0, elements=0)
        assert (answer.status, answer.json["visit"]) == (200, None)


def _is_closed(clerk: Clerk) -> None:
    closed = clerk.does("closing").json
    assert closed["clerk"]["state"] == "available"
    assert (closed["visit"], closed["queue"]) == (None, [])
