"""Plays one whole visit with two real browsers and prints a line for each thing proved."""

from __future__ import annotations

import argparse
import hashlib
import io
import sqlite3
import sys
import tempfile
import time
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pypdfium2
from PIL import Image, ImageChops
from playwright.sync_api import Error as BrowserError

from deploy.stage.demo import folder_of
from deploy.stage.people import Citizen, Clerk, two_browsers
from deploy.stage.town import NotPlayable, Town
from deploy.virtual.processes import ProcessNotReady, wait_until

PREVIEW_DPI = 72
PATIENCE_S = 30.0


class NotProved(AssertionError):
    """Something that a visit needs did not happen; the message says what."""


class Play:
    """One visit, in the order in which it happens; every method proves something."""

    def __init__(self, town: Town, citizen: Citizen, clerk: Clerk) -> None:
        self.town = town
        self.citizen = citizen
        self.clerk = clerk

    def acts(self) -> list[tuple[str, Callable[[], str]]]:
        """Return what is proved, in order."""
        return [
            ("ticket taken", self.take_ticket),
            ("called", self.call),
            ("both see moving video", self.meet),
            ("consent shown and given", self.consent),
            ("first preview strip", self.preview),
            ("page stored", self.page_stored),
            ("form printed", self.print_form),
            ("paper confirmed", self.confirm_paper),
            ("signed form scanned back", self.scan_back),
            ("visit ended", self.end),
            ("nothing left in the kiosk", self.nothing_left),
            ("audit chain verified", self.audit),
            ("no page complained", self.no_complaints),
        ]

    def take_ticket(self) -> str:
        """Let the citizen take a ticket in Valencian."""
        self.citizen.sits_down()
        return self.citizen.takes_ticket("ca", "census")

    def call(self) -> str:
        """Let the clerk call it, and the kiosk show it."""
        who = next(one for one in self.town.sign_ins if one.role == "clerk")
        self.clerk.signs_in(who)
        self.clerk.see("queue-row")
        begun = time.monotonic()
        self.clerk.touch("call-next")
        self.citizen.see("called")
        return f"{_ms(begun)} ms until the kiosk showed it"

    def meet(self) -> str:
        """Let both see each other move."""
        begun = time.monotonic()
        self.citizen.touch("start-visit")
        kiosk = self.citizen.sees_moving_picture()
        desk = self.clerk.sees_moving_picture()
        return f"{kiosk} frames decoded at the kiosk, {desk} at the desk, after {_ms(begun)} ms"

    def consent(self) -> str:
        """Ask for a scan in the meeting's own toolbar; the citizen sees it first."""
        self._go_to_step("scan-id")
        self.clerk.notes_first_strip()
        begun = time.monotonic()
        self.clerk.page.locator('[data-oac="scan"][data-place="meeting"]').click()
        self.citizen.see("consent")
        shown = _ms(begun)
        self.citizen.touch("consent-allow")
        return f"asked at the desk, shown at the kiosk after {shown} ms, allowed"

    def preview(self) -> str:
        """Show the page at the desk while the scanner moves."""
        drawn = self.clerk.first_strip_at()
        scanner = self.town.scanner
        if scanner is None:
            raise NotProved("there is no virtual scanner")
        states = {job.state.value for job in self.town.records.jobs("scan")}
        delay = (drawn - scanner.first_line_at()) * 1000
        # The strip may overtake the word that the scan runs; its end comes after the last one.
        if not states <= {"queued", "running"}:
            raise NotProved(f"the scan was {', '.join(states)} when the preview came")
        return f"{delay:.0f} ms after the first line left the scanner, while it moves"

    def page_stored(self) -> str:
        """Find the same page at agent and bridge, and on the clerk's screen."""
        self.clerk.see("page")
        page = self.town.records.pages()[0]
        content = self.town.records.content(page.document_id, page.id)
        at_bridge = hashlib.sha256(content).hexdigest()
        at_agent = _agent_hash(self.town.folder, page.job_id, page.number)
        if not at_bridge == at_agent == page.sha256:
            raise NotProved(f"hashes differ: agent {at_agent}, bridge {at_bridge}")
        with Image.open(io.BytesIO(content)) as image:
            image.load()
            said = f"{image.width} × {image.height} px"
        return (
            f"{page.dpi} dpi, {said}, {page.size_bytes // 1024} KiB, "
            f"SHA-256 {at_bridge[:12]}… equal at agent and bridge"
        )

    def print_form(self) -> str:
        """Compare what came out of the printer with what was sent."""
        self._go_to_step("print-application")
        begun = time.monotonic()
        self.clerk.page.locator('[data-oac="print"]:not([data-place="meeting"])').click()
        self._allow_if_asked()
        self.citizen.see("printed-yes")
        took = _ms(begun)
        printer = self.town.printer
        if printer is None:
            raise NotProved("there is no virtual printer")
        [job] = self.town.records.jobs("print")
        [paper] = printer.printed_files()
        sent = self.town.records.content(str(job.document_id))
        pages, difference = _difference(sent, paper.read_bytes())
        if difference:
            raise NotProved(f"the paper differs from the form by {difference}")
        return f"{pages} page(s) out of the printer in {took} ms, pixel difference {difference}"

    def confirm_paper(self) -> str:
        """Let a person say that the paper is there."""
        self.citizen.touch("printed-yes")
        self._wait_for_job("print", "confirmed")
        return "the citizen said that it came out; the job is confirmed"

    def scan_back(self) -> str:
        """Lay the signed form on the glass and scan it back."""
        before = len(self.town.records.pages())
        if self.town.scanner is not None:
            self.town.scanner.place(self.town.pictures["form"])
        self._go_to_step("sign-application")
        self.clerk.page.locator('[data-oac="scan"]:not([data-place="meeting"])').click()
        self._allow_if_asked()
        wait_until(
            lambda: len(self.town.records.pages()) > before, "a page came", seconds=PATIENCE_S
        )
        page = self.town.records.pages()[-1]
        self.clerk.page.locator(f'[data-oac="page"][data-page="{page.id}"]').wait_for()
        return f"{page.dpi} dpi, {page.size_bytes // 1024} KiB"

    def end(self) -> str:
        """End the visit, say goodbye to the citizen, do the paperwork."""
        self.clerk.ends()
        self.citizen.see("goodbye")
        self.citizen.touch("have-all")
        self.clerk.touch("close-visit")
        self.clerk.handle("close-visit").wait_for(state="detached")
        return "goodbye shown, visit closed"

    def nothing_left(self) -> str:
        """Find the kiosk as it was before the citizen came."""
        self.citizen.see("language-ca")
        left = self.citizen.remains()
        if any(left.values()):
            raise NotProved(f"left behind: {left}")
        return ", ".join(f"{name} {count}" for name, count in left.items())

    def audit(self) -> str:
        """Find the record of it whole."""
        told = self.town.run("oac-bridge", "audit", "verify")
        if told["first_broken"] is not None:
            raise NotProved(f"entry {told['first_broken']} was changed")
        return f"{told['entries']} entries, none changed"

    def no_complaints(self) -> str:
        """Find no error in either page that nobody caught."""
        complaints = self.citizen.complaints + self.clerk.complaints
        if complaints:
            raise NotProved("; ".join(complaints))
        return "0 errors in either browser"

    def _go_to_step(self, key: str) -> None:
        """Mark the step in hand as done and begin another one."""
        self.clerk.touch("step-done")
        self.clerk.touch(f"step-{key}")
        self.clerk.page.locator(f'[data-oac="step-{key}"][aria-current="step"]').wait_for()

    def _allow_if_asked(self) -> None:
        allow = self.citizen.handle("consent-allow")
        allow.or_(self.citizen.handle("device-busy")).first.wait_for()
        if allow.is_visible():
            allow.click()

    def _wait_for_job(self, kind: str, state: str) -> None:
        wait_until(
            lambda: self.town.records.jobs(kind)[-1].state.value == state,
            f"the {kind} job is {state}",
            seconds=PATIENCE_S,
        )


