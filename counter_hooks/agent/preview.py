"""Makes the small picture that grows at the desk while the scanner still moves.

Rows are averaged down by a whole factor as they come and leave as JPEG strips: the first as soon
as some tens of rows are there, the others at most every interval. Only the reduced rows are kept,
about 1.6 MB for a whole page in colour, so that a slow line to the bridge delays strips and loses
none.
"""

from __future__ import annotations

import io
from collections.abc import Callable
from dataclasses import dataclass
from types import ModuleType

# So many rows out of the scanner make the first strip; a tenth of a second at 10 s a page.
CHUNK_ROWS = 32


@dataclass(frozen=True, slots=True, kw_only=True)
class Strip:
    """A strip of the preview, and when its page's first row came (monotonic seconds)."""

    top: int
    width: int
    height: int
    total_height: int | None
    first_row_at: float
    jpeg: bytes


class PreviewMaker:
    """Turns the rows of one page into strips; ``offer`` returns False when it cannot take one."""

    def __init__(
        self,
        *,
        width_px: int,
        height_px: int | None,
        channels: int,
        target_px: int,
        interval_s: float,
        quality: int,
        offer: Callable[[Strip], bool],
        clock: Callable[[], float],
    ) -> None:
        self._factor = max(1, round(width_px / target_px))
        self._width = width_px
        self._mode = "RGB" if channels == 3 else "L"
        self._row_bytes = width_px * channels
        self._chunk_bytes = self._row_bytes * self._factor * max(1, CHUNK_ROWS // self._factor)
        self._reduced_width = -(-width_px // self._factor)
        self._reduced_row_bytes = self._reduced_width * channels
        self._total = None if height_px is None else -(-height_px // self._factor)
        self._interval_s = interval_s
        self._quality = quality
        self._offer = offer
        self._clock = clock
        self._pending = bytearray()
        self._reduced = bytearray()
        self._top = 0
        self._first_row_at: float | None = None
        self._sent_at: float | None = None

    def write(self, rows: memoryview) -> None:
        """Take whole or partial rows."""
        if self._first_row_at is None:
            self._first_row_at = self._clock()
        # Cut to chunks, so that one huge write costs no second copy of the page.
        while rows:
            room = self._chunk_bytes - len(self._pending)
            self._pending += rows[:room]
            rows = rows[room:]
            if len(self._pending) == self._chunk_bytes:
                self._reduce()
                self._send_if_due()

    def finish(self) -> None:
        """Send what is left."""
        self._reduce()
        if self._reduced:
            self._send()

    def _reduce(self) -> None:
        rows = len(self._pending) // self._row_bytes
        if not rows:
            return
        image = _pillow().frombuffer(
            self._mode, (self._width, rows), self._pending, "raw", self._mode, 0, 1
        )
        self._reduced += image.reduce(self._factor).tobytes()
        # The image looks into the buffer: a new one is begun instead of emptying it.
        self._pending = bytearray()

    def _send_if_due(self) -> None:
        now = self._clock()
        if self._sent_at is None or now - self._sent_at >= self._interval_s:
            self._send()
            self._sent_at = now

    def _send(self) -> None:
        height = len(self._reduced) // self._reduced_row_bytes
        strip = _pillow().frombytes(self._mode, (self._reduced_width, height), bytes(self._reduced))
        packed = io.BytesIO()
        strip.save(packed, "JPEG", quality=self._quality)
        taken = self._offer(
            Strip(
                top=self._top,
                width=self._reduced_width,
                height=height,
                total_height=self._total,
                first_row_at=self._first_row_at or 0.0,
                jpeg=packed.getvalue(),
            )
        )
        if taken:
            self._top += height
            self._reduced = bytearray()


def _pillow() -> ModuleType:
    # Imported when the first page comes: an idle counter does without its memory.
    from PIL import Image

    return Image
