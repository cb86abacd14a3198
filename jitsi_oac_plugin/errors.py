"""What goes wrong with Jitsi, as claims.

JitsiError
├── AlgorithmUnknown   a signature algorithm that this package does not sign with
├── KeyUnsound         a key that cannot sign, or a public-key issuer without a key id
├── SecretTooShort     a shared secret that could be guessed
├── RoomUnsound        a room name that a server would refuse or change
├── ServerUnknown      no server, application id or secret was given
├── LayoutUnknown      a server that is set up in a way that the installer does not know
├── InstallFailed      an installation that would not work, and was taken back
├── SignatureWrong     a batch of events that the Jitsi server did not sign
├── TooOld             a batch whose time is too far from ours
├── BatchUnsound       a signed batch that cannot be understood
├── ServerUnreachable  the Jitsi server does not answer
└── ControlRefused     it answers, and does not do what was asked
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


class LayoutUnknown(JitsiError):
    """The installer changes nothing that it does not understand; the text says what to do."""

    key = "layout-unknown"


class InstallFailed(JitsiError):
    """What was written did not pass its check and was taken back."""

    key = "install-failed"


class ServerUnknown(JitsiError):
    """A command lacks the server that it is about."""

    key = "server-unknown"


class SignatureWrong(JitsiError):
    """The events were not signed with the shared secret, or were changed on the way."""

    key = "signature-wrong"


class TooOld(JitsiError):
    """The events were signed too long ago, or by a clock that goes wrong."""

    key = "too-old"


class BatchUnsound(JitsiError):
    """Well signed, and not of the agreed form: sending it again would not help."""

    key = "batch-unsound"


class ServerUnreachable(JitsiError):
    """No answer came, or none in time; the same may work later."""

    key = "server-unreachable"


class ControlRefused(JitsiError):
    """The secret is wrong, the address is not the module's, or the module is not loaded."""

    key = "control-refused"
