"""What the bridge of the stage has written down, read beside it for proofs."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from sqlalchemy import func, select

from bridge.core.config import load
from bridge.core.db import Database
from bridge.core.events import Events
from bridge.core.keys import load_key
from bridge.counters.models import CounterDevice, DeviceJob, Pairing
from bridge.counters.rules import JobState
from bridge.documents.models import Document, DocumentPage
from bridge.documents.store import DocumentStore
from bridge.visits.models import Visit


class Records:
    """The database and the documents of one bridge, only ever read."""

    def __init__(self, configuration: Path, variables: Mapping[str, str]) -> None:
        """Open what the bridge with this configuration file and these variables keeps."""
        self._settings = load(configuration, variables)
        self.database = Database(self._settings.database, Events())

    def close(self) -> None:
        """Let go of the database."""
        self.database.engine.dispose()

    def capabilities(self) -> set[str]:
        """Return what the devices that are present can do."""
        with self.database.reading() as db:
            present = db.scalars(select(CounterDevice).where(CounterDevice.is_present)).all()
        return {name for device in present for name in device.description["capabilities"]}

    def waiting_codes(self, kind: str) -> list[str]:
        """Return the codes that kiosks or agents are showing now."""
        with self.database.reading() as db:
            return list(
                db.scalars(
                    select(Pairing.code).where(Pairing.kind == kind, Pairing.approved_at.is_(None))
                )
            )

    def jobs(self, kind: str) -> list[DeviceJob]:
        """Return the jobs of a kind, oldest first."""
        with self.database.reading() as db:
            return list(
                db.scalars(select(DeviceJob).where(DeviceJob.kind == kind).order_by(DeviceJob.id))
            )

    def scans_of_last_visit(self) -> tuple[str, int]:
        """Return the newest visit and how many scans came out in it; "" when there was none."""
        with self.database.reading() as db:
            visit = db.scalar(select(Visit.id).order_by(Visit.id.desc()).limit(1)) or ""
            done = select(func.count()).where(
                DeviceJob.visit_id == visit,
                DeviceJob.kind == "scan",
                DeviceJob.state.in_((JobState.PRODUCED, JobState.CONFIRMED)),
            )
            return visit, db.scalar(done) or 0

    def pages(self) -> list[DocumentPage]:
        """Return every page, oldest first."""
        with self.database.reading() as db:
            return list(db.scalars(select(DocumentPage).order_by(DocumentPage.id)))

    def content(self, document_id: str, name: str | None = None) -> bytes:
        """Return a document's file, or with ``name`` a page's, as it was before encryption."""
        store = DocumentStore(self._settings.documents_dir, load_key(self._settings, "documents"))
        with self.database.reading() as db:
            document = db.get_one(Document, document_id)
            return store.read(db, visit_id=document.visit_id, name=name or document.id)
