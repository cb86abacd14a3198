"""What may be asked of a device: only what it said that it can do."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from pydantic import TypeAdapter, ValidationError

from bridge.core.errors import N_, Refused
from bridge.counters.rules import SCAN_DPI
from counter_hooks import wire
from counter_hooks.model import PrintOptions, ScanOptions
from counter_hooks.page_ranges import ranges_in

MOST_COPIES = 20
MOST_MM = 1200.0


class DeviceIncapable(Refused):
    """The device cannot do what is asked of it; ``option`` says which wish it is."""

    key = "device-incapable"
    text = N_("This device cannot do that.")


def check_options(
    kind: str, options: Mapping[str, Any], description: Mapping[str, Any]
) -> dict[str, Any]:
    """Return ``options`` complete and plain, if a device so described can do them.

    What a device did not say (an empty list) is not held against it. Raises ``DeviceIncapable``.
    """
    shape: type[ScanOptions | PrintOptions] = ScanOptions if kind == "scan" else PrintOptions
    if kind not in description.get("capabilities", ()):
        raise DeviceIncapable(option="capability")
    unknown = options.keys() - shape.__dataclass_fields__.keys()
    if unknown:
        raise DeviceIncapable(option=min(unknown))
    try:
        plain = wire.encode(TypeAdapter(shape).validate_python(dict(options)))
    except ValidationError as error:
        raise DeviceIncapable(option=str(error.errors()[0]["loc"][0])) from error
    known = {"source": "sources", "resolution_dpi": "resolutions_dpi", "colour": "colours"}
    for name, listed in {**known, "sides": "sides"}.items():
        offered = description.get(listed) or [plain.get(name)]
        if name in plain and plain[name] not in offered:
            raise DeviceIncapable(option=name)
    within = {
        "resolution_dpi": plain.get("resolution_dpi", SCAN_DPI.start) in SCAN_DPI,
        "width_mm": 0 < plain.get("width_mm", 1) <= MOST_MM,
        "height_mm": 0 < plain.get("height_mm", 1) <= MOST_MM,
        "copies": 0 < plain.get("copies", 1) <= MOST_COPIES,
    }
    extras = {name: _is_met(name, plain[name], description) for name in _EXTRAS if plain.get(name)}
    for name, is_within in {**within, **extras}.items():
        if not is_within:
            raise DeviceIncapable(option=name)
    # Left out where nothing was wished: an older agent does not know the words.
    return {name: it for name, it in plain.items() if name not in _EXTRAS or it}


_EXTRAS = {"paper": "papers", "scaling": "scalings", "staple": "can_staple", "pages": "takes_pages"}
"""Wishes beyond the usual, and where a printer says that it can: one that does not, cannot."""


def _is_met(name: str, wish: Any, description: Mapping[str, Any]) -> bool:
    told = description.get(_EXTRAS[name])
    if name == "pages":
        return told is True and ranges_in(wish) is not None
    return told is True if name == "staple" else wish in (told or ())
