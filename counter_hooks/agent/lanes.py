"""Runs jobs: one thread and one queue a device, and a watchdog that needs no driver's help.

A driver may hang, lie or raise whatever it likes. The end of a job is what the journal was told
first: by the lane when the driver came back, or by the watchdog when it did not.
"""

from __future__ import annotations

import logging
import threading
from collections import deque
from collections.abc import Callable, Mapping
from contextlib import suppress

from counter_hooks.actions import Value
from counter_hooks.agent.config import Settings
from counter_hooks.agent.contexts import RunningJob, Spool, Voice
from counter_hooks.agent.driving import Driving
from counter_hooks.agent.errors import JournalUnwritable
from counter_hooks.agent.journal import JobEntry, Journal
from counter_hooks.agent.offers import names_of
from counter_hooks.agent.orders import is_page_by_page
from counter_hooks.calls import said
from counter_hooks.errors import (
    DeviceError,
    DeviceNeedsHand,
    HookError,
    JobCancelled,
    ResultUnsound,
)
from counter_hooks.model import Attention
from counter_hooks.plain import is_text
from counter_hooks.wire import AgentJobState, JobKind, NextPage

log = logging.getLogger(__name__)

WATCH_INTERVAL_S = 0.1
# How often an end is tried again that the journal did not take: the disk is full.
WRITE_AGAIN_S = 1.0
RESTARTED = "agent-restarted"
SILENT = "device-silent"
BROKEN = "driver-failed"


class Lane:
    """The queue of one device, worked off by one thread."""

    def __init__(self, device_id: str, work: Callable[[Lane, str], None]) -> None:
        self.device_id = device_id
        self.running: RunningJob | None = None
        self.is_stuck = False
        self._work = work
        self._waiting: deque[str] = deque()
        self._ready = threading.Condition()
        self.idle = threading.Event()
        self.idle.set()
        threading.Thread(target=self._run, name=f"lane-{device_id}", daemon=True).start()

    def put(self, job_id: str) -> None:
        """Queue a job."""
        with self._ready:
            self._waiting.append(job_id)
            self._ready.notify()

    def take_all(self) -> list[str]:
        """Empty the queue and return what was in it."""
        with self._ready:
            waiting = list(self._waiting)
            self._waiting.clear()
        return waiting

    def begin(self, running: RunningJob) -> None:
        """Show that ``running`` is in the hands of the driver."""
        with self._ready:
            self.running = running
            self.idle.clear()

    def give_up(self, running: RunningJob) -> list[str]:
        """Hold the lane for stuck while ``running`` does not return; return what waited."""
        with self._ready:
            if self.running is not running:
                return []
            self.is_stuck = True
        return self.take_all()

    def _run(self) -> None:
        while True:
            with self._ready:
                self._ready.wait_for(lambda: self._waiting)
                job_id = self._waiting.popleft()
            try:
                self._work(self, job_id)
            # A lane must outlive any job; what a job can raise is dealt with where it runs.
            except BaseException:
                log.exception("job %s broke its lane %s", job_id, self.device_id)
            with self._ready:
                self.running = None
                self.is_stuck = False
                self.idle.set()


