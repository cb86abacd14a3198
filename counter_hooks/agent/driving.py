"""Gives a job to what does it: the driver of its device, or the action of a plugin."""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping

from counter_hooks.actions import DEVICE_PREFIX, Action, Value, ValueUnfit, checked_answer
from counter_hooks.agent.contexts import RunningJob, Voice
from counter_hooks.agent.directory import DeviceDirectory
from counter_hooks.agent.journal import JobEntry, Journal
from counter_hooks.agent.offers import Offers
from counter_hooks.agent.orders import action_job, print_job, scan_job
from counter_hooks.agent.patience import scan_with_patience
from counter_hooks.driver import Driver
from counter_hooks.errors import DeviceGone, JobCancelled, ResultUnsound
from counter_hooks.model import Device, ScanJob
from counter_hooks.views import JobView, ResultView
from counter_hooks.wire import AgentJobState, JobKind

log = logging.getLogger(__name__)

# A device that an order names may still be looked for when the agent has just started.
FIND_TIMEOUT_S = 15.0

FetchSource = Callable[[JobEntry, RunningJob], None]


class Driving:
    """Knows who does a job, has it done, and holds it against them when it goes wrong."""

    def __init__(
        self,
        *,
        journal: Journal,
        directory: DeviceDirectory,
        offers: Offers,
        voice: Voice,
        fetch_source: FetchSource,
    ) -> None:
        self._journal = journal
        self._directory = directory
        self._offers = offers
        self._voice = voice
        self._fetch_source = fetch_source

    def drive(self, entry: JobEntry, running: RunningJob) -> Mapping[str, Value]:
        """Have a job done, and return what it has to say to the clerk.

        Raises what the driver or the action raises.
        """
        if entry.order.kind is JobKind.ACTION:
            return self._act(entry, running)
        if entry.order.kind is JobKind.PRINT:
            if entry.source_path is None:
                self._fetch_source(entry, running)
            device, driver = self._find(entry)
            printing = print_job(self._journal.job(entry.id) or entry)
            self._begin(entry, running)
            driver.print(printing, device, running)
        else:
            device, driver = self._find(entry)
            self._scan(entry, running, driver, device)
        self._offers.registry.went_well(driver)
        return {}

    def _scan(self, entry: JobEntry, running: RunningJob, driver: Driver, device: Device) -> None:
        job = scan_job(entry)
        running.filter_with(
            lambda page, side: self._offers.filtered(
                page, job.options, side=side, workdir=running.workdir
            )
        )
        if entry.began:
            # It was page by page when the agent last stopped: the page that was lost lies there.
            running.take_up(self._journal.pages(entry.id))
            if not running.await_page():
                return
        else:
            self._begin(entry, running)
        self._scan_pages(job, running, driver, device)
        while job.options.page_by_page and running.await_page():
            self._scan_pages(job, running, driver, device)

    def _scan_pages(
        self, job: ScanJob, running: RunningJob, driver: Driver, device: Device
    ) -> None:
        before = running.sides
        scan_with_patience(lambda: driver.scan(job, device, running), running)
        if running.sides == before:
            raise ResultUnsound("the driver brought no page", job=job.id)

    def went_wrong(self, entry: JobEntry, reason: str) -> None:
        """Hold it against the plugin of a job that its code broke or never returned from."""
        brought: Driver | Action | None = self._offers.action(entry.order.device)
        if brought is None:
            found = self._directory.find(entry.order.device, timeout_s=0)
            brought = found[1] if found else None
        if brought is not None:
            self._offers.registry.went_wrong(brought, f"job {entry.id}: {reason}")

    def tell(
        self,
        entry: JobEntry,
        outcome: AgentJobState,
        reason: str | None,
        facts: Mapping[str, Value],
    ) -> None:
        """Tell the plugins how a job ended."""
        if entry.order.kind is JobKind.PRINT:
            # The tray was filled meanwhile, or is empty now: nobody should read what it was before.
            self._directory.look_again_at(entry.order.device)
        job = JobView(id=entry.id, kind=entry.order.kind.value, device_id=entry.order.device)
        result = ResultView(outcome=outcome.value, reason=reason, facts=dict(facts))
        self._offers.registry.job_finished(job, result)

    def _act(self, entry: JobEntry, running: RunningJob) -> Mapping[str, Value]:
        action = self._offers.action(entry.order.device)
        if action is None:
            key = entry.order.device.removeprefix(DEVICE_PREFIX)
            raise DeviceGone(f"no plugin brings the action {key}", device=entry.order.device)
        job = action_job(entry, action)
        running.limit_s = float(action.limit_s)
        self._begin(entry, running)
        try:
            answer = checked_answer(action.rows, action.run(job, running))
        except ValueUnfit as error:
            self.went_wrong(entry, str(error))
            raise ResultUnsound(str(error), job=entry.id) from error
        self._offers.registry.went_well(action)
        return answer

    def _begin(self, entry: JobEntry, running: RunningJob) -> None:
        # A print that its spooler has must reach its driver even if it was cancelled meanwhile:
        # only the driver can cancel it there.
        if running.is_cancelled and entry.spooler_id is None:
            raise JobCancelled(job=entry.id)
        self._journal.report(entry.id, AgentJobState.RUNNING)
        self._voice.reports_waiting()
        log.info("job %s runs on %s", entry.id, entry.order.device)

    def _find(self, entry: JobEntry) -> tuple[Device, Driver]:
        found = self._directory.find(entry.order.device, timeout_s=FIND_TIMEOUT_S)
        if found is None:
            raise DeviceGone("no such device is plugged in", device=entry.order.device)
        return found
