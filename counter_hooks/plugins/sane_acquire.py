"""One run of scanimage: pages row by row through pipes, under a watchdog.

``--batch`` keeps the device open from page to page, which feeders need, but writes each page to
a file ``page<n>.part`` and renames it when it is whole. Here that file is a FIFO. FIFO ``n + 1``
exists before FIFO ``n`` is read to its end, and scanimage cannot open it for writing until it is
opened for reading here: so rows stream, no page is mistaken for another, and the end of a pipe
is the end of a page. The glass goes the same way with ``--batch-count=1``.
"""

from __future__ import annotations

import fcntl
import logging
import os
import re
import select
import signal
import tempfile
import time
from collections import deque
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

from counter_hooks import (
    Attention,
    DeviceNeedsHand,
    DeviceSilent,
    HookError,
    JobCancelled,
    ResultUnsound,
    ScanContext,
)
from counter_hooks.plugins import sane_process, sane_status
from counter_hooks.plugins.sane_pnm import PnmPage

log = logging.getLogger(__name__)

BLOCK_BYTES = 64 * 1024
# A roomier pipe than Linux's 64 KiB spares the scanner a stop while a strip is encoded; 1 MiB
# was slower than 256 KiB, which a processor's cache holds.
PIPE_BYTES = 256 * 1024
STOP_GRACE_S = 1.0
# Backends may drive the carriage home before they end, and may hang there as anywhere (even SANE's
# test backend hung once in some 700 scans). A whole page from the glass is good all the same.
PARK_S = 20.0
LAST_WORDS = 20

_PAGE_STATUS = re.compile(r"Scanned page (\d+)\.? +\(scanner status = (\d+)\)")


@dataclass(frozen=True, slots=True, kw_only=True)
class Order:
    """What scanimage is started with; seconds of silence after which it is given up.

    ``first_s`` holds until the first row of each page (lamp, feeding), ``between_s`` afterwards.
    """

    program: str
    sane_name: str
    arguments: tuple[str, ...]
    dpi: int
    feeder: bool
    first_s: float
    between_s: float
    environment: Mapping[str, str] = field(default_factory=dict)

    @property
    def command(self) -> tuple[str, ...]:
        """The whole command line."""
        pages = () if self.feeder else ("--batch-count=1",)
        return (
            *(self.program, f"--device-name={self.sane_name}"),
            *("--format=pnm", "--batch=page%d", *pages),
            *self.arguments,
        )


def acquire(order: Order, context: ScanContext) -> None:
    """Scan into ``context`` until scanimage ends; raises a leaf of ``DeviceError``."""
    with tempfile.TemporaryDirectory(prefix="sane-", dir=context.workdir) as name:
        directory = Path(name)
        _make_pipe(directory, 1)
        program = sane_process.start(
            order.command, environment=order.environment, directory=directory
        )
        try:
            run = _Run(order, context, directory=directory, program=program)
        except BaseException:
            # Waiting for a pipe that nobody reads, it would hold the scanner for ever.
            sane_process.end(program)
            raise
        try:
            run.follow()
        except BaseException:
            run.stop()
            raise
        finally:
            run.close()


def _make_pipe(directory: Path, number: int) -> None:
    os.mkfifo(directory / f"page{number}.part", 0o600)


