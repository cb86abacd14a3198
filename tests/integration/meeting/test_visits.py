"""Visits on a real meeting server: who is in the room is in the visit, whatever dies meanwhile."""

from __future__ import annotations

import os
import signal
from contextlib import closing
from pathlib import Path

import jwt
import pytest

from deploy.stage.town import Town
from deploy.virtual.processes import wait_until
from tests.integration.meeting.seats import Sitting
from tests.integration.prosody.server import MeetingServer
from tests.integration.visit.people import PATIENCE_S, Helper

pytestmark = pytest.mark.prosody


def _is_closed(server: MeetingServer, room: str) -> bool:
    with closing(server.control()) as control:
        return control.occupants(room) is None


@pytest.mark.both_prosodies
def test_a_whole_visit(sitting: Sitting, server: MeetingServer) -> None:
    """Both meet, one leaves and comes back, the visit ends, and the room is gone."""
    citizen, nick = sitting.both_enter()
    citizen.leave(sitting.room, nick)
    sitting.sees_citizen(is_there=False)
    sitting.enters("citizen")
    sitting.sees_citizen(is_there=True)
    sitting.clerk.ends()
    wait_until(lambda: _is_closed(server, sitting.room), "the room is closed", seconds=PATIENCE_S)


@pytest.mark.both_prosodies
def test_a_ghost_is_told_from_the_person(sitting: Sitting) -> None:
    """Who comes in a second time and loses the first connection never left."""
    citizen, nick = sitting.both_enter()
    sitting.enters("citizen")
    citizen.leave(sitting.room, nick)
    third, last = sitting.knocks(str(sitting.way_in("clerk")["jwt"]))
    third.leave(sitting.room, last)
    state = sitting.clerk.state()["visit"]
    assert (state["citizen_joined"], state["ticket"]["state"]) == (True, "serving")


def test_the_bridge_dies_while_somebody_leaves(town: Town, sitting: Sitting) -> None:
    """What happened meanwhile waits at the server, and is known soon after the start."""
    citizen, nick = sitting.both_enter()
    town.bridge.kill()
    citizen.leave(sitting.room, nick)
    town.restart_bridge()
    sitting.sees_citizen(is_there=False)
    town.bridge.kill()
    again, nick = sitting.knocks(sitting.tokens[-1])
    assert nick
    town.restart_bridge()
    sitting.sees_citizen(is_there=True)
    sitting.sees_ticket("serving")
    assert again.role_of(sitting.room, nick) == "participant"


def test_the_server_is_away_at_the_end(sitting: Sitting, server: MeetingServer) -> None:
    """The visit ends all the same; the room is closed when the server is back."""
    sitting.both_enter()
    os.kill(server.pid, signal.SIGSTOP)
    try:
        assert sitting.clerk.ends()["visit"]["ended_at"]
        sitting.clerk.sees("the server is down", lambda state: not state["meeting"]["is_ready"])
    finally:
        os.kill(server.pid, signal.SIGCONT)
    wait_until(lambda: _is_closed(server, sitting.room), "the room is closed", seconds=PATIENCE_S)
    sitting.clerk.sees("the server is back", lambda state: state["meeting"]["is_ready"])


@pytest.mark.both_prosodies
def test_a_refused_citizen_is_not_left_alone(sitting: Sitting, helper: Helper) -> None:
    """The screen says it, the hall is asked to come, and a fresh token gets the citizen in."""
    sitting.enters("clerk")
    assert sitting.knocks(sitting.expired("citizen"))[1] == ""
    told = sitting.citizen.sees("the refusal", lambda state: bool(state["visit"]["refusal"]))
    assert told["visit"]["refusal"] == "token-expired"
    found = helper.sees("the request", lambda state: bool(state["requests"]))
    assert found["requests"][0]["detail"] == "meeting-refused"
    sitting.enters("citizen")
    sitting.sees_ticket("serving")
    assert sitting.citizen.state()["visit"]["refusal"] is None
    helper.sees("nobody needs help", lambda state: not state["requests"])


@pytest.mark.both_prosodies
def test_guests_come_in_by_their_own_tokens(sitting: Sitting, helper: Helper) -> None:
    """Helper and interpreter are let in, shown on the citizen's screen, and stand for no side."""
    sitting.enters("clerk")
    path = f"/api/helper/visits/{sitting.visit}/meeting"
    assert sitting.knocks(str(helper.post(path)["jwt"]))[1]
    link = sitting.clerk.post(f"/api/visits/{sitting.visit}/guests")
    secret = link["url"].partition("#")[2]
    guest = helper.post("/api/guests", {"secret": secret})
    person, nick = sitting.knocks(str(guest["jwt"]))
    assert person.role_of(sitting.room, nick) == "participant"
    sitting.citizen.sees(
        "both guests", lambda state: state["visit"]["others"] == ["helper", "interpreter"]
    )
    assert sitting.clerk.state()["visit"]["ticket"]["state"] == "connecting"


def test_no_token_reaches_the_log(town: Town, sitting: Sitting, helper: Helper) -> None:
    """After all of this the bridge's log, as talkative as it can be, holds no token and no secret."""
    sitting.both_enter()
    link = sitting.clerk.post(f"/api/visits/{sitting.visit}/guests")["url"].partition("#")[2]
    guest = helper.post("/api/guests", {"secret": link})["jwt"]
    sitting.clerk.ends()
    log, closed = Path(town.folder / "log" / "bridge"), f"visit {sitting.visit}: its room is closed"
    wait_until(lambda: closed in log.read_text(), "the room is closed", seconds=PATIENCE_S)
    text = log.read_text()
    signatures = [token.rpartition(".")[2] for token in [*sitting.tokens, guest]]
    for secret in (link, *signatures, *_secrets(town)):
        assert secret not in text
    assert jwt.decode(guest, options={"verify_signature": False})["room"] not in text


def _secrets(town: Town) -> list[str]:
    return [value for name, value in town.variables.items() if name.endswith("_SECRET")]
