"""What goes wrong with Jitsi, as claims.

JitsiError
├── AlgorithmUnknown   a signature algorithm that this package does not sign with
├── KeyUnsound         a key that cannot sign, or a public-key issuer without a key id
├── SecretTooShort     a shared secret that could be guessed
├── RoomUnsound        a room name that a server would refuse or change
└── ServerUnknown      no server, application id or secret was given
"""

from __future__ import annotations

from typing import ClassVar


class JitsiError(Exception):
    """The root of everything this package raises on purpose; the text says what to do."""

    key: ClassVar[str] = "jitsi"

    def __init__(self, text: str, **facts: object) -> None:
        super().__init__(text)
        self.facts = facts


class AlgorithmUnknown(JitsiError):
    """Only HS256 and RS256 are signed with."""

    key = "algorithm-unknown"


class KeyUnsound(JitsiError):
    """The private key cannot be read, or the id that the server finds its public half by is missing."""

    key = "key-unsound"


class SecretTooShort(JitsiError):
    """RFC 7518, 3.2: a key for HS256 has at least the 256 bits of the hash."""

    key = "secret-too-short"


class RoomUnsound(JitsiError):
    """The server compares names in small letters and escapes what is not plain."""

    key = "room-unsound"


class ServerUnknown(JitsiError):
    """A command lacks the server that it is about."""

    key = "server-unknown"
