"""What agent and bridge say to each other, and its version.

Socket.IO namespace ``/agent``; the device token goes in the connection's ``auth`` as
``{"token": "…", "wire": WIRE}``. Messages are JSON objects of the shapes below, decoded at the
edge with :func:`decode`; an acknowledgement is ``{"ok": true}`` or ``{"ok": false, "key": "…"}``.

Agent to bridge: ``hello`` (Hello, answered by Welcome), ``devices`` (DeviceList), ``job:state``
(JobState, repeated until acknowledged), ``job:progress`` (JobProgress), ``job:preview``
(PreviewStrip, with the JPEG as a binary attachment). Bridge to agent: ``job`` (JobOrder,
acknowledged only after it is in the agent's journal), ``job:cancel`` (JobCancel),
``job:next-page`` (NextPage), ``devices:refresh``.

A bridge takes agents of every version in ``SPOKEN``, an agent speaks to such bridges: the
connection's ``auth`` says which, Welcome repeats it. Fields that a side does not know it leaves
unread, but for options. Since 2: ``Offer``, jobs of kind ``action``, ``JobState.answer``,
``ScanOptions.filters``. Since 3: ``NextPage``, ``ScanOptions.page_by_page``; a job that waits for
a page is in need of attention for ``next_page``, and its fact ``page`` is the page's number.

What a printer can besides copies, sides and grey needs no version: an agent is asked for it only
when its device says that it can, and one that does not know the words never says so.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any, TypeVar

from pydantic import TypeAdapter, ValidationError

from counter_hooks.actions import DEVICE_PREFIX, Action, Field, Row, Value
from counter_hooks.errors import HookError
from counter_hooks.filters import PageFilter
from counter_hooks.model import Attention, Capability, Colour, Device, Paper, Scaling, Sides, Source
from counter_hooks.plain import is_sound
from counter_hooks.texts import Text

WIRE = 3
SPOKEN = (WIRE, WIRE - 1, WIRE - 2)

MOST_PAGE_BYTES = 10 * 1024 * 1024
"""The largest file of a page; the registry exchange (SIR) takes no larger one."""
MOST_PAGE_PX = 7_016 * 9_933
"""A3 at 600 dpi: a larger picture is not a page, whatever its file says."""
# Kinds of jobs and options of scans that came later than 1: an agent refuses what it does not know.
KINDS_SINCE = {"action": 2}
OPTIONS_SINCE = {"filters": 2, "page_by_page": 3}
NAMESPACE = "/agent"

Message = TypeVar("Message")


class MessageUnsound(HookError):
    """A message that is not of its shape; ``facts`` names the fields."""

    key = "message-unsound"


class JobKind(StrEnum):
    """What a job asks of a counter."""

    SCAN = "scan"
    PRINT = "print"
    ACTION = "action"


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
    papers: list[Paper] = field(default_factory=list)
    scalings: list[Scaling] = field(default_factory=list)
    can_staple: bool = False
    takes_pages: bool = False
    is_for_tickets: bool = False
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
            papers=list(device.papers),
            scalings=list(device.scalings),
            can_staple=device.can_staple,
            takes_pages=device.takes_pages,
            is_for_tickets=device.is_for_tickets,
            attention=device.attention,
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class ActionEntry:
    """An action as it travels."""

    key: str
    title: Text
    consent: Text
    fields: tuple[Field, ...] = ()
    rows: tuple[Row, ...] = ()
    icon: str = ""
    limit_s: float = 60.0

    @property
    def device(self) -> str:
        """What jobs name as their device, and their lane."""
        return f"{DEVICE_PREFIX}{self.key}"

    @classmethod
    def of(cls, action: Action) -> ActionEntry:
        """Return ``action`` in the shape that travels."""
        return cls(
            key=action.key,
            title=action.title,
            consent=action.consent,
            fields=action.fields,
            rows=action.rows,
            icon=action.icon,
            limit_s=float(action.limit_s),
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class FilterEntry:
    """A page filter as it travels."""

    key: str
    title: Text

    @classmethod
    def of(cls, one: PageFilter) -> FilterEntry:
        """Return a filter in the shape that travels."""
        return cls(key=one.key, title=one.title)


@dataclass(frozen=True, slots=True, kw_only=True)
class Offer:
    """What plugins add to a counter, and which of them are not used (by name).

    ``troubles`` are what its self-test found wrong: ``encoder``, ``state``, ``disk``, ``clock``,
    ``devices``, ``driver <name>``.
    """

    actions: list[ActionEntry] = field(default_factory=list)
    filters: list[FilterEntry] = field(default_factory=list)
    plugins_off: list[str] = field(default_factory=list)
    is_safe: bool = False
    troubles: list[str] = field(default_factory=list)


@dataclass(frozen=True, slots=True, kw_only=True)
class Hello:
    """The first message of a connection: who speaks, what is plugged in, what is still open."""

    wire: int
    version: str
    devices: list[DeviceEntry]
    open_jobs: list[str] = field(default_factory=list)
    offer: Offer = field(default_factory=Offer)


@dataclass(frozen=True, slots=True, kw_only=True)
class PrintSource:
    """Where the agent fetches what it prints, once, and how it knows that it got it whole."""

    href: str
    sha256: str
    size_bytes: int


@dataclass(frozen=True, slots=True, kw_only=True)
class JobOrder:
    """One order to one device; ``options`` are those of ScanOptions or PrintOptions.

    An action's ``device`` is ``action:<key>``, its ``options`` are what its form was filled with.
    """

    id: str
    kind: JobKind
    device: str
    options: dict[str, str | int | float | bool | list[str]]
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
    """The devices present now, and what plugins add to them."""

    devices: list[DeviceEntry]
    offer: Offer = field(default_factory=Offer)


@dataclass(frozen=True, slots=True, kw_only=True)
class JobState:
    """How a job stands. ``sequence`` grows within a job, so that a repetition is recognised.

    ``reason`` is an attention reason or an error key; ``facts`` are figures for the audit
    (pages, milliseconds), never content. ``answer`` is what an action says to the clerk: it may
    be content, goes nowhere else, and is not told again once the bridge has it.
    """

    job: str
    sequence: int
    state: AgentJobState
    reason: str | None = None
    facts: dict[str, str | int | float | bool] = field(default_factory=dict)
    answer: dict[str, Value] = field(default_factory=dict)


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


@dataclass(frozen=True, slots=True, kw_only=True)
class NextPage:
    """Page ``page`` lies there, or the one before it was the last; for any other page it is void."""

    id: str
    page: int
    is_last: bool = False


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


def proved(entry: Message) -> Message:
    """Return ``entry`` as the other side will read it. Raises ``MessageUnsound``."""
    plain = encode(entry)
    if not is_sound(plain):
        raise MessageUnsound(f"{type(entry).__name__}: it cannot be kept")
    return decode(type(entry), plain)


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
