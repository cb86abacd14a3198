"""A town hall on this machine: bridge, agent, and a counter with a virtual scanner and printer.

Every program is ours or the system's, run as its administrator would run it, in a folder of its
own; nothing of the machine's own CUPS or SANE is touched, and all ends with the ``with`` block.
"""

from __future__ import annotations

import contextlib
import dataclasses
import json
import os
import secrets
import socket
import subprocess
import sys
import threading
import urllib.error
import urllib.request
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Self

from deploy.stage.records import Place, Records
from deploy.virtual.pages import draw_pages
from deploy.virtual.printer import PrinterNotInstalled, VirtualPrinter
from deploy.virtual.processes import Process, wait_until
from deploy.virtual.scanner import VirtualScanner, VirtualScannerNotBuilt

COUNTER = "counter-1"
PACE_S = 6.0
START_S = 90  # a program's way up, on a machine that others keep busy
PEOPLE = (
    ("empar", "Empar", "clerk"),
    ("vicent", "Vicent", "clerk_plus"),
    ("rosa", "Rosa", "helper"),
)
# What lies on the glass, page by page, in each step that scans.
CARD = ("card-front", "card-back")
PAPERS = {
    "scan-id": CARD,
    "scan-housing-title": ("contract",),
    "sign-application": ("form",),
    "sign-request": ("form",),
}
SIGN_INS = "sign-ins.json"
PROGRAMS = Path(sys.executable).parent
FOLDERS = ("data", "agent", "log", "pages", "scanner", "printer", "folder-in", "folder-out")


