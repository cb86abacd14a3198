"""Identifiers: sortable ones for rows, unguessable ones for secrets."""

from __future__ import annotations

import hashlib
import secrets
from datetime import datetime

_ALPHABET = "0123456789abcdefghjkmnpqrstvwxyz"  # Crockford's base 32: no i, l, o, u
_CODE_ALPHABET = "23456789ABCDEFGHJKMNPQRSTVWXYZ"


def new_id(at: datetime) -> str:
    """Return 26 characters that sort by ``at`` (48 bits of milliseconds, 80 random bits)."""
    value = (int(at.timestamp() * 1000) << 80) | secrets.randbits(80)
    characters = []
    for _ in range(26):
        value, rest = divmod(value, 32)
        characters.append(_ALPHABET[rest])
    return "".join(reversed(characters))


def least_id(at: datetime) -> str:
    """Return what sorts before every identifier that was made ``at`` this moment or later."""
    return new_id(at)[:10]  # the milliseconds alone


def new_secret() -> str:
    """Return an unguessable text of 43 URL-safe characters (256 bits)."""
    return secrets.token_urlsafe(32)


def new_code() -> str:
    """Return a short code to read aloud, ``K7QF-2M9D``: no letter looks like another."""
    letters = "".join(secrets.choice(_CODE_ALPHABET) for _ in range(8))
    return f"{letters[:4]}-{letters[4:]}"


def digest(secret: str) -> str:
    """Return what is stored of ``secret``: its SHA-256 in hexadecimal.

    Enough for secrets of 256 random bits; passwords are hashed by argon2 instead.
    """
    return hashlib.sha256(secret.encode()).hexdigest()
