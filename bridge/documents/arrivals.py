"""Pages arriving from an agent: whole or in parts, once, and kept whatever happens next."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func, select

from bridge.audit.rules import Actor, Subject, Tag
from bridge.audit.service import append
from bridge.core.db import LOCK, Db, announce, on_commit
from bridge.core.errors import BridgeError, NotFound
from bridge.core.ids import new_id
from bridge.counters import screen
from bridge.counters.models import DeviceJob
from bridge.counters.rules import JobState
from bridge.documents import images
from bridge.documents.errors import (
    HashMismatch,
    JobNotWanted,
    PageTooLarge,
    PartOutOfPlace,
)
from bridge.documents.holding import held
from bridge.documents.models import DocumentPage, VisitKey
from bridge.documents.rules import MOST_PAGE_BYTES, MOST_PAGES
from bridge.documents.store import DocumentStore

# The citizen said no, or nobody answered in time: such a job has no pages. A job that failed or
# was cancelled may well have some, and they are kept.
_WITHOUT_PAGES = frozenset({JobState.REFUSED, JobState.EXPIRED})


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """Bytes of a page's file from ``first`` on; ``sha256`` is of the whole, in hexadecimal."""

    content: bytes
    first: int
    total: int
    sha256: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Receipt:
    """How much of a page is here; ``is_new`` when this very part completed it."""

    received: int
    is_complete: bool
    is_new: bool = False


def received(db: Db, store: DocumentStore, job: DeviceJob, number: int) -> Receipt:
    """Say how much of a page has arrived."""
    page = _page(db, job.id, number)
    if page is not None:
        return Receipt(received=page.size_bytes, is_complete=True)
    length = sum(len(part) for part in _parts(db, store, job, number))
    return Receipt(received=length, is_complete=False)


def wanted_job(db: Db, *, job_id: str, counter_id: str) -> DeviceJob:
    """Return the scan job that pages may arrive for, from an agent or from the screen.

    Raises ``NotFound`` for a job of another counter, ``JobNotWanted``.
    """
    job = db.get(DeviceJob, job_id)
    if job is None or job.counter_id != counter_id or job.kind != "scan":
        raise NotFound(what="job")
    key = db.get(VisitKey, job.visit_id) if job.visit_id else None
    is_erased = key is not None and key.wrapped is None
    if job.state in _WITHOUT_PAGES or job.document_id is None or is_erased:
        raise JobNotWanted(state=job.state.value)
    return job


def receive(
    db: Db, store: DocumentStore, job: DeviceJob, number: int, *, part: Part, now: datetime
) -> Receipt:
    """Take a part of a page, and keep the page when it is whole.

    Raises ``PageTooLarge``, ``PartOutOfPlace``, ``HashMismatch`` (what was here is dropped),
    ``PageUnreadable``.
    """
    if part.total > MOST_PAGE_BYTES or not 1 <= number <= MOST_PAGES:
        raise PageTooLarge(most_mib=MOST_PAGE_BYTES // 2**20)
    # Pages of one job that arrive at once are counted and placed one after the other.
    db.refresh(job, with_for_update=LOCK)
    page = _page(db, job.id, number)
    if page is not None:
        if page.sha256 != part.sha256:
            raise HashMismatch(page=number)
        return Receipt(received=page.size_bytes, is_complete=True)
    before = b"".join(_parts(db, store, job, number)) if part.first else b""
    if part.first != len(before):
        raise PartOutOfPlace(received=len(before))
    whole = before + part.content
    if len(whole) < part.total:
        name = f"{_prefix(job, number)}{part.first:012d}"
        store.write(db, visit_id=_visit(job), name=name, content=part.content, now=now)
        return Receipt(received=len(whole), is_complete=False)
    try:
        if len(whole) != part.total or hashlib.sha256(whole).hexdigest() != part.sha256:
            raise HashMismatch(page=number)
        _keep(db, store, job, number, content=whole, now=now)
    except BridgeError:
        _drop_parts(store, job, number)
        raise
    on_commit(db, lambda: _drop_parts(store, job, number))
    return Receipt(received=len(whole), is_complete=True, is_new=True)


def _keep(
    db: Db, store: DocumentStore, job: DeviceJob, number: int, *, content: bytes, now: datetime
) -> None:
    # Who moves pages, and who brings one, come one after the other: each has its own place.
    document = held(db, job.document_id)
    page = _new_page(db, job, number, content=content, now=now)
    db.add(page)
    job.pages += 1
    store.write(db, visit_id=document.visit_id, name=page.id, content=content, now=now)
    facts = {
        "job": job.id,
        "number": number,
        "sha256": page.sha256,
        "bytes": page.size_bytes,
        "dpi": page.dpi,
    }
    is_of_screen = screen.is_of_screen(job.device_id)
    actor = Actor("citizen" if is_of_screen else "agent", job.counter_id)
    subject = Subject("page", page.id)
    append(db, tag=Tag.PAGE_STORED, actor=actor, now=now, subject=subject, facts=facts)
    whose = {"job": job.id, "visit": document.visit_id, "counter": job.counter_id}
    announce(db, "page:stored", page=page.id, **whose)


def _new_page(
    db: Db, job: DeviceJob, number: int, *, content: bytes, now: datetime
) -> DocumentPage:
    known = images.facts(content)
    last = db.scalar(
        select(func.max(DocumentPage.position)).where(DocumentPage.document_id == job.document_id)
    )
    return DocumentPage(
        id=new_id(now),
        document_id=job.document_id,
        job_id=job.id,
        number=number,
        position=(last or 0) + 1,
        media_type=known.media_type,
        sha256=hashlib.sha256(content).hexdigest(),
        size_bytes=len(content),
        width_px=known.width_px,
        height_px=known.height_px,
        dpi=known.dpi or int(job.options.get("resolution_dpi", 0)),
        problems=[],
        stored_at=now,
    )


def _page(db: Db, job_id: str, number: int) -> DocumentPage | None:
    return db.scalar(
        select(DocumentPage).where(DocumentPage.job_id == job_id, DocumentPage.number == number)
    )


def _parts(db: Db, store: DocumentStore, job: DeviceJob, number: int) -> list[bytes]:
    names = store.names(_visit(job), _prefix(job, number))
    return [store.read(db, visit_id=_visit(job), name=name) for name in names]


def _drop_parts(store: DocumentStore, job: DeviceJob, number: int) -> None:
    for name in store.names(_visit(job), _prefix(job, number)):
        store.remove(visit_id=_visit(job), name=name)


def _prefix(job: DeviceJob, number: int) -> str:
    return f"part-{job.id}-{number}-"


def _visit(job: DeviceJob) -> str:
    if job.visit_id is None:
        raise JobNotWanted
    return job.visit_id