class NotPlayable(RuntimeError):
    """The stage could not be set; the message says why."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SignIn:
    """Who may sign in, with which password."""

    login: str
    password: str
    role: str


class Town:
    """One office with one counter; enter it in a thread that stays."""

    def __init__(
        self,
        folder: Path,
        *,
        port: int = 0,
        pace_s: float = PACE_S,
        variables: Mapping[str, str] | None = None,
        has_devices: bool = True,
        agent_tables: str = "",
    ) -> None:
        """Prepare an office that lives in ``folder``; ``port`` 0 takes any that is free.

        ``variables`` (OAC_…) override the bridge's configuration, from its next start on. Without
        ``has_devices`` nothing is scanned or printed, and the counter has no computer.
        ``agent_tables`` are lines for the agent's configuration.
        """
        self.folder = folder
        self.variables = dict(variables or {})
        self.port = port or _free_port()
        # By its number: a bare root may have no /etc/hosts to find the name in.
        self.url = f"http://127.0.0.1:{self.port}"
        self.sign_ins: list[SignIn] = []
        self.scanner: VirtualScanner | None = None
        self.printer: VirtualPrinter | None = None
        self.without: list[str] = []
        self.pictures: dict[str, Path] = {}
        self._pace_s = pace_s
        self._has_devices = has_devices
        self._agent_tables = agent_tables
        self._place = Place()
        self._stack = contextlib.ExitStack()
        for name in FOLDERS:
            (folder / name).mkdir(parents=True, exist_ok=True)

    def __enter__(self) -> Self:
        """Set the stage and return when the counter's devices are known to the bridge.

        Raises ``NotPlayable``.
        """
        _check_port(self.port)
        with contextlib.ExitStack() as stack:
            drawing = threading.Thread(target=self._draw, daemon=True)
            if self._has_devices:
                drawing.start()
            self.make_office()
            self.records = Records(self.folder / "bridge.toml", self.variables)
            stack.callback(self.records.close)
            self.bridge = self._start_bridge()
            stack.callback(lambda: self.bridge.stop(grace=10))
            if self._has_devices:
                self._add_devices(stack)
                drawing.join()
            self.bridge.wait_until(self._is_serving, seconds=START_S)
            if self._has_devices:
                self._add_agent(stack)
            self._stack = stack.pop_all()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """End every program that was started."""
        self._stack.close()

    def restart_bridge(self) -> None:
        """Kill the bridge as a power cut would, and start it again."""
        self.bridge.kill()
        self.bridge = self._start_bridge()
        self.bridge.wait_until(self._is_serving, seconds=START_S)

    def restart_agent(self) -> None:
        """Kill the agent as a power cut would, and start it again."""
        self.agent.kill()
        self.agent = self._start_agent()

    def run(self, program: str, *arguments: str, given: str | None = None) -> dict[str, object]:
        """Run one verb of ``oac-bridge`` with ``--json`` and return its facts."""
        done = subprocess.run(
            [str(PROGRAMS / program), "--config", str(self.folder / "bridge.toml"), *arguments,
             "--json"],
            input=given,
            env=_environment() | self.variables,
            capture_output=True,
            text=True,
            check=False,
            timeout=2 * START_S,
        )  # fmt: skip
        if done.returncode:
            raise NotPlayable(f"{program} {arguments[0]}: {done.stderr.strip() or done.stdout}")
        facts: dict[str, object] = json.loads(done.stdout)
        return facts

    def lay_next_paper(self) -> None:
        """Lay on the glass what the step in hand scans next, page by page.

        What somebody laid there by hand stays until another step or page is there.
        """
        place = self.records.place_in_last_visit()
        if place != self._place:
            self._place = place
            papers = PAPERS.get(place.step, CARD)
            self.lay(self.pictures[papers[place.pages % len(papers)]])

    def lay(self, picture: Path) -> None:
        """Lay a paper on the glass, if there is a scanner."""
        if self.scanner is not None:
            self.scanner.place(picture)

    def pair_waiting(self, kind: str = "kiosk") -> None:
        """Let in every kiosk (or agent) that is showing a code, as a supervisor would."""
        for code in self.records.waiting_codes(kind):
            with contextlib.suppress(NotPlayable):  # it expired between the two looks
                self.run("oac-bridge", "pair", code, "--counter", COUNTER)

    def _add_agent(self, stack: contextlib.ExitStack) -> None:
        self._lay_page()
        self._pair_agent()
        self.agent = self._start_agent()
        stack.callback(lambda: self.agent.stop(grace=10))
        self.bridge.wait_until(self._is_counter_ready, seconds=START_S)

    def _draw(self) -> None:
        self.pictures = draw_pages(_pictures_folder())

    def _lay_page(self) -> None:
        self.lay(self.pictures[CARD[0]])

    def _configure_bridge(self) -> None:
        text = (
            f'data_dir = "{self.folder / "data"}"\nhost = "127.0.0.1"\nport = {self.port}\n'
            '[office]\nkey = "paiporta"\nname = "Oficina Única"\n'
            '[meeting]\nprovider = "direct"\n'
        )
        (self.folder / "bridge.toml").write_text(text)

    def make_office(self) -> None:
        """Make the office with its people and its counter, unless it was made before."""
        self._configure_bridge()
        known = self.folder / SIGN_INS
        if known.exists():
            self.sign_ins = [SignIn(**one) for one in json.loads(known.read_text())]
            return
        made = self.run("oac-bridge", "init")
        self.sign_ins = [
            SignIn(login="supervisor", password=str(made["password"]), role="supervisor")
        ]
        for login, name, role in PEOPLE:
            password = secrets.token_urlsafe(9)
            self.run("oac-bridge", "add-clerk", login, "--name", name, "--role", role,
                     "--password-stdin", given=password)  # fmt: skip
            self.sign_ins.append(SignIn(login=login, password=password, role=role))
        self.run("oac-bridge", "add-counter", COUNTER, "--name", "Lloc 1")
        known.touch(mode=0o600)
        known.write_text(json.dumps([dataclasses.asdict(one) for one in self.sign_ins]))

    def _start_bridge(self) -> Process:
        return Process(
            [str(PROGRAMS / "oac-bridge"), "--config", str(self.folder / "bridge.toml"), "serve"],
            log=self.folder / "log" / "bridge",
            environment=_environment() | self.variables,
            directory=self.folder,
        )

    def _add_devices(self, stack: contextlib.ExitStack) -> None:
        try:
            self.scanner = VirtualScanner(self.folder / "scanner")
            self.scanner.set_pace(self._pace_s)
        except VirtualScannerNotBuilt as error:
            self.without.append(f"no virtual scanner ({error}); a watched folder scans instead")
        try:
            self.printer = stack.enter_context(VirtualPrinter(self.folder / "printer"))
        except PrinterNotInstalled as error:
            self.without.append(f"no virtual printer ({error}); a folder prints instead")

    def agent_environment(self) -> dict[str, str]:
        """Return what the agent's programs see: our devices and no other."""
        variables = _environment()
        for device in (self.scanner, self.printer):
            if device is not None:
                variables |= device.environment()
        return variables

    def _configure_agent(self) -> Path:
        lines = [
            f'bridge_url = "{self.url}"',
            f'state_directory = "{self.folder / "agent"}"',
            # Several towns may stand on one machine.
            "technician_port = 0",
        ]
        if self.scanner is None or self.printer is None:
            lines += [
                "[plugins.folder]",
                f'scan = "{self.folder / "folder-in"}"',
                f'print = "{self.folder / "folder-out"}"',
            ]
        file = self.folder / "agent.toml"
        file.write_text("\n".join([*lines, self._agent_tables]) + "\n")
        return file

    def _pair_agent(self) -> None:
        config = self._configure_agent()
        if (self.folder / "agent" / "token.json").exists():
            return
        pairing = Process(
            [str(PROGRAMS / "oac-agent"), "--config", str(config), "pair", self.url, "--counter",
             COUNTER],
            log=self.folder / "log" / "pairing",
            environment=_environment(),
            directory=self.folder,
        )  # fmt: skip
        try:
            wait_until(
                lambda: bool(self.records.waiting_codes("agent")),
                "a code is shown",
                seconds=START_S,
            )
            self.pair_waiting("agent")
            wait_until(
                (self.folder / "agent" / "token.json").exists,
                "the agent is paired",
                seconds=START_S,
            )
        finally:
            pairing.stop()

    def _start_agent(self) -> Process:
        return Process(
            [str(PROGRAMS / "oac-agent"), "--config", str(self.folder / "agent.toml"), "run"],
            log=self.folder / "log" / "agent",
            environment=self.agent_environment(),
            directory=self.folder,
        )

    def _is_serving(self) -> bool:
        try:
            with urllib.request.urlopen(f"{self.url}/healthz", timeout=20) as answer:  # noqa: S310  # ours
                return bool(answer.status == 200)
        except (urllib.error.URLError, OSError):
            return False

    def _is_counter_ready(self) -> bool:
        return {"scan", "print"} <= self.records.capabilities()


def _environment() -> dict[str, str]:
    """Return our environment without what would configure bridge or agent from outside."""
    return {name: value for name, value in os.environ.items() if not name.startswith("OAC_")}


def _pictures_folder() -> Path:
    base = os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache"
    return Path(base) / "jitsi-oac" / "pages"


def _check_port(port: int) -> None:
    try:
        socket.create_server(("127.0.0.1", port)).close()
    except OSError as error:
        raise NotPlayable(
            f"port {port} cannot be had ({error.strerror}); choose another with --port"
        ) from error


def _free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port: int = listener.getsockname()[1]
        return port
