"""Tokens have the claims that a Jitsi server checks, and no more rights than the role."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import jwt
import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa

from jitsi_oac_plugin import (
    AlgorithmUnknown,
    Grant,
    Issuer,
    KeyUnsound,
    Role,
    RoomUnsound,
    SecretTooShort,
    is_room_name,
    mint,
    new_room,
)
from jitsi_oac_plugin.tokens import FEATURES

NOW = datetime(2026, 11, 24, 9, 15, tzinfo=UTC)
SECRET = "s" * 32


def _issuer(**changed: str) -> Issuer:
    return Issuer(**{"domain": "meet.example:8443", "app_id": "oac", "secret": SECRET, **changed})


def _grant(role: Role = Role.CLERK, room: str = "oac-room") -> Grant:
    return Grant(room=room, visit_id="v1", person_id="p1", name="Empar", role=role, minutes=30)


def _claims(text: str, key: str = SECRET, algorithm: str = "HS256") -> dict[str, object]:
    return jwt.decode(
        text,
        key,
        algorithms=[algorithm],
        audience="jitsi",
        issuer="oac",
        options={"verify_exp": False, "verify_nbf": False},
    )


def test_the_claims_are_those_that_the_server_checks() -> None:
    """One audience, issuer, domain without port, room, a past nbf and an exp in minutes."""
    token = mint(_issuer(), _grant(), now=NOW)
    claims = _claims(token.text)
    assert jwt.get_unverified_header(token.text) == {"typ": "JWT", "alg": "HS256"}
    assert (claims["aud"], claims["iss"], claims["sub"]) == ("jitsi", "oac", "meet.example")
    assert claims["room"] == "oac-room"
    assert claims["iat"] == int(NOW.timestamp())
    assert claims["nbf"] == int((NOW - timedelta(seconds=60)).timestamp())
    assert claims["exp"] == int((NOW + timedelta(minutes=30)).timestamp())
    assert token.expires_at == NOW + timedelta(minutes=30)


@pytest.mark.parametrize("role", list(Role))
def test_only_the_clerk_moderates(role: Role) -> None:
    """Everybody but the clerk is a member, never a moderator."""
    moderates = role is Role.CLERK
    context = _claims(mint(_issuer(), _grant(role), now=NOW).text)["context"]
    assert context["user"] == {
        "id": "p1",
        "name": "Empar",
        "affiliation": "owner" if moderates else "member",
        "moderator": moderates,
    }


@pytest.mark.parametrize(
    ("role", "granted"),
    [
        (Role.CLERK, {"flip", "moderation", "screen-sharing", "send-groupchat"}),
        (Role.CITIZEN, {"flip", "send-groupchat"}),
        (Role.HELPER, {"flip", "send-groupchat"}),
        (Role.INTERPRETER, {"flip", "send-groupchat", "send-private-message"}),
        (Role.SUPERVISOR, {"flip", "send-private-message"}),
    ],
)
def test_every_feature_is_named_and_only_the_roles_own_are_granted(
    role: Role, granted: set[str]
) -> None:
    """A feature that a token is silent about would be given to a moderator."""
    features = _claims(mint(_issuer(), _grant(role), now=NOW).text)["context"]["features"]
    assert set(features) == set(FEATURES)
    assert {name for name, given in features.items() if given} == granted


@pytest.mark.parametrize("role", list(Role))
def test_the_plugin_in_the_meeting_learns_visit_role_and_bridge(role: Role) -> None:
    """What decides inside the meeting's page stands under a name of our own."""
    token = mint(_issuer(bridge="https://oac.example"), _grant(role), now=NOW)
    oac = _claims(token.text)["context"]["oac"]
    assert oac == {"visit": "v1", "role": role.value, "bridge": "https://oac.example"}


def test_a_private_key_signs_too() -> None:
    """RS256 tokens carry the key id and are verified with the public half."""
    key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    pem = key.private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.PKCS8,
        serialization.NoEncryption(),
    ).decode()
    public = key.public_key().public_bytes(
        serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo
    )
    token = mint(_issuer(algorithm="RS256", secret=pem, key_id="k1"), _grant(), now=NOW)
    assert jwt.get_unverified_header(token.text) == {"typ": "JWT", "alg": "RS256", "kid": "k1"}
    assert _claims(token.text, public.decode(), "RS256")["room"] == "oac-room"


def test_what_cannot_sign_is_refused() -> None:
    """Short secrets, other algorithms, no key id and broken keys are named at once."""
    with pytest.raises(SecretTooShort):
        _issuer(secret="s" * 31)
    with pytest.raises(AlgorithmUnknown):
        _issuer(algorithm="none")
    with pytest.raises(KeyUnsound):
        _issuer(algorithm="RS256")
    with pytest.raises(KeyUnsound):
        mint(_issuer(algorithm="RS256", secret="no key", key_id="k"), _grant(), now=NOW)


@pytest.mark.parametrize("room", ["Room", "a b", "*", "", "-a", "a--b", "a" * 61])
def test_rooms_that_a_server_would_change_are_refused(room: str) -> None:
    """The room's name is compared as it is; a star would open every room."""
    with pytest.raises(RoomUnsound):
        mint(_issuer(), _grant(room=room), now=NOW)


def test_secrets_are_not_in_what_is_logged() -> None:
    """Neither the secret nor the token shows in a representation."""
    issuer = _issuer()
    token = mint(issuer, _grant(), now=NOW)
    assert SECRET not in repr(issuer)
    assert token.text not in repr(token)


def test_rooms_are_unguessable_and_plain() -> None:
    """Names are new every time, of a form that the server takes as it is."""
    rooms = {new_room() for _ in range(200)}
    assert len(rooms) == 200
    assert all(is_room_name(name) and len(name) == 30 for name in rooms)