class _Run:
    """A running scanimage and the pipes it writes to."""

    def __init__(
        self,
        order: Order,
        context: ScanContext,
        *,
        directory: Path,
        program: sane_process.Program,
    ) -> None:
        self._order = order
        self._context = context
        self._directory = directory
        self._program = program
        self._poll = select.poll()
        self._ended = os.pidfd_open(program.pid)
        self._poll.register(self._ended, select.POLLIN)
        self._words = program.stderr.fileno() if program.stderr else -1
        self._poll.register(self._words, select.POLLIN)
        self._last_words: deque[str] = deque(maxlen=LAST_WORDS)
        self._unfinished_line = b""
        self._told_page, self._told_status = 0, sane_status.GOOD
        self._pipe = -1
        self._number = 0
        self._open_next()

    def follow(self) -> None:
        """Read until scanimage has ended, then say what its end means."""
        while True:
            if self._context.is_cancelled:
                raise JobCancelled("stopped while scanning", device=self._order.sane_name)
            ready = self._wait(sane_process.LOOK_UP_S)
            if self._words in ready:
                self._listen()
            if self._pipe in ready:
                self._read_page()
            elif self._ended in ready:
                break
            elif self._pipe < 0 and self._told_page == self._number:
                raise self._short_page()
            elif self._is_complete and self._silent_s > PARK_S:
                self.stop()
                return
            else:
                self._check_silence()
        self._conclude()

    def stop(self) -> None:
        """Ask scanimage to end, which lets the scanner park; wait for it a moment only."""
        log.info("scanimage is stopped; its last words: %s", list(self._last_words)[-3:])
        signal.pidfd_send_signal(self._ended, signal.SIGINT)
        patience_ends = time.monotonic() + STOP_GRACE_S
        while (left_s := patience_ends - time.monotonic()) > 0:
            ready = self._wait(left_s)
            if self._ended in ready:
                return
            if self._words in ready:
                self._listen()
            if self._pipe in ready and not os.read(self._pipe, BLOCK_BYTES):
                self._close_pipe()

    def close(self) -> None:
        """Drop an unfinished page, kill what still runs, let go of everything."""
        self._page.discard()
        self._close_pipe()
        os.close(self._ended)
        sane_process.end(self._program)

    def _wait(self, timeout_s: float) -> set[int]:
        return {descriptor for descriptor, _ in self._poll.poll(timeout_s * 1000)}

    def _open_next(self) -> None:
        self._number += 1
        _make_pipe(self._directory, self._number + 1)
        part = self._directory / f"page{self._number}.part"
        # Opening for reading without O_NONBLOCK would wait for scanimage, perhaps for ever.
        self._pipe = os.open(part, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC)
        with suppress(OSError):  # a kernel may grant less to an unprivileged process
            fcntl.fcntl(self._pipe, fcntl.F_SETPIPE_SZ, PIPE_BYTES)
        self._poll.register(self._pipe, select.POLLIN)
        self._page = PnmPage(self._context, dpi=self._order.dpi, number=self._number)
        self._heard_at = time.monotonic()

    def _close_pipe(self) -> None:
        if self._pipe >= 0:
            self._poll.unregister(self._pipe)
            os.close(self._pipe)
            self._pipe = -1

    def _read_page(self) -> None:
        block = os.read(self._pipe, BLOCK_BYTES)
        self._heard_at = time.monotonic()
        if block:
            self._page.feed(block)
            return
        self._close_pipe()
        # Whether a short page was a jam or a lie is told by scanimage's next line or its end.
        if self._page.is_whole:
            self._page.finish()
            self._open_next()

    def _listen(self) -> None:
        words = os.read(self._words, BLOCK_BYTES)
        if not words:
            self._poll.unregister(self._words)
            self._words = -1
        *lines, self._unfinished_line = (self._unfinished_line + words).split(b"\n")
        for raw in lines:
            line = raw.decode("utf-8", "replace").strip()
            self._last_words.append(line)
            if told := _PAGE_STATUS.search(line):
                self._told_page, self._told_status = int(told[1]), int(told[2])

    @property
    def _is_complete(self) -> bool:
        return not self._order.feeder and self._number > 1

    @property
    def _silent_s(self) -> float:
        return time.monotonic() - self._heard_at

    def _check_silence(self) -> None:
        order = self._order
        limit_s = order.between_s if self._page.has_bytes else order.first_s
        if self._silent_s > limit_s and not self._is_complete:
            raise DeviceSilent(
                "the scanner fell silent",
                device=order.sane_name,
                page=self._number,
                limit_s=limit_s,
            )

    def _conclude(self) -> None:
        if self._pipe < 0 and self._told_page == self._number:
            # What was said of the short page goes before how the try for the next one ended.
            raise self._short_page()
        # The program is looked at, not collected: see sane_process.end.
        end = os.waitid(os.P_PIDFD, self._ended, os.WEXITED | os.WNOWAIT)
        if end is not None and (end.si_code != os.CLD_EXITED or end.si_status):
            code = end.si_status if end.si_code == os.CLD_EXITED else -end.si_status
            raise sane_status.exit_claim(code, self._last_words, device=self._order.sane_name)
        if self._pipe < 0 or self._page.has_bytes:
            raise self._short_page()
        if self._number == 1 and self._order.feeder:
            # In batch mode an empty feeder is a good end to scanimage, even before any page.
            raise DeviceNeedsHand(Attention.FEEDER_EMPTY, device=self._order.sane_name)
        if self._number == 1:
            raise ResultUnsound("the scanner gave no page", device=self._order.sane_name)

    def _short_page(self) -> HookError:
        device, known = self._order.sane_name, self._told_page == self._number
        if known and self._told_status not in (sane_status.GOOD, sane_status.END_OF_FILE):
            return sane_status.claim(self._told_status, device=device)
        return ResultUnsound("the page ended before its last row", device=device, page=self._number)
