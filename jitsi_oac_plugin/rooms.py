"""Room names that nobody can guess and that say nothing of anybody."""

from __future__ import annotations

import re
import secrets

# Small letters and digits only: the server lower-cases names, and they are part of its addresses.
_ALPHABET = "0123456789abcdefghjkmnpqrstvwxyz"
_LENGTH = 26
_NAME = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*")


def new_room() -> str:
    """Return a new room name: ``oac-`` and 130 random bits in 26 characters."""
    return "oac-" + "".join(secrets.choice(_ALPHABET) for _ in range(_LENGTH))


def is_room_name(name: str) -> bool:
    """Say whether a server takes ``name`` as it is: small letters, digits, single hyphens."""
    return len(name) <= 60 and _NAME.fullmatch(name) is not None
