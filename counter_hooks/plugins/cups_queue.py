"""One CUPS queue through pycups: a connection of its own each, since a shared one aborts Python.

(pycups 43: two threads in one connection end in a fatal error of the interpreter.)
"""

from __future__ import annotations

import contextlib
import socket
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from enum import IntEnum
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import cups

from counter_hooks import DeviceError, DeviceGone

RAW = "Local Raw Printer"
PDF = "application/pdf"
STOPPED = 5
_BLOCK_BYTES = 64 * 1024
_KNOCK_S = 1.0
_JOB_FACTS = [
    "job-state",
    "job-printer-state-reasons",
    "job-printer-state-message",
    "number-of-documents",
    "job-impressions-completed",
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
    """How CUPS says that a job stands."""

    state: IppJobState
    reasons: tuple[str, ...]
    message: str
    documents: int


class Queue:
    """The queue ``name`` of a CUPS server; use it in the thread that made it."""

    def __init__(self, name: str, server: str | None) -> None:
        """Connect. ``server`` is a host name or a socket's path; None is CUPS's own choice."""
        self.name = name
        self._server = server
        self._connection = connect(server)

    def facts(self) -> dict[str, Any]:
        """Return the queue's attributes. Raises ``DeviceGone``."""
        with translated():
            facts: dict[str, Any] = self._connection.getPrinterAttributes(self.name)
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
            state=IppJobState(told["job-state"]),
            reasons=_texts(told.get("job-printer-state-reasons")),
            message=str(told.get("job-printer-state-message") or ""),
            documents=int(told.get("number-of-documents") or 0),
        )

    def cancel(self, number: int) -> None:
        """Cancel a job; one that has ended is no mistake."""
        with contextlib.suppress(DeviceError), translated():
            self._connection.cancelJob(number)

    def resume(self) -> None:
        """Start a queue that stopped itself; without the right to, it stays as it is."""
        with contextlib.suppress(DeviceError), translated():
            self._connection.enablePrinter(self.name)


class UnknownHere(DeviceError):
    """CUPS has no such queue or job."""

    key = "unknown-here"


def connect(server: str | None, port: int | None = None) -> Any:
    """Return a new connection. Raises ``DeviceGone`` when no CUPS answers."""
    with translated():
        given = {"host": server, "port": port}
        return cups.Connection(**{name: value for name, value in given.items() if value})


@contextlib.contextmanager
def translated() -> Iterator[None]:
    """Turn pycups' errors into ours."""
    try:
        yield
    except cups.IPPError as error:
        status, text = error.args
        if status == cups.IPP_NOT_FOUND:
            raise UnknownHere(str(text)) from error
        raise DeviceError(f"CUPS: {text}", status=status) from error
    except (cups.HTTPError, RuntimeError) as error:
        raise DeviceGone(f"CUPS does not answer: {error}") from error


def printer_reasons(address: str) -> tuple[str, ...] | None:
    """Ask the printer itself how it is; None when it does not say.

    The queue of an idle printer knows of no fault (CUPS 2.4), the printer does.
    """
    place = urlsplit(address)
    if place.scheme not in ("ipp", "ipps") or not place.hostname or not is_reachable(address):
        return None
    plain = place._replace(query="").geturl()
    try:
        with translated():
            printer = connect(place.hostname, place.port or 631)
            told = printer.getPrinterAttributes(
                uri=plain, requested_attributes=["printer-state-reasons"]
            )
    except DeviceError:
        return None
    return _texts(told.get("printer-state-reasons"))


def is_reachable(address: str) -> bool:
    """Say whether somebody listens at a network printer's address; True for any other kind."""
    place = urlsplit(address)
    ports = {"ipp": 631, "ipps": 631, "socket": 9100, "http": 80, "https": 443, "lpd": 515}
    if place.scheme not in ports or not place.hostname:
        return True
    try:
        port = place.port or ports[place.scheme]
        with socket.create_connection((place.hostname, port), timeout=_KNOCK_S):
            return True
    except OSError:
        return False


def _texts(value: object) -> tuple[str, ...]:
    if isinstance(value, str):
        value = [value]
    return tuple(str(one) for one in value if one != "none") if isinstance(value, list) else ()
