"""What the agent lends a driver for one job: pages, waiting, cancelling, asking for a person."""

from __future__ import annotations

import logging
import shutil
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Protocol

from counter_hooks.agent.config import Settings
from counter_hooks.agent.errors import JournalUnwritable, PageTooLarge, PageUnkept
from counter_hooks.agent.images import SUFFIXES, keep_copy, read_facts
from counter_hooks.agent.journal import Journal
from counter_hooks.agent.offers import FilteredPage
from counter_hooks.agent.pages import (
    PageShape,
    RowSink,
    require_page_size,
    synchronise_directory,
)
from counter_hooks.agent.preview import PreviewMaker, Strip
from counter_hooks.agent.turns import PageTurn
from counter_hooks.driver import PageSink
from counter_hooks.errors import JobCancelled, ResultUnsound
from counter_hooks.model import Attention, Page
from counter_hooks.wire import MOST_PAGE_BYTES, AgentJobState, JobProgress, PreviewStrip

log = logging.getLogger(__name__)

PROGRESS_INTERVAL_S = 0.5
ASK_AGAIN_S = 1.0
UNFINISHED = (".part", ".rows")

# Given a page that is on disk and the number of its side in the job.
FilterPage = Callable[[Page, int], FilteredPage]


class Voice(Protocol):
    """How lanes and contexts reach the bridge; no call waits for the network."""

    def preview(self, strip: PreviewStrip) -> bool:
        """Send a strip; False when the line is full, so that it must be offered again."""

    def progress(self, progress: JobProgress) -> None:
        """Tell how far a page is, if the line is free."""

    def reports_waiting(self) -> None:
        """Tell that the journal has new reports."""

    def pages_waiting(self) -> None:
        """Tell that the journal has new pages."""


class Spool:
    """Where pages wait and jobs work, below the agent's state directory."""

    def __init__(self, state_directory: Path) -> None:
        self._pages = state_directory / "spool"
        self._work = state_directory / "work"

    def prepare(self) -> None:
        """Make the folders, readable by the agent alone; what no job can finish is erased."""
        shutil.rmtree(self._work, ignore_errors=True)
        for folder in (self._pages, self._work):
            folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        for suffix in UNFINISHED:
            for file in self._pages.glob(f"*/*{suffix}"):
                file.unlink()

    def pages(self, job_id: str) -> Path:
        """Return the folder of a job's pages and of what it prints, made if need be.

        Raises ``PageUnkept``, as ``work`` does.
        """
        return self._made(self._pages / job_id)

    def work(self, job_id: str) -> Path:
        """Return the folder in which a driver may work."""
        return self._made(self._work / job_id)

    def erase_work(self, job_id: str) -> None:
        """Erase what a driver left."""
        shutil.rmtree(self._work / job_id, ignore_errors=True)

    def erase_pages(self, job_id: str) -> None:
        """Erase a job's pages."""
        shutil.rmtree(self._pages / job_id, ignore_errors=True)

    def sweep(self, still_needed: Callable[[], set[str]]) -> None:
        """Erase the folders of all jobs but those that ``still_needed`` names."""
        # Listed before asking: a job that comes in between has no folder in this list.
        folders = list(self._pages.iterdir())
        needed = still_needed()
        for folder in folders:
            if folder.name not in needed:
                shutil.rmtree(folder, ignore_errors=True)

    def _made(self, folder: Path) -> Path:
        try:
            if not folder.is_dir():
                folder.mkdir(mode=0o700)
                synchronise_directory(folder.parent)
        except OSError as error:
            raise PageUnkept(f"there is no room for a page: {error.strerror}") from error
        return folder


