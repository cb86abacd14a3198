"""What clerk and citizen may do in a visit, and what is refused."""

from __future__ import annotations

import pytest

from bridge.offices.rules import Role
from tests.unit.bridge.visit_world import World, ask, heard


def test_a_second_clerk_is_told_who_has_called(world: World) -> None:
    """The ticket on two screens goes to one of them (R1)."""
    citizen, empar = world.citizen(), world.clerk()
    vicent = world.clerk("vicent", Role.CLERK_PLUS)
    row = (citizen.takes_ticket().json, vicent.state()["queue"][0])[1]
    assert empar.calls(ticket=row["id"], version=row["version"]).status == 201
    answer = vicent.calls(ticket=row["id"], version=row["version"])
    assert (answer.status, answer.json["key"]) == (409, "ticket-already-called")
    assert answer.json["facts"]["clerk"] == "Empar"
    assert vicent.state()["clerk"]["state"] == "available"


def test_nobody_waiting_and_counters_that_are_not_ready(world: World) -> None:
    """An empty queue is 404; somebody behind a dark screen is 409."""
    citizen, clerk = world.citizen(), world.clerk()
    assert clerk.calls().json["key"] == "nobody-waiting"
    citizen.takes_ticket()
    world.house.clock.go(minutes=5)
    world.house.app.sweeper.sweep()
    answer = clerk.calls()
    assert (answer.status, answer.json["key"]) == (409, "counter-not-ready")
    assert answer.json["facts"]["counter"] == "counter-1"


def test_only_some_clerks_may_pick(world: World) -> None:
    """Whoever may not pick gets the next one, by name too, and no other."""
    first, second = world.citizen(), world.citizen("counter-2")
    first.takes_ticket()
    second.takes_ticket()
    clerk, plus = world.clerk(), world.clerk("plus", Role.CLERK_PLUS)
    rows = clerk.state()["queue"]
    answer = clerk.calls(ticket=rows[1]["id"])
    assert (answer.status, answer.json["facts"]["right"]) == (403, "ticket:pick")
    assert plus.calls(ticket=rows[1]["id"]).status == 201
    assert clerk.calls(ticket=rows[0]["id"]).status == 201


def test_a_clerk_has_one_visit_in_hand(world: World) -> None:
    """Calling again, or going on a break, waits for its end."""
    first, second, clerk = world.citizen(), world.citizen("counter-2"), world.clerk()
    first.takes_ticket()
    second.takes_ticket()
    assert clerk.calls().status == 201
    for answer in (
        clerk.calls(),
        ask(clerk.browser, "PUT", "/api/desk/availability", state="break"),
    ):
        assert (answer.status, answer.json["key"]) == (409, "clerk-busy")
        assert answer.json["facts"]["state"] == "ringing"


def test_a_visit_is_its_clerks_alone(world: World) -> None:
    """Anybody else's is not there; a helper has no desk."""
    citizen, clerk, other = world.citizen(), world.clerk(), world.clerk("vicent")
    world.serve(citizen, clerk)
    visit = clerk.visit()["id"]
    for path in ("ending", "closing", "recall", "jobs", "parking"):
        assert ask(other.browser, "POST", f"/api/visits/{visit}/{path}").status == 404
    assert ask(other.browser, "GET", f"/api/visits/{visit}/meeting").status == 404
    helper = world.house.desk(world.house.person("helper", Role.HELPER))
    assert ask(helper, "GET", "/api/desk").status == 403
    assert ask(world.house.browser(), "GET", "/api/desk").status == 401
    assert ask(world.house.browser(), "GET", "/api/kiosk").status == 401


@pytest.mark.parametrize("what", ["parking", "ending", "closing"])
def test_what_the_state_forbids_changes_nothing(world: World, what: str) -> None:
    """Before the meeting a visit cannot be parked, ended or closed: 409 with the state."""
    citizen, clerk = world.citizen(), world.clerk()
    citizen.takes_ticket()
    clerk.calls()
    before = clerk.visit()
    answer = clerk.does(what)
    assert answer.status == 409
    assert answer.json["facts"]["state"] == "called"
    assert clerk.visit() == before


