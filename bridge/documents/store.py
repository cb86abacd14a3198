"""Files of documents: encrypted with the key of their visit, written whole or not at all.

AES-256-GCM with a random nonce of 96 bits before each file and the file's own name as associated
data, so that files cannot be exchanged. The visit's key lies in the database, wrapped with the
bridge's (RFC 3394); erasing that row's key erases the files, wherever copies of them are.
"""

from __future__ import annotations

import base64
import hmac
import os
import secrets
import shutil
from datetime import datetime
from pathlib import Path

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.keywrap import (
    InvalidUnwrap,
    aes_key_unwrap,
    aes_key_wrap,
)
from sqlalchemy.exc import IntegrityError

from bridge.core.db import Db, on_commit, on_rollback
from bridge.documents.errors import DocumentErased
from bridge.documents.models import VisitKey

_NONCE_BYTES = 12


class DocumentStore:
    """The folder of documents, one folder a visit."""

    def __init__(self, folder: Path, master: bytes) -> None:
        """Keep files under ``folder``; ``master`` is the bridge's key of 32 bytes."""
        self._folder = folder
        self._master = master

    def write(self, db: Db, *, visit_id: str, name: str, content: bytes, now: datetime) -> None:
        """Keep ``content`` as ``name``; it is on the disk when this returns, and gone on a rollback."""
        key = self._key(db, visit_id, now)
        nonce = secrets.token_bytes(_NONCE_BYTES)
        sealed = AESGCM(key).encrypt(nonce, content, f"{visit_id}/{name}".encode())
        folder = self._folder / visit_id
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        partial = folder / f".{name}.{secrets.token_hex(4)}"
        handle = os.open(partial, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        # On a full disk who tries again must not fill it with what was not finished.
        try:
            with os.fdopen(handle, "wb") as file:
                file.write(nonce)
                file.write(sealed)
                file.flush()
                os.fsync(file.fileno())
            is_new = not (folder / name).exists()
            partial.rename(folder / name)
        except BaseException:
            partial.unlink(missing_ok=True)
            raise
        if is_new:
            on_rollback(db, lambda: self.remove(visit_id=visit_id, name=name))

    def read(self, db: Db, *, visit_id: str, name: str) -> bytes:
        """Return the content of ``name``.

        Raises ``DocumentErased`` when the key or the file is gone, or the file was tampered with.
        """
        row = db.get(VisitKey, visit_id)
        if row is None or row.wrapped is None:
            raise DocumentErased
        try:
            sealed = (self._folder / visit_id / name).read_bytes()
            key = aes_key_unwrap(self._master, row.wrapped)
            nonce, body = sealed[:_NONCE_BYTES], sealed[_NONCE_BYTES:]
            return AESGCM(key).decrypt(nonce, body, f"{visit_id}/{name}".encode())
        except (OSError, InvalidTag, InvalidUnwrap, ValueError) as error:
            raise DocumentErased(name=name) from error

    def names(self, visit_id: str, prefix: str) -> list[str]:
        """Return the names of the visit's files that begin with ``prefix``, sorted."""
        return sorted(path.name for path in (self._folder / visit_id).glob(f"{prefix}*"))

    def forget(self, db: Db, *, visit_id: str, name: str) -> None:
        """Take one file away once the transaction of ``db`` is committed, and not before."""
        on_commit(db, lambda: self.remove(visit_id=visit_id, name=name))

    def remove(self, *, visit_id: str, name: str) -> None:
        """Take one file away; one that is not there is no mistake."""
        (self._folder / visit_id / name).unlink(missing_ok=True)

    def erase(self, db: Db, *, visit_id: str, now: datetime) -> None:
        """Erase the key of a visit, and its files once the transaction of ``db`` is committed."""
        row = db.get(VisitKey, visit_id)
        if row is not None and row.wrapped is not None:
            row.wrapped = None
            row.erased_at = now
        on_commit(db, lambda: self.remove_all(visit_id))

    def remove_all(self, visit_id: str) -> None:
        """Take the files of a visit away; what cannot be taken away now is left for the next time."""
        shutil.rmtree(self._folder / visit_id, ignore_errors=True)

    def forget_unfinished(self, *, before: datetime) -> int:
        """Take away what a bridge that was killed left half written before then. Return how many."""
        stale = [path for path in self._folder.glob("*/.*") if _is_older(path, before)]
        for path in stale:
            path.unlink(missing_ok=True)
        return len(stale)

    def secret_for(self, name: str) -> str:
        """Return an unguessable text that is the same for ``name`` as long as the key is."""
        mac = hmac.digest(self._master, f"secret/{name}".encode(), "sha256")
        return base64.urlsafe_b64encode(mac).decode().rstrip("=")

    def _key(self, db: Db, visit_id: str, now: datetime) -> bytes:
        row = db.get(VisitKey, visit_id, populate_existing=True)
        if row is None:
            wrapped = aes_key_wrap(self._master, secrets.token_bytes(32))
            row = VisitKey(visit_id=visit_id, wrapped=wrapped, created_at=now)
            try:
                with db.begin_nested():
                    db.add(row)
            except IntegrityError:  # the visit's other first file was faster
                row = db.get_one(VisitKey, visit_id)
        if row.wrapped is None:
            raise DocumentErased
        return aes_key_unwrap(self._master, row.wrapped)


def _is_older(path: Path, moment: datetime) -> bool:
    try:
        return path.stat().st_mtime < moment.timestamp()
    except FileNotFoundError:  # finished, and called by its own name, in this very moment
        return False
