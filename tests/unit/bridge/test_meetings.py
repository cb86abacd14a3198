"""How a page joins a meeting, with either provider."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any, get_args

import jwt
import pytest
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
)

from bridge.core.config import IceServer, MeetingSettings
from bridge.meetings import Meetings, Place, Seat
from bridge.meetings.seats import person_of, place_of
from jitsi_oac_plugin import SecretTooShort
from tests.makers import NOW

SEAT = Seat(
    visit_id="v1",
    room="oac-abc",
    provider="jitsi",
    side="citizen",
    name="A001",
    peer_name="Empar",
    language="ca",
)
DIRECT = replace(SEAT, provider="direct")


def _jitsi(secret: str = "s" * 32) -> MeetingSettings:
    return MeetingSettings(
        provider="jitsi", domain="meet.example", app_id="oac", app_secret=secret, token_minutes=5
    )


def _claims(joined: dict[str, object], key: Any, algorithm: str = "HS256") -> dict[str, Any]:
    claims: dict[str, Any] = jwt.decode(
        str(joined["jwt"]),
        key,
        algorithms=[algorithm],
        audience="jitsi",
        options={"verify_exp": False, "verify_nbf": False},
    )
    return claims


def test_a_direct_meeting_names_its_servers() -> None:
    """STUN and TURN servers are given as browsers want them; there is no room to know."""
    servers = (
        IceServer(urls=("stun:stun.example",)),
        IceServer(urls=("turn:turn.example",), username="u", credential="c"),
    )
    joined = Meetings(MeetingSettings(ice_servers=servers)).join(DIRECT, now=NOW)
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
    claims = _claims(joined, "s" * 32)
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


@pytest.mark.parametrize("place", get_args(Place))
def test_only_the_clerk_moderates(place: Place) -> None:
    """Each place has a token of its own role, which says whose visit and which bridge it is of."""
    joined = Meetings(_jitsi(), origin="https://oac.example").join(
        replace(SEAT, side=place), now=NOW
    )
    context = _claims(joined, "s" * 32)["context"]
    assert context["user"]["moderator"] is (place == "clerk")
    assert context["user"]["id"] == f"{place}-v1"
    assert context["oac"] == {"visit": "v1", "role": place, "bridge": "https://oac.example"}


def test_a_key_file_signs_as_well(tmp_path: Path) -> None:
    """With RS256 the server needs nothing but the public half, which it finds by the key id."""
    key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    file = tmp_path / "key.pem"
    pem = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    file.write_bytes(pem)
    settings = replace(
        _jitsi(""), algorithm="RS256", key_id="oac/2026", private_key_file=file, app_secret=""
    )
    joined = Meetings(settings).join(SEAT, now=NOW)
    assert jwt.get_unverified_header(str(joined["jwt"]))["kid"] == "oac/2026"
    assert _claims(joined, key.public_key(), "RS256")["room"] == "oac-abc"


def test_a_telephone_has_no_room() -> None:
    """Whoever is on the telephone gets neither token nor server."""
    joined = Meetings(_jitsi()).join(replace(SEAT, provider="phone"), now=NOW)
    assert joined == {
        "provider": "phone",
        "visit": "v1",
        "side": "citizen",
        "name": "A001",
        "peer_name": "Empar",
    }


def test_a_visit_goes_on_where_it_can() -> None:
    """Without a Jitsi server no visit is moved to one."""
    assert Meetings(_jitsi()).choices == ("jitsi", "direct", "phone")
    assert Meetings(MeetingSettings(domain="meet.example")).choices == ("direct", "phone")


@pytest.mark.parametrize(
    ("person", "place"),
    [
        (person_of("citizen", "v1"), "citizen"),
        ("supervisor-v1", "supervisor"),
        (person_of("helper", "v1", "one of two"), "helper"),
        ("clerk-v1-x", None),
        ("helper-v2-v1", None),
        ("citizen-v2", None),
        ("admin-v1", None),
        ("citizen", None),
        ("", None),
    ],
)
def test_a_person_of_another_visit_is_a_stranger(person: str, place: str | None) -> None:
    """Only a token of this visit gives a place in it."""
    assert place_of(person, "v1") == place
