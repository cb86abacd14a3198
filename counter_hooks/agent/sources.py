"""Fetches what is to be printed, once, and makes sure that it is whole before any driver sees it."""

from __future__ import annotations

import hashlib
import logging
import os
from collections.abc import Callable, Iterator
from pathlib import Path

import requests

from counter_hooks.agent.contexts import RunningJob, Spool
from counter_hooks.agent.errors import (
    BridgeUnreachable,
    PageUnkept,
    SourceUnsound,
    TokenRevoked,
)
from counter_hooks.agent.http import BridgeHttp, problem_key
from counter_hooks.agent.journal import JobEntry, Journal
from counter_hooks.agent.pages import synchronise_directory
from counter_hooks.agent.retries import Backoff
from counter_hooks.errors import JobCancelled
from counter_hooks.wire import PrintSource

log = logging.getLogger(__name__)

BLOCK_BYTES = 64 * 1024
HASH_ATTEMPTS = 3


class SourceFetcher:
    """Fetches the source of a print into the spool and writes that into the journal."""

    def __init__(
        self,
        *,
        connect: Callable[[], BridgeHttp],
        journal: Journal,
        spool: Spool,
        maximum_bytes: int,
        backoff: Callable[[], Backoff],
        on_revoked: Callable[[TokenRevoked], None],
    ) -> None:
        self._connect = connect
        self._journal = journal
        self._spool = spool
        self._maximum_bytes = maximum_bytes
        self._backoff = backoff
        self._on_revoked = on_revoked

    def __call__(self, entry: JobEntry, running: RunningJob) -> None:
        """Fetch for ``entry``. Raises ``SourceUnsound``, ``JobCancelled``, ``PageUnkept``."""
        source = entry.order.source
        if source is None or not 0 < source.size_bytes <= self._maximum_bytes:
            raise SourceUnsound("what is to be printed is missing or too big", job=entry.id)
        target = self._spool.pages(entry.id) / "source.pdf"
        http = self._connect()
        try:
            self._fetch(http, source, target, running)
            target.with_suffix(".part").rename(target)
            synchronise_directory(target.parent)
        except OSError as error:
            raise PageUnkept(f"the document could not be kept: {error.strerror}") from error
        finally:
            http.close()
        self._journal.remember_source(entry.id, target)

    def _fetch(
        self, http: BridgeHttp, source: PrintSource, target: Path, running: RunningJob
    ) -> None:
        backoff = self._backoff()
        mismatches = 0
        while True:
            try:
                if self._is_fetched(http, source, target, running):
                    return
            except BridgeUnreachable as error:
                pause_s = backoff.next()
                log.warning("%s; next try in %.1f s", error, pause_s)
                if running.wait(pause_s):
                    raise JobCancelled(job=running.id) from error
            except TokenRevoked as error:
                self._on_revoked(error)
                raise SourceUnsound("the token was revoked", job=running.id) from error
            else:
                mismatches += 1
                if mismatches == HASH_ATTEMPTS:
                    raise SourceUnsound("the document arrived damaged", job=running.id)

    def _is_fetched(
        self, http: BridgeHttp, source: PrintSource, target: Path, running: RunningJob
    ) -> bool:
        digest = hashlib.sha256()
        size = 0
        with http.send("GET", source.href, stream=True) as response:
            if response.status_code == 429 or response.status_code >= 500:
                raise BridgeUnreachable("the bridge cannot send the document now")
            if response.status_code != 200:
                raise SourceUnsound(f"the document is not to be had: {problem_key(response)}")
            with target.with_suffix(".part").open("wb") as file:
                for block in _blocks(response):
                    if running.is_cancelled:
                        raise JobCancelled(job=running.id)
                    size += len(block)
                    if size > source.size_bytes:
                        return False
                    digest.update(block)
                    file.write(block)
                file.flush()
                os.fsync(file.fileno())
        return size == source.size_bytes and digest.hexdigest() == source.sha256.lower()


def _blocks(response: requests.Response) -> Iterator[bytes]:
    try:
        yield from response.iter_content(BLOCK_BYTES)
    except requests.RequestException as error:
        raise BridgeUnreachable("the bridge stopped in the middle of the document") from error
