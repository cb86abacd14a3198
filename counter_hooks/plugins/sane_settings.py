"""The table ``[plugins.sane]`` of the agent's configuration."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from fnmatch import fnmatchcase
from typing import ClassVar

from pydantic import ConfigDict, TypeAdapter, ValidationError

from counter_hooks import PluginRefused, Source
from counter_hooks.plugins.sane_options import Value


@dataclass(frozen=True, slots=True, kw_only=True)
class DeviceSettings:
    """What is set for one scanner, under a pattern of its SANE name or model.

    ``id`` is a name that stays when SANE's name changes with the USB port; ``sources`` its own
    names of sources that are not recognised; ``options`` what scanimage is given besides; the
    seconds override the table's.
    """

    __pydantic_config__: ClassVar[ConfigDict] = ConfigDict(extra="forbid")

    id: str | None = None
    sources: Mapping[Source, str] = field(default_factory=dict)
    options: Mapping[str, Value] = field(default_factory=dict)
    first_line_s: float | None = None
    between_lines_s: float | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class SaneSettings:
    """All settings; patterns are those of the shell, seconds are wall time.

    ``environment`` is added to the programs' own (``SANE_CONFIG_DIR``, ``LD_LIBRARY_PATH``). A
    scan is given up after ``first_line_s`` without a first row, ``between_lines_s`` without a
    further one. ``probe_s`` limits one question to SANE, ``describe_again_s`` is how long a
    scanner's list of options is believed.
    """

    __pydantic_config__: ClassVar[ConfigDict] = ConfigDict(extra="forbid")

    scanimage: str = "scanimage"
    environment: Mapping[str, str] = field(default_factory=dict)
    allow: tuple[str, ...] = ("*",)
    deny: tuple[str, ...] = ("v4l:*",)
    first_line_s: float = 45.0
    between_lines_s: float = 30.0
    probe_s: float = 20.0
    describe_again_s: float = 600.0
    devices: Mapping[str, DeviceSettings] = field(default_factory=dict)

    def device(self, name: str, model: str) -> DeviceSettings:
        """Return the settings of the first pattern that fits the SANE name or the model."""
        for pattern, settings in self.devices.items():
            if fnmatchcase(name, pattern) or fnmatchcase(model, pattern):
                return settings
        return DeviceSettings()


_SETTINGS = TypeAdapter(SaneSettings)


def decode_settings(table: Mapping[str, object]) -> SaneSettings:
    """Check the table; raises ``PluginRefused`` with all its mistakes."""
    try:
        return _SETTINGS.validate_json(json.dumps(table, default=str), strict=True)
    except ValidationError as error:
        mistakes = [
            f"{'.'.join(map(str, mistake['loc']))}: {mistake['msg']}" for mistake in error.errors()
        ]
        raise PluginRefused(f"[plugins.sane] {'; '.join(mistakes)}") from error
