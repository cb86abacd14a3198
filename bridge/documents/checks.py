"""Pages are looked at by the plugins before anybody sees them, off the request's thread."""

from __future__ import annotations

import logging
import tempfile
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict
from datetime import datetime
from pathlib import Path

from sqlalchemy import select

from bridge.audit.rules import SYSTEM, Subject, Tag
from bridge.audit.service import append
from bridge.core.db import Database, Db, announce
from bridge.core.errors import BridgeError
from bridge.core.events import Event
from bridge.counters.models import DeviceJob
from bridge.documents import detector, images
from bridge.documents.holding import held_page
from bridge.documents.models import IS_UNSEEN, DocumentPage
from bridge.documents.rules import PAGE, DocumentState, PageState
from bridge.documents.service import page_mm
from bridge.documents.store import DocumentStore
from counter_hooks import PageView, Problem, Source

log = logging.getLogger(__name__)

CheckPage = Callable[[PageView, Path], tuple[Problem, ...]]
_UNREADABLE = Problem(key="check-failed", bars=True)


# A plugin that keeps a page waiting keeps none of the others: several are looked at at once.
AT_ONCE = 8


class PageChecks:
    """A few background threads; a page that none reached is found again by :meth:`sweep`."""

    def __init__(
        self,
        database: Database,
        store: DocumentStore,
        check_page: CheckPage,
        clock: Callable[[], datetime],
    ) -> None:
        self._database = database
        self._store = store
        self._check_page = check_page
        self._clock = clock
        self._pool = ThreadPoolExecutor(max_workers=AT_ONCE, thread_name_prefix="page-checks")
        # Decoding takes tens of megabytes a page: one after the other.
        self._decoding = threading.Lock()
        self._in_hand: set[str] = set()
        self._hand = threading.Lock()

    def on_stored(self, event: Event) -> None:
        """Check the page of a ``page:stored`` event soon."""
        self._pool.submit(self._check_safely, str(event.facts["page"]))

    def sweep(self, _now: datetime | None = None) -> None:
        """Check every page that nobody has looked at, such as those of before a restart."""
        with self._database.reading() as db:
            waiting = db.scalars(select(DocumentPage.id).where(IS_UNSEEN)).all()
        for page_id in waiting:
            self._pool.submit(self._check_safely, page_id)

    def stop(self) -> None:
        """End when every page that is waiting was checked."""
        self._pool.shutdown(wait=True)

    def _check_safely(self, page_id: str) -> None:
        with self._hand:
            if page_id in self._in_hand:
                return
            self._in_hand.add(page_id)
        try:
            self.check(page_id)
        except Exception:  # the thread serves every page; this one stays in quarantine
            log.exception("page %s could not be checked", page_id)
        finally:
            with self._hand:
                self._in_hand.discard(page_id)

    def check(self, page_id: str) -> None:
        """Check one page now, then look where its paper lies; what was done before is left."""
        with self._database.reading() as db:
            page = db.get(DocumentPage, page_id)
            if page is None or not _is_unseen(page):
                return
            job = db.get_one(DeviceJob, page.job_id)
            content = self._content(db, page)
        # Outside of any transaction: a plugin may take its time.
        if page.state == PageState.QUARANTINE:
            problems = self._problems(page, job, content)
            with self._database.transaction() as db:
                page = held_page(db, page_id)
                if page.state == PageState.QUARANTINE:
                    settle(db, page, problems, now=self._clock())
        if page.state == PageState.VISIBLE and page.outline is None:
            self._propose(page_id, content, dpi=page.dpi)

    def _propose(self, page_id: str, content: bytes | None, *, dpi: int) -> None:
        """Look where the paper lies on a page, for the clerk to crop and straighten it."""
        found = None
        try:
            # How large a paper is, nobody knows of a picture that was not measured.
            if content is not None and dpi:
                with self._decoding:
                    found = detector.propose(content, dpi=dpi)
        except Exception:  # a page on which nothing can be found is as good as any; never again
            log.exception("page %s cannot be looked at", page_id)
        with self._database.transaction() as db:
            page = held_page(db, page_id)
            page.outline = asdict(found) if found else {}
            whose = {"job": page.job_id, "visit": page.document.visit_id}
            announce(db, "page:changed", page=page_id, **whose)

    def _content(self, db: Db, page: DocumentPage) -> bytes | None:
        try:
            return self._store.read(db, visit_id=page.document.visit_id, name=page.id)
        except BridgeError as error:
            log.warning("page %s cannot be read: %s", page.id, error)
            return None

    def _problems(
        self, page: DocumentPage, job: DeviceJob, content: bytes | None
    ) -> tuple[Problem, ...]:
        if content is None:
            return (_UNREADABLE,)
        try:
            with self._decoding:
                view = _view(page, job, images.ink(content))
        except BridgeError as error:
            log.warning("page %s cannot be read: %s", page.id, error)
            return (_UNREADABLE,)
        with tempfile.TemporaryDirectory(prefix="oac-page-") as folder:
            image = Path(folder) / "page"
            image.write_bytes(content)
            return self._check_page(view, image)


def _is_unseen(page: DocumentPage) -> bool:
    """As ``models.IS_UNSEEN``, of a row that is there."""
    is_unlooked = page.state == PageState.VISIBLE and page.outline is None
    return page.state == PageState.QUARANTINE or is_unlooked


def _view(page: DocumentPage, job: DeviceJob, ink: float) -> PageView:
    width_mm, height_mm = page_mm(page)
    if page.made is None:  # what was made here is as large as the clerk said
        width_mm = float(job.options.get("width_mm", 210.0))
        height_mm = float(job.options.get("height_mm", 297.0))
    return PageView(
        id=page.id,
        number=page.number,
        media_type=page.media_type,
        size_bytes=page.size_bytes,
        width_px=page.width_px,
        height_px=page.height_px,
        declared_dpi=page.dpi,
        ordered_width_mm=width_mm,
        ordered_height_mm=height_mm,
        ink=ink,
        from_feeder=job.options.get("source", Source.GLASS) != Source.GLASS,
    )


def settle(db: Db, page: DocumentPage, problems: tuple[Problem, ...], *, now: datetime) -> None:
    """Note what was found out about a page that is held."""
    is_barred = any(problem.bars for problem in problems)
    page.problems = [
        {"key": problem.key, "bars": problem.bars, "facts": dict(problem.facts)}
        for problem in problems
    ]
    page.state = PAGE.moves[(PageState.QUARANTINE, "bar" if is_barred else "clear")]
    if page.document.state is not DocumentState.ERASED:
        page.document.state = DocumentState.DRAFT if is_barred else DocumentState.CHECKED
    job = db.get_one(DeviceJob, page.job_id)
    if job.replaces_page_id is not None:
        _replace(db, page, job.replaces_page_id)
    if is_barred:
        append(
            db,
            tag=Tag.PAGE_BARRED,
            actor=SYSTEM,
            now=now,
            subject=Subject("page", page.id),
            facts={"problems": ",".join(problem.key for problem in problems)},
        )
    announce(db, "page:changed", page=page.id, job=page.job_id, visit=page.document.visit_id)


def _replace(db: Db, page: DocumentPage, old_id: str) -> None:
    """Put ``page`` in the place of the one it was scanned again for; a bad one replaces nothing."""
    old = db.get(DocumentPage, old_id)
    after = PAGE.after(old.state, "replace") if old is not None else None
    if old is None or after is None or page.state != PageState.VISIBLE:
        return
    old.state = after
    page.position = old.position
