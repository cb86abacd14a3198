"""Brings finished pages to the bridge, from the journal, so that a restart goes on with them.

``PUT api/agent/jobs/<job>/pages/<number>`` carries the image with its digest (RFC 9530). After a
broken transfer the bridge is asked how much it has and gets the rest (``Content-Range``).
"""

from __future__ import annotations

import base64
import logging
import threading
from collections.abc import Callable

from counter_hooks.agent.contexts import Spool
from counter_hooks.agent.errors import (
    BridgeBusy,
    BridgeUnreachable,
    JournalUnreadable,
    JournalUnwritable,
    PageNotWanted,
    PageRefused,
    TokenRevoked,
)
from counter_hooks.agent.http import BridgeHttp, answer, problem_key
from counter_hooks.agent.journal import Journal
from counter_hooks.agent.retries import Backoff
from counter_hooks.model import Page

log = logging.getLogger(__name__)

CONFLICTS = 3
HASH_MISMATCH = "hash-mismatch"


class Uploader:
    """One thread that uploads the oldest waiting page until there is none.

    ``on_ended`` is called when the journal has a new report, ``on_not_wanted``
    with a job that the bridge gave up, ``on_revoked`` when the token is no longer taken.
    """

    def __init__(
        self,
        *,
        http: BridgeHttp,
        journal: Journal,
        spool: Spool,
        backoff: Backoff,
        on_ended: Callable[[], None],
        on_not_wanted: Callable[[str], None],
        on_revoked: Callable[[TokenRevoked], None],
    ) -> None:
        self._http = http
        self._journal = journal
        self._spool = spool
        self._backoff = backoff
        self._on_ended = on_ended
        self._on_not_wanted = on_not_wanted
        self._on_revoked = on_revoked
        self._wake = threading.Event()
        self._stopped = False
        self._tried: set[tuple[str, int]] = set()
        self._put_off: set[tuple[str, int]] = set()

    def start(self) -> None:
        """Begin with the pages that an earlier start left behind."""
        # Of those it is not known how much had arrived.
        self._tried |= {(job_id, page.number) for job_id, page in self._journal.waiting_pages()}
        threading.Thread(target=self._run, name="uploads", daemon=True).start()

    def wake(self) -> None:
        """Look for pages now; also ends a pause after a failure."""
        self._wake.set()

    def stop(self) -> None:
        """Upload no further page."""
        self._stopped = True
        self._wake.set()

    def _run(self) -> None:
        while not self._stopped:
            self._wake.clear()
            try:
                waiting = self._journal.waiting_pages()
            except JournalUnreadable as error:
                self._pause(error)
                continue
            if not waiting:
                self._wake.wait()
                continue
            job_id, page = next(
                (place for place in waiting if (place[0], place[1].number) not in self._put_off),
                waiting[0],
            )
            try:
                self._take(job_id, page)
            except BridgeBusy as error:
                # The trouble may be with this page alone: the others go first.
                self._put_off.add((job_id, page.number))
                if len(self._put_off) >= len(waiting):
                    self._pause(error)
            except (BridgeUnreachable, JournalUnwritable) as error:
                self._pause(error)
            except TokenRevoked as error:
                self._on_revoked(error)
                return
            # Nothing that one page does may end this thread: the others must still travel.
            except Exception:
                log.exception("page %s of job %s cannot be sent", page.number, job_id)
                self._let_go(job_id, page)
            else:
                self._backoff.reset()

    def _pause(self, error: Exception) -> None:
        self._put_off.clear()
        pause_s = self._backoff.next()
        log.warning("%s; next try in %.1f s", error, pause_s)
        self._wake.wait(pause_s)

    def _let_go(self, job_id: str, page: Page) -> None:
        try:
            self._refuse(job_id, page, "page-unreadable")
        # Journal or disk may not take that either: what is not given up is met again after the pause.
        except Exception as error:  # noqa: BLE001 - see above
            self._pause(error)

    def _take(self, job_id: str, page: Page) -> None:
        try:
            self._upload(job_id, page)
        except PageNotWanted:
            log.info("job %s is not wanted any more", job_id)
            self._give_up(job_id)
        except PageRefused as error:
            log.error("page %s of job %s is refused: %s", page.number, job_id, error.key)
            self._refuse(job_id, page, error.key)
        else:
            ended = self._journal.page_done(job_id, page.number)
            page.path.unlink(missing_ok=True)
            self._tried.discard((job_id, page.number))
            if ended:
                self._on_ended()

    def _refuse(self, job_id: str, page: Page, reason: str) -> None:
        """End a job for one of its pages; the others that are finished still travel."""
        self._journal.refuse_page(job_id, page.number, reason=reason)
        page.path.unlink(missing_ok=True)
        self._tried.discard((job_id, page.number))
        self._on_ended()
        # What is still on the glass would only make a job longer that has failed.
        self._on_not_wanted(job_id)

    def _give_up(self, job_id: str) -> None:
        self._journal.give_up_pages(job_id)
        self._spool.erase_pages(job_id)
        # The driver may still bring pages that nobody wants.
        self._on_not_wanted(job_id)
        self._on_ended()

    def _upload(self, job_id: str, page: Page) -> None:
        conflicts = 0
        received = self._received(job_id, page)
        while received is not None:
            self._tried.add((job_id, page.number))
            status, key, received = self._put(job_id, page, received)
            if status == 409:
                conflicts += 1
                if conflicts == CONFLICTS:
                    raise PageRefused(key)

    def _received(self, job_id: str, page: Page) -> int | None:
        """Return how many bytes the bridge has; None when it has the page whole."""
        if (job_id, page.number) not in self._tried:
            return 0
        response = self._http.send("GET", _href(job_id, page))
        if response.status_code == 404:
            return 0
        _raise_for(response.status_code, problem_key(response))
        told = answer(response)
        if told.get("complete") is True:
            return None
        received = told.get("received")
        sound = isinstance(received, int) and 0 <= received <= page.size_bytes
        return received if sound and isinstance(received, int) else 0

    def _put(self, job_id: str, page: Page, start: int) -> tuple[int, str, int | None]:
        """Send the page from byte ``start``; return status, problem and what is still to start at."""
        digest = base64.b64encode(bytes.fromhex(page.sha256)).decode()
        headers = {"Content-Type": page.media_type, "Repr-Digest": f"sha-256=:{digest}:"}
        if start == page.size_bytes:
            # All bytes are there and yet it is not complete: only a fresh start can help.
            start = 0
        if start:
            last = page.size_bytes - 1
            headers["Content-Range"] = f"bytes {start}-{last}/{page.size_bytes}"
        with page.path.open("rb") as body:
            body.seek(start)
            response = self._http.send("PUT", _href(job_id, page), headers=headers, body=body)
        key = problem_key(response)
        if response.status_code in {200, 201}:
            return response.status_code, key, None
        if response.status_code == 409:
            # Damaged on its way: begin again. Out of place: go on where the bridge stands.
            return 409, key, 0 if key == HASH_MISMATCH else self._received(job_id, page)
        _raise_for(response.status_code, key)
        return response.status_code, key, self._received(job_id, page)


def _raise_for(status: int, key: str) -> None:
    if status == 410:
        raise PageNotWanted(status=status)
    if status == 429 or status >= 500:
        raise BridgeBusy(f"the bridge cannot take pages now ({key})")
    if status >= 300:
        raise PageRefused(key)


def _href(job_id: str, page: Page) -> str:
    return f"api/agent/jobs/{job_id}/pages/{page.number}"
