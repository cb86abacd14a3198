"""What goes wrong in the bridge, as claims that a screen can translate.

BridgeError                 status 500
├── Refused                 400  the request makes no sense
├── NotSignedIn             401  nobody is known
├── NotAllowed              403  known, but not entitled
├── NotFound                404
├── NotNow                  409  right in itself, but not in the present state
├── Gone                    410
├── TooLarge                413
├── TooMany                 429
└── Unavailable             503  something that the bridge needs is away

Slices derive leaves with a stable ``key`` and an English ``text``; ``facts`` fill its placeholders.
"""

from __future__ import annotations

from typing import ClassVar


def N_(text: str) -> str:  # noqa: N802  # the name that gettext extractors know
    """Mark ``text`` for translation; return it unchanged."""
    return text


class BridgeError(Exception):
    """The root of everything the bridge raises on purpose."""

    key: ClassVar[str] = "internal"
    status: ClassVar[int] = 500
    text: ClassVar[str] = N_("Something went wrong here. Please try again.")

    def __init__(self, **facts: object) -> None:
        super().__init__(self.key, facts)
        self.facts = facts

    def __str__(self) -> str:
        known = ", ".join(f"{name}={value}" for name, value in self.facts.items())
        return f"{self.key} ({known})" if known else self.key


class Refused(BridgeError):
    """The request makes no sense, whatever the state."""

    key = "refused"
    status = 400
    text = N_("That could not be understood.")


class NotSignedIn(BridgeError):
    """Nobody is signed in, or the device is not paired."""

    key = "not-signed-in"
    status = 401
    text = N_("Please sign in.")


class NotAllowed(BridgeError):
    """The role of the person does not entitle to this."""

    key = "not-allowed"
    status = 403
    text = N_("You are not entitled to do this.")


class NotFound(BridgeError):
    """There is no such thing, or it is none of the caller's business."""

    key = "not-found"
    status = 404
    text = N_("There is nothing here.")


class NotNow(BridgeError):
    """Right in itself, but not in the present state; ``facts["state"]`` says which."""

    key = "not-now"
    status = 409
    text = N_("That is not possible at the moment.")


class Gone(BridgeError):
    """It was there and is not wanted any more."""

    key = "gone"
    status = 410
    text = N_("This is no longer there.")


class TooLarge(BridgeError):
    """More than is accepted."""

    key = "too-large"
    status = 413
    text = N_("That is too large.")


class TooMany(BridgeError):
    """Too often in too short a time."""

    key = "too-many"
    status = 429
    text = N_("Too many attempts. Please wait a moment.")


class Unavailable(BridgeError):
    """Something that the bridge needs is away."""

    key = "unavailable"
    status = 503
    text = N_("This service is not available at the moment.")
