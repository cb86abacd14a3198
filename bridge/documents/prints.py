"""What an agent prints: fetched by an address that nobody can guess, until the job ended."""

from __future__ import annotations

from sqlalchemy import select

from bridge.core.db import Db
from bridge.core.ids import digest
from bridge.counters.models import DeviceJob
from bridge.counters.rules import AT_AGENT
from bridge.documents import service
from bridge.documents.errors import JobNotWanted
from bridge.documents.models import Document
from bridge.documents.rules import DocumentKind
from bridge.documents.store import DocumentStore
from counter_hooks.wire import PrintSource


def print_source(db: Db, store: DocumentStore, job: DeviceJob) -> PrintSource | None:
    """Return where the agent of ``job`` fetches its PDF.

    The address stays the same for a job: an agent that was sent the order again keeps the first.
    """
    document = db.get(Document, job.document_id) if job.document_id else None
    if document is None or document.kind != DocumentKind.FORM or document.sha256 is None:
        return None
    secret = store.secret_for(f"print/{job.id}")
    job.fetch_digest = digest(secret)
    return PrintSource(
        href=f"/api/agent/prints/{secret}",
        sha256=document.sha256,
        size_bytes=document.size_bytes or 0,
    )


def fetch(db: Db, store: DocumentStore, secret: str, *, counter_id: str) -> bytes:
    """Return the PDF behind a print address. Raises ``JobNotWanted``, ``DocumentErased``."""
    job = db.scalar(select(DeviceJob).where(DeviceJob.fetch_digest == digest(secret)))
    if job is None or job.counter_id != counter_id or job.state not in AT_AGENT:
        raise JobNotWanted
    return service.print_content(db, store, job, title="")
