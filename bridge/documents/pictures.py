"""A picture of a paper under a document camera, as a page: how large, how fine, and said in the file."""

from __future__ import annotations

from dataclasses import dataclass

from bridge.core.errors import N_, Refused
from bridge.documents import images
from bridge.documents.errors import PageTooLarge, PageUnreadable
from bridge.documents.rules import MOST_PAGE_BYTES

# Full HD: less shows no paper that can be read.
LEAST_SIDES_PX = (1080, 1920)
MM_PER_INCH = 25.4
_HEAD = b"\xff\xd8\xff\xe0"
_UNITS = 13  # where a JFIF file says in which unit its density is, then how much across and down


class PictureTooSmall(Refused):
    """A picture of fewer dots than a paper needs to be read."""

    key = "picture-too-small"
    text = N_("The camera's picture is too small to read a paper. Please use the scanner.")


@dataclass(frozen=True, slots=True, kw_only=True)
class Measured:
    """A picture that says how fine it is, and what a scan of its size would have been ordered with."""

    content: bytes
    options: dict[str, float]


def measured(content: bytes, *, width_mm: float) -> Measured:
    """Return a JPEG with the resolution that follows from the ``width_mm`` that it shows.

    Where that is not known (0) the file says nothing, and the checks say so. The picture itself
    is not touched. Raises ``PageTooLarge``, ``PageUnreadable``, ``PictureTooSmall``.
    """
    if len(content) > MOST_PAGE_BYTES:
        raise PageTooLarge(most_mib=MOST_PAGE_BYTES // 2**20)
    known = images.facts(content)
    if not (content.startswith(_HEAD) and content[6:11] == b"JFIF\0"):
        raise PageUnreadable(media_type=known.media_type)
    sides = sorted((known.width_px, known.height_px))
    if sides[0] < LEAST_SIDES_PX[0] or sides[1] < LEAST_SIDES_PX[1]:
        raise PictureTooSmall(width_px=known.width_px, height_px=known.height_px)
    if not width_mm:
        return Measured(content=_with_density(content, 0), options={})
    dpi = round(known.width_px / width_mm * MM_PER_INCH)
    sizes = {
        "width_mm": round(known.width_px / dpi * MM_PER_INCH, 1),
        "height_mm": round(known.height_px / dpi * MM_PER_INCH, 1),
    }
    return Measured(content=_with_density(content, dpi), options={"resolution_dpi": dpi, **sizes})


def _with_density(content: bytes, dpi: int) -> bytes:
    """Write the resolution into the head of a JFIF file; 0 says only that dots are square."""
    said = bytes([1]) + 2 * dpi.to_bytes(2, "big") if dpi else b"\x00\x00\x01\x00\x01"
    return content[:_UNITS] + said + content[_UNITS + len(said) :]
