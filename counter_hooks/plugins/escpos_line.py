"""The line to a ticket printer: opened by python-escpos, watched while something is sent."""

from __future__ import annotations

import os
import select
import socket
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from counter_hooks import (
    Attention,
    DeviceBusy,
    DeviceGone,
    DeviceSilent,
    JobCancelled,
    JobContext,
)
from counter_hooks.plugins import escpos_paper, escpos_status
from counter_hooks.plugins.escpos_settings import EscposSettings

STEP_S = 0.1
CONNECT_S = 4.0
ANSWER_S = 1.5
# The proof that all is on paper is asked for anew so often.
PROOF_S = 1.5
# How long a printer may take nothing without saying why, and print what it has taken.
SILENT_S = 20.0
MOST_BYTES = 4096


class Line:
    """One connection; used for one job or one look."""

    def __init__(self, printer: Any, *, answers: bool) -> None:
        """``printer`` is python-escpos's, open; ``answers`` whether it can be asked."""
        self._number: int = printer.device.fileno()
        self.answers = answers
        os.set_blocking(self._number, False)

    def look(self, is_cancelled: Callable[[], bool] = lambda: False) -> Attention | None:
        """Return what the printer needs, None when it is ready. Raises ``DeviceSilent``."""
        if not self.answers:
            return None
        self._drain()
        answers = {}
        for ask in escpos_status.ASKED_AT_ONCE:
            self._write_all(escpos_status.question(ask), is_cancelled)
            answer = self._await(escpos_status.is_answer, ANSWER_S, is_cancelled)
            if not answer:
                raise DeviceSilent("the ticket printer does not say how it is")
            answers[ask] = answer[0]
        return escpos_status.attention_of(answers)

    def send(self, pieces: Iterable[bytes], context: JobContext) -> None:
        """Send ``pieces``, waiting for a person wherever one is needed, until all is on paper."""
        for piece in pieces:
            self._settle(context)
            self._write_all(piece, lambda: context.is_cancelled)
        if self.answers:
            self._finish(context)

    def _settle(self, context: JobContext) -> None:
        """Return when the printer is ready."""
        told: Attention | None = None
        while (needed := self.look(lambda: context.is_cancelled)) is not None:
            if needed is not told:
                context.needs_attention(needed)
                told = needed
            if context.wait(STEP_S):
                raise JobCancelled
        if context.is_cancelled:
            raise JobCancelled
        if told is not None:
            context.attention_over()

    def _finish(self, context: JobContext) -> None:
        """Return when the printer says that what it took is on paper."""
        until = time.monotonic() + SILENT_S
        while True:
            # Asked anew each time: what it answered may have been left unread by a look.
            self._write_all(escpos_status.FENCE, lambda: context.is_cancelled)
            if self._await(escpos_status.is_fence, PROOF_S, lambda: context.is_cancelled):
                return
            if self.look(lambda: context.is_cancelled) is not None:
                self._settle(context)
                until = time.monotonic() + SILENT_S
            elif time.monotonic() > until:
                raise DeviceSilent("the ticket printer does not say that it is done")

    def _await(
        self, is_it: Callable[[int], bool], limit_s: float, is_cancelled: Callable[[], bool]
    ) -> bytes:
        """Return the first byte that is such, nothing when none comes in time."""
        until = time.monotonic() + limit_s
        while time.monotonic() < until:
            if is_cancelled():
                raise JobCancelled
            for byte in self._read(STEP_S):
                if is_it(byte):
                    return bytes([byte])
        return b""

    def _write_all(self, content: bytes, is_cancelled: Callable[[], bool]) -> None:
        rest = memoryview(content)
        until = time.monotonic() + SILENT_S
        while rest:
            taken = self._write(rest[:MOST_BYTES])
            if taken:
                until = time.monotonic() + SILENT_S
            elif is_cancelled():
                # Only where nothing moves: a piece that is torn would garble the next job.
                raise JobCancelled
            elif time.monotonic() > until:
                raise DeviceSilent("the ticket printer takes nothing")
            rest = rest[taken:]

    def _write(self, content: memoryview) -> int:
        try:
            if not select.select([], [self._number], [], STEP_S)[1]:
                return 0
            return os.write(self._number, content)
        except BlockingIOError:
            return 0
        except OSError as error:
            raise DeviceGone(f"the ticket printer went away: {error.strerror}") from error

    def _read(self, wait_s: float) -> bytes:
        try:
            if not select.select([self._number], [], [], wait_s)[0]:
                return b""
            read = os.read(self._number, MOST_BYTES)
        except BlockingIOError:
            return b""
        except OSError as error:
            raise DeviceGone(f"the ticket printer went away: {error.strerror}") from error
        if not read:
            raise DeviceGone("the ticket printer ended the connection")
        return read

    def _drain(self) -> None:
        """Leave unread what was not asked for: printers answer questions inside pictures, too."""
        while self._read(0):
            pass


@contextmanager
def opened(settings: EscposSettings) -> Iterator[Line]:
    """Open the printer. Raises ``DeviceGone``, ``DeviceBusy``."""
    escpos_paper.forget_pickles()
    from escpos import printer as printers
    from escpos.exceptions import DeviceNotFoundError

    kind: Any
    try:
        if settings.host:
            kind = printers.Network(settings.host, settings.port)
            # python-escpos forgets to close a connection that does not come about.
            kind.device = socket.create_connection((settings.host, settings.port), CONNECT_S)
        elif settings.serial:
            kind = printers.Serial(settings.serial, settings.baud, timeout=STEP_S)
            kind.open()
        else:
            # python-escpos would make an ordinary file where there is none.
            Path(settings.device).stat()
            kind = printers.File(settings.device)
            kind.open()
    except PermissionError as error:
        raise DeviceBusy("the ticket printer may not be opened") from error
    except (DeviceNotFoundError, OSError) as error:
        raise DeviceGone("the ticket printer is not there") from error
    try:
        yield Line(kind, answers=not settings.device)
    finally:
        kind.close()
