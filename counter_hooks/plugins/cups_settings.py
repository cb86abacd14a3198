"""The table ``[plugins.cups]`` of the agent's configuration."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import ClassVar

from pydantic import ConfigDict, TypeAdapter, ValidationError

from counter_hooks import PluginRefused


@dataclass(frozen=True, slots=True, kw_only=True)
class CupsSettings:
    """``server`` is a host name or a socket's path, None CUPS's own choice (``CUPS_SERVER``).

    ``queues`` are patterns, as the shell's, of the queues to offer.
    """

    __pydantic_config__: ClassVar[ConfigDict] = ConfigDict(extra="forbid")

    server: str | None = None
    queues: tuple[str, ...] = ("*",)


_SETTINGS = TypeAdapter(CupsSettings)


def decode_settings(table: Mapping[str, object]) -> CupsSettings:
    """Check the table; raises ``PluginRefused`` with all its mistakes."""
    try:
        return _SETTINGS.validate_json(json.dumps(table, default=str), strict=True)
    except ValidationError as error:
        mistakes = [
            f"{'.'.join(map(str, mistake['loc']))}: {mistake['msg']}" for mistake in error.errors()
        ]
        raise PluginRefused(f"[plugins.cups] {'; '.join(mistakes)}") from error
