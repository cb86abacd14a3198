"""An archive of documents to test with, and pages to send to it."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from io import BytesIO
from pathlib import Path

import pytest
from PIL import Image, ImageDraw

from bridge.core.db import Base, Database
from bridge.core.events import Event, Events
from bridge.counters.models import Counter, DeviceJob
from bridge.counters.rules import JobState
from bridge.documents import arrivals, service
from bridge.documents.arrivals import Part
from bridge.documents.checks import PageChecks
from bridge.documents.models import DocumentPage
from bridge.documents.papers import Field, FormText
from bridge.documents.store import DocumentStore
from bridge.offices.models import Office
from counter_hooks import PageView, Problem
from counter_hooks.registry import BridgeRegistry

NOW = datetime(2026, 11, 24, 9, 15, tzinfo=UTC)
VISIT = "visit-1"
OWNER = service.Owner(visit_id=VISIT, ticket_id="ticket-1")
FORM = FormText(
    office="Oficina Única",
    title="Sol·licitud d'empadronament",
    reference="A012",
    fields=(Field(label="Nom i cognoms"), Field(label="Adreça", lines=2)),
    declaration="Declare que les dades són certes.",
    place_and_date="Lloc i data",
    signature="Firma",
)


@dataclass(frozen=True, kw_only=True)
class Archive:
    """A database with one counter, a store, and what was told after commits."""

    database: Database
    store: DocumentStore
    folder: Path
    told: list[Event]


@pytest.fixture
def archive(tmp_path: Path) -> Iterator[Archive]:
    """Make an empty archive."""
    events, told = Events(), list[Event]()
    for name in ("page:stored", "page:changed"):
        events.on(name, told.append)
    database = Database(f"sqlite:///{tmp_path / 'bridge.sqlite'}", events)
    Base.metadata.create_all(database.engine)
    with database.transaction() as db:
        db.add(Office(id="office", key="office", name="Oficina Única"))
        db.flush()
        db.add(Counter(id="counter", office_id="office", key="counter-1", name="Counter 1"))
    folder = tmp_path / "documents"
    yield Archive(
        database=database, store=DocumentStore(folder, bytes(32)), folder=folder, told=told
    )
    database.engine.dispose()


def picture(
    *, dpi: int = 300, mark: bool = True, size_mm: tuple[float, float] = (210, 297)
) -> bytes:
    """Return a JPEG of a sheet, with a mark on it or blank."""
    image = Image.new(
        "RGB", (round(size_mm[0] / 25.4 * dpi), round(size_mm[1] / 25.4 * dpi)), "white"
    )
    if mark:
        ImageDraw.Draw(image).rectangle((100, 100, 900, 600), fill="black")
    out = BytesIO()
    image.save(out, "JPEG", quality=85, dpi=(dpi, dpi))
    return out.getvalue()


def scan_job(archive: Archive, *, replaces: str | None = None, document: str | None = None) -> str:
    """Add a scan job that is running; return its id."""
    with archive.database.transaction() as db:
        number = db.query(DeviceJob).count() + 1
        if document is None:
            document = service.begin_scan(db, owner=OWNER, title_key="scan", now=NOW).id
        job = DeviceJob(
            id=f"job-{number}",
            counter_id="counter",
            visit_id=VISIT,
            kind="scan",
            device_id="fake:1",
            options={"resolution_dpi": 300, "width_mm": 210.0, "height_mm": 297.0},
            document_id=document,
            replaces_page_id=replaces,
            idempotency_key=f"key-{number}",
            state=JobState.RUNNING,
            requested_at=NOW,
            changed_at=NOW,
        )
        db.add(job)
        return job.id


def send(archive: Archive, job_id: str, content: bytes, *, number: int = 1) -> arrivals.Receipt:
    """Send a whole page."""
    part = Part(content=content, first=0, total=len(content), sha256=hash_of(content))
    return send_part(archive, job_id, part, number=number)


def send_part(archive: Archive, job_id: str, part: Part, *, number: int = 1) -> arrivals.Receipt:
    """Send a part of a page."""
    with archive.database.transaction() as db:
        job = arrivals.wanted_job(db, job_id=job_id, counter_id="counter")
        return arrivals.receive(db, archive.store, job, number, part=part, now=NOW)


def hash_of(content: bytes) -> str:
    """Return the SHA-256 of some bytes, in hexadecimal."""
    return hashlib.sha256(content).hexdigest()


def only_page(archive: Archive) -> DocumentPage:
    """Return the one page there is."""
    with archive.database.reading() as db:
        return db.query(DocumentPage).one()


def check_all(
    archive: Archive, check: Callable[[PageView, Path], tuple[Problem, ...]] | None = None
) -> None:
    """Let the checks look at every page that waits."""
    chosen = check or BridgeRegistry(names=["basics"]).check_page
    checks = PageChecks(archive.database, archive.store, chosen, lambda: NOW)
    checks.sweep()
    checks.stop()
