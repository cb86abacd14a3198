"""Tokens that let one person into one room for some minutes.

The claims are those that Prosody's ``mod_auth_token`` and ``mod_token_verification`` check
(jitsi-meet, ``resources/prosody-plugins``): ``aud`` and ``iss`` by exact comparison, ``room`` in
small letters, ``sub`` the server's domain, ``nbf`` and ``exp`` without any leeway.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from enum import StrEnum

from jitsi_oac_plugin.errors import AlgorithmUnknown, KeyUnsound, RoomUnsound, SecretTooShort
from jitsi_oac_plugin.rooms import is_room_name

ALGORITHMS = ("HS256", "RS256")
LEAST_SECRET_BYTES = 32
# The server's clock may be a little behind ours, and it allows for nothing.
_NOT_BEFORE = timedelta(seconds=60)


class Role(StrEnum):
    """What a person is in the meeting; nobody but the clerk moderates."""

    CLERK = "clerk"
    CITIZEN = "citizen"
    HELPER = "helper"
    INTERPRETER = "interpreter"
    SUPERVISOR = "supervisor"


# Every feature is named: a server gives what a token is silent about to whoever moderates.
FEATURES = (
    "create-polls",
    "file-upload",
    "flip",
    "inbound-call",
    "list-visitors",
    "live-translation",
    "livestreaming",
    "lobby",
    "moderation",
    "outbound-call",
    "recording",
    "room",
    "screen-sharing",
    "send-groupchat",
    "send-private-message",
    "sip-inbound-call",
    "sip-outbound-call",
    "transcription",
)
# With "flip" somebody who comes back takes the place of the ghost that a lost connection left.
_GRANTED = {
    Role.CLERK: frozenset({"flip", "moderation", "screen-sharing", "send-groupchat"}),
    Role.CITIZEN: frozenset({"flip", "send-groupchat"}),
    Role.HELPER: frozenset({"flip", "send-groupchat"}),
    # Asks one side back without the other's chat.
    Role.INTERPRETER: frozenset({"flip", "send-groupchat", "send-private-message"}),
    # Advises the clerk; says nothing to the citizen.
    Role.SUPERVISOR: frozenset({"flip", "send-private-message"}),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Issuer:
    """Who signs: ``secret`` is shared with the server (HS256) or a private key in PEM (RS256).

    ``key_id`` is what the server finds the public key by; RS256 needs it. ``bridge`` is the
    public origin of the bridge, for the plugin in the meeting's page. Raises
    ``AlgorithmUnknown``, ``SecretTooShort``, ``KeyUnsound``.
    """

    domain: str
    app_id: str
    secret: str = field(repr=False)
    algorithm: str = "HS256"
    key_id: str | None = None
    audience: str = "jitsi"
    bridge: str = ""

    def __post_init__(self) -> None:
        if self.algorithm not in ALGORITHMS:
            raise AlgorithmUnknown(
                f"Tokens are signed with {' or '.join(ALGORITHMS)}, not with {self.algorithm}.",
                algorithm=self.algorithm,
            )
        if self.algorithm == "RS256" and not self.key_id:
            raise KeyUnsound("RS256 needs the key id that the server finds the public key by.")
        if self.algorithm == "HS256" and len(self.secret.encode()) < LEAST_SECRET_BYTES:
            raise SecretTooShort(
                f"The application secret needs at least {LEAST_SECRET_BYTES} bytes; "
                "make one with: openssl rand -hex 32",
                least=LEAST_SECRET_BYTES,
            )


@dataclass(frozen=True, slots=True, kw_only=True)
class Grant:
    """Whom a token lets into which room. ``name`` is shown to the others in the meeting."""

    room: str
    visit_id: str
    person_id: str
    name: str
    role: Role
    minutes: int = 120


@dataclass(frozen=True, slots=True, kw_only=True)
class Token:
    """A signed token and the moment that it stops letting anybody in."""

    text: str = field(repr=False)
    expires_at: datetime


def mint(issuer: Issuer, grant: Grant, *, now: datetime) -> Token:
    """Return a token for ``grant``. Raises ``RoomUnsound``, ``KeyUnsound``."""
    # Imported here: a bridge whose meetings are direct does without its memory.
    import jwt

    if not is_room_name(grant.room):
        raise RoomUnsound(
            "A room's name has small letters, digits and single hyphens, at most sixty.",
            room=grant.room,
        )
    expires_at = (now + timedelta(minutes=grant.minutes)).astimezone(UTC).replace(microsecond=0)
    claims = {
        "aud": issuer.audience,
        "iss": issuer.app_id,
        # The bare domain, without a port: what the server calls itself.
        "sub": issuer.domain.partition(":")[0],
        "room": grant.room,
        # The room's server lets in nobody again with a token from before it sent them out.
        "iat": int(now.timestamp()),
        "nbf": int((now - _NOT_BEFORE).timestamp()),
        "exp": int(expires_at.timestamp()),
        "context": _context(grant, issuer.bridge),
    }
    # PyJWT writes "typ": "JWT", which the server insists on.
    headers = {"kid": issuer.key_id} if issuer.key_id else None
    try:
        text = jwt.encode(claims, issuer.secret, algorithm=issuer.algorithm, headers=headers)
    except (ValueError, TypeError, jwt.exceptions.PyJWTError) as error:
        raise KeyUnsound("The private key cannot be read: it has to be an RSA key in PEM.") from (
            error
        )
    return Token(text=text, expires_at=expires_at)


def _context(grant: Grant, bridge: str) -> dict[str, object]:
    is_clerk = grant.role is Role.CLERK
    granted = _GRANTED[grant.role]
    return {
        "user": {
            "id": grant.person_id,
            "name": grant.name,
            "affiliation": "owner" if is_clerk else "member",
            "moderator": is_clerk,
        },
        "features": {name: name in granted for name in FEATURES},
        # Ours alone: Jitsi reads past it.
        "oac": {"visit": grant.visit_id, "role": grant.role.value, "bridge": bridge},
    }
