"""Everything that knows Jitsi: room names, tokens, and what a server has to be told."""

from jitsi_oac_plugin.errors import (
    AlgorithmUnknown,
    BatchUnsound,
    ControlRefused,
    JitsiError,
    KeyUnsound,
    RoomUnsound,
    SecretTooShort,
    ServerUnreachable,
    SignatureWrong,
    TooOld,
)
from jitsi_oac_plugin.rooms import is_room_name, new_room
from jitsi_oac_plugin.servers import Control, ServerStatus
from jitsi_oac_plugin.tokens import Grant, Issuer, Role, Token, mint
from jitsi_oac_plugin.webhooks import (
    Batch,
    EventType,
    MeetingEvent,
    Occupant,
    Refusal,
    read_batch,
)

__version__ = "1.0.0.dev0"

__all__ = [
    "AlgorithmUnknown",
    "Batch",
    "BatchUnsound",
    "Control",
    "ControlRefused",
    "EventType",
    "Grant",
    "Issuer",
    "JitsiError",
    "KeyUnsound",
    "MeetingEvent",
    "Occupant",
    "Refusal",
    "Role",
    "RoomUnsound",
    "SecretTooShort",
    "ServerStatus",
    "ServerUnreachable",
    "SignatureWrong",
    "Token",
    "TooOld",
    "is_room_name",
    "mint",
    "new_room",
    "read_batch",
]
