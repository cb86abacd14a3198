"""Speaks to the bridge over Socket.IO: says hello, takes orders, tells how they go.

The connection is made again whenever it is lost, and nothing that matters lives in it: orders are
in the journal before they are acknowledged, reports stay there until the bridge has them. Only
previews and progress are sent and forgotten.
"""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable
from typing import Protocol
from urllib.parse import urlsplit

import requests
import socketio
import socketio.exceptions

from counter_hooks import wire
from counter_hooks.agent.client import Client
from counter_hooks.agent.errors import TokenRevoked
from counter_hooks.agent.journal import Journal
from counter_hooks.agent.retries import Backoff
from counter_hooks.calls import said
from counter_hooks.errors import HookError
from counter_hooks.model import Device
from counter_hooks.wire import (
    NAMESPACE,
    SPOKEN,
    WIRE,
    JobCancel,
    JobOrder,
    JobProgress,
    NextPage,
    Offer,
    PreviewStrip,
)

log = logging.getLogger(__name__)

CONNECT_TIMEOUT_S = 10
ANSWER_TIMEOUT_S = 15.0
GOODBYE_S = 2.0
# More strips than this on the way mean a slow line: the next ones wait and grow.
STRIPS_IN_FLIGHT = 4
# Why a bridge refuses a connection for good; for any other reason the agent comes again.
FOR_GOOD = frozenset({"not-paired", "token-revoked"})
# Answers of a bridge that is in trouble itself: the same message may be taken a little later.
FOR_NOW = frozenset({"internal", "unavailable", "not-paired"})


class Desk(Protocol):
    """What the link does with what the bridge says."""

    def take_order(self, order: JobOrder) -> dict[str, object]:
        """Journal an order and answer with the acknowledgement."""

    def cancel(self, job_id: str) -> None:
        """Stop a job."""

    def next_page(self, told: NextPage) -> None:
        """Let a scan page by page go on."""

    def refresh_devices(self) -> None:
        """Look for devices now."""

    def devices(self) -> list[Device]:
        """Return the devices present now."""

    def offer(self) -> Offer:
        """Return what plugins add to the devices."""

    def revoked(self, error: TokenRevoked) -> None:
        """Stop: the token is not taken any more."""

    def online(self) -> None:
        """Look after what waited for the connection."""


class NoAnswer(HookError):
    """The bridge did not answer in time or the connection broke."""

    key = "no-answer"


