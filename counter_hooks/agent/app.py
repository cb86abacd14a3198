"""Puts the agent together, runs it, and stops it: the only place where its parts meet."""

from __future__ import annotations

import logging
import threading
from collections import deque
from collections.abc import Callable, Mapping
from dataclasses import asdict, replace
from datetime import datetime
from pathlib import Path
from random import Random

from counter_hooks.agent import pairing
from counter_hooks.agent.config import Settings, address_mistakes
from counter_hooks.agent.contexts import Spool, Voice
from counter_hooks.agent.directory import HANGS, DeviceDirectory
from counter_hooks.agent.doctor import examine
from counter_hooks.agent.driving import Driving
from counter_hooks.agent.encoder import require_encoder
from counter_hooks.agent.errors import JournalUnwritable, SettingsUnsound, TokenRevoked
from counter_hooks.agent.http import BridgeHttp
from counter_hooks.agent.journal import Journal
from counter_hooks.agent.lanes import Lanes
from counter_hooks.agent.link import Link
from counter_hooks.agent.offers import Offers, loaded
from counter_hooks.agent.orders import require_sound
from counter_hooks.agent.retries import Backoff
from counter_hooks.agent.selftest import SelfTest
from counter_hooks.agent.sources import SourceFetcher
from counter_hooks.agent.technician import Status, TechnicianPage
from counter_hooks.agent.uploads import Uploader
from counter_hooks.driver import Driver
from counter_hooks.model import Device
from counter_hooks.record import GOOD_AFTER_S, Record
from counter_hooks.registry import own_version
from counter_hooks.wire import JobOrder, JobProgress, NextPage, Offer, PreviewStrip

log = logging.getLogger(__name__)

AGENT_FULL = "agent-full"
PRUNE_INTERVAL_S = 3600.0
LOOK_UP_S = 1.0
# The first hello should name the devices; a driver that is slower tells them later.
FIRST_LOOK_S = 5.0
CANCELS_REMEMBERED = 100