def main() -> int:
    """Play; return 0 when everything was proved."""
    parser = argparse.ArgumentParser(prog="deploy/demo --check")
    parser.add_argument("--port", type=int, default=0)
    parser.add_argument("--data", type=Path)
    arguments = parser.parse_args()
    begun = time.monotonic()
    with folder_of(arguments.data) as folder:
        try:
            with Town(folder, port=arguments.port) as town:
                print(f"stage set: {_ms(begun)} ms", flush=True)
                with (
                    tempfile.TemporaryDirectory(prefix="oac-profiles-") as profiles,
                    two_browsers(town, Path(profiles)) as (citizen, clerk),
                ):
                    return _play(Play(town, citizen, clerk), folder)
        except (NotPlayable, ProcessNotReady, TimeoutError) as error:
            print(f"The stage could not be set: {error}", file=sys.stderr)
            return 1


def _play(play: Play, folder: Path) -> int:
    for name, act in play.acts():
        try:
            print(f"{name}: {act()}", flush=True)
        except (NotProved, BrowserError, TimeoutError, ValueError, LookupError) as error:
            print(f"{name}: NOT PROVED: {error}", file=sys.stderr)
            for log in sorted((folder / "log").iterdir()):
                print(f"--- {log.name}\n{log.read_text()[-2000:]}", file=sys.stderr)
            return 1
    print("Everything was proved.")
    return 0


def _agent_hash(folder: Path, job: str, number: int) -> str:
    """Return what the agent's own journal says of a page."""
    [journal] = (folder / "agent").glob("journal*.sqlite3")
    with closing(sqlite3.connect(f"file:{journal}?mode=ro", uri=True)) as database:
        row = database.execute(
            "SELECT sha256 FROM page WHERE job = ? AND number = ?", (job, number)
        ).fetchone()
    return str(row[0]) if row else "unknown"


def _difference(sent: bytes, printed: bytes) -> tuple[int, int]:
    """Return the number of pages and the greatest difference of any two pixels (0 to 255)."""
    ours, theirs = _rendered(sent), _rendered(printed)
    if len(ours) != len(theirs):
        raise NotProved(f"{len(ours)} pages were sent, {len(theirs)} came out")
    greatest = 0
    for one, other in zip(ours, theirs, strict=True):
        if one.size != other.size:
            raise NotProved(f"the sheet is {other.size} px, the form {one.size}")
        greatest = max(greatest, max(ImageChops.difference(one, other).tobytes()))
    return len(ours), greatest


def _rendered(content: bytes) -> list[Image.Image]:
    document = pypdfium2.PdfDocument(content)
    try:
        return [page.render(scale=PREVIEW_DPI / 72).to_pil().convert("RGB") for page in document]
    finally:
        document.close()


def _ms(begun: float) -> int:
    return round((time.monotonic() - begun) * 1000)


if __name__ == "__main__":
    raise SystemExit(main())
