"""Looks into PDFs that others made, in a process for each question: nothing else is at stake."""

from __future__ import annotations

import json
import logging
import subprocess
import sys
import threading
from pathlib import Path

from bridge.core.errors import BridgeError
from bridge.documents.errors import (
    PageNotVisible,
    PdfLocked,
    PdfTooHeavy,
    PdfUnreadable,
)

log = logging.getLogger(__name__)

PDF = "application/pdf"
_PROGRAM = Path(__file__).with_name("pdf_program.py")
_LIMIT_S = 20.0
_ERRORS: dict[str, type[BridgeError]] = {
    one.key: one for one in (PdfLocked, PdfTooHeavy, PdfUnreadable, PageNotVisible)
}
# Drawing is heavy work: whoever comes third waits.
_at_once = threading.BoundedSemaphore(2)


def pages_of(content: bytes) -> int:
    """Return how many pages a PDF has that can be printed, every one of them.

    Raises ``PdfUnreadable``, ``PdfLocked``, ``PdfTooHeavy``.
    """
    if not content.startswith(b"%PDF-"):
        raise PdfUnreadable
    pages: int = json.loads(_ask(content, "look"))["pages"]
    return pages


def picture(content: bytes, number: int, *, width_px: int) -> bytes:
    """Return page ``number`` as a JPEG. Raises ``PageNotVisible``, ``PdfTooHeavy``."""
    return _ask(content, "show", str(number), str(width_px))


def _ask(content: bytes, *question: str) -> bytes:
    # Isolated: neither the environment nor the folder that the bridge runs in change what is loaded.
    command = [sys.executable, "-I", str(_PROGRAM), *question]
    with _at_once:
        try:
            done = subprocess.run(
                command, input=content, capture_output=True, check=False, timeout=_LIMIT_S
            )
        except subprocess.TimeoutExpired as error:
            raise PdfTooHeavy from error
    if done.returncode == 0:
        return done.stdout
    if done.returncode < 0:  # what ended it was the document's doing: memory, time, or a crash
        raise PdfTooHeavy
    known = _ERRORS.get(done.stdout.decode("ascii", "replace"))
    if known is None:
        log.error("PDFs cannot be read: %s", done.stderr.decode("utf-8", "replace")[-400:])
        raise BridgeError
    raise known
