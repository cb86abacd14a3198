"""One whole visit, from the ticket to the wiped screen."""

from __future__ import annotations

from tests.unit.bridge.visit_world import World, ask


def test_a_visit_from_ticket_to_wiped_screen(world: World) -> None:
    """Every state that the two pages show on the way is the documented one."""
    citizen, clerk = world.citizen(), world.clerk()
    state = citizen.state()
    assert state["counter"]["state"] == "idle"
    assert [one["key"] for one in state["procedures"]] == ["census", "digital-certificate"]
    assert (state["ticket"], state["visit"], state["jobs"], state["help"]) == (None, None, [], None)

    state = citizen.takes_ticket("census", "digital-certificate").json
    assert state["ticket"]["number"] == "A001"
    assert state["ticket"]["ahead"] == 0
    assert state["office"]["waiting"] == 1
    assert clerk.state()["queue"][0]["counter"]["key"] == "counter-1"
    assert ask(citizen.browser, "GET", "/api/kiosk/meeting").status == 409

    called = clerk.calls()
    assert called.status == 201
    assert called.json["clerk"]["state"] == "ringing"
    visit = called.json["visit"]
    assert visit["ticket"]["state"] == "called"
    assert [one["procedure"] for one in visit["services"]] == ["census", "digital-certificate"]
    assert visit["current_step"] == visit["services"][0]["steps"][0]["id"]
    assert citizen.state()["visit"]["clerk"] == "Empar"
    assert ask(citizen.browser, "GET", "/api/kiosk/meeting").status == 409

    assert citizen.does("arrival").json["ticket"]["state"] == "connecting"
    assert citizen.does("arrival").status == 200
    join = ask(citizen.browser, "GET", "/api/kiosk/meeting").json
    assert join["provider"] == "direct"
    assert (join["side"], join["name"], join["peer_name"]) == ("citizen", "A001", "Empar")

    world.meet(citizen, clerk)
    state = clerk.state()
    assert state["clerk"]["state"] == "serving"
    assert state["visit"]["ticket"]["state"] == "serving"
    assert state["visit"]["is_met"] is True
    assert citizen.state()["visit"]["step"]["position"] == 1

    first, second = (one["id"] for one in visit["services"])
    ended = clerk.does("ending", outcomes={second: "to_follow_up"})
    assert ended.status == 200
    assert ended.json["clerk"]["state"] == "wrap_up"
    assert citizen.state()["counter"]["state"] == "cleaning"
    assert citizen.state()["visit"] is not None
    assert citizen.does("wiped", storage=0, caches=0, elements=0).json["visit"] is None
    assert citizen.does("wiped", storage=0, caches=0, elements=0).status == 200

    closed = clerk.does("closing")
    assert closed.json["clerk"]["state"] == "available"
    assert closed.json["visit"] is None
    assert closed.json["queue"] == []
    outcomes = {one["id"]: one["outcome"] for one in ended.json["visit"]["services"]}
    assert outcomes == {first: "done", second: "to_follow_up"}
