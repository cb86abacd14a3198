"""How a page is scanned when nobody names numbers: by what it is for, as the device can."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from bridge.counters.models import CounterDevice
from bridge.procedures.rules import ScanWish
from bridge.visits.rules import QUALITIES, USUAL_QUALITY, nearest_dpi
from counter_hooks.model import Capability, Quality, Source

Numbers = dict[str, Any]

_LISTS = {"resolution_dpi": "resolutions_dpi", "colour": "colours", "source": "sources"}


def quality_of(scan: ScanWish | None) -> Quality | None:
    """Return what a step's page is for: as it says, or as its purpose says by itself."""
    if scan is None or scan.quality is not None:
        return scan.quality if scan else None
    known = {quality.value for quality in Quality}
    return Quality(scan.purpose) if scan.purpose in known else USUAL_QUALITY


def numbers_for(quality: Quality, offered: Mapping[str, Any]) -> Numbers:
    """Return resolution and colour for a quality, as a device so described can."""
    wish = QUALITIES[quality]
    colours = offered.get("colours") or [wish.colours[0].value]
    return {
        "resolution_dpi": nearest_dpi(wish.resolution_dpi, offered.get("resolutions_dpi") or []),
        "colour": next((one.value for one in wish.colours if one.value in colours), colours[0]),
    }


def qualities_of(device: CounterDevice) -> dict[str, Numbers]:
    """Return what each quality means at a scanner; nothing for what does not scan."""
    if Capability.SCAN not in device.description.get("capabilities", ()):
        return {}
    return {one.value: numbers_for(one, device.description) for one in Quality}


def usual_options(
    scan: ScanWish | None, device: CounterDevice | None, quality: Quality | None
) -> Numbers:
    """Return the options of a scan as far as nobody named them.

    What is wanted of this scan goes before what the step says, that before how the device was
    last used, that before the table. All is fitted to what the device has.
    """
    offered = device.description if device else {}
    last = (device.last_choice if device else None) or {}
    wanted = quality or quality_of(scan)
    numbers = {**numbers_for(wanted or USUAL_QUALITY, offered), "source": Source.GLASS.value}
    if "source" in last:
        numbers["source"] = last["source"]
    if wanted is None:
        numbers |= {name: last[name] for name in numbers.keys() & last.keys()}
    if scan is not None:
        said = _said(scan)
        numbers |= said if quality is None else {k: v for k, v in said.items() if k == "source"}
    fitted = {name: _fitting(name, value, offered) for name, value in numbers.items()}
    return {**fitted, "page_by_page": True} if scan and scan.page_by_page else fitted


def _said(scan: ScanWish) -> Numbers:
    said = {"resolution_dpi": scan.resolution_dpi, "colour": scan.colour, "source": scan.source}
    return {name: value for name, value in said.items() if value is not None}


def _fitting(name: str, value: Any, offered: Mapping[str, Any]) -> Any:
    """Return what a device has that is closest to the usual ``value``.

    What the clerk named is not touched: a device that cannot do that says so.
    """
    known = offered.get(_LISTS[name]) or [value]
    if value in known:
        return value
    return nearest_dpi(value, known) if name == "resolution_dpi" else known[0]
