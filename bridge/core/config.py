"""The configuration: one TOML file, overridden by the environment, as one frozen ``Settings``.

Every key has an environment variable: ``meeting.domain`` is ``OAC_MEETING_DOMAIN``. All mistakes
are reported together, so that one start is enough to see them. There are no default secrets.
"""

from __future__ import annotations

import dataclasses
import json
import math
import re
import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from ipaddress import ip_address
from pathlib import Path
from typing import Any, ClassVar, Literal
from urllib.parse import urlsplit

from bridge.core.config_meeting import IceServer, MeetingSettings, meeting_mistakes
from bridge.core.errors import N_, BridgeError

__all__ = [
    "DEFAULT_FILE",
    "PREFIX",
    "ConfigUnsound",
    "IceServer",
    "JobSettings",
    "LimitSettings",
    "MeetingSettings",
    "OfficeSettings",
    "RetentionSettings",
    "Settings",
    "StaffSettings",
    "load",
]

DEFAULT_FILE = Path("/etc/oac/bridge.toml")
PREFIX = "OAC_"
_RATE = re.compile(r"[1-9]\d* per ([1-9]\d* )?(second|minute|hour|day)s?")
# A document camera that shows less would claim a resolution that no file can say.
_LEAST_TABLE_MM = 20
# A ConfigDict of pydantic, which is loaded where settings are read, and only there.
_STRICT = {"extra": "forbid"}


class ConfigUnsound(BridgeError):
    """The configuration has mistakes; ``mistakes`` are sentences, one each."""

    key = "config-unsound"
    text = N_("The configuration has mistakes.")

    def __init__(self, mistakes: list[str]) -> None:
        super().__init__(mistakes=mistakes)
        self.mistakes = mistakes

    def __str__(self) -> str:
        return "Please mend the configuration: " + "; ".join(self.mistakes) + "."


@dataclass(frozen=True, slots=True, kw_only=True)
class OfficeSettings:
    """What ``init`` makes the first office with."""

    __pydantic_config__: ClassVar[dict[str, str]] = _STRICT
    key: str = "office"
    name: str = "Oficina Única"
    time_zone: str = "Europe/Madrid"
    recall_gap_s: int = 15
    most_calls: int = 3


@dataclass(frozen=True, slots=True, kw_only=True)
class StaffSettings:
    """How long a sign-in lasts, at most and when nothing is done."""

    __pydantic_config__: ClassVar[dict[str, str]] = _STRICT
    most_hours: float = 10
    idle_hours: float = 2


@dataclass(frozen=True, slots=True, kw_only=True)
class JobSettings:
    """How long a job may wait for the citizen's consent, and for an agent that is away.

    ``camera_width_mm`` is how much of the table the document cameras show from left to right,
    measured with a ruler; 0 is not known. ``camera_width_mm_at`` says it of single counters, by key.
    """

    __pydantic_config__: ClassVar[dict[str, str]] = _STRICT
    consent_minutes: float = 5
    queue_minutes: float = 10
    camera_width_mm: float = 0
    camera_width_mm_at: dict[str, float] = field(default_factory=dict)

    def width_mm_at(self, counter: str) -> float:
        """Return how much the document camera of the counter with this key shows."""
        return self.camera_width_mm_at.get(counter, self.camera_width_mm)


@dataclass(frozen=True, slots=True, kw_only=True)
class RetentionSettings:
    """After how many days documents are erased and tickets anonymised."""

    __pydantic_config__: ClassVar[dict[str, str]] = _STRICT
    documents_days: float = 7
    tickets_days: float = 365


@dataclass(frozen=True, slots=True, kw_only=True)
class LimitSettings:
    """How often something may be tried, as ``<n> per <time>``, and how large a request may be."""

    __pydantic_config__: ClassVar[dict[str, str]] = _STRICT
    sign_in: str = "60 per minute"
    sign_in_login: str = "10 per 5 minutes"
    pairing: str = "20 per minute"
    claim: str = "120 per minute"
    tickets: str = "20 per minute"
    pictures: str = "20 per minute"
    uploads: str = "1200 per minute"
    reports: str = "30 per minute"
    body_bytes: int = 12 * 1024 * 1024
    json_bytes: int = 256 * 1024

    def rates(self) -> Iterator[tuple[str, str]]:
        """Yield the name and text of every rate."""
        for one in dataclasses.fields(self):
            value = getattr(self, one.name)
            if isinstance(value, str):
                yield one.name, value


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """Everything that an installation may decide.

    ``trusted_proxies`` is how many proxies stand before the bridge; their forwarding headers are
    believed. ``keys`` maps the name of a key to 32 bytes in base64, for who does not want key
    files. ``plugins`` maps a plugin's name to its own table; ``safe_mode`` leaves out the plugins
    of others, ``trace_hooks`` prints every call of a hook.
    """

    __pydantic_config__: ClassVar[dict[str, str]] = _STRICT
    data_dir: Path = Path("/var/lib/oac")
    database_url: str = ""
    host: str = "127.0.0.1"
    port: int = 8300
    public_url: str = ""
    trusted_proxies: int = 0
    redis_url: str = ""
    language: Literal["ca", "es", "en"] = "ca"
    log_format: Literal["plain", "json"] = "plain"
    log_level: Literal["debug", "info", "warning", "error"] = "info"
    monitoring_token: str = field(default="", repr=False)
    procedures_dir: Path | None = None
    keys: dict[str, str] = field(default_factory=dict, repr=False)
    plugins: dict[str, dict[str, Any]] = field(default_factory=dict)
    disabled_plugins: tuple[str, ...] = ()
    safe_mode: bool = False
    trace_hooks: bool = False
    meeting: MeetingSettings = field(default_factory=MeetingSettings)
    office: OfficeSettings = field(default_factory=OfficeSettings)
    staff: StaffSettings = field(default_factory=StaffSettings)
    jobs: JobSettings = field(default_factory=JobSettings)
    retention: RetentionSettings = field(default_factory=RetentionSettings)
    limits: LimitSettings = field(default_factory=LimitSettings)

    @property
    def database(self) -> str:
        """The database's URL; without one, a SQLite file in the data folder."""
        return self.database_url or f"sqlite:///{self.data_dir / 'bridge.sqlite'}"

    @property
    def documents_dir(self) -> Path:
        """Where the files of documents are kept."""
        return self.data_dir / "documents"

    @property
    def keys_dir(self) -> Path:
        """Where key files are kept."""
        return self.data_dir / "keys"

    @property
    def origin(self) -> str:
        """The scheme and host that browsers reach the bridge by."""
        return self.public_url or f"http://{_bracketed(self.host)}:{self.port}"

    @property
    def is_secure(self) -> bool:
        """Whether browsers reach the bridge by HTTPS."""
        return self.origin.startswith("https://")

    @property
    def jitsi_origin(self) -> str | None:
        """The origin of the Jitsi server, None when meetings are direct."""
        return f"https://{self.meeting.domain}" if self.meeting.provider == "jitsi" else None

    @property
    def between_page(self) -> str | None:
        """Where the desk goes on in Jitsi's own page, None when that does not carry our part."""
        leads = self.jitsi_origin and self.meeting.own_page
        return f"{self.jitsi_origin}/oac/between.html" if leads else None


