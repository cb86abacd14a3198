"""Following one job from its hand-over to the paper.

CUPS says how the job stands; the printer has the last word on what became of it, and says how it
is while CUPS does not know (``docs/adr/0011-cups.md``).
"""

from __future__ import annotations

import time

from counter_hooks import (
    Attention,
    DeviceError,
    DeviceGone,
    JobCancelled,
    PrintContext,
    ResultUnsound,
)
from counter_hooks.plugins import cups_printer
from counter_hooks.plugins.cups_printer import Word
from counter_hooks.plugins.cups_queue import IDLE, STOPPED, IppJobState, JobFacts, Queue, texts
from counter_hooks.plugins.cups_reasons import attention, doubt

# A look takes 0.1 ms. Most jobs end a good second after the hand-over (CUPS's ipp backend asks
# the printer once a second), the others may wait for a person for hours.
LOOK_S = 0.005
SLOW_LOOK_S = 0.1
SLOW_AFTER_S = 3.0
# The printer is asked how it is half a second after the hand-over, when nothing else happens,
# and then every two seconds.
FIRST_KNOCK_S = 0.5
KNOCK_S = 2.0
WORD_S = 1.0
"""How often the printer is asked about a job that CUPS has done with, and the printer has not."""
STOP_S = 0.6
"""How long a cancelled job may take to end at the printer; a cancel has two seconds in all."""
SILENT_KNOCKS = 3
"""A printer that accepts a connection and says nothing so many times in a row hangs."""
CUPS_AWAY_S = 30.0
"""A restart of CUPS takes seconds."""


