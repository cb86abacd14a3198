"""Rows: documents, their pages, and the key that a visit's files are encrypted with."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, CheckConstraint, ForeignKey, Index, LargeBinary, String, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from bridge.core.db import Base, index_where
from bridge.documents.rules import (
    MOST_TITLE_CHARACTERS,
    DocumentKind,
    DocumentState,
    PageState,
)

# Nobody has looked at the page yet, or not for where the paper lies on it.
IS_UNSEEN = text("(state = 'quarantine' OR state = 'visible' AND outline IS NULL)")


class VisitKey(Base):
    """The AES-256 key of a visit's files, wrapped by the bridge's own; erasing it erases them."""

    __tablename__ = "visit_keys"
    __table_args__ = (
        index_where("ix_visit_keys_kept", "created_at", where=text("wrapped IS NOT NULL")),
    )

    visit_id: Mapped[str] = mapped_column(String(26), primary_key=True)
    wrapped: Mapped[bytes | None] = mapped_column(LargeBinary(80))
    created_at: Mapped[datetime]
    erased_at: Mapped[datetime | None] = mapped_column(index=True)


class Document(Base):
    """A stored artefact: pages scanned at the counter, or what is made to be printed.

    ``page_count`` is that of what is printed; None for scans, and for forms of before it was kept.
    ``title`` is what a clerk called a paper of their own: it may name a person, and is erased.
    """

    __tablename__ = "documents"

    id: Mapped[str] = mapped_column(String(26), primary_key=True)
    ticket_id: Mapped[str] = mapped_column(String(26), index=True)
    visit_id: Mapped[str] = mapped_column(String(26), index=True)
    kind: Mapped[DocumentKind]
    title_key: Mapped[str] = mapped_column(String(80))
    title: Mapped[str | None] = mapped_column(String(MOST_TITLE_CHARACTERS))
    state: Mapped[DocumentState] = mapped_column(default=DocumentState.DRAFT)
    media_type: Mapped[str] = mapped_column(String(40))
    sha256: Mapped[str | None] = mapped_column(String(64))
    size_bytes: Mapped[int | None]
    page_count: Mapped[int | None]
    created_at: Mapped[datetime]
    pages: Mapped[list[DocumentPage]] = relationship(
        cascade="all, delete-orphan", order_by="DocumentPage.position"
    )


class DocumentPage(Base):
    """One image of a document; ``sha256`` is of its file before encryption.

    ``outline`` is where the paper lies on it, as proposed to the clerk; {} when there is nothing to
    propose, None before it was looked for. ``made`` says how the bridge made it of which other
    pages, which it replaces; such a page has a number beyond those that its job's agent gives.
    """

    __tablename__ = "pages"
    __table_args__ = (
        CheckConstraint("rotation IN (0, 90, 180, 270)", name="rotation"),
        Index(
            "uq_pages_job_number",
            "job_id",
            "number",
            unique=True,
        ),
        Index("ix_pages_document", "document_id", "position"),
        index_where("ix_pages_unseen", "id", where=IS_UNSEEN),
    )

    id: Mapped[str] = mapped_column(String(26), primary_key=True)
    document_id: Mapped[str] = mapped_column(ForeignKey("documents.id"))
    job_id: Mapped[str] = mapped_column(ForeignKey("jobs.id"))
    number: Mapped[int]
    position: Mapped[int]
    media_type: Mapped[str] = mapped_column(String(40))
    sha256: Mapped[str] = mapped_column(String(64))
    size_bytes: Mapped[int]
    width_px: Mapped[int]
    height_px: Mapped[int]
    dpi: Mapped[int]
    rotation: Mapped[int] = mapped_column(default=0)
    state: Mapped[PageState] = mapped_column(default=PageState.QUARANTINE)
    problems: Mapped[list[dict[str, Any]]] = mapped_column(JSON, default=list)
    outline: Mapped[dict[str, float] | None] = mapped_column(JSON(none_as_null=True))
    made: Mapped[dict[str, Any] | None] = mapped_column(JSON(none_as_null=True))
    stored_at: Mapped[datetime]
    document: Mapped[Document] = relationship(back_populates="pages")