class Lanes:
    """All lanes of an agent; jobs are named by their ids in the journal."""

    def __init__(
        self,
        *,
        settings: Settings,
        journal: Journal,
        spool: Spool,
        voice: Voice,
        driving: Driving,
        clock: Callable[[], float],
    ) -> None:
        self._settings = settings
        self._journal = journal
        self._spool = spool
        self._voice = voice
        self._driving = driving
        self._clock = clock
        self._lanes: dict[str, Lane] = {}
        self._lock = threading.Lock()
        self._stopped_unwritten: set[str] = set()
        self._busy = threading.Event()
        self._stopping = threading.Event()
        threading.Thread(target=self._watch, name="watchdog", daemon=True).start()

    def recover(self) -> None:
        """Take up the jobs that were open when the agent last stopped.

        A scan or action that had begun failed with ``agent-restarted``; a scan keeps its finished
        pages, and page by page it waits for the one that was lost. A print is given to its driver
        again, which knows the spooler's identifier.
        """
        for entry in self._journal.open_jobs():
            if entry.outcome is not None:
                continue
            if entry.began and not (entry.order.kind is JobKind.PRINT or is_page_by_page(entry)):
                pages = len(self._journal.pages(entry.id))
                self._end(entry.id, AgentJobState.FAILED, RESTARTED, facts={"pages": pages})
            else:
                self.submit(entry)
        self._voice.pages_waiting()

    def submit(self, entry: JobEntry) -> None:
        """Queue a job that is in the journal."""
        with self._lock:
            lane = self._lanes.get(entry.order.device)
            if lane is None:
                lane = self._lanes[entry.order.device] = Lane(entry.order.device, self._work)
        if lane.is_stuck:
            self._end(entry.id, AgentJobState.FAILED, SILENT)
        else:
            lane.put(entry.id)

    def cancel(self, job_id: str) -> None:
        """Stop a job, wherever it is; an unknown or ended job is left as it is."""
        # Written down first: a lane that takes the job just now reads it after it can be seen.
        try:
            self._journal.ask_cancel(job_id)
        except JournalUnwritable as error:
            log.warning("job %s stops, but that cannot be kept: %s", job_id, error)
            self._stopped_unwritten.add(job_id)
        for lane in self._all():
            running = lane.running
            if running is not None and running.id == job_id:
                running.cancel()
                return
        # It waits in a queue, where its lane will find that it has ended. A print that was in the
        # spooler when the agent stopped must be cancelled there, so it keeps its turn.
        entry = self._journal.job(job_id)
        is_waiting = entry is not None and entry.outcome is None and not entry.began
        if is_waiting and job_id not in self._stopped_unwritten:
            self._end(job_id, AgentJobState.CANCELLED, None)

    def next_page(self, told: NextPage) -> None:
        """Let a scan page by page go on; a job that waits for no such page is left as it is."""
        for lane in self._all():
            running = lane.running
            if running is not None and running.id == told.id:
                running.turn.say(told.page, is_last=told.is_last)

    def stop(self) -> None:
        """Let go of the devices; the journal still says which jobs were running.

        Prints are left alone: their spooler goes on, and the next start follows them.
        """
        self._stopping.set()
        letting_go = []
        for lane in self._all():
            running = lane.running
            entry = self._journal.job(running.id) if running else None
            if running and entry and entry.order.kind is not JobKind.PRINT:
                running.cancel()
                letting_go.append(lane)
        deadline = self._clock() + self._settings.limits.cancel_s
        for lane in letting_go:
            lane.idle.wait(max(0.0, deadline - self._clock()))

    def _all(self) -> list[Lane]:
        with self._lock:
            return list(self._lanes.values())

    def _work(self, lane: Lane, job_id: str) -> None:
        try:
            self._attempt(lane, job_id)
        # Whatever went wrong besides the driver: no job may stay without an end.
        except BaseException:
            log.exception("job %s broke", job_id)
            if not self._stopping.is_set():
                self._end_surely(job_id, AgentJobState.FAILED, BROKEN)

    def _attempt(self, lane: Lane, job_id: str) -> None:
        entry = self._journal.job(job_id)
        if entry is None or entry.outcome is not None or self._stopping.is_set():
            return
        running = self._context(entry)
        lane.begin(running)
        self._busy.set()
        # Read again: somebody may have cancelled it before it could be seen in its lane.
        entry = self._journal.job(job_id) or entry
        if entry.outcome is not None:
            return
        if entry.is_cancel_asked or job_id in self._stopped_unwritten:
            running.cancel()
        answer: Mapping[str, Value] = {}
        try:
            answer = self._driving.drive(entry, running)
            if running.close():
                raise ResultUnsound("the driver left a page open", job=job_id)
        except JobCancelled:
            self._come_back(running, AgentJobState.CANCELLED, None)
        except HookError as error:
            log.warning("job %s failed: %s", job_id, said(error))
            self._come_back(running, AgentJobState.FAILED, _reason(error), error)
        # A driver or action is a stranger's code: whatever it raises, even what would end the
        # program, ends this job and no more.
        except BaseException as error:
            log.exception("job %s: the driver broke", job_id)
            self._driving.went_wrong(entry, said(error))
            self._come_back(running, AgentJobState.FAILED, BROKEN)
        else:
            self._come_back(running, AgentJobState.PRODUCED, None, answer=answer)
        finally:
            running.close()
            self._erase_source(entry)

    def _context(self, entry: JobEntry) -> RunningJob:
        return RunningJob(
            entry.id,
            settings=self._settings,
            journal=self._journal,
            spool=self._spool,
            voice=self._voice,
            clock=self._clock,
            spooler_id=entry.spooler_id,
        )

    def _erase_source(self, entry: JobEntry) -> None:
        """Erase what was printed once the job has ended; one cut short by a stop goes on later."""
        now = self._journal.job(entry.id)
        if entry.order.kind is JobKind.PRINT and now is not None and now.ended:
            self._spool.erase_pages(entry.id)

    def _come_back(
        self,
        running: RunningJob,
        outcome: AgentJobState,
        reason: str | None,
        error: HookError | None = None,
        *,
        answer: Mapping[str, Value] | None = None,
    ) -> None:
        if self._stopping.is_set() and outcome is not AgentJobState.PRODUCED:
            return
        facts = self._facts(running)
        if isinstance(error, DeviceError) and isinstance(error.reason, Attention):
            facts["attention"] = error.reason.value
        self._end_surely(running.id, outcome, reason, facts=facts, answer=answer)
        self._stopped_unwritten.discard(running.id)

    def _facts(self, running: RunningJob) -> dict[str, str | int | float | bool]:
        facts: dict[str, str | int | float | bool] = {
            "duration_ms": round((self._clock() - running.began_at) * 1000)
        }
        if running.pages:
            facts["pages"] = len(running.pages)
            facts["size_bytes"] = sum(page.size_bytes for page in running.pages)
        if running.first_row_at is not None:
            facts["first_row_ms"] = round((running.first_row_at - running.began_at) * 1000)
        if running.dropped:
            facts["pages_dropped"] = running.dropped
        if running.failed_filters:
            facts["filters_failed"] = names_of(list(running.failed_filters))
        return facts

    def _end(
        self,
        job_id: str,
        outcome: AgentJobState,
        reason: str | None,
        *,
        facts: dict[str, str | int | float | bool] | None = None,
        answer: Mapping[str, Value] | None = None,
    ) -> bool:
        ended = self._journal.finish(job_id, outcome, reason=reason, facts=facts, answer=answer)
        if ended:
            log.info("job %s came out as %s%s", job_id, outcome, f": {reason}" if reason else "")
            self._voice.reports_waiting()
            entry = self._journal.job(job_id)
            if entry is not None:
                self._driving.tell(entry, outcome, reason, facts or {})
        return ended

    def _end_surely(
        self,
        job_id: str,
        outcome: AgentJobState,
        reason: str | None,
        *,
        facts: dict[str, str | int | float | bool] | None = None,
        answer: Mapping[str, Value] | None = None,
    ) -> None:
        """End a job, however long the journal takes nothing: its lane waits with it."""
        while True:
            try:
                self._end(job_id, outcome, reason, facts=facts, answer=answer)
                return
            except JournalUnwritable as error:
                log.error("job %s: its end cannot be kept yet: %s", job_id, error)
                if self._stopping.wait(WRITE_AGAIN_S):
                    return

    def _watch(self) -> None:
        while not self._stopping.is_set():
            self._busy.wait()
            running = [lane for lane in self._all() if lane.running is not None]
            if not running:
                self._busy.clear()
                # A job may have begun between the look and the clearing.
                if not any(lane.running for lane in self._all()):
                    continue
            for lane in running:
                self._look_at(lane)
            self._stopping.wait(WATCH_INTERVAL_S)

    def _look_at(self, lane: Lane) -> None:
        # Read once: the lane may be done with it at any moment.
        running = lane.running
        try:
            # What the journal does not take now is judged again at the next look.
            with suppress(JournalUnwritable):
                if running is not None:
                    self._judge(lane, running)
        # Nothing else ends what hangs: whatever goes wrong, this thread goes on.
        except Exception:
            log.exception("the job on %s cannot be judged", lane.device_id)
            self._stopping.wait(WRITE_AGAIN_S)

    def _judge(self, lane: Lane, running: RunningJob) -> None:
        now = self._clock()
        limits = self._settings.limits
        is_page_awaited = running.turn.is_awaited
        is_silent = (
            now - running.last_sign_at > limits.silence_s and not running.waits_for_person
        ) or now - running.worked_since > (running.limit_s or limits.job_s)
        if running.cancelled_at is not None:
            if now - running.cancelled_at > limits.cancel_s:
                self._cut_off(lane, running, AgentJobState.CANCELLED, None)
        elif is_silent and not is_page_awaited:
            self._cut_off(lane, running, AgentJobState.FAILED, SILENT)

    def _cut_off(
        self, lane: Lane, running: RunningJob, outcome: AgentJobState, reason: str | None
    ) -> None:
        """End a job whose driver does not return; its lane is lost until it does."""
        if not self._end(running.id, outcome, reason, facts=self._facts(running)):
            return
        running.cancel()
        log.error("the driver of %s does not return; its lane waits", lane.device_id)
        entry = self._journal.job(running.id)
        if entry is not None and outcome is AgentJobState.FAILED:
            self._driving.went_wrong(entry, "does not return")
        for job_id in lane.give_up(running):
            self._end(job_id, AgentJobState.FAILED, SILENT)


def _reason(error: HookError) -> str:
    # A stranger's driver may have put anything there.
    if isinstance(error, DeviceNeedsHand) and isinstance(error.reason, Attention):
        return error.reason.value
    return error.key if isinstance(error.key, str) and is_text(error.key) else BROKEN