class Follower:
    """Watches one job."""

    def __init__(self, queue: Queue, number: int, context: PrintContext) -> None:
        """Follow job ``number``. Its CUPS must answer now, and may go away later."""
        facts = queue.facts()
        self._queue = queue
        self._number = number
        self._context = context
        self._address = str(facts.get("device-uri", ""))
        # CUPS never takes back that a printer forgot a job: only what comes new is about ours.
        self._old_reasons = frozenset(texts(facts.get("printer-state-reasons")))
        self._began = self._seen = time.monotonic()
        self._next_knock = self._began + FIRST_KNOCK_S
        self._next_word = self._began
        self._was_cups_away = False
        self._is_taken_back = False
        self._silent_knocks = 0
        self._heard: Attention | None = None
        self._told: Attention | None = None

    def follow(self) -> None:
        """Return when the job came out. Raises a leaf of ``DeviceError`` when it did not."""
        while True:
            job = self._look()
            if job and self._has_ended(job):
                self._tell(None)
                return
            self._tell(self._trouble(job))
            is_young = time.monotonic() - self._began < SLOW_AFTER_S
            if self._context.wait(LOOK_S if is_young else SLOW_LOOK_S):
                self._cancel()
                return

    def _look(self) -> JobFacts | None:
        """Return how the job stands, None while CUPS does not answer."""
        try:
            job = self._queue.job(self._number)
        except DeviceGone:
            if time.monotonic() - self._seen > CUPS_AWAY_S:
                raise
            self._was_cups_away = True
            self._next_knock = self._began
            return None
        self._seen = time.monotonic()
        if job is None:
            raise ResultUnsound("CUPS does not know the job any more", number=self._number)
        return job

    def _has_ended(self, job: JobFacts) -> bool:
        """Say whether the job came out. Raises when it ended in any other way."""
        if job.is_empty:
            self._queue.cancel(self._number)
            raise DeviceGone("CUPS went away before it had the document", number=self._number)
        if job.state is IppJobState.COMPLETED or self._is_taken_back:
            return self._came_out(job)
        if job.state is IppJobState.CANCELLED and self._context.is_cancelled:
            raise JobCancelled(number=self._number)
        if job.state in (IppJobState.CANCELLED, IppJobState.ABORTED):
            said = job.message or job.state.name.lower()
            raise DeviceError(f"the printer gave the job up: {said}", number=self._number)
        if job.state is IppJobState.STOPPED:
            # Left alone, it would be printed when somebody restarts it.
            self._queue.cancel(self._number)
            raise ResultUnsound(f"the job stopped: {job.message or 'CUPS does not say why'}")
        return False

    def _came_out(self, job: JobFacts) -> bool:
        if time.monotonic() < self._next_word:
            return False
        word = cups_printer.word_on(self._address, job.title)
        self._next_word = time.monotonic() + WORD_S
        if word is Word.GAVE_UP:
            raise DeviceError("CUPS was content, the printer gave it up", number=self._number)
        if self._is_taken_back and word is Word.MUTE:
            return False  # it had the job a moment ago
        if word in (Word.UNKNOWN, Word.MUTE):
            self._believe(job, word)
        return word is not Word.UNDER_WAY

    def _believe(self, job: JobFacts, word: Word) -> None:
        """Take CUPS's word for it. Raises ``ResultUnsound`` when there is a reason not to."""
        is_new = [reason for reason in job.reasons if reason not in self._old_reasons]
        reason = doubt(job.reasons if word is Word.UNKNOWN else is_new, job.message)
        if self._is_taken_back:
            reason = "the printer forgot it"
        if reason is not None:
            raise ResultUnsound(f"the job left CUPS, but {reason}", number=self._number)

    def _cancel(self) -> None:
        """Cancel the job; return when it was too late and all of it came out."""
        self._queue.cancel(self._number)
        job = self._look()
        if job is not None and (job.state is IppJobState.COMPLETED or self._is_taken_back):
            self._next_word = self._began
            if not self._has_ended(job):
                raise ResultUnsound("too late to cancel: the printer has it", number=self._number)
        elif job is None or not self._came_out_before(job):
            raise JobCancelled(number=self._number)

    def _came_out_before(self, job: JobFacts) -> bool:
        """Say whether the paper was there before the cancel; CUPS hears of it a second late.

        The printer hears of the cancel a moment later than CUPS; one that takes longer to end the
        job than this waits is taken to have stopped it.
        """
        give_up = time.monotonic() + STOP_S
        while True:
            word = cups_printer.word_on(self._address, job.title, limit_s=cups_printer.ANSWER_S)
            if word is not Word.UNDER_WAY or time.monotonic() > give_up:
                return word is Word.PRINTED
            time.sleep(SLOW_LOOK_S)

    def _trouble(self, job: JobFacts | None) -> Attention | None:
        if job is None:
            return Attention.DEVICE_OFFLINE
        if time.monotonic() >= self._next_knock:
            try:
                self._heard = self._knock(job)
            except DeviceGone:
                return Attention.DEVICE_OFFLINE
            self._next_knock = time.monotonic() + KNOCK_S
        # Between two knocks the last one counts: CUPS does not see that a printer is off. Of a
        # job taken back, CUPS knows old reasons only.
        return (None if self._is_taken_back else attention(job.reasons)) or self._heard

    def _knock(self, job: JobFacts) -> Attention | None:
        if not cups_printer.is_reachable(self._address):
            return Attention.DEVICE_OFFLINE
        reasons = cups_printer.state_reasons(self._address)
        if reasons is None and cups_printer.speaks_ipp(self._address):
            self._silent_knocks += 1
            return Attention.DEVICE_OFFLINE if self._silent_knocks >= SILENT_KNOCKS else None
        self._silent_knocks = 0
        if self._may_be_sent_again(job) and not self._keeps_from_sending_again(job):
            return attention(reasons or ())
        if self._queue.facts().get("printer-state") in (STOPPED, IDLE):
            # CUPS 2.4 lets a job lie that it had when it was restarted; this wakes it too.
            self._queue.resume()
        return attention(reasons or ())

    def _may_be_sent_again(self, job: JobFacts) -> bool:
        is_waiting = job.state is IppJobState.PENDING or self._was_cups_away
        return is_waiting and not self._is_taken_back

    def _keeps_from_sending_again(self, job: JobFacts) -> bool:
        """Take back from CUPS what it sent before it was restarted; False when it is not known."""
        if not cups_printer.speaks_ipp(self._address):
            return True
        word = cups_printer.word_on(self._address, job.title, limit_s=cups_printer.ANSWER_S)
        if word is Word.MUTE:
            return False
        if word in (Word.PRINTED, Word.UNDER_WAY):
            self._queue.cancel(self._number)
            self._is_taken_back = True
        self._was_cups_away = False
        return True

    def _tell(self, found: Attention | None) -> None:
        if found is self._told:
            return
        if found is None:
            self._context.attention_over()
        else:
            self._context.needs_attention(found)
        self._told = found
