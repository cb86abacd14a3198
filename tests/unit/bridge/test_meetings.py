"""How a page joins a meeting, with either provider."""

from __future__ import annotations

import jwt
import pytest

from bridge.core.config import IceServer, MeetingSettings
from bridge.meetings import Meetings, Seat
from jitsi_oac_plugin import SecretTooShort
from tests.makers import NOW

SEAT = Seat(
    visit_id="v1", room="oac-abc", side="citizen", name="A001", peer_name="Empar", language="ca"
)


def _jitsi(secret: str = "s" * 32) -> MeetingSettings:
    return MeetingSettings(
        provider="jitsi", domain="meet.example", app_id="oac", app_secret=secret, token_minutes=5
    )


def test_a_direct_meeting_names_its_servers() -> None:
    """STUN and TURN servers are given as browsers want them; there is no room to know."""
    servers = (
        IceServer(urls=("stun:stun.example",)),
        IceServer(urls=("turn:turn.example",), username="u", credential="c"),
    )
    joined = Meetings(MeetingSettings(ice_servers=servers)).join(SEAT, now=NOW)
    assert joined["ice_servers"] == [
        {"urls": ["stun:stun.example"]},
        {"urls": ["turn:turn.example"], "username": "u", "credential": "c"},
    ]
    assert "room" not in joined
    assert (joined["provider"], joined["side"], joined["peer_name"]) == (
        "direct",
        "citizen",
        "Empar",
    )


def test_a_jitsi_meeting_gives_one_token_for_one_room() -> None:
    """The citizen's token is for this room, short, and does not moderate."""
    joined = Meetings(_jitsi()).join(SEAT, now=NOW)
    claims = jwt.decode(
        str(joined["jwt"]),
        "s" * 32,
        algorithms=["HS256"],
        audience="jitsi",
        options={"verify_exp": False, "verify_nbf": False},
    )
    assert claims["room"] == joined["room"] == "oac-abc"
    assert claims["context"]["user"]["moderator"] is False
    assert claims["context"]["user"]["name"] == "A001"
    assert claims["exp"] - claims["nbf"] == 6 * 60
    assert joined["script"] == "https://meet.example/external_api.js"
    assert joined["language"] == "ca"


def test_a_secret_that_could_be_guessed_stops_the_start() -> None:
    """The bridge does not come up with it."""
    with pytest.raises(SecretTooShort):
        Meetings(_jitsi("short"))
