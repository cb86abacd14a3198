"""The pause between two pages of a scan page by page: as long as it takes, and losing nothing."""

from __future__ import annotations

import threading


class PageTurn:
    """Waits until somebody says that the next page lies there, or that there is none."""

    def __init__(self) -> None:
        self._said = threading.Condition()
        self._awaited: int | None = None
        self._is_last: bool | None = None
        self._is_over = False

    @property
    def is_awaited(self) -> bool:
        """True while a page is waited for."""
        return self._awaited is not None

    def begin(self, page: int) -> None:
        """Wait for ``page`` from now on; what is said before ``wait`` is not lost."""
        with self._said:
            self._awaited, self._is_last = page, None

    def wait(self) -> bool:
        """Wait for as long as it takes; False when there is no further page, or none is wanted."""
        with self._said:
            self._said.wait_for(lambda: self._is_last is not None or self._is_over)
            return self._is_last is False

    def end(self) -> None:
        """Wait for no page any more."""
        with self._said:
            self._awaited = None

    def say(self, page: int, *, is_last: bool) -> None:
        """Answer for ``page``; an answer for another one, or a second, changes nothing."""
        with self._said:
            if page == self._awaited and self._is_last is None:
                self._is_last = is_last
                self._said.notify_all()

    def give_up(self) -> None:
        """End every wait, now and later: the job is stopped."""
        with self._said:
            self._is_over = True
            self._said.notify_all()
