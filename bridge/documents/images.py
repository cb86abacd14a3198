"""Page images: what they are, how much is on them, and how they are shown."""

from __future__ import annotations

from dataclasses import dataclass
from io import BytesIO
from typing import TYPE_CHECKING

from bridge.documents.errors import PageUnreadable
from counter_hooks import wire
from counter_hooks.model import MM_PER_INCH

if TYPE_CHECKING:
    from PIL import Image, ImageFile

MOST_PIXELS = wire.MOST_PAGE_PX
JPEG, _PNG = "image/jpeg", "image/png"
_MEDIA_TYPES = {"JPEG": JPEG, "PNG": _PNG}
# What is encoded a second time should not be seen to be.
_QUALITY = 92
_INK_SAMPLE_PX = 600
_INK_DIFFERENCE = 60
# What Pillow raises at a damaged file: while it reads the head, and while it reads the picture.
_DAMAGED = (OSError, SyntaxError, ValueError)


@dataclass(frozen=True, slots=True, kw_only=True)
class Facts:
    """What a file says of itself; ``dpi`` is 0 when it does not say."""

    media_type: str
    width_px: int
    height_px: int
    dpi: int


def facts(content: bytes) -> Facts:
    """Return what ``content`` is, by its content. Raises ``PageUnreadable``."""
    with _open(content) as image:
        across, down = image.info.get("dpi", (0, 0))
        return Facts(
            media_type=_MEDIA_TYPES[image.format or ""],
            width_px=image.width,
            height_px=image.height,
            dpi=round(min(across, down)),
        )


def ink(content: bytes) -> float:
    """Return the share (0 to 1) of the page that differs clearly from its paper.

    The paper is the most frequent shade of grey. Raises ``PageUnreadable`` when the picture
    cannot be decoded to its end.
    """
    with _open(content) as image:
        try:
            image.draft("L", (_INK_SAMPLE_PX, _INK_SAMPLE_PX))
            grey = image.convert("L")
            factor = max(1, min(grey.size) // _INK_SAMPLE_PX)
            histogram = grey.reduce(factor).histogram()
        except _DAMAGED as error:
            raise PageUnreadable from error
    paper = max(range(256), key=histogram.__getitem__)
    inked = sum(n for shade, n in enumerate(histogram) if abs(shade - paper) > _INK_DIFFERENCE)
    return inked / max(1, sum(histogram))


def shown(content: bytes, *, rotation: int, width_px: int) -> bytes:
    """Return a JPEG of the page, turned clockwise by ``rotation``, at most ``width_px`` wide."""
    with _open(content) as image:
        try:
            image.draft("RGB", (width_px, width_px))
            picture = image.convert("RGB").rotate(-rotation, expand=True)
        except _DAMAGED as error:
            raise PageUnreadable from error
    picture.thumbnail((width_px, width_px * 4))
    out = BytesIO()
    picture.save(out, "JPEG", quality=82)
    return out.getvalue()


def small(content: bytes, *, dpi: int, per_mm: float) -> tuple[Image.Image, tuple[float, float]]:
    """Return a copy with ``per_mm`` points to a millimetre, and the size of the page in those.

    Raises ``PageUnreadable``.
    """
    from PIL import Image

    with _open(content) as image:
        page_mm = (image.width / dpi * MM_PER_INCH, image.height / dpi * MM_PER_INCH)
        size = (max(1, round(page_mm[0] * per_mm)), max(1, round(page_mm[1] * per_mm)))
        try:
            image.draft("RGB", size)
            picture = image.convert("RGB")
        except _DAMAGED as error:
            raise PageUnreadable from error
    return picture.resize(size, Image.Resampling.BOX), page_mm


def upright(content: bytes, *, rotation: int) -> tuple[Image.Image, str]:
    """Return the whole picture, turned clockwise by ``rotation``, and its media type.

    Raises ``PageUnreadable``.
    """
    with _open(content) as image:
        try:
            plain = image.convert("L" if image.mode in ("1", "L") else "RGB")
        except _DAMAGED as error:
            raise PageUnreadable from error
        return plain.rotate(-rotation, expand=True), _MEDIA_TYPES[image.format or ""]


def encoded(picture: Image.Image, media_type: str, *, dpi: int) -> bytes:
    """Return ``picture`` as a file of that type that says its resolution."""
    out = BytesIO()
    if media_type == _PNG:
        picture.save(out, "PNG", dpi=(dpi, dpi))
    else:
        picture.save(out, "JPEG", quality=_QUALITY, subsampling=0, dpi=(dpi, dpi))
    return out.getvalue()


def _open(content: bytes) -> ImageFile.ImageFile:
    # Loaded with the first page: an idle bridge does without it.
    from PIL import Image

    try:
        image = Image.open(BytesIO(content), formats=tuple(_MEDIA_TYPES))
    except (*_DAMAGED, Image.DecompressionBombError) as error:
        raise PageUnreadable from error
    if image.width * image.height > MOST_PIXELS:
        image.close()
        raise PageUnreadable(pixels=image.width * image.height)
    return image