class Agent:
    """A running agent; it is the desk of its link and the voice of its lanes."""

    def __init__(
        self,
        settings: Settings,
        *,
        credentials: pairing.Credentials,
        chance: Random,
        clock: Callable[[], float],
        wall: Callable[[], datetime],
    ) -> None:
        """Open journal and spool and load the plugins.

        Raises ``SettingsUnsound``, ``EncoderMissing``, ``JournalUnreadable``.
        """
        require_encoder()
        self._settings = settings
        self._credentials = credentials
        self._chance = chance
        self._clock, self._wall = clock, wall
        self._bridge_url = _address(settings, credentials)
        self._ended = threading.Event()
        self._revoked: TokenRevoked | None = None
        self._cancelled_early: deque[str] = deque(maxlen=CANCELS_REMEMBERED)
        self._spool = prepare_state(settings.state_directory)
        self._journal = Journal(settings.state_directory / "journal.sqlite3")
        self._record = Record(settings.state_directory)
        is_safe = self._record.begin() or settings.safe_mode
        self.registry = loaded(settings, is_safe=is_safe)
        drivers = self.registry.register_drivers()
        self._offers = Offers(self.registry)
        self._record.follow(self.registry)
        self._link = self._made_link()
        self.directory = self._made_directory(drivers)
        self.registry.on_change(self._link.devices_changed)
        self._uploader = self._made_uploader()
        self._lanes = self._made_lanes()
        self._self_test = self._made_self_test()

    def run(self) -> None:
        """Run until ``stop`` is called. Raises ``TokenRevoked``."""
        self._tidy()
        self._lanes.recover()
        self.directory.start()
        self._uploader.start()
        self.directory.wait_until_looked(FIRST_LOOK_S)
        self._link.start()
        page = self._shown_page()
        began_at = tidied_at = self._clock()
        # Short waits: a signal that the system gives to another thread is handled by this one
        # only when it looks up.
        while not self._ended.wait(LOOK_UP_S):
            for driver in self.directory.newly_silent():
                self.registry.went_wrong(driver, HANGS)
                self._link.devices_changed()
            self._self_test.look_if_due(self._wall())
            if self._clock() - began_at > GOOD_AFTER_S:
                self._record.succeeded()
            if self._clock() - tidied_at > PRUNE_INTERVAL_S:
                self._tidy()
                tidied_at = self._clock()
        if page is not None:
            page.stop()
        self._link.stop()
        self._uploader.stop()
        self._lanes.stop()
        self.directory.stop()
        self._journal.close()
        self._record.succeeded()
        if self._revoked is not None:
            raise self._revoked

    def stop(self) -> None:
        """End ``run``; may be called from any thread."""
        self._ended.set()

    def take_order(self, order: JobOrder) -> dict[str, object]:
        """Journal an order, queue it, acknowledge it; one that is known is only acknowledged.

        Raises ``MessageUnsound``.
        """
        require_sound(order)
        known = self._journal.job(order.id)
        if known is not None:
            if known.ended:
                # The bridge holds it open, so the last report did not get through.
                self._journal.repeat_last_report(order.id)
                self._link.reports_waiting()
            return {"ok": True}
        if len(self._journal.open_jobs()) >= self._settings.limits.open_jobs:
            return {"ok": False, "key": AGENT_FULL}
        self._journal.accept(order)
        entry = self._journal.job(order.id)
        if entry is not None:
            log.info("job %s for %s is accepted", entry.id, order.device)
            self._link.reports_waiting()
            self._lanes.submit(entry)
            # Messages are handled in threads of their own and may overtake each other.
            if order.id in self._cancelled_early:
                self._lanes.cancel(order.id)
        return {"ok": True}

    def cancel(self, job_id: str) -> None:
        """Stop a job, also one whose order is still on its way."""
        self._cancelled_early.append(job_id)
        self._lanes.cancel(job_id)

    def next_page(self, told: NextPage) -> None:
        """Let a scan page by page go on."""
        self._lanes.next_page(told)

    def refresh_devices(self) -> None:
        """Look for devices now."""
        self.directory.refresh()

    def devices(self) -> list[Device]:
        """Return the devices present now, and which of them is for tickets."""
        found, chosen = self.directory.devices(), self._settings.ticket_printer
        if chosen is None:
            return found
        return [replace(device, is_for_tickets=device.id == chosen) for device in found]

    def offer(self) -> Offer:
        """Return what plugins add to the devices."""
        offer = self._offers.now()
        return replace(
            offer,
            plugins_off=[*offer.plugins_off, *self.directory.silent()],
            troubles=self._self_test.troubles(),
        )

    def status(self) -> Status:
        """Return how the agent stands, for the technician."""
        looked_at = self._self_test.looked_at
        return Status(
            counter=self._credentials.counter,
            bridge=self._bridge_url,
            version=own_version(),
            is_online=self._link.is_online,
            devices=[
                {"id": one.id, "name": one.name, "attention": one.attention or ""}
                for one in self.devices()
            ],
            open_jobs=len(self._journal.open_jobs()),
            pages=len(self._journal.waiting_pages()),
            looked_at=looked_at.isoformat(" ", "minutes") if looked_at else "",
            findings=[asdict(one) for one in self._self_test.findings],
        )

    def revoked(self, error: TokenRevoked) -> None:
        """Stop with ``error``."""
        self._revoked = error
        self.stop()

    def online(self) -> None:
        """Send the pages that waited for the connection."""
        self._uploader.wake()

    def _shown_page(self) -> TechnicianPage | None:
        if not self._settings.technician_port:
            return None
        try:
            page = TechnicianPage(self._settings.technician_port, self.status)
        except OSError as error:
            log.warning("the technician's page cannot be shown: %s", error.strerror)
            return None
        page.start()
        return page

    def _tidy(self) -> None:
        try:
            forgotten = self._journal.prune()
        except JournalUnwritable as error:
            log.warning("nothing is forgotten now: %s", error)
            return
        for job_id in forgotten:
            self._spool.erase_pages(job_id)
        self._spool.sweep(self._needed)

    def _needed(self) -> set[str]:
        uploading = {job_id for job_id, _ in self._journal.waiting_pages()}
        return uploading | {entry.id for entry in self._journal.open_jobs()}

    def _backoff(self) -> Backoff:
        return Backoff(maximum_s=self._settings.limits.retry_s, chance=self._chance)

    def _http(self) -> BridgeHttp:
        return BridgeHttp(
            self._bridge_url, token=self._credentials.token, ca_file=self._settings.ca_file
        )

    def _made_link(self) -> Link:
        ca_file = self._settings.ca_file
        return Link(
            bridge_url=self._bridge_url,
            token=self._credentials.token,
            version=own_version(),
            ca_file=None if ca_file is None else str(ca_file),
            journal=self._journal,
            desk=self,
            backoff=self._backoff(),
        )

    def _made_lanes(self) -> Lanes:
        voice = _AgentVoice(self._link, self._uploader)
        return Lanes(
            settings=self._settings,
            journal=self._journal,
            spool=self._spool,
            voice=voice,
            driving=Driving(
                journal=self._journal,
                directory=self.directory,
                offers=self._offers,
                voice=voice,
                fetch_source=self._made_fetcher(),
            ),
            clock=self._clock,
        )

    def _made_directory(self, drivers: Mapping[str, Driver]) -> DeviceDirectory:
        return DeviceDirectory(
            {name: one for name, one in drivers.items() if self.registry.is_usable(one)},
            interval_s=self._settings.limits.discovery_s,
            on_change=self._link.devices_changed,
            clock=self._clock,
        )

    def _made_uploader(self) -> Uploader:
        return Uploader(
            http=self._http(),
            journal=self._journal,
            spool=self._spool,
            backoff=self._backoff(),
            on_ended=self._link.reports_waiting,
            on_not_wanted=self.cancel,
            on_revoked=self.revoked,
        )

    def _made_self_test(self) -> SelfTest:
        return SelfTest(
            lambda: examine(self._settings, self.registry, self.directory, wall=self._wall),
            on_change=self._link.devices_changed,
        )

    def _made_fetcher(self) -> SourceFetcher:
        return SourceFetcher(
            connect=self._http,
            journal=self._journal,
            spool=self._spool,
            maximum_bytes=self._settings.limits.print_bytes,
            backoff=self._backoff,
            on_revoked=self.revoked,
        )


class _AgentVoice(Voice):
    """Lets jobs speak through link and uploader."""

    def __init__(self, link: Link, uploader: Uploader) -> None:
        self._link = link
        self._uploader = uploader

    def preview(self, strip: PreviewStrip) -> bool:
        return self._link.preview(strip)

    def progress(self, progress: JobProgress) -> None:
        self._link.progress(progress)

    def reports_waiting(self) -> None:
        self._link.reports_waiting()

    def pages_waiting(self) -> None:
        self._uploader.wake()


def _address(settings: Settings, credentials: pairing.Credentials) -> str:
    url = settings.bridge_url or credentials.bridge_url
    mistakes = address_mistakes(url, allow_plain_http=settings.allow_plain_http)
    if mistakes:
        raise SettingsUnsound(mistakes)
    return url


def prepare_state(directory: Path) -> Spool:
    """Return the spool below ``directory``, made if need be. Raises ``SettingsUnsound``."""
    spool = Spool(directory)
    try:
        spool.prepare()
    except OSError as error:
        raise SettingsUnsound(
            [f"state_directory: {directory} cannot be used ({error.strerror})"]
        ) from error
    return spool