def test_a_citizen_who_does_not_come(world: World) -> None:
    """Recall keeps its gap; after it the ticket is missed, and may come back first."""
    citizen, clerk = world.citizen(), world.clerk("plus", Role.CLERK_PLUS)
    citizen.takes_ticket()
    clerk.calls()
    assert clerk.does("recall").json["key"] == "too-soon"
    world.house.clock.go(seconds=15)
    assert clerk.does("recall").json["visit"]["ticket"]["calls"] == 2
    world.house.clock.go(seconds=15)
    state = clerk.does("no-show").json
    assert (state["visit"], state["clerk"]["state"]) == (None, "available")
    assert state["queue"][0]["state"] == "no_show"
    assert citizen.state()["counter"]["state"] == "idle"
    assert citizen.state()["ticket"] is None
    ticket = state["queue"][0]["id"]
    path = f"/api/desk/tickets/{ticket}/reinstatement"
    assert ask(clerk.browser, "POST", path).json["queue"][0]["state"] == "waiting"
    assert citizen.state()["ticket"]["number"] == "A001"


def test_a_citizen_leaves_the_queue(world: World) -> None:
    """Only a waiting ticket can leave; then the counter is free for the next."""
    citizen, clerk = world.citizen(), world.clerk()
    assert citizen.does("departure").status == 409
    citizen.takes_ticket()
    assert citizen.does("departure").json["ticket"] is None
    citizen.takes_ticket()
    clerk.calls()
    answer = citizen.does("departure")
    assert (answer.status, answer.json["facts"]["state"]) == (409, "called")


def test_parked_tickets_keep_their_steps(world: World) -> None:
    """Parked and called again: the same steps, another meeting, another counter if need be."""
    citizen, clerk = world.citizen(), world.clerk()
    world.serve(citizen, clerk)
    clerk.changes_step("what-you-need", state="done")
    parked = clerk.does("parking").json
    assert (parked["visit"], parked["clerk"]["state"]) == (None, "available")
    assert citizen.state()["counter"]["state"] == "cleaning"
    path = f"/api/desk/tickets/{parked['queue'][0]['id']}/resumption"
    answer = ask(clerk.browser, "POST", path)
    assert (answer.status, answer.json["key"]) == (409, "counter-not-ready")
    citizen.does("wiped", storage=0, caches=0, elements=0)
    assert ask(clerk.browser, "POST", path).status == 201
    visit = clerk.visit()
    assert visit["ticket"]["state"] == "called"
    assert visit["services"][0]["steps"][0]["state"] == "done"
    assert visit["current_step"] == visit["services"][0]["steps"][1]["id"]


def test_a_transfer_to_a_colleague(world: World) -> None:
    """Only that colleague is offered it, with the reason; the citizen stays seated."""
    citizen, clerk, other = world.citizen(), world.clerk(), world.clerk("vicent")
    third = world.clerk("third")
    world.serve(citizen, clerk)
    colleague = clerk.state()["colleagues"][-1]
    assert colleague["name"] == "Vicent"
    assert (
        clerk.does("transfer", to="person", id="nobody", reason="x").json["key"] == "target-unfit"
    )
    visit = clerk.visit()["id"]
    done = clerk.does("transfer", to="person", id=colleague["id"], reason="knows the form")
    assert (done.status, done.json["visit"]) == (200, None)
    assert ask(clerk.browser, "POST", f"/api/visits/{visit}/ending").json["key"] == "visit-over"
    citizen.does("wiped", storage=0, caches=0, elements=0)
    assert citizen.state()["ticket"]["state"] == "waiting"
    assert third.calls().status == 404
    assert other.calls().json["visit"]["ticket"]["note"] == "knows the form"


def test_a_transfer_to_another_counter(world: World) -> None:
    """The ticket waits there; a counter that is taken or unknown is refused."""
    citizen, clerk = world.citizen(), world.clerk()
    there = world.citizen("counter-2")
    world.serve(citizen, clerk)
    assert clerk.does("transfer", to="counter", id="none", reason="").json["key"] == "target-unfit"
    assert clerk.does("transfer", to="counter", id="counter-2", reason="printer").status == 200
    assert there.state()["ticket"]["number"] == "A001"
    citizen.does("wiped", storage=0, caches=0, elements=0)
    assert citizen.state()["ticket"] is None


