"""What documents are called: by what they are for, or as the clerk who brought a paper calls it."""

from __future__ import annotations

from collections.abc import Callable, Collection

from sqlalchemy import select

from bridge.core.db import Db
from bridge.core.errors import Refused
from bridge.documents.models import Document
from bridge.documents.rules import MOST_TITLE_CHARACTERS, DocumentKind
from bridge.procedures.rules import LOOSE
from counter_hooks.texts import Text

# Gives the texts of a title key in each language.
Title = Callable[[str], dict[str, str]]


def is_brought(document: Document) -> bool:
    """Say whether a paper is one that a clerk brought to be printed."""
    is_loose = document.title_key.partition("/")[0] == LOOSE
    return document.kind is DocumentKind.FORM and is_loose


def entitle(document: Document | None, title: str) -> None:
    """Keep what a clerk calls a paper of theirs, on one line; nothing is its usual title.

    It may name somebody: no log and no audit has it. Raises ``Refused`` for what is too long, or
    for another document.
    """
    line = " ".join("".join(one if one.isprintable() else " " for one in title).split())
    if document is None or not is_brought(document) or len(line) > MOST_TITLE_CHARACTERS:
        raise Refused(fields="title")
    document.title = line or None


def of(document: Document, title: Title) -> dict[str, str]:
    """Return what a document is called in each language."""
    own = document.title
    return Text(ca=own, es=own, en=own).plain() if own else title(document.title_key)


def of_all(db: Db, identifiers: Collection[str], title: Title) -> dict[str, dict[str, str]]:
    """Return what documents are called in each language, of those that there are."""
    if not identifiers:
        return {}
    rows = db.scalars(select(Document).where(Document.id.in_(identifiers)))
    return {document.id: of(document, title) for document in rows}