class RunningJob:
    """A job in the hands of a driver; a ``ScanContext`` and a ``PrintContext`` at once."""

    def __init__(
        self,
        job_id: str,
        *,
        settings: Settings,
        journal: Journal,
        spool: Spool,
        voice: Voice,
        clock: Callable[[], float],
        spooler_id: str | None = None,
    ) -> None:
        self.id = job_id
        self._settings = settings
        self._journal = journal
        self._spool = spool
        self._voice = voice
        self._clock = clock
        self._spooler_id = spooler_id
        self._cancelled = threading.Event()
        self._sink: RowSink | None = None
        self._progress_at = 0.0
        self._waits_for_person: Attention | None = None
        self._is_untold = False
        self._filter: FilterPage | None = None
        self.pages: list[Page] = []
        self.sides = 0
        self.dropped = 0
        self.failed_filters: set[str] = set()
        self.limit_s: float | None = None
        self.turn = PageTurn()
        self.began_at = self.worked_since = self.last_sign_at = clock()
        self.cancelled_at: float | None = None
        self.first_row_at: float | None = None

    @property
    def workdir(self) -> Path:
        """A private directory that is erased when the job ends."""
        return self._spool.work(self.id)

    @property
    def is_cancelled(self) -> bool:
        """True from the moment that somebody asked to stop this job."""
        self._sign_of_life()
        return self._cancelled.is_set()

    @property
    def spooler_id(self) -> str | None:
        """What the spooler called this job before the agent last stopped."""
        return self._spooler_id

    @property
    def waits_for_person(self) -> bool:
        """True while the driver says that a person must touch the device."""
        return self._waits_for_person is not None

    def wait(self, timeout_s: float) -> bool:
        """Wait up to ``timeout_s`` seconds; True, at once, when the job is cancelled."""
        self._sign_of_life()
        is_cancelled = self._cancelled.wait(timeout_s)
        self._sign_of_life()
        return is_cancelled

    def cancel(self) -> None:
        """Ask the driver to stop; may be called from any thread, more than once."""
        if self.cancelled_at is None:
            self.cancelled_at = self._clock()
        self._cancelled.set()
        self.turn.give_up()

    def await_page(self) -> bool:
        """Wait for whoever lays the next page on the glass; False when that was the last one.

        However long it takes, pages that are finished are on their way. Raises ``JobCancelled``.
        """
        page = len(self.pages) + 1
        self.turn.begin(page)
        self._ask_for_page(page)
        has_next = self.turn.wait()
        self._check()
        # Only now: the watchdog must not take the wait for silence.
        self.worked_since = self._clock()
        self.turn.end()
        if has_next:
            self.attention_over()
        return has_next

    def take_up(self, pages: list[Page]) -> None:
        """Go on after the ``pages`` that were finished when the agent last stopped."""
        self.pages = list(pages)
        self.sides = len(pages)

    def needs_attention(self, reason: Attention) -> None:
        """Tell that a person must touch the device; told once for each reason in a row."""
        if self._waits_for_person == reason and not self._is_untold:
            return
        self._waits_for_person = Attention(reason)
        self._tell(AgentJobState.NEEDS_ATTENTION, Attention(reason).value)

    def attention_over(self) -> None:
        """Tell that what was reported is mended."""
        self._sign_of_life()
        self._waits_for_person = None
        self._tell(AgentJobState.RUNNING)

    def remember(self, spooler_id: str) -> None:
        """Write the spooler's identifier to the journal."""
        self._journal.remember_spooler(self.id, spooler_id)
        self._spooler_id = spooler_id

    def begin_page(
        self, *, width_px: int, height_px: int | None, channels: int, dpi: int
    ) -> PageSink:
        """Begin a page; the page before must be closed."""
        self._check()
        number = self._next_number()
        shape = PageShape(width_px=width_px, height_px=height_px, channels=channels, dpi=dpi)
        look = self._settings.preview
        preview = PreviewMaker(
            width_px=width_px,
            height_px=height_px,
            channels=channels,
            target_px=look.width_px,
            interval_s=look.interval_ms / 1000,
            quality=look.quality,
            offer=lambda strip: self._offer(number, strip),
            clock=self._clock,
        )
        self._sink = RowSink(
            self._spool.pages(self.id) / f"page-{number:04d}.jpg",
            number=number,
            shape=shape,
            quality=self._settings.jpeg_quality,
            preview=preview,
            check=self._check,
            progress=lambda fraction: self._progress(number, fraction),
            keep=self._keep,
        )
        return self._sink

    def add_page(self, path: Path, *, dpi: int | None = None) -> Page:
        """Keep an image file that is whole; raises ``ResultUnsound``, ``PageTooLarge``."""
        self._check()
        number = self._next_number()
        facts = read_facts(path)
        require_page_size(facts.width_px, facts.height_px)
        resolution = facts.dpi or dpi
        if resolution is None:
            raise ResultUnsound("neither file nor driver says the resolution", page=number)
        target = self._spool.pages(self.id) / f"page-{number:04d}{SUFFIXES[facts.media_type]}"
        try:
            kept = keep_copy(path, target, facts, dpi=resolution)
            synchronise_directory(target.parent)
        except OSError as error:
            raise PageUnkept(f"the page could not be kept: {error.strerror}") from error
        page = Page(
            number=number,
            path=target,
            media_type=facts.media_type,
            sha256=kept.sha256,
            size_bytes=kept.size_bytes,
            width_px=facts.width_px,
            height_px=facts.height_px,
            dpi=resolution,
        )
        return self._keep(page)

    def filter_with(self, filter_page: FilterPage) -> None:
        """Let every page from now on go through ``filter_page`` before it is kept."""
        self._filter = filter_page

    def close(self) -> bool:
        """Drop a page left open and what lies in the work folder; True when one was open."""
        was_open = self._sink is not None and self._sink.is_open
        if self._sink is not None:
            self._sink.discard()
        self._spool.erase_work(self.id)
        return was_open

    def _next_number(self) -> int:
        if self._sink is not None and self._sink.is_open:
            raise ResultUnsound("a page was begun before the last one was closed")
        if self.sides >= self._settings.limits.pages:
            raise ResultUnsound("more pages came than are allowed", pages=self.sides)
        if self.waits_for_person:
            # A page that begins is the proof that whoever was needed has been there.
            self.attention_over()
        return len(self.pages) + 1

    def _keep(self, page: Page) -> Page:
        self._check()
        self.sides += 1
        if self._filter is not None:
            made = self._filter(page, self.sides)
            self.failed_filters |= set(made.failed)
            if made.page is None:
                self.dropped += 1
                return page
            page = made.page
            if self.is_cancelled:
                # While a filter had it: nobody wants the page any more.
                page.path.unlink(missing_ok=True)
                self._check()
        if page.size_bytes > MOST_PAGE_BYTES:
            page.path.unlink(missing_ok=True)
            raise PageTooLarge(f"the page has {page.size_bytes} bytes", page=page.number)
        try:
            self._journal.add_page(self.id, page)
        except JournalUnwritable as error:
            page.path.unlink(missing_ok=True)
            raise PageUnkept(str(error)) from error
        self.pages.append(page)
        self._voice.pages_waiting()
        return page

    def _check(self) -> None:
        if self.is_cancelled:
            raise JobCancelled(job=self.id)

    def _tell(self, state: AgentJobState, reason: str | None = None) -> None:
        # The job itself goes on: that nobody hears of this is no reason to spoil a print.
        try:
            self._journal.report(self.id, state, reason=reason)
        except JournalUnwritable as error:
            log.warning("job %s: %s cannot be told: %s", self.id, state, error)
            self._is_untold = True
        else:
            self._is_untold = False
            self._voice.reports_waiting()

    def _ask_for_page(self, page: int) -> None:
        """Tell that a page is awaited, however long the journal takes nothing: nobody lays one else."""
        while True:
            try:
                self._journal.awaits_page(self.id, page)
            except JournalUnwritable as error:
                log.warning("job %s: its next page cannot be asked for yet: %s", self.id, error)
                if self.wait(ASK_AGAIN_S):
                    raise JobCancelled(job=self.id) from error
            else:
                self._voice.reports_waiting()
                return

    def _sign_of_life(self) -> None:
        self.last_sign_at = self._clock()

    def _offer(self, number: int, strip: Strip) -> bool:
        if self.first_row_at is None:
            self.first_row_at = strip.first_row_at
        return self._voice.preview(
            PreviewStrip(
                job=self.id,
                page=number,
                top=strip.top,
                width=strip.width,
                height=strip.height,
                total_height=strip.total_height,
                since_first_line_ms=round((self._clock() - strip.first_row_at) * 1000, 1),
                jpeg=strip.jpeg,
            )
        )

    def _progress(self, number: int, fraction: float | None) -> None:
        now = self._clock()
        if now - self._progress_at >= PROGRESS_INTERVAL_S:
            self._progress_at = now
            self._voice.progress(JobProgress(job=self.id, page=number, fraction=fraction))
