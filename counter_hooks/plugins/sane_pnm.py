"""One page as it comes out of scanimage: a PNM header, then rows, then the end of the pipe."""

from __future__ import annotations

import re

from counter_hooks import Page, PageSink, ResultUnsound, ScanContext

# "P6", comments, width, height, greatest value, one white space, rows (netpbm's pnm(5)). A P4,
# from a scanner that knows black and white alone, has no greatest value; its rows are bits.
_GAP = rb"\s+(?:#[^\n]*\n\s*)*"
_HEADER = re.compile(
    rb"(P4|(P[56]))" + _GAP + rb"(\d+)" + _GAP + rb"(\d+)(?(2)" + _GAP + rb"(\d+))\s"
)
_HEADER_LIMIT = 4096
_CHANNELS = {b"P4": 1, b"P5": 1, b"P6": 3}
# Eight pixels of grey for each byte of a P4, where a bit that is set is ink.
_GREYS = [bytes(0 if byte >> bit & 1 else 255 for bit in range(7, -1, -1)) for byte in range(256)]


class PnmPage:
    """Passes the rows of one page on and holds none of them."""

    def __init__(self, context: ScanContext, *, dpi: int, number: int) -> None:
        self._context = context
        self._dpi = dpi
        self._number = number
        self._head = b""
        self._sink: PageSink | None = None
        self._missing = 0
        self._bits: _Bits | None = None
        self.has_bytes = False

    @property
    def is_whole(self) -> bool:
        """True when the header and every row that it announced have come."""
        return self._sink is not None and self._missing == 0

    def feed(self, block: bytes) -> None:
        """Take the next bytes; raises ``ResultUnsound`` for what is not 8 bits or 1."""
        self.has_bytes = True
        rows: bytes | memoryview = block
        if self._sink is None:
            rows = self._begin(block)
        if len(rows) > self._missing and self._sink is not None:
            raise ResultUnsound("more rows than announced", page=self._number)
        if rows and self._sink is not None:
            self._sink.write(rows if self._bits is None else self._bits.greys(rows))
            self._missing -= len(rows)

    def finish(self) -> Page:
        """Keep a whole page."""
        if self._sink is None or self._missing:
            raise ResultUnsound(
                "the page ended before its last row", page=self._number, missing=self._missing
            )
        sink, self._sink = self._sink, None
        return sink.finish()

    def discard(self) -> None:
        """Drop what has come of a page that will not become whole."""
        if self._sink is not None:
            self._sink.discard()
            self._sink = None

    def _begin(self, block: bytes) -> memoryview:
        self._head += block
        header = _HEADER.match(self._head)
        if header is None:
            if len(self._head) > _HEADER_LIMIT:
                raise ResultUnsound("not a PNM picture", page=self._number)
            return memoryview(b"")
        kind, greatest = header[1], header[5]
        width, height, channels = int(header[3]), int(header[4]), _CHANNELS[kind]
        if greatest not in (None, b"255") or not width or not height:
            raise ResultUnsound("not 8 bits a sample, or empty", page=self._number)
        self._sink = self._context.begin_page(
            width_px=width, height_px=height, channels=channels, dpi=self._dpi
        )
        self._bits = _Bits(width) if kind == b"P4" else None
        self._missing = height * (self._bits.row_bytes if self._bits else width * channels)
        rows, self._head = memoryview(self._head)[header.end() :], b""
        return rows


class _Bits:
    """Turns rows of bits, each filled up to a whole byte, into rows of grey."""

    def __init__(self, width_px: int) -> None:
        self._width_px = width_px
        self.row_bytes = -(-width_px // 8)
        self._rest = b""

    def greys(self, bits: bytes | memoryview) -> bytes:
        """Return the rows that are whole by now."""
        self._rest += bits
        whole = len(self._rest) // self.row_bytes * self.row_bytes
        rows = [
            b"".join([_GREYS[byte] for byte in self._rest[at : at + self.row_bytes]])
            for at in range(0, whole, self.row_bytes)
        ]
        self._rest = self._rest[whole:]
        return b"".join(row[: self._width_px] for row in rows)
