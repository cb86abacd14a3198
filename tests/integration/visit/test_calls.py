"""Two clerks call the same citizen at the same moment: one visit begins, on either database."""

from __future__ import annotations

import secrets
import threading
from collections.abc import Iterator

import pytest
from sqlalchemy import select

from bridge.visits.models import Visit
from deploy.stage.town import SignIn, Town
from tests.integration.visit.house import complaints, log_length
from tests.integration.visit.people import Citizen, Clerk, Problem

pytestmark = [pytest.mark.sane, pytest.mark.cups]

ROUNDS = 20
PATIENCE_S = 60


@pytest.fixture
def rivals(any_town: Town) -> Iterator[tuple[Clerk, Clerk]]:
    """Give two clerks who may pick from the queue, both available."""
    found = []
    for login in ("amparo", "bernat"):
        password = secrets.token_urlsafe(9)
        any_town.run(
            *("oac-bridge", "add-clerk", login, "--name", login.title(), "--role", "clerk_plus"),
            "--password-stdin",
            given=password,
        )
        who = SignIn(login=login, password=password, role="clerk_plus")
        found.append(Clerk(any_town).signs_in(who).is_available())
    yield found[0], found[1]
    for clerk in found:
        clerk.do("PUT", "/api/desk/availability", {"state": "offline"})
        clerk.goes()


def call_at_once(rivals: tuple[Clerk, Clerk], wish: dict[str, object]) -> list[str | Problem]:
    """Let both call in the same moment; return what each got: a visit, or a no."""
    gate = threading.Barrier(2)
    got: list[str | Problem] = ["", ""]

    def call(place: int) -> None:
        gate.wait(PATIENCE_S)
        try:
            got[place] = rivals[place].calls_next(**wish)
        except Problem as problem:
            got[place] = problem

    threads = [threading.Thread(target=call, args=[place]) for place in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return got


def test_one_of_two_gets_the_ticket(
    any_town: Town, any_kiosk: Citizen, rivals: tuple[Clerk, Clerk]
) -> None:
    """In every round one gets it and the other is told why not; never two visits, or none."""
    begun = log_length(any_town)
    for number in range(ROUNDS):
        any_kiosk.takes_ticket()
        row = rivals[0].state()["queue"][0]
        is_named = number % 2 == 0
        wish = {"ticket": row["id"], "version": row["version"]} if is_named else {}
        got = call_at_once(rivals, wish)
        [visit] = [one for one in got if isinstance(one, str)]
        [problem] = [one for one in got if isinstance(one, Problem)]
        winner, loser = rivals if got[0] == visit else rivals[::-1]
        no = (problem.status, problem.key)
        assert no in {(409, "ticket-already-called"), (404, "nobody-waiting")}
        if is_named:
            assert problem.key == "ticket-already-called"
            assert problem.facts["clerk"] == winner.state()["clerk"]["name"]
        with any_town.records.database.reading() as db:
            visits = db.scalars(select(Visit.id).where(Visit.ticket_id == row["id"])).all()
        assert visits == [visit]
        assert loser.state()["clerk"]["state"] == "available"
        assert loser.state()["visit"] is None
        any_kiosk.arrives()
        winner.ends()
        any_kiosk.wipes()
        winner.closes()
    assert any_town.run("oac-bridge", "audit", "verify")["first_broken"] is None
    assert complaints(any_town, begun) == []
