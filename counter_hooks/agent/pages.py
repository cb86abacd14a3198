"""Keeps pages: rows become a JPEG file in the spool, and strips of the live preview on the way."""

from __future__ import annotations

import os
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import IO

from counter_hooks.agent.encoder import BLOCK_BYTES, MAXIMUM_SIDE_PX, Encoder
from counter_hooks.agent.errors import PageTooLarge, PageUnkept
from counter_hooks.agent.preview import PreviewMaker
from counter_hooks.driver import PageSink
from counter_hooks.errors import ResultUnsound
from counter_hooks.model import Page
from counter_hooks.wire import MOST_PAGE_PX


def synchronise_directory(directory: Path) -> None:
    """Make the names in ``directory`` durable."""
    descriptor = os.open(directory, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def require_page_size(width_px: int, height_px: int) -> None:
    """Raise ``PageTooLarge`` when no page has so many pixels."""
    if width_px * height_px > MOST_PAGE_PX:
        raise PageTooLarge(f"no page has {width_px} x {height_px} pixels")


class RowSink(PageSink):
    """Takes the rows of one page.

    ``keep`` is called with the finished page, writes it into the journal and returns what it kept; ``check`` raises
    ``JobCancelled`` when the job was stopped; ``progress`` is told the share of rows received.
    """

    def __init__(
        self,
        path: Path,
        *,
        number: int,
        shape: PageShape,
        quality: int,
        preview: PreviewMaker | None,
        check: Callable[[], None],
        progress: Callable[[float | None], None],
        keep: Callable[[Page], Page],
    ) -> None:
        self._path = path
        self._part = path.with_suffix(".part")
        self._number = number
        self._shape = shape
        self._quality = quality
        self._preview = preview
        self._check = check
        self._progress = progress
        self._keep = keep
        self._received = 0
        self.is_open = True
        self._rows: _Rows = (
            _LateRows(self._part.with_suffix(".rows"), shape)
            if shape.height_px is None
            else _DirectRows(self._encoder(shape.height_px))
        )

    def write(self, rows: bytes | memoryview) -> None:
        """Take whole or partial rows; raises ``JobCancelled``, ``ResultUnsound``, ``PageUnkept``."""
        self._check()
        if not self.is_open:
            raise ResultUnsound("rows came after the end of the page", page=self._number)
        view = memoryview(rows).cast("B")
        expected = self._shape.expected_bytes
        if expected is not None and self._received + len(view) > expected:
            self.discard()
            raise ResultUnsound("more rows came than were announced", page=self._number)
        self._received += len(view)
        # A driver may hand over a whole page at once; a cancel must not wait for all of it.
        for start in range(0, len(view), BLOCK_BYTES):
            self._check()
            block = view[start : start + BLOCK_BYTES]
            self._rows.write(block)
            if self._preview is not None:
                self._preview.write(block)
        self._progress(None if expected is None else self._received / expected)

    def finish(self) -> Page:
        """Close the page and keep it; raises ``ResultUnsound`` when rows are missing."""
        self._check()
        if not self.is_open:
            raise ResultUnsound("the page was closed before", page=self._number)
        height = self._whole_height()
        self.is_open = False
        try:
            encoder = self._rows.encoded(height, self._encoder)
            self._part.rename(self._path)
            synchronise_directory(self._path.parent)
        except (OSError, PageUnkept) as error:
            self._erase()
            if isinstance(error, PageUnkept):
                raise
            raise PageUnkept(f"the page could not be kept: {error.strerror}") from error
        page = Page(
            number=self._number,
            path=self._path,
            media_type="image/jpeg",
            sha256=encoder.sha256,
            size_bytes=encoder.size_bytes,
            width_px=self._shape.width_px,
            height_px=height,
            dpi=self._shape.dpi,
        )
        kept = self._keep(page)
        if self._preview is not None:
            self._preview.finish()
        return kept

    def discard(self) -> None:
        """Drop the page unless it is finished."""
        if self.is_open:
            self.is_open = False
            self._rows.abort()
            self._erase()

    def _whole_height(self) -> int:
        height, rest = divmod(self._received, self._shape.row_bytes)
        expected = self._shape.expected_bytes
        if not height or rest or expected not in {None, self._received}:
            self.discard()
            raise ResultUnsound(
                f"the page is short: {height} rows of {self._shape.height_px or 'unknown'}",
                page=self._number,
                rows=height,
            )
        return height

    def _erase(self) -> None:
        self._part.unlink(missing_ok=True)

    def _encoder(self, height_px: int) -> Encoder:
        if height_px > MAXIMUM_SIDE_PX:
            raise ResultUnsound(f"a page of {height_px} rows is too long", page=self._number)
        return Encoder(
            self._part,
            width_px=self._shape.width_px,
            height_px=height_px,
            channels=self._shape.channels,
            dpi=self._shape.dpi,
            quality=self._quality,
        )


class PageShape:
    """The measures of a page as its driver announced them.

    Raises ``ResultUnsound`` on nonsense, ``PageTooLarge``.
    """

    def __init__(self, *, width_px: int, height_px: int | None, channels: int, dpi: int) -> None:
        sides = [width_px] if height_px is None else [width_px, height_px]
        if channels not in {1, 3} or not all(0 < side <= MAXIMUM_SIDE_PX for side in sides):
            raise ResultUnsound(
                f"a page of {width_px} x {height_px} pixels and {channels} channels cannot be kept"
            )
        require_page_size(width_px, height_px or 1)
        if not 0 < dpi <= 0xFFFF:
            raise ResultUnsound(f"{dpi} dpi cannot be written into a page")
        self.width_px = width_px
        self.height_px = height_px
        self.channels = channels
        self.dpi = dpi
        self.row_bytes = width_px * channels
        self.expected_bytes = None if height_px is None else height_px * self.row_bytes


class _DirectRows:
    """Rows of a page of known height go straight to the encoder."""

    def __init__(self, encoder: Encoder) -> None:
        self._encoder = encoder

    def write(self, block: memoryview) -> None:
        self._encoder.write(block)

    def encoded(self, _height: int, _begin: Callable[[int], Encoder]) -> Encoder:
        self._encoder.finish()
        return self._encoder

    def abort(self) -> None:
        self._encoder.abort()


class _LateRows:
    """Rows of a page of unknown height wait on disk, because JPEG needs the height first."""

    def __init__(self, path: Path, shape: PageShape) -> None:
        self._path = path
        self._limit = MOST_PAGE_PX * shape.channels
        self._size = 0
        try:
            self._file: IO[bytes] = path.open("w+b")
        except OSError as error:
            raise PageUnkept(f"the page could not be kept: {error.strerror}") from error

    def write(self, block: memoryview) -> None:
        self._size += len(block)
        if self._size > self._limit:
            self.abort()
            raise PageTooLarge("the page does not end")
        try:
            self._file.write(block)
        except OSError as error:
            self.abort()
            raise PageUnkept(f"the page could not be kept: {error.strerror}") from error

    def encoded(self, height: int, begin: Callable[[int], Encoder]) -> Encoder:
        try:
            # The last rows go to the disk only now, and may find it full.
            self._file.seek(0)
            encoder = begin(height)
            while block := self._file.read(BLOCK_BYTES):
                encoder.write(block)
            encoder.finish()
        finally:
            self.abort()
        return encoder

    def abort(self) -> None:
        # What is thrown away need not reach a disk that is full.
        with suppress(OSError):
            self._file.close()
        self._path.unlink(missing_ok=True)


_Rows = _DirectRows | _LateRows