class Link:
    """The connection of one agent; also the :class:`~counter_hooks.agent.contexts.Voice` of jobs."""

    def __init__(
        self,
        *,
        bridge_url: str,
        token: str,
        version: str,
        ca_file: str | None,
        journal: Journal,
        desk: Desk,
        backoff: Backoff,
    ) -> None:
        self._bridge_url = bridge_url
        self._token = token
        self._version = version
        self._ca_file = ca_file
        self._journal = journal
        self._desk = desk
        self._backoff = backoff
        self._client: Client | None = None
        self._thread: threading.Thread | None = None
        self._refusal = ""
        # The version that is tried next; a bridge that speaks another says so when it refuses.
        self._wire = WIRE
        self._lost = threading.Event()
        self._stopped = threading.Event()
        self._talk = threading.Condition()
        self._is_online = False
        self._reports_due = False
        self._devices_due = False
        self._strips = 0

    def start(self) -> None:
        """Begin to connect."""
        self._thread = threading.Thread(target=self._stay_connected, name="link", daemon=True)
        self._thread.start()
        threading.Thread(target=self._tell, name="reports", daemon=True).start()

    def stop(self) -> None:
        """Say goodbye and connect no more."""
        self._stopped.set()
        self._lost.set()
        with self._talk:
            self._is_online = False
            self._talk.notify_all()
        if self._thread is not None:
            self._thread.join(GOODBYE_S)

    def preview(self, strip: PreviewStrip) -> bool:
        """Send a strip unless the line is full or down."""
        with self._talk:
            if not self._is_online or self._strips >= STRIPS_IN_FLIGHT:
                return False
            self._strips += 1
        return self._emit("job:preview", strip, self._strip_arrived)

    def progress(self, progress: JobProgress) -> None:
        """Send how far a page is unless the line is down."""
        if self._is_online:
            self._emit("job:progress", progress, None)

    @property
    def is_online(self) -> bool:
        """Whether the bridge has welcomed us on a connection that stands."""
        return self._is_online

    def reports_waiting(self) -> None:
        """Send reports from the journal as soon as possible."""
        with self._talk:
            self._reports_due = True
            self._talk.notify_all()

    def devices_changed(self) -> None:
        """Send the devices as soon as possible."""
        with self._talk:
            self._devices_due = True
            self._talk.notify_all()

    def _stay_connected(self) -> None:
        while not self._stopped.is_set():
            self._lost.clear()
            try:
                self._connect()
                self._greet()
            # Whatever broke the connection, the next attempt is the remedy.
            except Exception as error:  # noqa: BLE001 - see above
                if self._refusal in FOR_GOOD:
                    self._desk.revoked(TokenRevoked(self._bridge_url))
                    return
                pause_s = self._backoff.next()
                told = self._refusal or " ".join(str(error).split())
                log.warning("no connection to the bridge (%s); next try in %.1f s", told, pause_s)
                self._hang_up()
                self._stopped.wait(pause_s)
                continue
            self._backoff.reset()
            log.info("connected to %s", self._bridge_url)
            self._lost.wait()
            self._hang_up()
            # Whoever answers next may have been brought up to date meanwhile.
            self._wire = WIRE
            if not self._stopped.is_set():
                log.warning("the connection to the bridge is lost")

    def _connect(self) -> None:
        session = requests.Session()
        session.trust_env = False
        session.verify = self._ca_file or True
        client = Client(
            reconnection=False, handle_sigint=False, http_session=session, request_timeout=10
        )
        for event, handler in (
            ("connect_error", self._refused),
            ("disconnect", self._disconnected),
            ("job", self._ordered),
            ("job:cancel", self._cancelled),
            ("job:next-page", self._turned),
            ("devices:refresh", self._refresh),
        ):
            client.on(event, handler, namespace=NAMESPACE)
        self._refusal = ""
        self._client = client
        client.connect(
            self._bridge_url,
            auth={"token": self._token, "wire": self._wire},
            transports=["websocket"],
            namespaces=[NAMESPACE],
            socketio_path=f"{urlsplit(self._bridge_url).path.strip('/')}/socket.io".lstrip("/"),
            wait_timeout=CONNECT_TIMEOUT_S,
        )

    def _greet(self) -> None:
        hello = wire.Hello(
            wire=self._wire,
            version=self._version,
            devices=[wire.DeviceEntry.of(device) for device in self._desk.devices()],
            offer=self._desk.offer(),
            open_jobs=[entry.id for entry in self._journal.open_jobs()],
        )
        answer = self._ask("hello", hello)
        if isinstance(answer, dict) and answer.get("ok") is False:
            raise NoAnswer(f"the bridge refuses: {answer.get('key')}")
        welcome = wire.decode(wire.Welcome, answer)
        if welcome.wire not in SPOKEN:
            raise NoAnswer(f"the bridge speaks version {welcome.wire}, this agent {WIRE}")
        for order in welcome.jobs:
            # One that cannot be taken, or not on a full disk, may not keep the counter away.
            try:
                self._desk.take_order(order)
            except HookError as error:
                log.warning("job %s is not taken: %s", order.id, error)
        for job_id in welcome.cancelled:
            self._desk.cancel(job_id)
        with self._talk:
            self._strips = 0
            self._is_online = True
            self._reports_due = True
            # Devices may have come while hello was on its way.
            self._devices_due = True
            self._talk.notify_all()
        self._desk.online()

    def _hang_up(self) -> None:
        with self._talk:
            self._is_online = False
        if self._client is not None:
            self._client.disconnect()

    def _tell(self) -> None:
        while not self._stopped.is_set():
            with self._talk:
                self._talk.wait_for(
                    lambda: (
                        self._stopped.is_set()
                        or (self._is_online and (self._reports_due or self._devices_due))
                    )
                )
                devices_due, self._devices_due = self._devices_due, False
                reports_due, self._reports_due = self._reports_due, False
            try:
                if devices_due:
                    self._tell_devices()
                if reports_due:
                    self._tell_reports()
            # Nothing else tells reports: whatever went wrong, this thread goes on.
            except Exception as error:  # noqa: BLE001 - see above
                if not self._stopped.is_set():
                    log.warning("a report is still to be told: %s", said(error))
                with self._talk:
                    self._devices_due |= devices_due
                    self._reports_due |= reports_due
                self._stopped.wait(1.0)

    def _tell_devices(self) -> None:
        devices = [wire.DeviceEntry.of(device) for device in self._desk.devices()]
        told = wire.DeviceList(devices=devices, offer=self._desk.offer())
        refusal = self._refusal_of("devices", told)
        if refusal:
            log.warning("the bridge refuses the devices: %s", refusal)

    def _tell_reports(self) -> None:
        # One report that the bridge cannot answer must not hold back those of other jobs.
        unanswered: set[str] = set()
        while (report := self._journal.next_report(but=unanswered)) is not None:
            try:
                refusal = self._refusal_of("job:state", report)
            except NoAnswer:
                if self._lost.is_set():
                    raise
                unanswered.add(report.job)
                continue
            if refusal:
                log.warning(
                    "the bridge refuses report %s of job %s: %s",
                    report.sequence,
                    report.job,
                    refusal,
                )
            self._journal.acknowledge(report)
        if unanswered:
            raise NoAnswer(f"job:state: no answer for {', '.join(sorted(unanswered))}")

    def _refusal_of(self, event: str, message: object) -> str:
        """Send a message and return why it was refused for good, or nothing. Raises ``NoAnswer``."""
        answer = self._ask(event, message)
        if not isinstance(answer, dict) or answer.get("ok") is not False:
            return ""
        key = str(answer.get("key"))
        if key in FOR_NOW:
            raise NoAnswer(f"{event}: the bridge cannot take it now ({key})")
        return key

    def _ask(self, event: str, message: object) -> object:
        """Send a message and return its answer. Raises ``NoAnswer``."""
        answered = threading.Event()
        answers: list[object] = []

        def take(*values: object) -> None:
            answers.extend(values[:1])
            answered.set()

        if not self._emit(event, message, take):
            raise NoAnswer(f"{event}: the connection is lost")
        # Short waits, so that a lost connection ends the wait too.
        for _ in range(int(ANSWER_TIMEOUT_S / 0.25)):
            if answered.wait(0.25):
                return answers[0] if answers else None
            if self._lost.is_set():
                break
        raise NoAnswer(f"{event}: no answer")

    def _emit(self, event: str, message: object, then: Callable[..., None] | None) -> bool:
        client = self._client
        if client is None:
            return False
        try:
            client.emit(event, wire.encode(message), namespace=NAMESPACE, callback=then)
        except socketio.exceptions.SocketIOError:
            return False
        return True

    def _strip_arrived(self, *_: object) -> None:
        with self._talk:
            self._strips = max(0, self._strips - 1)

    def _refused(self, told: object = None) -> None:
        message = told.get("message") if isinstance(told, dict) else told
        self._refusal = str(message or "refused")
        facts = told.get("data") if isinstance(told, dict) else None
        spoken = facts.get("wire") if isinstance(facts, dict) else None
        if self._refusal == "wire":
            # A newer bridge takes some versions before its own; an older one only its own.
            self._wire = next((one for one in SPOKEN if one == spoken), WIRE)
            self._refusal = f"the bridge speaks version {spoken}, this agent {WIRE} to {SPOKEN[-1]}"

    def _disconnected(self, *_: object) -> None:
        with self._talk:
            self._is_online = False
        self._lost.set()

    def _ordered(self, data: object = None) -> dict[str, object]:
        return self._told(lambda: self._desk.take_order(wire.decode(JobOrder, data)))

    def _cancelled(self, data: object = None) -> dict[str, object]:
        return self._told(lambda: self._desk.cancel(wire.decode(JobCancel, data).id))

    def _turned(self, data: object = None) -> dict[str, object]:
        return self._told(lambda: self._desk.next_page(wire.decode(NextPage, data)))

    def _told(self, take: Callable[[], dict[str, object] | None]) -> dict[str, object]:
        try:
            return take() or {"ok": True}
        except HookError as error:
            log.warning("a message is refused: %s", error)
            return {"ok": False, "key": error.key}

    def _refresh(self, *_: object) -> dict[str, object]:
        self._desk.refresh_devices()
        return {"ok": True}
