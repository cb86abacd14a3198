"""Somebody in the hall is asked to come, comes, and is not asked twice."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from deploy.stage.town import SignIn, Town
from tests.integration.visit.people import Citizen, Clerk, Helper, Problem, State

pytestmark = [pytest.mark.sane, pytest.mark.cups]


@pytest.fixture
def helper(town: Town, sign_ins: dict[str, SignIn], citizen: Citizen) -> Iterator[Helper]:
    """Give Rosa, who has nothing to do."""
    assert citizen
    helper = Helper(town).signs_in(sign_ins["rosa"])
    yield helper
    for request in helper.state()["requests"]:
        helper.answers(request["id"], "solve")
    helper.goes()


def test_help_in_a_visit(visit: str, citizen: Citizen, clerk: Clerk, helper: Helper) -> None:
    """Raised by the citizen, answered by the helper, solved: all three screens follow."""
    assert visit
    raised = citizen.ask("POST", "/api/kiosk/help", {})
    assert raised.status_code == 201
    assert citizen.ask("POST", "/api/kiosk/help", {}).status_code == 200
    clerk.sees("the request", lambda state: has_help(state["visit"], "raised"))
    hall = helper.sees("the request", lambda state: len(state["requests"]) == 1)
    request = hall["requests"][0]
    assert (request["reason"], request["counter"]["key"]) == ("citizen_asks", "counter-1")
    for event, state in (("acknowledge", "acknowledged"), ("arrive", "with_citizen")):
        helper.answers(request["id"], event)
        citizen.sees(state, lambda whole, state=state: has_help(whole, state))  # type: ignore[misc]
        clerk.sees(state, lambda whole, state=state: has_help(whole["visit"], state))  # type: ignore[misc]
    helper.answers(request["id"], "solve")
    citizen.sees("solved", lambda whole: whole["help"] is None)
    clerk.sees("solved", lambda whole: whole["visit"]["help"] is None)
    with pytest.raises(Problem) as twice:
        helper.answers(request["id"], "solve")
    assert twice.value.status == 409


def test_help_without_a_visit(citizen: Citizen, helper: Helper) -> None:
    """Somebody who has no ticket yet gets help too, and may ask again once it was solved."""
    for _ in range(2):
        assert citizen.ask("POST", "/api/kiosk/help", {}).status_code == 201
        [request] = helper.sees("it", lambda state: bool(state["requests"]))["requests"]
        helper.answers(request["id"], "acknowledge")
        helper.answers(request["id"], "solve")
        citizen.sees("solved", lambda state: state["help"] is None)


def test_a_screen_that_remembers(
    visit: str, citizen: Citizen, clerk: Clerk, helper: Helper
) -> None:
    """A kiosk that could not forget is not idle: somebody is sent to look at it."""
    assert visit
    clerk.ends()
    citizen.sees("goodbye", lambda state: state["counter"]["state"] == "cleaning")
    left = citizen.post("/api/kiosk/wiped", {"storage": 1, "caches": 0, "elements": 0})
    assert left["counter"]["state"] == "needs_help"
    [request] = helper.sees("it", lambda state: bool(state["requests"]))["requests"]
    helper.answers(request["id"], "solve")
    citizen.sees("idle again", lambda state: state["counter"]["state"] == "idle")


def has_help(place: State, state: str) -> bool:
    """Say whether a screen shows a help request in ``state``."""
    return bool(place["help"]) and place["help"]["state"] == state