def load(path: Path | None, environment: Mapping[str, str]) -> Settings:
    """Read ``path`` (None: the default file, if there is one) and the environment.

    Raises ``ConfigUnsound`` with every mistake at once.
    """
    # Imported here: it would cost the server's parent process 8 MiB.
    from pydantic import TypeAdapter, ValidationError

    mistakes: list[str] = []
    plain = _read(path, mistakes)
    _override(plain, Settings, PREFIX, environment)
    try:
        settings = TypeAdapter(Settings).validate_python(plain)
    except ValidationError as error:
        mistakes += [_sentence(dict(problem)) for problem in error.errors()]
        raise ConfigUnsound(mistakes) from error
    mistakes += _contradictions(settings)
    if mistakes:
        raise ConfigUnsound(mistakes)
    return dataclasses.replace(settings, data_dir=settings.data_dir.expanduser().absolute())


def _read(path: Path | None, mistakes: list[str]) -> dict[str, Any]:
    file = path or DEFAULT_FILE
    if path is None and not file.exists():
        return {}
    try:
        return tomllib.loads(file.read_text(encoding="utf-8"))
    except OSError as error:
        mistakes.append(f"{file} cannot be read ({error.strerror})")
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        mistakes.append(f"{file} is not TOML ({error})")
    return {}


def _override(
    plain: dict[str, Any], shape: type, prefix: str, environment: Mapping[str, str]
) -> None:
    for one in dataclasses.fields(shape):
        name = prefix + one.name.upper()
        inner: object = one.default_factory
        if isinstance(inner, type) and dataclasses.is_dataclass(inner):
            section = plain.setdefault(one.name, {})
            if isinstance(section, dict):
                _override(section, inner, name + "_", environment)
        elif name in environment:
            plain[one.name] = _value(environment[name])


def _value(text: str) -> object:
    if text[:1] in ("[", "{"):
        try:
            return json.loads(text)
        except ValueError:
            return text
    return text


def _sentence(problem: dict[str, Any]) -> str:
    place = ".".join(str(part) for part in problem["loc"])
    if problem["type"] in ("unexpected_keyword_argument", "extra_forbidden"):
        return f"{place}: there is no such setting"
    if problem["type"] in ("dataclass_type", "dict_type"):
        return f"{place}: needs to be a table, written as [{place}]"
    return f"{place}: {problem['msg'].lower()}"


def _contradictions(settings: Settings) -> list[str]:
    # Imported here for the same reason: it reads how Python was built.
    from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

    mistakes = []
    if not 0 <= settings.port <= 65535:
        mistakes.append("port: a number from 0 to 65535 is needed")
    if settings.public_url and not _is_origin(settings.public_url):
        mistakes.append("public_url: needs the form https://host or https://host:port, no path")
    if settings.trusted_proxies < 0:
        mistakes.append("trusted_proxies: cannot be negative")
    try:
        ZoneInfo(settings.office.time_zone)
    except (ZoneInfoNotFoundError, ValueError):
        mistakes.append(f"office.time_zone: {settings.office.time_zone} is no known time zone")
    mistakes += meeting_mistakes(settings.meeting)
    widths = (settings.jobs.camera_width_mm, *settings.jobs.camera_width_mm_at.values())
    if not all(one == 0 or _LEAST_TABLE_MM <= one < math.inf for one in widths):
        mistakes.append(
            f"jobs.camera_width_mm: needs to be a length of at least {_LEAST_TABLE_MM} mm, or 0, "
            "at each counter too"
        )
    for name, rate in settings.limits.rates():
        if not _RATE.fullmatch(rate):
            mistakes.append(f"limits.{name}: needs the form '10 per minute'")
    return mistakes


def _is_origin(url: str) -> bool:
    parts = urlsplit(url)
    rest = parts.path or parts.query or parts.fragment or parts.username
    return parts.scheme in ("http", "https") and bool(parts.hostname) and not rest


def _bracketed(host: str) -> str:
    try:
        return f"[{host}]" if ip_address(host).version == 6 else host
    except ValueError:
        return host
