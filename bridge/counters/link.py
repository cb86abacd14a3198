"""The agents' Socket.IO namespace: who is connected, what they report, what they are ordered."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable
from datetime import datetime
from typing import Any

from flask import request
from flask_socketio import SocketIO, join_room
from socketio.exceptions import ConnectionRefusedError as Refusal

from bridge.core.db import Database, Db
from bridge.core.errors import BridgeError
from bridge.core.events import Event
from bridge.core.push import Push, room
from bridge.counters import jobs, offers, pairing, service, turns
from bridge.counters.doubles import Doubles
from bridge.counters.models import DeviceJob
from counter_hooks import wire
from counter_hooks.plain import is_sound

log = logging.getLogger(__name__)

MOST_PREVIEW_BYTES = 256 * 1024
_MOST_REMEMBERED = 500

# Gives where an agent fetches what it prints; the documents slice knows.
PrintSourceOf = Callable[[Db, DeviceJob], wire.PrintSource | None]


class AgentLink:
    """Connects agents with the jobs of their counters. Everything it remembers may be lost."""

    def __init__(
        self,
        socketio: SocketIO,
        database: Database,
        push: Push,
        *,
        clock: Callable[[], datetime],
        print_source_of: PrintSourceOf,
    ) -> None:
        self._database = database
        self._push = push
        self._clock = clock
        self._print_source_of = print_source_of
        self._lock = threading.Lock()
        self._doubles = Doubles()
        self._counters: dict[str, str] = {}  # of each connection
        self._current: dict[str, str] = {}  # the one connection of each counter
        self._wires: dict[str, int] = {}  # what the agent of each counter speaks
        self._rooms: dict[str, tuple[str, list[str]]] = {}  # of each job: counter, rooms to tell
        self._register(socketio)
        database.events.on("job:ordered", self._send_order)
        database.events.on("job:withdrawn", self._send_cancel)
        database.events.on("job:page-placed", self._send_page)
        database.events.on("token:revoked", self._drop)

    def present(self) -> list[str]:
        """Return the counters whose agents are connected to this process."""
        with self._lock:
            return list(self._current)

    def send_again(self, now: datetime) -> None:
        """Send the orders that an agent connected here should have and has not taken up."""
        for counter_id in self.present():
            with self._database.reading() as db:
                late = jobs.not_taken_up(db, counter_id, now=now)
            for job_id in late:
                self._order(counter_id, job_id)
            with self._database.transaction() as db:
                for job in jobs.needing_attention(db, counter_id):
                    turns.say_again(db, job)

    def _register(self, socketio: SocketIO) -> None:
        space = wire.NAMESPACE
        socketio.on_event("connect", self._connect, namespace=space)
        socketio.on_event("disconnect", self._disconnect, namespace=space)
        handlers: dict[str, Callable[[str, Any], dict[str, Any] | None]] = {
            "hello": self._hello,
            "devices": self._devices,
            "job:state": self._job_state,
            "job:progress": self._job_progress,
            "job:preview": self._job_preview,
        }
        for name, handler in handlers.items():
            socketio.on_event(name, self._edge(name, handler), namespace=space)

    def _edge(
        self, name: str, handler: Callable[[str, Any], dict[str, Any] | None]
    ) -> Callable[..., dict[str, Any]]:
        def receive(data: object = None, *_more: object) -> dict[str, Any]:
            with self._lock:
                counter_id = self._counters.get(_connection())
            if counter_id is None:
                return {"ok": False, "key": "not-paired"}
            if not is_sound(data):
                return {"ok": False, "key": wire.MessageUnsound.key}
            try:
                return handler(counter_id, data) or {"ok": True}
            except (BridgeError, wire.MessageUnsound) as error:
                log.warning("%s of the agent at %s: %s", name, counter_id, error)
                return {"ok": False, "key": error.key}
            except Exception:  # an edge: one bad message may not end the connection
                log.exception("%s of the agent at %s failed", name, counter_id)
                return {"ok": False, "key": BridgeError.key}

        return receive

    def _connect(self, auth: object = None) -> None:
        told = auth if isinstance(auth, dict) else {}
        if told.get("wire") not in wire.SPOKEN:
            raise Refusal("wire", {"key": "wire-unknown", "wire": wire.WIRE})
        with self._database.reading() as db:
            counter = pairing.who_holds(db, str(told.get("token", "")), "agent")
        if counter is None:
            raise Refusal("not-paired", {"key": "not-paired"})
        connection = _connection()
        if counter.id in self.present():
            self._refuse_a_second(counter.id)
        with self._lock:
            earlier = self._current.get(counter.id)
            self._counters[connection] = counter.id
            self._current[counter.id] = connection
            self._wires[counter.id] = int(told["wire"])
        join_room(room("counter", counter.id))
        if earlier is not None:
            log.info("the agent at %s connected again", counter.id)
            self._push.end(earlier, namespace=wire.NAMESPACE)

    def _refuse_a_second(self, counter_id: str) -> None:
        """Let an agent replace its own connection, but not two agents each other's for ever."""
        now = self._clock()
        if not self._doubles.replaces(counter_id, now=now):
            return
        if self._doubles.is_news(counter_id, now=now):
            log.warning("a second agent holds the token of %s", counter_id)
            with self._database.transaction() as db:
                service.agent_doubled(db, counter_id, now=now)
        raise Refusal("token-in-use", {"key": "token-in-use"})

    def _disconnect(self, *_reason: object) -> None:
        connection = _connection()
        with self._lock:
            counter_id = self._counters.pop(connection, None)
            is_current = counter_id is not None and self._current.get(counter_id) == connection
            if counter_id is not None and is_current:
                del self._current[counter_id]
        if counter_id is not None and is_current:
            with self._database.transaction() as db:
                service.agent_left(db, counter_id, now=self._clock())

    def _hello(self, counter_id: str, data: object) -> dict[str, Any]:
        hello = wire.decode(wire.Hello, data)
        with self._database.transaction() as db:
            counter = service.agent_came(db, counter_id, version=hello.version, now=self._clock())
            offers.take(db, counter_id, hello.offer)
            service.sync_devices(db, counter_id, hello.devices, now=self._clock())
            known = [job for job in jobs.jobs_at_agent(db, counter_id) if self._takes(job)]
            orders = [self._order_of(db, job) for job in known]
            dropped = jobs.not_wanted(db, counter_id, hello.open_jobs)
            for job in known:
                turns.say_again(db, job)
        spoken = hello.wire if hello.wire in wire.SPOKEN else wire.WIRE
        welcome = wire.Welcome(wire=spoken, counter=counter.key, jobs=orders, cancelled=dropped)
        return {"ok": True, **wire.encode(welcome)}

    def _devices(self, counter_id: str, data: object) -> None:
        told = wire.decode(wire.DeviceList, data)
        with self._database.transaction() as db:
            offers.take(db, counter_id, told.offer)
            service.sync_devices(db, counter_id, told.devices, now=self._clock())

    def _job_state(self, counter_id: str, data: object) -> None:
        told = wire.decode(wire.JobState, data)
        with self._database.transaction() as db:
            job = jobs.report(db, counter_id, told, now=self._clock())
            turns.say_again(db, job)

    def _job_progress(self, counter_id: str, data: object) -> None:
        told = wire.decode(wire.JobProgress, data)
        rooms = self._rooms_of(counter_id, told.job)
        payload = {"job": told.job, "page": told.page, "fraction": told.fraction}
        self._push.to_pages(rooms, "job:progress", payload)

    def _job_preview(self, counter_id: str, data: object) -> dict[str, Any] | None:
        told = wire.decode(wire.PreviewStrip, data)
        if len(told.jpeg) > MOST_PREVIEW_BYTES:
            return {"ok": False, "key": "too-large"}
        clerks = [name for name in self._rooms_of(counter_id, told.job) if name[:6] == "clerk:"]
        self._push.to_pages(clerks, "job:preview", wire.encode(told))
        return None

    def _rooms_of(self, counter_id: str, job_id: str) -> list[str]:
        with self._lock:
            known = self._rooms.get(job_id)
        if known is None:
            with self._database.reading() as db:
                job = jobs.job_at(db, job_id, counter_id=counter_id)
            rooms = [room("counter", counter_id)]
            if job.requested_by:
                rooms.append(room("clerk", job.requested_by))
            known = (counter_id, rooms)
            with self._lock:
                if len(self._rooms) >= _MOST_REMEMBERED:
                    self._rooms.clear()
                self._rooms[job_id] = known
        return known[1] if known[0] == counter_id else []

    def _spoken_at(self, counter_id: str) -> int:
        with self._lock:
            return self._wires.get(counter_id, wire.WIRE)

    def _takes(self, job: DeviceJob) -> bool:
        return wire.KINDS_SINCE.get(job.kind, 1) <= self._spoken_at(job.counter_id)

    def _order_of(self, db: Db, job: DeviceJob) -> wire.JobOrder:
        spoken = self._spoken_at(job.counter_id)
        unknown = {name for name, since in wire.OPTIONS_SINCE.items() if since > spoken}
        return wire.JobOrder(
            id=job.id,
            kind=wire.JobKind(job.kind),
            device=job.device_id,
            options={name: it for name, it in job.options.items() if name not in unknown},
            title=job.purpose,
            source=self._print_source_of(db, job) if job.kind == "print" else None,
        )

    def _send_order(self, event: Event) -> None:
        self._order(str(event.facts["counter"]), str(event.facts["job"]))

    def _order(self, counter_id: str, job_id: str) -> None:
        with self._database.transaction() as db:
            job = jobs.job_at(db, job_id, counter_id=counter_id)
            if not self._takes(job):
                return
            order = self._order_of(db, job)
        self._push.to_agent(
            counter_id,
            "job",
            wire.encode(order),
            answered=lambda *said: self._answered(counter_id, job_id, *said[:1]),
        )

    def _answered(self, counter_id: str, job_id: str, answer: object = None) -> None:
        # Any other refusal passes: the order is sent again. This one would be for ever.
        key = answer.get("key") if isinstance(answer, dict) else None
        if key != wire.MessageUnsound.key:
            return
        log.warning("job %s is not understood by the agent at %s", job_id, counter_id)
        with self._database.transaction() as db:
            jobs.not_understood(db, counter_id, job_id, reason=key, now=self._clock())

    def _send_cancel(self, event: Event) -> None:
        cancel = wire.JobCancel(id=str(event.facts["job"]))
        self._push.to_agent(str(event.facts["counter"]), "job:cancel", wire.encode(cancel))

    def _send_page(self, event: Event) -> None:
        told = wire.NextPage(
            id=str(event.facts["job"]),
            page=int(str(event.facts["page"])),
            is_last=event.facts["is_last"] is True,
        )
        self._push.to_agent(str(event.facts["counter"]), "job:next-page", wire.encode(told))

    def _drop(self, event: Event) -> None:
        if event.facts["kind"] != "agent":
            return
        with self._lock:
            connection = self._current.get(str(event.facts["counter"]))
        if connection is not None:
            self._push.end(connection, namespace=wire.NAMESPACE)


def _connection() -> str:
    connection: str = request.sid  # type: ignore[attr-defined]  # set by Flask-SocketIO
    return connection
