"""Asking a printer itself, past CUPS, by a disposable ``ipptool`` (CUPS, package cups-ipp-utils).

pycups sends its questions to CUPS's own addresses only, and libcups waits for a printer that
froze as long as it takes. A program that can be killed has neither fault.
"""

from __future__ import annotations

import csv
import socket
import subprocess
from dataclasses import dataclass
from enum import Enum, auto
from pathlib import Path
from urllib.parse import urlsplit

ANSWER_S = 0.8
VERDICT_S = 5.0
"""How long the printer may take to answer in mid-job, where a cancel waits for it, and at the end."""

_CONNECT_S = 1.0
_PORTS = {"ipp": 631, "ipps": 631, "socket": 9100, "http": 80, "https": 443, "lpd": 515}
_STATE_TEST = Path(__file__).with_name("cups_printer.test")
_JOBS_TEST = Path(__file__).with_name("cups_jobs.test")
_UNDER_WAY = {"pending", "pending-held", "processing", "processing-stopped"}


class Word(Enum):
    """What the printer says of a job."""

    PRINTED = auto()
    UNDER_WAY = auto()
    GAVE_UP = auto()
    UNKNOWN = auto()  # it answers, and has no such job
    MUTE = auto()  # it does not answer, or does not speak IPP


@dataclass(frozen=True, slots=True, kw_only=True)
class Condition:
    """How a printer says that it is: its state reasons, and the papers in its trays."""

    reasons: tuple[str, ...]
    papers: tuple[str, ...]


def condition(address: str) -> Condition | None:
    """Ask how the printer is; None when it does not say.

    The queue of an idle printer knows of no fault (CUPS 2.4), the printer does.
    """
    rows = _ask(address, _STATE_TEST, limit_s=ANSWER_S)
    if not rows or len(rows) < 2:
        return None
    heading, row, *_ = rows
    told = dict(zip(heading, row, strict=False))
    return Condition(
        reasons=_keywords(told.get("printer-state-reasons", "")),
        papers=_keywords(told.get("media-ready", "")),
    )


def state_reasons(address: str) -> tuple[str, ...] | None:
    """Ask what is wrong with the printer; None when it does not say."""
    found = condition(address)
    return None if found is None else found.reasons


def word_on(address: str, title: str, *, limit_s: float = VERDICT_S) -> Word:
    """Ask what became of the job ``title``, which no other job may ever have had.

    CUPS may have sent it more than once, for example after a power cut; that it came out then
    counts more than that it was given up before.
    """
    rows = _ask(address, _JOBS_TEST, limit_s=limit_s)
    if rows is None:
        return Word.MUTE
    states = {row[1] for row in rows if len(row) == 2 and row[0] == title}
    if "completed" in states:
        return Word.PRINTED
    if states & _UNDER_WAY:
        return Word.UNDER_WAY
    return Word.GAVE_UP if states else Word.UNKNOWN


def speaks_ipp(address: str) -> bool:
    """Say whether the address is one of a printer that can be asked."""
    return urlsplit(address).scheme in ("ipp", "ipps")


def is_reachable(address: str) -> bool:
    """Say whether somebody listens at a network printer's address; True for any other kind."""
    place = urlsplit(address)
    if place.scheme not in _PORTS or not place.hostname:
        return True
    try:
        port = place.port or _PORTS[place.scheme]
        with socket.create_connection((place.hostname, port), timeout=_CONNECT_S):
            return True
    except OSError:
        return False


def _ask(address: str, test: Path, *, limit_s: float) -> list[list[str]] | None:
    """Return the cells of ``ipptool``'s answer, headings too; None without an answer."""
    if not speaks_ipp(address):
        return None
    plain = urlsplit(address)._replace(query="").geturl()
    try:
        done = subprocess.run(
            ["ipptool", "-c", "-T", str(limit_s), plain, str(test)],
            capture_output=True,
            text=True,
            errors="replace",
            check=False,
            timeout=limit_s,
        )
    except subprocess.TimeoutExpired:
        return None
    # Its exit code tells of conformance too; a heading comes with every answer and only then.
    return list(csv.reader(done.stdout.splitlines())) or None


def _keywords(cell: str) -> tuple[str, ...]:
    return tuple(word for word in cell.split(",") if word not in ("", "none"))
