"""The agent's configuration: one TOML file, overridden by ``OAC_…`` variables, into one value.

A setting ``preview.width_px`` is overridden by ``OAC_PREVIEW_WIDTH_PX``, a setting at the top by
``OAC_`` and its name; the tables of plugins come from the file alone. Unknown names in the file
are mistakes; unknown variables are not, because the bridge may share the machine.
"""

from __future__ import annotations

import os
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from pathlib import Path
from typing import Annotated, Any, ClassVar
from urllib.parse import urlsplit

from pydantic import ConfigDict, Field, TypeAdapter, ValidationError

from counter_hooks.agent.errors import SettingsUnsound

DEFAULT_FILE = Path("/etc/oac/agent.toml")
LOOPBACK = frozenset({"localhost", "127.0.0.1", "::1"})

Seconds = Annotated[float, Field(gt=0, le=86_400, allow_inf_nan=False)]
Count = Annotated[int, Field(ge=1)]


@dataclass(frozen=True, slots=True, kw_only=True)
class PreviewSettings:
    """How the live preview looks: about ``width_px`` wide, a strip every ``interval_ms``."""

    __pydantic_config__: ClassVar[ConfigDict] = ConfigDict(extra="forbid")

    width_px: Annotated[int, Field(ge=64, le=2000)] = 620
    interval_ms: Annotated[int, Field(ge=20, le=5000)] = 150
    quality: Annotated[int, Field(ge=20, le=95)] = 70


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """How long and how much the agent bears.

    ``silence_s`` without a sign of life from a driver, ``job_s`` for a whole job including the
    time it waits for a person (page by page: for each page, and no limit between two), ``cancel_s``
    until a driver that does not stop is cut off.
    """

    __pydantic_config__: ClassVar[ConfigDict] = ConfigDict(extra="forbid")

    silence_s: Seconds = 90.0
    job_s: Seconds = 900.0
    cancel_s: Seconds = 2.0
    discovery_s: Seconds = 10.0
    retry_s: Seconds = 30.0
    open_jobs: Count = 50
    print_bytes: Count = 100 * 1024 * 1024
    pages: Annotated[int, Field(ge=1, le=9999)] = 100


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """All that can be set; ``plugin_names`` None loads all that are installed.

    ``ticket_printer`` is the id of the device that prints numbers and receipts, where the drivers
    themselves do not say which. ``technician_port`` of the loopback shows how the agent stands; 0
    shows it nowhere. ``safe_mode`` leaves out the plugins of others; ``trace_hooks`` prints every
    call of a hook.
    """

    __pydantic_config__: ClassVar[ConfigDict] = ConfigDict(extra="forbid")

    bridge_url: str | None = None
    state_directory: Path = Path("/var/lib/oac-agent")
    token_file: Path | None = None
    ca_file: Path | None = None
    allow_plain_http: bool = False
    jpeg_quality: Annotated[int, Field(ge=50, le=100)] = 90
    log_level: Annotated[str, Field(pattern="^(DEBUG|INFO|WARNING|ERROR)$")] = "INFO"
    ticket_printer: str | None = None
    safe_mode: bool = False
    trace_hooks: bool = False
    plugin_names: tuple[str, ...] | None = None
    technician_port: Annotated[int, Field(ge=0, le=65535)] = 8310
    preview: PreviewSettings = field(default_factory=PreviewSettings)
    limits: Limits = field(default_factory=Limits)
    plugins: dict[str, dict[str, Any]] = field(default_factory=dict)

    @property
    def token_path(self) -> Path:
        """Where the token of this counter is kept."""
        return self.token_file or self.state_directory / "token.json"


SECTIONS: Mapping[str, type[PreviewSettings] | type[Limits]] = {
    "preview": PreviewSettings,
    "limits": Limits,
}


def environment() -> Mapping[str, str]:
    """Return the environment of the process; nothing else in this package reads it."""
    return os.environ  # noqa: TID251 - the one place where the environment is read


def load(file: Path | None, environ: Mapping[str, str]) -> Settings:
    """Return the settings of ``file`` (None: the default file, if there is one) and ``environ``.

    Raises ``SettingsUnsound`` with every mistake found.
    """
    mistakes: list[str] = []
    table = _read(file, mistakes)
    _override(table, environ)
    url = table.get("bridge_url")
    if isinstance(url, str):
        plain = str(table.get("allow_plain_http", False)).lower() in {"true", "1"}
        mistakes += address_mistakes(url, allow_plain_http=plain)
    try:
        settings = TypeAdapter(Settings).validate_python(table)
    except ValidationError as error:
        mistakes += [
            f"{'.'.join(str(part) for part in problem['loc'])}: {problem['msg']}"
            for problem in error.errors()
        ]
        raise SettingsUnsound(mistakes) from error
    if mistakes:
        raise SettingsUnsound(mistakes)
    return settings


def address_mistakes(url: str, *, allow_plain_http: bool) -> list[str]:
    """Return what is wrong with the bridge's address ``url``.

    Scans and tokens travel there, so that plain HTTP is refused beyond the machine itself.
    """
    parts = urlsplit(url)
    if parts.scheme not in {"http", "https"} or not parts.hostname:
        return [f"bridge_url: {url!r} is not an http or https address"]
    if parts.query or parts.fragment or parts.username:
        return ["bridge_url: give only scheme, host, port and path"]
    if parts.scheme == "http" and not allow_plain_http and parts.hostname not in LOOPBACK:
        return ["bridge_url: use https, or set allow_plain_http = true in a closed network"]
    return []


def _read(file: Path | None, mistakes: list[str]) -> dict[str, Any]:
    path = file or DEFAULT_FILE
    try:
        return tomllib.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        if file is not None:
            mistakes.append(f"{path}: there is no such file")
    except OSError as error:
        mistakes.append(f"{path}: cannot be read ({error.strerror})")
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        mistakes.append(f"{path}: is not TOML ({error})")
    return {}


def _override(table: dict[str, Any], environ: Mapping[str, str]) -> None:
    for name in (known.name for known in fields(Settings)):
        if name in SECTIONS:
            for part in fields(SECTIONS[name]):
                value = environ.get(f"OAC_{name}_{part.name}".upper())
                if value is not None and isinstance(table.setdefault(name, {}), dict):
                    table[name][part.name] = value
        elif name == "plugin_names":
            listed = environ.get("OAC_PLUGINS")
            if listed is not None:
                table[name] = [part.strip() for part in listed.split(",") if part.strip()]
        elif name != "plugins" and f"OAC_{name}".upper() in environ:
            table[name] = environ[f"OAC_{name}".upper()]