def test_the_citizen_stops_everything(world: World) -> None:
    """Every open job is cancelled and the visit pauses until the citizen goes on."""
    citizen, clerk = world.citizen(), world.clerk()
    assert citizen.does("stop").status == 409
    world.plugs_in(citizen)
    world.serve(citizen, clerk)
    clerk.wants("scan")
    state = citizen.does("stop").json
    assert (state["visit"]["is_paused"], state["jobs"]) == (True, [])
    assert clerk.visit()["jobs"][0]["state"] == "cancelled"
    assert clerk.wants("scan").json["key"] == "visit-paused"
    assert citizen.does("resumption").json["visit"]["is_paused"] is False
    assert clerk.wants("scan").status == 201


def test_help_is_asked_for_once(world: World) -> None:
    """The second touch finds the open request; both pages show it."""
    citizen, clerk = world.citizen(), world.clerk()
    world.serve(citizen, clerk)
    assert citizen.does("help").status == 201
    assert citizen.does("help").status == 200
    assert citizen.state()["help"]["state"] == "raised"
    assert clerk.does("help").json["visit"]["help"]["reason"] == "citizen_asks"
    assert clerk.state()["counters"][0]["help"] == "raised"


def test_a_screen_that_could_not_forget_needs_a_hand(world: World) -> None:
    """What is left on it keeps the counter closed until a helper has seen to it."""
    citizen, clerk = world.citizen(), world.clerk()
    assert citizen.does("wiped", storage=-1, caches=0, elements=0).status == 400
    world.serve(citizen, clerk)
    assert citizen.does("wiped", storage=0, caches=0, elements=0).status == 409
    clerk.does("ending")
    state = citizen.does("wiped", storage=2, caches=0, elements=0).json
    assert state["counter"]["state"] == "needs_help"
    helper = world.house.desk(world.house.person("helper", Role.HELPER))
    request = ask(helper, "GET", "/api/helper").json["requests"][0]
    assert (request["reason"], request["detail"]) == ("device", "wipe-failed")
    solved = ask(helper, "POST", f"/api/helper/requests/{request['id']}/solve").json
    assert (solved["requests"], solved["counters"][0]["state"]) == ([], "idle")


def test_requests_that_make_no_sense(world: World) -> None:
    """Bodies of another shape are 400 and name what is wrong."""
    citizen, clerk = world.citizen(), world.clerk()
    assert citizen.does("tickets", language="fr").status == 400
    assert citizen.takes_ticket(key="k" * 81).status == 400
    assert citizen.takes_ticket("dance").json["key"] == "procedure-unknown"
    world.serve(citizen, clerk)
    assert clerk.does("ending", outcomes={"x": "perhaps"}).status == 400
    assert clerk.does("ending", outcomes={"x": "done"}).status == 404
    assert clerk.does("transfer", to="moon", reason="").status == 400
    assert clerk.visit()["ticket"]["state"] == "serving"


def test_the_pages_of_desk_and_kiosk(world: World) -> None:
    """Each page is shown to who may see it; people without a sign-in are led to it."""
    citizen, clerk = world.citizen(), world.clerk()
    for path in ("/desk", "/desk/panel"):
        assert clerk.browser.get(path).status_code == 200
        assert world.house.browser().get(path).location == "/sign-in"
    assert citizen.browser.get("/kiosk/counter-1").status_code == 200
    assert citizen.browser.get("/kiosk/other").location == "/kiosk/counter-1"
    assert world.house.browser().get("/kiosk/counter-1").status_code == 200
    assert world.house.browser().get("/kiosk/none").status_code == 404


def test_help_does_not_outlive_the_citizen(world: World) -> None:
    """Who asked for help and left takes the request along; the next citizen starts afresh."""
    citizen, clerk = world.citizen(), world.clerk()
    world.serve(citizen, clerk)
    assert citizen.does("help").json["help"]["state"] == "raised"
    clerk.does("ending")
    state = citizen.does("wiped", storage=0, caches=0, elements=0).json
    assert (state["counter"]["state"], state["help"]) == ("idle", None)


def test_who_waits_hears_that_a_clerk_came(world: World) -> None:
    """The waiting screen says whether anybody is there to call: it asks again when that changes."""
    citizen, clerk = world.citizen(), world.clerk()
    citizen.takes_ticket()
    page = citizen.page()
    heard(page, "state:changed")
    ask(clerk.browser, "PUT", "/api/desk/availability", state="break")
    assert [one["because"] for one in heard(page, "state:changed")] == ["clerk:moved"]
    assert citizen.state()["office"]["clerks"] == 0
