"""Looks at a PDF before CUPS has it, by a disposable ``pdfinfo`` (package poppler-utils).

CUPS takes any file and finds out in the printing; a broken one leaves the queue blocked.
"""

from __future__ import annotations

import re
import subprocess
from pathlib import Path

from counter_hooks import DocumentUnsound, PrintJob, WishUnmet
from counter_hooks.page_ranges import last_page
from counter_hooks.plugins import poppler

MOST_PAGES = 500
"""More than a counter's tray holds; nobody waits for it."""
LOOK_S = 20

_SIDES_PT = range(28, 3402)  # 1 cm to 1.2 m
_SIZE = re.compile(r"^Page +\d+ size: +(\d+)[.\d]* x (\d+)", re.MULTILINE)
_FACT = re.compile(r"^(?P<name>[A-Za-z ]+):\s*(?P<value>.*)$", re.MULTILINE)


def require_sound(job: PrintJob) -> None:
    """Refuse a file that would stop the queue, or print nothing. Raises ``DocumentUnsound``.

    Raises ``WishUnmet`` when pages are asked for that it does not have.
    """
    told = _told(job.file)
    facts = {found["name"]: found["value"] for found in _FACT.finditer(told)}
    pages = int(facts.get("Pages", "0"))
    if not 0 < pages <= MOST_PAGES:
        raise DocumentUnsound(f"the PDF has {pages} pages", job=job.id)
    # How many pages there are is what a PDF says; each is looked for.
    sides = [int(side) for sizes in _SIZE.findall(told) for side in sizes]
    if len(sides) != 2 * pages or any(side not in _SIDES_PT for side in sides):
        raise DocumentUnsound("a page of the PDF is missing or of no size", job=job.id)
    if "print:no" in facts.get("Encrypted", ""):
        raise DocumentUnsound("the PDF forbids to print it", job=job.id)
    if last_page(job.options.pages) > pages:
        raise WishUnmet(f"the PDF has {pages} pages only", job=job.id, option="pages")


def _told(file: Path) -> str:
    try:
        done = poppler.run("pdfinfo", "-f", "1", "-l", str(MOST_PAGES), str(file), limit_s=LOOK_S)
    except subprocess.TimeoutExpired as error:
        raise DocumentUnsound("the PDF could not be read in time") from error
    if done.returncode:
        is_locked = "Incorrect password" in done.stderr
        raise DocumentUnsound("the PDF is locked" if is_locked else "the file is not a sound PDF")
    return done.stdout
