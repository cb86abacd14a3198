"""Reads one PDF from its input, bounded, and ends: ``look``, or ``show PAGE WIDTH``.

Run by its path and for one document, never imported by the bridge: a PDF is a program for whoever
reads it. It ends with 0 and the answer, with 1 and the key of what is wrong, or it is ended.
"""

from __future__ import annotations

import json
import resource
import sys
from collections.abc import Callable
from io import BytesIO

import pypdfium2 as pdfium

MOST_MEMORY_BYTES = 1024 * 1024 * 1024
MOST_CPU_S = 15
MOST_PAGES = 200
# A page that is drawn so small shows nobody anything; whether it can be drawn is what counts.
LOOK_PX = 64
SIDES_PT = range(30, 3402)  # 1 cm to 1.2 m
_PASSWORD = pdfium.raw.FPDF_ERR_PASSWORD
_MAY_PRINT = 1 << 2  # ISO 32000-1, table 22


def main(arguments: list[str]) -> int:
    """Answer the question in ``arguments`` about what comes in."""
    resource.setrlimit(resource.RLIMIT_AS, (MOST_MEMORY_BYTES, MOST_MEMORY_BYTES))
    resource.setrlimit(resource.RLIMIT_CPU, (MOST_CPU_S, MOST_CPU_S))
    content = sys.stdin.buffer.read()
    question, *numbers = arguments
    try:
        with pdfium.PdfDocument(content) as document:
            answer = _ANSWERS[question](document, *map(int, numbers))
    except pdfium.PdfiumError as error:
        return _wrong("pdf-locked" if error.err_code == _PASSWORD else "pdf-unreadable")
    except MemoryError:
        return _wrong("pdf-too-heavy")
    except _Wrong as error:
        return _wrong(str(error))
    sys.stdout.buffer.write(answer)
    return 0


class _Wrong(Exception):
    """What is wrong, by its key."""


def _look(document: pdfium.PdfDocument) -> bytes:
    permissions = pdfium.raw.FPDF_GetDocPermissions(document)
    if not permissions & _MAY_PRINT:
        raise _Wrong("pdf-locked")
    pages = len(document)
    if not pages:
        raise _Wrong("pdf-unreadable")
    if pages > MOST_PAGES:
        raise _Wrong("pdf-too-heavy")
    for page in document:
        if any(int(side) not in SIDES_PT for side in page.get_size()):
            raise _Wrong("pdf-too-heavy")
        page.render(scale=LOOK_PX / max(page.get_size())).close()
    return json.dumps({"pages": pages}).encode()


def _show(document: pdfium.PdfDocument, number: int, width_px: int) -> bytes:
    if not 0 < number <= len(document):
        raise _Wrong("page-not-visible")
    page = document[number - 1]
    picture = page.render(scale=width_px / page.get_width()).to_pil()
    out = BytesIO()
    picture.convert("RGB").save(out, "JPEG", quality=85)
    return out.getvalue()


def _wrong(key: str) -> int:
    sys.stdout.write(key)
    return 1


_ANSWERS: dict[str, Callable[..., bytes]] = {"look": _look, "show": _show}

if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
