"""What agent and bridge say to each other, and its version.

Socket.IO namespace ``/agent``; the device token goes in the connection's ``auth`` as
``{"token": "…", "wire": WIRE}``. Messages are JSON objects of the shapes below, decoded at the
edge with :func:`decode`; an acknowledgement is ``{"ok": true}`` or ``{"ok": false, "key": "…"}``.

Agent to bridge: ``hello`` (Hello, answered by Welcome), ``devices`` (DeviceList), ``job:state``
(JobState, repeated until acknowledged), ``job:progress`` (JobProgress), ``job:preview``
(PreviewStrip, with the JPEG as a binary attachment). Bridge to agent: ``job`` (JobOrder,
acknowledged only after it is in the agent's journal), ``job:cancel`` (JobCancel),
``devices:refresh``.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any, TypeVar

from pydantic import TypeAdapter, ValidationError

from counter_hooks.errors import HookError
from counter_hooks.model import Attention, Capability, Colour, Device, Sides, Source

WIRE = 1
NAMESPACE = "/agent"

Message = TypeVar("Message")


class MessageUnsound(HookError):
    """A message that is not of its shape; ``facts`` names the fields."""

    key = "message-unsound"


class JobKind(StrEnum):
    """What a job asks of a device."""

    SCAN = "scan"
    PRINT = "print"


class AgentJobState(StrEnum):
    """What an agent may report of a job."""

    ACCEPTED = "accepted"
    RUNNING = "running"
    NEEDS_ATTENTION = "needs_attention"
    PRODUCED = "produced"
    FAILED = "failed"
    CANCELLED = "cancelled"


@dataclass(frozen=True, slots=True, kw_only=True)
class DeviceEntry:
    """A device as it travels."""

    id: str
    driver: str
    name: str
    capabilities: list[Capability]
    sources: list[Source] = field(default_factory=list)
    resolutions_dpi: list[int] = field(default_factory=list)
    colours: list[Colour] = field(default_factory=list)
    sides: list[Sides] = field(default_factory=list)
    attention: Attention | None = None

    @classmethod
    def of(cls, device: Device) -> DeviceEntry:
        """Return ``device`` in the shape that travels."""
        return cls(
            id=device.id,
            driver=device.driver,
            name=device.name,
            capabilities=sorted(device.capabilities),
            sources=list(device.sources),
            resolutions_dpi=list(device.resolutions_dpi),
            colours=list(device.colours),
            sides=list(device.sides),
            attention=device.attention,
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Hello:
    """The first message of a connection: who speaks, what is plugged in, what is still open."""

    wire: int
    version: str
    devices: list[DeviceEntry]
    open_jobs: list[str] = field(default_factory=list)


@dataclass(frozen=True, slots=True, kw_only=True)
class PrintSource:
    """Where the agent fetches what it prints, once, and how it knows that it got it whole."""

    href: str
    sha256: str
    size_bytes: int


@dataclass(frozen=True, slots=True, kw_only=True)
class JobOrder:
    """One order to one device; ``options`` are those of ScanOptions or PrintOptions."""

    id: str
    kind: JobKind
    device: str
    options: dict[str, str | int | float]
    title: str = ""
    source: PrintSource | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Welcome:
    """The answer to Hello: the counter's name, and every job that the bridge holds open."""

    wire: int
    counter: str
    jobs: list[JobOrder]
    cancelled: list[str] = field(default_factory=list)


@dataclass(frozen=True, slots=True, kw_only=True)
class DeviceList:
    """The devices present now."""

    devices: list[DeviceEntry]


@dataclass(frozen=True, slots=True, kw_only=True)
class JobState:
    """How a job stands. ``sequence`` grows within a job, so that a repetition is recognised.

    ``reason`` is an attention reason or an error key; ``facts`` are figures for the audit
    (pages, milliseconds), never content.
    """

    job: str
    sequence: int
    state: AgentJobState
    reason: str | None = None
    facts: dict[str, str | int | float | bool] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class JobProgress:
    """How far a page is: ``fraction`` from 0 to 1, or None when the device does not know."""

    job: str
    page: int
    fraction: float | None


@dataclass(frozen=True, slots=True, kw_only=True)
class PreviewStrip:
    """A strip of the preview: a JPEG of ``width`` x ``height`` pixels that begins at row ``top``.

    ``total_height`` is that of the whole preview, None when unknown. ``since_first_line_ms`` is
    the time from the first row out of the device to the sending of this strip.
    """

    job: str
    page: int
    top: int
    width: int
    height: int
    total_height: int | None
    since_first_line_ms: float
    jpeg: bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class JobCancel:
    """An order to stop a job."""

    id: str


_adapters: dict[type, TypeAdapter[Any]] = {}


def _adapter(shape: type) -> TypeAdapter[Any]:
    adapter = _adapters.get(shape)
    if adapter is None:
        adapter = _adapters[shape] = TypeAdapter(shape)
    return adapter


def decode(shape: type[Message], data: object) -> Message:
    """Return ``data`` as ``shape``.

    Raises ``MessageUnsound`` naming the fields, not their values.
    """
    try:
        message: Message = _adapter(shape).validate_python(data)
    except ValidationError as error:
        fields = ", ".join(
            ".".join(str(part) for part in problem["loc"]) or "message"
            for problem in error.errors()
        )
        raise MessageUnsound(f"{shape.__name__}: {fields}", fields=fields) from error
    return message


def encode(message: object) -> dict[str, Any]:
    """Return ``message`` as what Socket.IO carries: plain values, bytes left as they are."""
    plain: dict[str, Any] = _adapter(type(message)).dump_python(message, mode="python")
    return {name: _plain(value) for name, value in plain.items()}


def _plain(value: object) -> object:
    if isinstance(value, StrEnum):
        return value.value
    if isinstance(value, Mapping):
        return {name: _plain(item) for name, item in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(item) for item in value]
    return value
