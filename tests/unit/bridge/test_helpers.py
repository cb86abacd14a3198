"""Help requests reach the hall, are answered in order, and escalate when nobody answers."""

from __future__ import annotations

from typing import Any

import pytest
from flask.testing import FlaskClient

from bridge.helpers.rules import HELP, HelpState
from bridge.offices.rules import Role
from tests.unit.bridge.visit_world import World, ask, heard


@pytest.fixture
def helper(world: World) -> FlaskClient:
    """Give the browser of a helper."""
    return world.house.desk(world.house.person("helper", Role.HELPER))


def _request(helper: FlaskClient) -> dict[str, Any]:
    found: dict[str, Any] = ask(helper, "GET", "/api/helper").json["requests"][0]
    return found


def test_a_request_is_answered_step_by_step(world: World, helper: FlaskClient) -> None:
    """Acknowledged, on the way, with the citizen, solved; then the citizen may ask again."""
    citizen = world.citizen()
    page = world.house.page(helper)
    citizen.does("help")
    assert heard(page, "queue:changed")
    request = _request(helper)
    assert (request["counter"]["key"], request["reason"]) == ("counter-1", "citizen_asks")
    path = f"/api/helper/requests/{request['id']}"
    for event, state in (
        ("acknowledge", "acknowledged"),
        ("set_out", "on_the_way"),
        ("arrive", "with_citizen"),
    ):
        assert ask(helper, "POST", f"{path}/{event}").json["requests"][0]["state"] == state
        assert citizen.state()["help"]["state"] == state
    assert _request(helper)["helper"] == "Helper"
    assert ask(helper, "POST", f"{path}/solve").json["requests"] == []
    assert citizen.state()["help"] is None
    assert citizen.does("help").status == 201


def test_no_move_that_is_not_in_the_table(world: World, helper: FlaskClient) -> None:
    """A second acknowledgement and unknown events are refused with the state."""
    citizen = world.citizen()
    citizen.does("help")
    path = f"/api/helper/requests/{_request(helper)['id']}"
    assert ask(helper, "POST", f"{path}/set_out").json["facts"]["state"] == "raised"
    ask(helper, "POST", f"{path}/acknowledge")
    again = ask(helper, "POST", f"{path}/acknowledge")
    assert (again.status, again.json["facts"]["state"]) == (409, "acknowledged")
    assert ask(helper, "POST", f"{path}/withdraw").status == 404
    assert ask(helper, "POST", "/api/helper/requests/none/solve").status == 404
    assert HELP.may(HelpState.SOLVED) == frozenset()


def test_nobody_answers(world: World, helper: FlaskClient) -> None:
    """After a minute the request escalates, once, and can still be answered."""
    citizen = world.citizen()
    citizen.does("help")
    world.house.clock.go(seconds=59)
    world.house.app.sweeper.sweep()
    assert _request(helper)["state"] == "raised"
    world.house.clock.go(seconds=1)
    for _ in range(2):
        world.house.app.sweeper.sweep()
    assert _request(helper)["state"] == "escalated"
    assert world.house.names().count("help:escalated") == 1
    path = f"/api/helper/requests/{_request(helper)['id']}/acknowledge"
    assert ask(helper, "POST", path).status == 200


def test_whom_one_meets(world: World, helper: FlaskClient) -> None:
    """The request says number, language and errand, and no name; none when nobody has a ticket."""
    citizen, beside = world.citizen(), world.citizen("counter-2")
    beside.does("help")
    citizen.takes_ticket("digital-certificate", language="es")
    citizen.does("help")
    requests = ask(helper, "GET", "/api/helper").json["requests"]
    assert requests[0]["ticket"] is None
    whom = requests[1]["ticket"]
    assert (whom["number"], whom["language"]) == ("A001", "es")
    assert whom["procedures"][0]["title"]["es"] == "Certificado digital"
    assert set(whom) == {"id", "number", "language", "procedures"}


def test_whoever_did_not_come_is_put_back_in_the_hall(world: World, helper: FlaskClient) -> None:
    """The helper sees who was missed and puts them back; a supervisor, who may not, sees nobody."""
    citizen, clerk = world.citizen(), world.clerk()
    citizen.takes_ticket()
    clerk.calls()
    world.house.clock.go(minutes=2)
    assert clerk.does("no-show").status == 200
    (missed,) = ask(helper, "GET", "/api/helper").json["missed"]
    path = f"/api/helper/tickets/{missed['id']}/reinstatement"
    supervisor = world.house.desk(world.house.person("supervisor", Role.SUPERVISOR))
    assert ask(supervisor, "GET", "/api/helper").json["missed"] == []
    assert ask(supervisor, "POST", path).status == 403
    assert ask(helper, "POST", path).json["missed"] == []
    assert citizen.state()["ticket"]["number"] == missed["number"]
    assert ask(helper, "POST", path).status == 409
    assert ask(helper, "POST", "/api/helper/tickets/none/reinstatement").status == 404


def test_the_helpers_page(world: World, helper: FlaskClient) -> None:
    """It is for those who may answer, and nobody else."""
    page = helper.get("/helper")
    assert page.status_code == 200
    clerk = world.clerk()
    assert clerk.browser.get("/helper").status_code == 403
    assert ask(clerk.browser, "GET", "/api/helper").status == 403
