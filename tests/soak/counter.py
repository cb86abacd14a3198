"""One counter at work: its devices, its agent, its people, and what fails there."""

from __future__ import annotations

import contextlib
import itertools
import json
import os
import sys
import threading
import traceback
from collections import Counter as Count
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

from counter_hooks.record import NAME as RECORD
from deploy.virtual.processes import Process, wait_until
from tests.plugins import AGENT, installer
from tests.soak.devices import MAKERS, Mend
from tests.soak.hall import AGENT_MIB, Hall, Place, SmallDisk, store_token
from tests.soak.people import People
from tests.soak.plan import Deed, Moment, Work, deeds, kind_of
from tests.soak.relay import Relay

JOBS_A_VISIT = 4
BEGIN_S = 30.0
END_S = 240.0
STOP_S = 30.0


@dataclass(slots=True)
class Tally:
    """What happened at a counter."""

    jobs: list[tuple[str, Deed]] = field(default_factory=list)
    refused: int = 0
    faults: dict[str, int] = field(default_factory=dict)
    complaints: list[str] = field(default_factory=list)
    agent_deaths: int = 0
    cancelled: set[str] = field(default_factory=set)


class Counter(threading.Thread):
    """A thread that plays the script; everything that it started ends when it is told to pack up."""

    def __init__(self, hall: Hall, place: Place, number: int, seed: int) -> None:
        super().__init__(name=place.key, daemon=True)
        self.key = place.key
        self.kind = kind_of(number)
        self.tally = Tally()
        self.sheets: Count[int] = Count()
        self.ready = threading.Event()
        self.played = threading.Event()
        self.pack_up = threading.Event()
        self._hall = hall
        self._place = place
        self.number = number
        self._script = deeds(seed, number)
        self._enough: Callable[[int], bool] = lambda _: True
        self._go = threading.Event()
        self._folder = hall.folder / place.key
        self._folder.mkdir()
        self.ledger = self._folder / "ledger"
        self.log = self._folder / "agent.log"
        serials = itertools.count((number + 1) << 16)
        self.devices = MAKERS[self.kind](self._folder, serials)
        self.disk = SmallDisk(self._folder / "state", AGENT_MIB)
        self._pause = threading.Event()
        self.temporary = self._folder / "tmp"
        self.temporary.mkdir()

    def play(self, enough: Callable[[int], bool]) -> None:
        """Begin with the script; ``enough`` says after so many jobs whether to end."""
        self._enough = enough
        self._go.set()

    def run(self) -> None:
        """Set up, play, and stay until told to pack up."""
        try:
            with contextlib.ExitStack() as stack:
                self._set_up(stack)
                self.ready.set()
                self._go.wait()
                self._play()
                self.played.set()
                self.pack_up.wait()
                self._end_agent()
        except BaseException:  # noqa: BLE001 - whatever happened belongs into the verdict
            self.tally.complaints.append(f"{self.key}: {traceback.format_exc()}")
        finally:
            self.ready.set()
            self.played.set()

    def agent_pid(self) -> int:
        """Return the process of the agent that runs now."""
        return self._agent.pid

    def _set_up(self, stack: contextlib.ExitStack) -> None:
        stack.callback(self.disk.take_away)
        self._relay = Relay(self._hall.town.port)
        stack.callback(self._relay.close)
        stack.callback(self.devices.leave)
        self.devices.enter()
        self._configure()
        store_token(self.disk.folder, f"http://127.0.0.1:{self._relay.port}", self._place)
        self._agent = self._start_agent()
        stack.callback(lambda: self._agent.kill())
        self._people = People(self._hall.town, self.key, self._place.kiosk_token, self._place.clerk)
        stack.callback(self._people.go)
        self._people.come()
        wait_until(self._is_known, f"the agent of {self.key} is there", seconds=120)

    def _is_known(self) -> bool:
        wanted = {self.devices.scanner_id, self.devices.printer_id}
        return wanted <= self._hall.devices_of(self.key)

    def _configure(self) -> None:
        site = self._folder / "site"
        site.mkdir()
        source = Path(__file__).with_name("recorder.py").read_text()
        installer(site)(
            "soak", source.partition("from __future__ import annotations\n")[2], group=AGENT
        )
        table = {"ledger": str(self.ledger), "drivers": self.devices.drivers}
        self._config = self._folder / "agent.toml"
        self._config.write_text(
            f'state_directory = "{self.disk.folder}"\nplugin_names = ["soak"]\ntechnician_port = 0\n'
            "[limits]\nretry_s = 1.0\ndiscovery_s = 2.0\nsilence_s = 20.0\njob_s = 150.0\n"
            f"[plugins.soak]\n{_toml(table)}\n"
        )
        self._site = site

    def _start_agent(self) -> Process:
        # After two deaths within seconds an agent leaves strangers' plugins out, ours among them;
        # who trusts it takes the record away.
        (self.disk.folder / RECORD).unlink(missing_ok=True)
        environment = {n: v for n, v in os.environ.items() if not n.startswith("OAC_")}
        path = os.pathsep.join([str(self._site), environment.get("PYTHONPATH", "")])
        return Process(
            [str(Path(sys.executable).parent / "oac-agent"), "--config", str(self._config), "run"],
            log=self.log,
            environment=environment
            | self.devices.environment()
            | {"PYTHONPATH": path, "TMPDIR": str(self.temporary), "OAC_SOAK": self.key},
            directory=self._folder,
        )

    def _play(self) -> None:
        done = 0
        while not self._enough(done):
            self._people.meet()
            for deed in itertools.islice(self._script, JOBS_A_VISIT):
                if self._enough(done):
                    break
                self._do(deed)
                done += 1
            self._people.part()

    def _do(self, deed: Deed) -> None:
        self.devices.lay(deed.work)
        mend: Mend = lambda: None  # noqa: E731 - nothing is broken yet
        try:
            if deed.fault and deed.moment is Moment.BEFORE:
                mend = self._strike(deed.fault)
            printer, scanner = self.devices.printer_id, self.devices.scanner_id
            job = self._people.order(deed.work, printer if deed.work is Work.PRINT else scanner)
            if job is None:
                self.tally.refused += 1
                return
            self.tally.jobs.append((job, deed))
            if deed.fault and deed.moment is Moment.ORDERED:
                mend = self._strike(deed.fault)
            self._people.wait(job, frozenset({"running", "needs_attention"}), seconds=BEGIN_S)
            self.devices.press(deed.work)
            if deed.fault and deed.moment is Moment.RUNNING:
                mend = self._strike(deed.fault)
            self._people.wait(job, frozenset(), seconds=deed.hold_s)
            if deed.is_cancelled:
                self.tally.cancelled.add(job)
                self._people.cancel(job)
        finally:
            mend()
        if not self._people.wait(job, frozenset(), seconds=END_S):
            self.tally.complaints.append(f"{self.key}: job {job} never ended ({deed})")
        self._rest(deed)

    def _strike(self, fault: str) -> Mend:
        self.tally.faults[fault] = self.tally.faults.get(fault, 0) + 1
        everywhere: dict[str, Callable[[], Mend]] = {
            "agent-killed": self._kill_agent,
            "network-reset": lambda: _both(self._relay.cut, self._relay.heal),
            "network-silent": lambda: _both(self._relay.go_silent, self._relay.heal),
            "agent-disk-full": lambda: _both(self.disk.fill, self.disk.free),
            "bridge-killed": lambda: _both(self._hall.kill_bridge, lambda: None),
            "bridge-disk-full": lambda: _both(self._hall.disk.fill, self._hall.disk.free),
        }
        if fault in everywhere:
            return everywhere[fault]()
        return self.devices.strike(fault, self._agent.pid)

    def _kill_agent(self) -> Mend:
        self._agent.kill()
        self.tally.agent_deaths += 1

        def start() -> None:
            self._agent = self._start_agent()

        return start

    def _rest(self, deed: Deed) -> None:
        """Wait until the devices are listed again, so that the next job has them."""
        with contextlib.suppress(TimeoutError):
            wait_until(self._is_known, "the devices are back", seconds=BEGIN_S)

    def _end_agent(self) -> None:
        code = self._agent.stop(grace=STOP_S)
        if code:
            self.tally.complaints.append(f"{self.key}: asked to end, the agent ended with {code}")


def _both(strike: Callable[[], object], mend: Mend) -> Mend:
    strike()
    return mend


def _toml(value: object) -> str:
    return "\n".join(f"{name} = {_value(one)}" for name, one in _items(value))


def _items(value: object) -> Iterator[tuple[str, object]]:
    assert isinstance(value, dict)
    yield from value.items()


def _value(value: object) -> str:
    if isinstance(value, dict):
        return "{ " + ", ".join(f"{name} = {_value(one)}" for name, one in value.items()) + " }"
    return json.dumps(value)
