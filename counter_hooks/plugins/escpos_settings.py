"""The table ``[plugins.escpos]`` of the agent's configuration."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, ClassVar

from pydantic import ConfigDict, Field, TypeAdapter, ValidationError

from counter_hooks import PluginRefused

PLACES = ("host", "device", "serial")


@dataclass(frozen=True, slots=True, kw_only=True)
class EscposSettings:
    """Where the printer is, and what it is like.

    One of ``host`` (with ``port``), ``device`` (a USB printer's device file, ``/dev/usb/lp0``) and
    ``serial`` (a serial line's, with ``baud``). ``profile`` is python-escpos's name for the model;
    ``width_dots`` and ``dpi`` are those of the print head: 576 for 80 mm of paper, 384 for 58 mm.
    """

    __pydantic_config__: ClassVar[ConfigDict] = ConfigDict(extra="forbid")

    name: Annotated[str, Field(min_length=1, max_length=60)] = "Ticket printer"
    host: str = ""
    port: Annotated[int, Field(ge=1, le=65535)] = 9100
    device: str = ""
    serial: str = ""
    baud: Annotated[int, Field(ge=1200, le=921_600)] = 38_400
    profile: str = "default"
    width_dots: Annotated[int, Field(ge=64, le=2048, multiple_of=8)] = 576
    dpi: Annotated[int, Field(ge=100, le=600)] = 203

    @property
    def id(self) -> str:
        """What the device is called, the same over restarts."""
        place = f"{self.host}-{self.port}" if self.host else Path(self.device or self.serial).name
        return f"escpos:{place}"


_SETTINGS = TypeAdapter(EscposSettings)


def decode_settings(table: Mapping[str, object]) -> EscposSettings:
    """Check the table; raises ``PluginRefused`` with all its mistakes."""
    try:
        settings = _SETTINGS.validate_json(json.dumps(table, default=str), strict=True)
    except ValidationError as error:
        mistakes = [
            f"{'.'.join(map(str, mistake['loc']))}: {mistake['msg']}" for mistake in error.errors()
        ]
        raise PluginRefused(f"[plugins.escpos] {'; '.join(mistakes)}") from error
    if sum(bool(getattr(settings, place)) for place in PLACES) != 1:
        raise PluginRefused("[plugins.escpos] needs one of host, device and serial")
    return settings
