"""Tokens for one room, as the bridge makes them, and as somebody would who wants to get in."""

from __future__ import annotations

import hmac
import json
from base64 import urlsafe_b64encode
from datetime import UTC, datetime, timedelta
from typing import Any

import jwt

from jitsi_oac_plugin import Grant, Issuer, Role, mint, new_room
from tests.integration.prosody.server import APP_ID, APP_SECRET, DOMAIN


class Tickets:
    """Tokens for a room that nobody else has."""

    def __init__(self, room: str | None = None) -> None:
        self.room = room or new_room()

    def token(self, role: str, *, seconds: float = -5, **issuer: str) -> str:
        """Return a role's token, made so many seconds from now."""
        made_by = Issuer(
            **{"domain": DOMAIN, "app_id": APP_ID, "secret": APP_SECRET, **issuer}  # type: ignore[arg-type]
        )
        grant = Grant(
            room=self.room,
            visit_id="v1",
            person_id=f"{role}-v1",
            name="Somebody",
            role=Role(role),
            minutes=30,
        )
        return mint(made_by, grant, now=datetime.now(UTC) + timedelta(seconds=seconds)).text

    def changed(self, role: str = "citizen", **claims: object) -> str:
        """Return a well signed token with other claims; None takes one away."""
        plain: dict[str, Any] = jwt.decode(self.token(role), options={"verify_signature": False})
        kept = {name: value for name, value in (plain | claims).items() if value is not None}
        return jwt.encode(kept, APP_SECRET, algorithm="HS256")

    def unsigned(self) -> str:
        """Return a token that says that it needs no signature."""
        claims = jwt.decode(self.token("clerk"), options={"verify_signature": False})
        return f"{_part({'typ': 'JWT', 'alg': 'none'})}.{_part(claims)}."

    def forged(self) -> str:
        """Return a token signed by somebody else."""
        return self.token("clerk", secret="somebody-elses-secret-of-32-bytes")

    def misnamed(self, algorithm: str) -> str:
        """Return a token with our signature that names another algorithm."""
        claims = jwt.decode(self.token("clerk"), options={"verify_signature": False})
        signed = f"{_part({'typ': 'JWT', 'alg': algorithm})}.{_part(claims)}"
        tail = hmac.digest(APP_SECRET.encode(), signed.encode(), "sha256")
        return f"{signed}.{urlsafe_b64encode(tail).rstrip(b'=').decode()}"

    def doctored(self) -> str:
        """Return a citizen's token that was made a clerk's afterwards."""
        head, body, tail = self.token("citizen").split(".")
        claims = jwt.decode(f"{head}.{body}.{tail}", options={"verify_signature": False})
        claims["context"]["user"]["moderator"] = True
        return f"{head}.{_part(claims)}.{tail}"


def in_seconds(seconds: int) -> int:
    """Return a moment as tokens have it."""
    return int(datetime.now(UTC).timestamp()) + seconds


def _part(value: object) -> str:
    return urlsafe_b64encode(json.dumps(value).encode()).rstrip(b"=").decode()
