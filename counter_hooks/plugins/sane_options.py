"""What a scanner takes, in the product's words: its makers' names and limits made equal."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from pydantic import TypeAdapter

from counter_hooks import MM_PER_INCH, Colour, JobRefused, ScanOptions, Source

STANDARD_RESOLUTIONS = (75, 100, 150, 200, 300, 400, 600, 1200)
# Many A4 scanners end a millimetre or two before A4 does: such an area is cut, not refused.
AREA_SLACK_MM = 2.0

UNIT_PIXEL = 1
TYPE_BOOL = 0

Value = str | int | float | bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Option:
    """One option as the probe prints it; ``range`` is (lowest, highest, step), step 0 for none."""

    name: str
    type: int
    unit: int
    usable: bool
    range: tuple[float, float, float] | None
    values: tuple[Value, ...] | None

    def takes(self, value: float) -> bool:
        """Say whether a number lies within the option's range or list."""
        if self.values is not None:
            return value in self.values
        if self.range is None:
            return True
        lowest, highest, step = self.range
        off_step = (value - lowest) % step if step else 0.0
        return lowest <= value <= highest and min(off_step, step - off_step) < 1e-3

    @property
    def limits(self) -> tuple[float, float] | None:
        """The lowest and the highest number it takes; None when the device does not say."""
        if self.range is not None:
            return self.range[0], self.range[1]
        numbers = [value for value in self.values or () if isinstance(value, int | float)]
        return (min(numbers), max(numbers)) if numbers else None


