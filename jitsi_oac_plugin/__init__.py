"""Everything that knows Jitsi: room names, tokens, and what a server has to be told."""

from jitsi_oac_plugin.errors import (
    AlgorithmUnknown,
    JitsiError,
    KeyUnsound,
    RoomUnsound,
    SecretTooShort,
)
from jitsi_oac_plugin.rooms import is_room_name, new_room
from jitsi_oac_plugin.tokens import Grant, Issuer, Role, Token, mint

__version__ = "1.0.0.dev0"

__all__ = [
    "AlgorithmUnknown",
    "Grant",
    "Issuer",
    "JitsiError",
    "KeyUnsound",
    "Role",
    "RoomUnsound",
    "SecretTooShort",
    "Token",
    "is_room_name",
    "mint",
    "new_room",
]
