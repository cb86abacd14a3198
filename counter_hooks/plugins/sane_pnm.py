"""One page as it comes out of scanimage: a PNM header, then rows, then the end of the pipe."""

from __future__ import annotations

import re

from counter_hooks import Page, PageSink, ResultUnsound, ScanContext

# "P6", comments, width, height, greatest value, one white space, rows (netpbm's pnm(5)).
_GAP = rb"\s+(?:#[^\n]*\n\s*)*"
_HEADER = re.compile(rb"(P[56])" + _GAP + rb"(\d+)" + _GAP + rb"(\d+)" + _GAP + rb"(\d+)\s")
_HEADER_LIMIT = 4096
_CHANNELS = {b"P5": 1, b"P6": 3}


class PnmPage:
    """Passes the rows of one page on and holds none of them."""

    def __init__(self, context: ScanContext, *, dpi: int, number: int) -> None:
        self._context = context
        self._dpi = dpi
        self._number = number
        self._head = b""
        self._sink: PageSink | None = None
        self._missing = 0
        self.has_bytes = False

    @property
    def is_whole(self) -> bool:
        """True when the header and every row that it announced have come."""
        return self._sink is not None and self._missing == 0

    def feed(self, block: bytes) -> None:
        """Take the next bytes; raises ``ResultUnsound`` for what is not an 8 bit picture."""
        self.has_bytes = True
        rows: bytes | memoryview = block
        if self._sink is None:
            rows = self._begin(block)
        if len(rows) > self._missing and self._sink is not None:
            raise ResultUnsound("more rows than announced", page=self._number)
        if rows and self._sink is not None:
            self._sink.write(rows)
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
        kind, width, height, greatest = header.groups()
        channels = _CHANNELS[kind]
        if greatest != b"255" or not int(width) or not int(height):
            raise ResultUnsound("not 8 bits a sample, or empty", page=self._number)
        self._sink = self._context.begin_page(
            width_px=int(width), height_px=int(height), channels=channels, dpi=self._dpi
        )
        self._missing = int(width) * int(height) * channels
        rows, self._head = memoryview(self._head)[header.end() :], b""
        return rows
