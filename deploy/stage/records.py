"""What the bridge of the stage has written down, read beside it for proofs."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from sqlalchemy import func, select

from bridge.core.config import load
from bridge.core.db import Database
from bridge.core.events import Events
from bridge.core.keys import load_key
from bridge.counters.models import CounterDevice, DeviceJob, Pairing
from bridge.documents.models import Document, DocumentPage
from bridge.documents.store import DocumentStore
from bridge.visits.models import Step, Visit


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """How far a visit is: its step, and how many pages came in it."""

    visit: str = ""
    step: str = ""
    pages: int = 0


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

    def place_in_last_visit(self) -> Place:
        """Return how far the newest visit is; of an ended one, and before the first, nothing."""
        with self.database.reading() as db:
            visit = db.scalar(select(Visit).order_by(Visit.id.desc()).limit(1))
            if visit is None or visit.ended_at is not None:
                return Place()
            step = db.get(Step, visit.current_step_id or "")
            if step is None:
                return Place(visit=visit.id)
            came = (
                select(func.count(DocumentPage.id))
                .join(DeviceJob, DeviceJob.id == DocumentPage.job_id)
                .where(DeviceJob.step_id == step.id, DocumentPage.made.is_(None))
            )
            return Place(visit=visit.id, step=step.key, pages=db.scalar(came) or 0)

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