@dataclass(frozen=True, slots=True, kw_only=True)
class SourceDescription:
    """The options of a device while one of its sources, by its own name, is selected."""

    source: str | None
    options: tuple[Option, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Offer:
    """What one source of a scanner takes.

    ``choose`` are the options that select the source, ``modes`` the device's own name of each
    colour (None: it has only this one).
    """

    choose: tuple[tuple[str, str], ...]
    modes: Mapping[Colour, str | None]
    options: Mapping[str, Option]

    @property
    def resolutions_dpi(self) -> tuple[int, ...]:
        """The customary resolutions that it takes, else all that it lists."""
        option = self.options["resolution"]
        customary = tuple(dpi for dpi in STANDARD_RESOLUTIONS if option.takes(dpi))
        listed = (int(value) for value in option.values or () if isinstance(value, int | float))
        return customary or tuple(sorted(listed))


Offers = Mapping[Source, Offer]

_DESCRIPTIONS = TypeAdapter(tuple[SourceDescription, ...])

# SANE does not fix the names of sources. Met for glass: Flatbed (most backends), FlatBed
# (brother), Platen (escl), Document Table (epsonds), Normal (umax), FB. Met for feeders: ADF, ADF
# Front, ADF Simplex, ADF Duplex, Feeder, Automatic Document Feeder(centrally aligned,Duplex).
_GLASS = re.compile(r"flat\s*bed|platen|glass|document table|^(normal|fb)$", re.IGNORECASE)
_FEEDER = re.compile(r"\badf|feeder|automatic document", re.IGNORECASE)
_BOTH_SIDES = re.compile(r"duplex|both|double|(2|two)[- ]?side", re.IGNORECASE)
# A feeder's reverse side alone, cards, film: sources that no procedure of a counter asks for.
_OTHER = re.compile(
    r"\bback\b|\brear\b|card|transpar|negative|slide|film|tpu|infrared", re.IGNORECASE
)

_COLOUR_NAMES = re.compile(r"colou?r|rgb", re.IGNORECASE)
_GREY_NAMES = re.compile(r"gr[ae]y", re.IGNORECASE)
_POOR_MODE = re.compile(
    r"line\s*art|half\s*tone|diffusion|dither|binary|black|\b(12|14|16|36|42|48)\s*bit"
    r"|infrared",
    re.IGNORECASE,
)
_BLACK_ONLY = re.compile(r"line\s*art|binary|black", re.IGNORECASE)

# Options by which a feeder's hardware ends the page where the sheet ends: fujitsu; Brother's own
# backends; hs2p; others. Not among them what a backend crops afterwards (swcrop).
_ENDS_WITH_SHEET = ("ald", "AutoDocumentSize", "auto-size", "page-auto-size")


def decode_descriptions(printed: object) -> tuple[SourceDescription, ...]:
    """Decode what the probe printed; raises pydantic's ``ValidationError``."""
    return _DESCRIPTIONS.validate_python(printed)


def offers(
    descriptions: Sequence[SourceDescription], own_names: Mapping[Source, str]
) -> dict[Source, Offer]:
    """Return what a device offers by source; empty for a thing that is no scanner of documents.

    ``own_names`` are the device's names of sources that the administrator wrote down.
    """
    found: dict[Source, Offer] = {}
    for description in descriptions:
        source = _source_of(description.source, own_names)
        options = {option.name: option for option in description.options if option.usable}
        modes = _modes(options.get("mode"))
        if source is None or source in found or "resolution" not in options or not modes:
            continue
        choose = (("source", description.source),) if description.source is not None else ()
        found[source] = Offer(choose=choose, modes=modes, options=options)
        if source is Source.FEEDER:
            found.update(_feeder_sides(found[source]))
    return found


def _source_of(own_name: str | None, own_names: Mapping[Source, str]) -> Source | None:
    for source, name in own_names.items():
        if name == own_name:
            return source
    if own_name is None or _GLASS.search(own_name):
        return Source.GLASS
    if not _FEEDER.search(own_name) or _OTHER.search(own_name):
        return None
    return Source.FEEDER_DUPLEX if _BOTH_SIDES.search(own_name) else Source.FEEDER


def _feeder_sides(feeder: Offer) -> dict[Source, Offer]:
    """Split a feeder whose sides are chosen by a second option, as epson2 and epkowa do."""
    sides = feeder.options.get("adf-mode")
    split = {}
    for name in (sides.values or ()) if sides else ():
        source = Source.FEEDER_DUPLEX if _BOTH_SIDES.search(str(name)) else Source.FEEDER
        choose = (*feeder.choose, ("adf-mode", str(name)))
        split[source] = Offer(choose=choose, modes=feeder.modes, options=feeder.options)
    return split


def _modes(option: Option | None) -> dict[Colour, str | None]:
    if option is None or option.values is None:
        return {Colour.COLOUR: None}
    names = [str(name) for name in option.values if not _POOR_MODE.search(str(name))]
    modes: dict[Colour, str | None] = {}
    for colour, pattern in ((Colour.COLOUR, _COLOUR_NAMES), (Colour.GREY, _GREY_NAMES)):
        if fitting := [name for name in names if pattern.search(name)]:
            # The plainest name is the plain mode: "True Gray" before "True Gray (quick)".
            modes[colour] = min(fitting, key=len)
    if not modes:
        # Black on white is grey enough where there is nothing better.
        black = [name for name in map(str, option.values) if _BLACK_ONLY.search(name)]
        modes |= {Colour.GREY: min(black, key=len)} if black else {}
    return modes


def scan_arguments(
    offered: Offers, options: ScanOptions, extra: Mapping[str, Value]
) -> tuple[str, ...]:
    """Return scanimage's arguments for an order; ``extra`` are the administrator's options.

    Raises ``JobRefused`` when the device does not offer what was ordered.
    """
    offer = offered.get(options.source)
    if offer is None:
        raise JobRefused("the scanner has no such source", source=options.source.value)
    if options.colour not in offer.modes:
        raise JobRefused("the scanner has no such colour", colour=options.colour.value)
    if not offer.options["resolution"].takes(options.resolution_dpi):
        raise JobRefused("the scanner has no such resolution", dpi=options.resolution_dpi)
    mode, depth = offer.modes[options.colour], offer.options.get("depth")
    ends_with_sheet = _ends_with_sheet(offer, options, extra)
    return (
        *(f"--{name}={value}" for name, value in offer.choose),
        *((f"--mode={mode}",) if mode is not None else ()),
        *(("--depth=8",) if depth is not None and depth.takes(8) else ()),
        f"--resolution={options.resolution_dpi}",
        *_extra_arguments({**ends_with_sheet, **extra}),
        *_area_arguments(offer, options, is_longest=bool(ends_with_sheet)),
    )


def _ends_with_sheet(
    offer: Offer, options: ScanOptions, extra: Mapping[str, Value]
) -> dict[str, Value]:
    """Return the options that let a feeder end each page with its sheet; empty where it cannot.

    The administrator's word goes before: with ``ald = false`` pages are as long as ordered.
    """
    switches = (offer.options[name] for name in _ENDS_WITH_SHEET if name in offer.options)
    switch = next((option for option in switches if option.type == TYPE_BOOL), None)
    is_glass = options.source is Source.GLASS
    if is_glass or switch is None or extra.get(switch.name, True) is not True:
        return {}
    # Some backends cut the area to the paper that they believe in the feeder.
    paper = offer.options.get("page-height")
    limits = paper.limits if paper is not None else None
    return {switch.name: True, **({"page-height": limits[1]} if limits else {})}


def _extra_arguments(extra: Mapping[str, Value]) -> list[str]:
    arguments = []
    for name, value in extra.items():
        # An option may wake up only after another one is set, so it need not be usable yet;
        # scanimage says when it does not know it.
        shown = ("yes" if value else "no") if isinstance(value, bool) else value
        arguments.append(f"--{name}={shown}")
    return arguments


def _area_arguments(offer: Offer, options: ScanOptions, *, is_longest: bool) -> list[str]:
    arguments: list[str] = []
    for start, end, flags, length_mm in (
        ("tl-x", "br-x", "lx", options.width_mm),
        ("tl-y", "br-y", "ty", options.height_mm),
    ):
        if start in offer.options and end in offer.options:
            scale = 1.0
            if offer.options[end].unit == UNIT_PIXEL:
                scale = options.resolution_dpi / MM_PER_INCH
            first, length = _stretch(offer.options[start], offer.options[end], length_mm, scale)
            if is_longest and end == "br-y" and (limits := offer.options[end].limits):
                length = limits[1] - first
            arguments += [f"-{flags[0]}", f"{first:g}", f"-{flags[1]}", f"{length:.3f}"]
    return arguments


def _stretch(start: Option, end: Option, length_mm: float, scale: float) -> tuple[float, float]:
    """Return the first position and the length along one axis, in the device's unit."""
    first = start.limits[0] if start.limits else 0.0
    longest = end.limits[1] - first if end.limits else length_mm * scale
    if not 0 < length_mm * scale <= longest + AREA_SLACK_MM * scale:
        raise JobRefused(
            "the scanner's area is smaller than the page ordered",
            ordered_mm=length_mm,
            longest_mm=round(longest / scale, 1),
        )
    return first, min(length_mm * scale, longest)
