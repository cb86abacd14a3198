"""One CUPS queue through pycups: a connection of its own each, since a shared one aborts Python.

(pycups 43: two threads in one connection end in a fatal error of the interpreter.)
"""

from __future__ import annotations

import contextlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from enum import IntEnum
from pathlib import Path
from typing import Any

import cups

from counter_hooks import DeviceError, DeviceGone

RAW = "Local Raw Printer"
PDF = "application/pdf"
IDLE, STOPPED = 3, 5
"""States of a queue (RFC 8011, 5.4.11)."""

# What libcups makes of a connection that fails or breaks.
_NO_ANSWER = (cups.IPP_SERVICE_UNAVAILABLE, cups.IPP_INTERNAL_ERROR)
_BLOCK_BYTES = 64 * 1024
_QUEUE_FACTS = [
    "color-supported",
    "device-uri",
    "finishings-supported",
    "media-supported",
    "page-ranges-supported",
    "print-scaling-supported",
    "printer-info",
    "printer-make-and-model",
    "printer-state",
    "printer-state-reasons",
    "sides-supported",
]
_JOB_FACTS = [
    "job-name",
    "job-state",
    "job-printer-state-reasons",
    "job-printer-state-message",
    "number-of-documents",
    "time-at-processing",
]


class IppJobState(IntEnum):
    """RFC 8011, 5.3.7."""

    PENDING = 3
    HELD = 4
    PROCESSING = 5
    STOPPED = 6
    CANCELLED = 7
    ABORTED = 8
    COMPLETED = 9


@dataclass(frozen=True, slots=True, kw_only=True)
class JobFacts:
    """How CUPS says that a job stands; ``title`` is what the printer knows it by.

    CUPS erases the documents of old jobs: one that has none may have been printed all the same,
    and ``is_empty`` says that it was not.
    """

    title: str
    state: IppJobState
    reasons: tuple[str, ...]
    message: str
    is_empty: bool


class Queue:
    """The queue ``name`` of a CUPS server; use it in the thread that made it."""

    def __init__(self, name: str, server: str | None) -> None:
        """Connect. ``server`` is a host name or a socket's path; None is CUPS's own choice."""
        self.name = name
        self._connection = connect(server)

    def facts(self) -> dict[str, Any]:
        """Return the queue's attributes. Raises ``DeviceGone``."""
        with translated():
            facts: dict[str, Any] = self._connection.getPrinterAttributes(
                self.name, requested_attributes=_QUEUE_FACTS
            )
            return facts

    def create(self, title: str, options: Mapping[str, str]) -> int:
        """Return the number of a new job that has no document yet, so nothing prints."""
        with translated():
            number: int = self._connection.createJob(self.name, title, dict(options))
            return number

    def hand_over(self, number: int, title: str, file: Path) -> None:
        """Give a job its one document; from here on CUPS prints it."""
        with translated(), file.open("rb") as content:
            self._connection.startDocument(self.name, number, title, PDF, 1)
            while block := content.read(_BLOCK_BYTES):
                self._connection.writeRequestData(block, len(block))
            self._connection.finishDocument(self.name)

    def job(self, number: int) -> JobFacts | None:
        """Return how a job stands, None when CUPS does not know it (any more)."""
        try:
            with translated():
                told = self._connection.getJobAttributes(number, requested_attributes=_JOB_FACTS)
        except UnknownHere:
            return None
        return JobFacts(
            title=str(told.get("job-name") or ""),
            state=IppJobState(told["job-state"]),
            reasons=texts(told.get("job-printer-state-reasons")),
            message=str(told.get("job-printer-state-message") or ""),
            is_empty=not told.get("number-of-documents") and not told.get("time-at-processing"),
        )

    def cancel(self, number: int) -> None:
        """Cancel a job; one that has ended is no mistake. Raises ``DeviceGone``."""
        try:
            with translated():
                self._connection.cancelJob(number)
        except UnknownHere:
            return
        except DeviceGone:
            raise
        except DeviceError:
            return

    def resume(self) -> None:
        """Start a queue that stopped itself; without the right to, it stays as it is."""
        with contextlib.suppress(DeviceError), translated():
            self._connection.enablePrinter(self.name)


class UnknownHere(DeviceGone):
    """CUPS has no such queue or job."""


def connect(server: str | None) -> Any:
    """Return a new connection. Raises ``DeviceGone`` when no CUPS answers."""
    with translated():
        return cups.Connection(host=server) if server else cups.Connection()


@contextlib.contextmanager
def translated() -> Iterator[None]:
    """Turn pycups' errors into ours."""
    try:
        yield
    except cups.IPPError as error:
        status, text = error.args
        if status == cups.IPP_NOT_FOUND:
            raise UnknownHere(str(text)) from error
        if status in _NO_ANSWER:
            raise DeviceGone(f"CUPS does not answer: {text}") from error
        raise DeviceError(f"CUPS: {text}", status=status) from error
    except (cups.HTTPError, RuntimeError) as error:
        raise DeviceGone(f"CUPS does not answer: {error}") from error


def texts(value: object) -> tuple[str, ...]:
    """Return an attribute's keywords, ``none`` left out."""
    if isinstance(value, str):
        value = [value]
    return tuple(str(one) for one in value if one != "none") if isinstance(value, list) else ()
