"""Takes image files that devices wrote themselves: looks whether they are whole, copies them in.

Only the headers are read into memory; pixels stay on disk.
"""

from __future__ import annotations

import hashlib
import os
import struct
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from counter_hooks.agent.errors import PageTooLarge
from counter_hooks.errors import ResultUnsound
from counter_hooks.wire import MOST_PAGE_PX

BLOCK_BYTES = 64 * 1024
MEDIA_TYPES = {"JPEG": "image/jpeg", "PNG": "image/png"}
SUFFIXES = {"image/jpeg": ".jpg", "image/png": ".png"}
PNG_HEADER_BYTES = 33
# The largest page as rows, uncompressed; a filter may still make it smaller.
MOST_FILE_BYTES = MOST_PAGE_PX * 3
METRE_PER_INCH = 0.0254


@dataclass(frozen=True, slots=True, kw_only=True)
class ImageFacts:
    """What a file says of itself; ``dpi`` is None when it does not say."""

    media_type: str
    width_px: int
    height_px: int
    dpi: int | None


@dataclass(frozen=True, slots=True, kw_only=True)
class KeptFile:
    """What was written: digest (hexadecimal SHA-256) and size of the copy."""

    sha256: str
    size_bytes: int


def read_facts(path: Path) -> ImageFacts:
    """Return what the JPEG or PNG file ``path`` says. Raises ``ResultUnsound``, ``PageTooLarge``."""
    from PIL import Image, UnidentifiedImageError

    # Pillow's guard is against decoding huge images; here only headers are read.
    Image.MAX_IMAGE_PIXELS = None
    try:
        with Image.open(path, formats=tuple(MEDIA_TYPES)) as image:
            if "aspect" in image.info:
                raise ResultUnsound("the file gives proportions instead of a resolution")
            stated = image.info.get("dpi")
            facts = ImageFacts(
                media_type=MEDIA_TYPES[str(image.format)],
                width_px=image.width,
                height_px=image.height,
                dpi=_whole_dpi(stated),
            )
    except (UnidentifiedImageError, OSError, ValueError) as error:
        raise ResultUnsound(f"the file is no readable JPEG or PNG: {error}") from error
    _require_end(path, facts.media_type)
    if path.stat().st_size > MOST_FILE_BYTES:
        raise PageTooLarge(f"no page needs a file of {path.stat().st_size} bytes")
    return facts


def keep_copy(path: Path, target: Path, facts: ImageFacts, *, dpi: int) -> KeptFile:
    """Copy ``path`` to ``target``, whole or not at all, with ``dpi`` when the file says none."""
    digest = hashlib.sha256()
    size = 0
    part = target.with_suffix(".part")
    try:
        with part.open("wb") as file:
            for block in _blocks(path, facts, dpi):
                file.write(block)
                digest.update(block)
                size += len(block)
            file.flush()
            os.fsync(file.fileno())
        part.rename(target)
    except BaseException:  # on a full disk what was begun would lie in the way of what comes next
        part.unlink(missing_ok=True)
        raise
    return KeptFile(sha256=digest.hexdigest(), size_bytes=size)


def _whole_dpi(stated: object) -> int | None:
    if not isinstance(stated, tuple) or len(stated) != 2:
        return None
    across, down = (float(value) for value in stated)
    # PNG counts per metre, so that 300 dpi comes back as 299.9994.
    if not (0 < across <= 0xFFFF and abs(across - down) <= 0.01 * across):
        return None
    return round(across)


def _require_end(path: Path, media_type: str) -> None:
    mark = b"\xff\xd9" if media_type == "image/jpeg" else b"IEND\xaeB`\x82"
    with path.open("rb") as file:
        size = file.seek(0, os.SEEK_END)
        # Some scanners pad behind the end mark.
        file.seek(max(0, size - 1024))
        if mark not in file.read():
            raise ResultUnsound("the image file is cut off")


def _blocks(path: Path, facts: ImageFacts, dpi: int) -> Iterator[bytes]:
    with path.open("rb") as file:
        if facts.dpi is None:
            if facts.media_type == "image/jpeg":
                yield _jpeg_head(file.read(20), dpi)
            else:
                yield file.read(PNG_HEADER_BYTES) + _png_density(dpi)
        while block := file.read(BLOCK_BYTES):
            yield block


def _jpeg_head(head: bytes, dpi: int) -> bytes:
    """Return the first 20 bytes with a density: in the JFIF header, or in one put before them."""
    density = struct.pack(">BHH", 1, dpi, dpi)
    if head[2:4] == b"\xff\xe0" and head[6:11] == b"JFIF\0":
        return head[:13] + density + head[18:]
    return head[:2] + b"\xff\xe0\x00\x10JFIF\0\x01\x01" + density + b"\0\0" + head[2:]


def _png_density(dpi: int) -> bytes:
    """Return a pHYs chunk (PNG specification, 11.3.5.3)."""
    per_metre = round(dpi / METRE_PER_INCH)
    body = b"pHYs" + struct.pack(">IIB", per_metre, per_metre, 1)
    return struct.pack(">I", 9) + body + struct.pack(">I", zlib.crc32(body))
