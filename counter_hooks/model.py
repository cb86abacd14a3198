"""The values that plugins, agent and bridge speak in: devices, jobs, pages, results."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path

MM_PER_INCH = 25.4


class Capability(StrEnum):
    """What a device can do."""

    SCAN = "scan"
    PRINT = "print"


class Attention(StrEnum):
    """Why a device waits for a person; a closed list that IPP, eSCL and SANE names map to."""

    PAPER_EMPTY = "paper_empty"
    PAPER_JAM = "paper_jam"
    COVER_OPEN = "cover_open"
    FEEDER_EMPTY = "feeder_empty"
    FEEDER_JAM = "feeder_jam"
    FEEDER_DOUBLE = "feeder_double"
    FEEDER_MISPICK = "feeder_mispick"
    OUTPUT_FULL = "output_full"
    INK_LOW = "ink_low"
    INK_EMPTY = "ink_empty"
    DEVICE_BUSY = "device_busy"
    DEVICE_OFFLINE = "device_offline"
    NEEDS_LOGIN = "needs_login"
    WRONG_MEDIA = "wrong_media"
    PAGE_TOO_LONG = "page_too_long"
    # Nothing is wrong: a scan page by page waits for whoever lays the next page on the glass.
    NEXT_PAGE = "next_page"
    UNKNOWN = "unknown"


class Source(StrEnum):
    """Where a scanner takes the page from, whatever its maker calls it."""

    GLASS = "glass"
    FEEDER = "feeder"
    FEEDER_DUPLEX = "feeder_duplex"


class Colour(StrEnum):
    """How a page is scanned or printed."""

    COLOUR = "colour"
    GREY = "grey"


class Quality(StrEnum):
    """What a page is scanned for; the numbers that this takes are the bridge's to know."""

    TEXT = "text"
    PHOTO = "photo"
    IDENTITY_CARD = "identity-card"


class Sides(StrEnum):
    """How a document is laid on paper; the values are IPP's ``sides`` (RFC 8011, 5.2.8)."""

    ONE = "one-sided"
    LONG_EDGE = "two-sided-long-edge"
    SHORT_EDGE = "two-sided-short-edge"


class Paper(StrEnum):
    """A sheet that a printer may hold; the values are IPP's ``media`` (PWG 5101.1)."""

    A3 = "iso_a3_297x420mm"
    A4 = "iso_a4_210x297mm"
    A5 = "iso_a5_148x210mm"
    LETTER = "na_letter_8.5x11in"
    ENVELOPE_DL = "iso_dl_110x220mm"
    ENVELOPE_C5 = "iso_c5_162x229mm"


class Scaling(StrEnum):
    """How a page comes onto its sheet; the values are IPP's ``print-scaling`` (PWG 5100.13)."""

    FIT = "fit"
    TRUE_SIZE = "none"


@dataclass(frozen=True, slots=True, kw_only=True)
class Device:
    """A thing plugged into the counter.

    ``id`` is ``<driver>:<the driver's own name>`` and stays the same over restarts. A scanner
    lists its ``sources``, ``resolutions_dpi`` and ``colours``; a printer its ``colours`` and
    ``sides``; empty means that the device did not say. ``papers``, ``scalings``, ``can_staple``
    and ``takes_pages`` (some pages of a document) are what a printer can besides: empty or False
    means that it cannot. A printer that ``is_for_tickets`` prints numbers and receipts, and forms
    only when it is chosen for them. ``attention`` is None when it is ready.
    """

    id: str
    driver: str
    name: str
    capabilities: frozenset[Capability]
    sources: tuple[Source, ...] = ()
    resolutions_dpi: tuple[int, ...] = ()
    colours: tuple[Colour, ...] = ()
    sides: tuple[Sides, ...] = ()
    papers: tuple[Paper, ...] = ()
    scalings: tuple[Scaling, ...] = ()
    can_staple: bool = False
    takes_pages: bool = False
    is_for_tickets: bool = False
    attention: Attention | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ScanOptions:
    """What the clerk asked of a scan; lengths in millimetres from the top left corner.

    ``filters`` are the keys of the page filters that the clerk asked for. ``page_by_page`` keeps
    the job open after a page (from the feeder: a stack) until somebody says that the next one
    lies there, or that it was the last; the agent sees to it, a driver need not.
    """

    resolution_dpi: int = 300
    colour: Colour = Colour.COLOUR
    source: Source = Source.GLASS
    width_mm: float = 210.0
    height_mm: float = 297.0
    filters: tuple[str, ...] = ()
    page_by_page: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class PrintOptions:
    """What the clerk asked of a print.

    ``paper`` and ``scaling`` None are the printer's own choice; ``pages`` are such as ``1-3,5``
    (``page_ranges.ranges_in``), empty for all.
    """

    copies: int = 1
    sides: Sides = Sides.ONE
    colour: Colour = Colour.COLOUR
    paper: Paper | None = None
    scaling: Scaling | None = None
    staple: bool = False
    pages: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class ScanJob:
    """One order to scan."""

    id: str
    device_id: str
    options: ScanOptions = field(default_factory=ScanOptions)


@dataclass(frozen=True, slots=True, kw_only=True)
class PrintJob:
    """One order to print ``file`` (a PDF whose SHA-256 was checked); ``title`` has no names in it."""

    id: str
    device_id: str
    file: Path
    title: str
    options: PrintOptions = field(default_factory=PrintOptions)


Job = ScanJob | PrintJob


@dataclass(frozen=True, slots=True, kw_only=True)
class Page:
    """One page image that is whole and on disk.

    ``number`` counts from 1 within its job; ``sha256`` is the lower-case hexadecimal digest of
    the file; ``dpi`` is the resolution written into the file, the same in both axes.
    """

    number: int
    path: Path
    media_type: str
    sha256: str
    size_bytes: int
    width_px: int
    height_px: int
    dpi: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Result:
    """What came back from a job; ``facts`` are numbers and short words, never content."""

    job_id: str
    pages: tuple[Page, ...] = ()
    facts: Mapping[str, str | int | float | bool] = field(default_factory=dict)
