"""What goes wrong in the agent itself, as claims.

HookError
├── AgentError                the agent cannot do what it was asked
│   ├── SettingsUnsound       the configuration has mistakes; all are in the message
│   ├── NotPaired             there is no token yet, or its file is open to others
│   ├── TokenRevoked          the bridge does not take this agent's token any more
│   ├── BridgeUnreachable     nothing answered at the bridge's address
│   │   └── BridgeBusy        the bridge answered that it cannot just now
│   ├── BridgeRefused         the bridge answered, and the answer is no
│   ├── PageNotWanted         the bridge has no use for the pages of a job any more
│   ├── PageRefused           the bridge will never take a page; its key says why
│   ├── JournalUnreadable     the journal is damaged or from a newer version
│   ├── JournalUnwritable     the journal takes nothing just now; mostly the disk is full
│   └── EncoderMissing        the program that writes JPEG files is not installed
└── DeviceError
    ├── PageUnkept            a page could not be written to disk
    ├── PageTooLarge          a page is larger than the bridge takes
    └── SourceUnsound         what is to be printed did not arrive whole, or is no longer there
"""

from __future__ import annotations

from counter_hooks.errors import DeviceError, HookError


class AgentError(HookError):
    """The agent cannot do what it was asked."""

    key = "agent-error"


class SettingsUnsound(AgentError):
    """The configuration has mistakes."""

    key = "settings-unsound"

    def __init__(self, mistakes: list[str]) -> None:
        super().__init__("the configuration is not sound: " + "; ".join(mistakes))
        self.mistakes = mistakes


class NotPaired(AgentError):
    """There is no token that may be used."""

    key = "not-paired"


class TokenRevoked(AgentError):
    """The bridge does not take this agent's token any more."""

    key = "token-revoked"

    def __init__(self, bridge: str) -> None:
        super().__init__(
            f"the bridge at {bridge} does not accept this counter's token any more;"
            " pair the counter again with: oac-agent pair URL",
            bridge=bridge,
        )


class BridgeUnreachable(AgentError):
    """Nothing answered at the bridge's address."""

    key = "bridge-unreachable"


class BridgeBusy(BridgeUnreachable):
    """The bridge answered that it cannot just now: 429 or 5xx."""

    key = "bridge-busy"


class BridgeRefused(AgentError):
    """The bridge answered, and the answer is no."""

    key = "bridge-refused"


class PageNotWanted(AgentError):
    """The bridge has no use for the pages of a job any more."""

    key = "page-not-wanted"


class PageRefused(AgentError):
    """The bridge will never take a page; ``key`` is the bridge's."""

    def __init__(self, key: str) -> None:
        super().__init__(f"the bridge refuses the page: {key}")
        self.key = key


class JournalUnreadable(AgentError):
    """The journal is damaged or from a newer version."""

    key = "journal-unreadable"


class JournalUnwritable(AgentError):
    """The journal takes nothing just now; mostly the disk is full."""

    key = "journal-unwritable"


class EncoderMissing(AgentError):
    """The program that writes JPEG files is not installed."""

    key = "encoder-missing"


class PageUnkept(DeviceError):
    """A page could not be written to disk; the disk may be full."""

    key = "page-unkept"


class PageTooLarge(DeviceError):
    """A page is larger than the bridge takes, as a picture or as a file."""

    key = "page-too-large"


class SourceUnsound(DeviceError):
    """What is to be printed did not arrive whole, or is no longer there."""

    key = "source-unsound"
