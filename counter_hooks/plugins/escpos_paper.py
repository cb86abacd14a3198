"""What goes onto the roll: a PDF as bands of dots, or a slip of text with a code.

What is made are pieces: bytes that may be sent one after the other, with a look at the printer in
between, and that must not be torn.
"""

from __future__ import annotations

import re
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

from counter_hooks import JobRefused
from counter_hooks.plugins import poppler
from counter_hooks.plugins.escpos_settings import EscposSettings

if TYPE_CHECKING:
    from PIL.Image import Image

# 128 rows of 80 mm paper are 9 KiB: less than the smallest printers hold.
BAND_ROWS = 128
MOST_PAGES = 20
MOST_MM = 1000
MARGIN_MM = 3
# Darker than this is ink: text stays crisp, and a coloured line is not lost.
PAPER_FROM = 160
RENDER_S = 30
CODE_DOTS = 6
_SIZE = re.compile(r"^Page\s+\d+\s+size:\s+([\d.]+) x ([\d.]+) pts", re.MULTILINE)
_TURN = re.compile(r"^Page\s+\d+\s+rot:\s+(\d+)", re.MULTILINE)
_OWN_FOLDER = re.compile(r"tmp[a-z0-9_]{8}")
_POINTS_PER_INCH = 72
_MM_PER_INCH = 25.4


def composer(settings: EscposSettings) -> Any:
    """Return python-escpos's printer that only writes down what would be sent."""
    forget_pickles()
    from escpos.printer import Dummy

    made = Dummy(profile=settings.profile)
    # Its own copy: the library measures pictures by it, and not every profile says the width.
    media = {"width": {"pixels": settings.width_dots}, "dpi": settings.dpi}
    made.profile.profile_data = {**made.profile.profile_data, "media": media}
    made.hw("INIT")
    return made


def forget_pickles() -> None:
    """Erase the folder that python-escpos makes for itself in every process and never erases."""
    from escpos import capabilities

    folder = Path(capabilities.pickle_dir)
    # One that somebody named (ESCPOS_CAPABILITIES_PICKLE_DIR) may hold more, or be /tmp itself.
    if folder.parent == Path(tempfile.gettempdir()) and _OWN_FOLDER.fullmatch(folder.name):
        shutil.rmtree(folder, ignore_errors=True)


def slip(settings: EscposSettings, text: str, code: str) -> Iterator[bytes]:
    """Yield a slip with ``text`` and, below it, ``code`` for eye and reader."""
    made = composer(settings)
    made.set(align="left", double_height=True, double_width=True)
    # The characters of twice the usual width are 24 dots wide.
    made.block_text(text, columns=settings.width_dots // 24)
    made.ln(2)
    if code:
        made.set(align="left", normal_textsize=True)
        made.qr(code, size=CODE_DOTS, center=True)
        made.set(align="center")
        made.block_text(code, columns=settings.width_dots // 12)
        made.ln()
    made.cut()
    yield made.output


def document(settings: EscposSettings, pdf: Path, workdir: Path) -> Iterator[bytes]:
    """Yield a PDF, cut after each page. Raises ``JobRefused`` for what is no sound PDF."""
    for number, size in enumerate(_sizes(settings, pdf), start=1):
        image = _rendered(pdf, number, size, workdir)
        made = composer(settings)
        yield made.output
        for top in range(0, image.height, BAND_ROWS):
            made.clear()
            made.image(image.crop((0, top, image.width, min(top + BAND_ROWS, image.height))))
            yield made.output
        made.clear()
        made.cut()
        yield made.output


def _sizes(settings: EscposSettings, pdf: Path) -> list[tuple[int, int]]:
    told = _run("pdfinfo", "-l", str(MOST_PAGES + 1), str(pdf))
    sizes = [(float(width), float(height)) for width, height in _SIZE.findall(told)]
    turns = [int(turn) for turn in _TURN.findall(told)]
    if not 1 <= len(sizes) <= MOST_PAGES:
        raise JobRefused(f"a ticket printer takes 1 to {MOST_PAGES} pages")
    most_rows = round(MOST_MM / _MM_PER_INCH * settings.dpi)
    found = []
    for (width, height), turn in zip(sizes, turns, strict=True):
        shown = (height, width) if turn % 180 else (width, height)
        if not all(shown):
            raise JobRefused("a page of the PDF has no size")
        # What is wider than the roll is made to fit; what is narrower keeps its size.
        columns = min(settings.width_dots, round(shown[0] / _POINTS_PER_INCH * settings.dpi))
        rows = round(columns * shown[1] / shown[0])
        if not (columns and 0 < rows <= most_rows):
            raise JobRefused(f"a page of the PDF is longer than {MOST_MM} mm on this roll")
        found.append((columns, rows))
    return found


def _rendered(pdf: Path, number: int, size: tuple[int, int], workdir: Path) -> Image:
    from PIL import Image, ImageOps

    target = workdir / f"ticket-{number}"
    columns, rows = size
    _run(
        "pdftoppm", "-gray", "-f", str(number), "-l", str(number), "-singlefile",
        "-scale-to-x", str(columns), "-scale-to-y", str(rows), str(pdf), str(target),
    )  # fmt: skip
    file = target.with_suffix(".pgm")
    with Image.open(file) as image:
        grey = image.convert("L")
    file.unlink()
    drawn = ImageOps.invert(grey).point(lambda ink: 255 if ink > 255 - PAPER_FROM else 0)
    box = drawn.getbbox()
    margin = round(MARGIN_MM * grey.width / 72)
    # A roll has no end of the page: what is blank below is not fed.
    length = min(grey.height, (box[3] if box else 0) + max(8, margin))
    return ImageOps.invert(drawn.crop((0, 0, grey.width, length)))


def _run(*command: str) -> str:
    try:
        done = poppler.run(*command, limit_s=RENDER_S)
    except subprocess.TimeoutExpired as error:
        raise JobRefused("the PDF could not be drawn in time") from error
    if done.returncode:
        raise JobRefused("the file is not a sound PDF")
    return done.stdout
