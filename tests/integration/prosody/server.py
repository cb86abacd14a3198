"""A throw-away meeting server: a real Prosody on free loopback ports, with our module."""

from __future__ import annotations

import os
import shutil
import socket
import urllib.error
import urllib.request
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import jitsi_oac_plugin
from deploy.virtual.processes import Process
from jitsi_oac_plugin import Control
from tests.integration.prosody.programs import Program

DOMAIN = "meet.test"
ROOMS = f"conference.{DOMAIN}"
APP_ID = "oac"
APP_SECRET = "application-secret-of-the-tests-0"
EVENTS_SECRET = "events-secret-of-the-tests-000000"
CONTROL_SECRET = "control-secret-of-the-tests-00000"
FOCUS_PASSWORD = "focus-password"
START_S = 60
MODULES = Path(jitsi_oac_plugin.__file__).parent / "prosody"

CONFIG = """\
run_as_root = true
pidfile = "{folder}/prosody.pid"
data_path = "{folder}/data"
plugin_paths = {{ "{folder}/plugins", "{plugins}" }}
log = {{ {level} = "*console" }}
interfaces = {{ "127.0.0.1" }}
c2s_ports = {{}}
s2s_ports = {{}}
c2s_direct_tls_ports = {{}}
s2s_direct_tls_ports = {{}}
https_ports = {{}}
http_ports = {{ {port} }}
http_interfaces = {{ "127.0.0.1" }}
http_default_host = "{domain}"
modules_enabled = {{ "saslauth", "disco", "ping", "http", "websocket", "bosh" }}
modules_disabled = {{ "s2s", "tls", "offline" }}
consider_websocket_secure = true
consider_bosh_secure = true
c2s_require_encryption = false
component_admins_as_room_owners = true
{everywhere}

VirtualHost "{domain}"
    authentication = "{authentication}"

VirtualHost "auth.{domain}"
    authentication = "internal_plain"

Component "conference.{domain}" "muc"
    storage = "memory"
    modules_enabled = {{ {modules} }}
    admins = {{ "focus@auth.{domain}" }}
    restrict_room_creation = false
    muc_room_locking = false
    muc_room_default_public_jids = true
    muc_room_cache_size = 1000
{options}
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Setting:
    """What differs between servers: options of the module, lines for all hosts, other plugins."""

    options: Mapping[str, str]
    everywhere: str = ""
    modules: tuple[str, ...] = ("oac_counter",)
    authentication: str = "anonymous"
    level: str = "debug"
    plugins: Path | None = None


def options(**changed: str | None) -> dict[str, str]:
    """Return the module's options as Lua values; None takes one away."""
    plain: dict[str, str | None] = {
        "oac_app_id": f'"{APP_ID}"',
        "oac_app_secret": f'"{APP_SECRET}"',
        "oac_events_secret": f'"{EVENTS_SECRET}"',
        "oac_control_secret": f'"{CONTROL_SECRET}"',
    }
    return {name: value for name, value in (plain | changed).items() if value is not None}


class MeetingServer:
    """A Prosody in a folder of its own; it can be started and stopped again and again."""

    def __init__(self, program: Program, folder: Path, setting: Setting) -> None:
        self.program, self.folder = program, folder
        self.port = free_port()
        self.log = folder / "log"
        self._process: Process | None = None
        folder.mkdir(parents=True, exist_ok=True)
        shutil.copytree(MODULES, folder / "plugins")
        accounts = folder / "data" / DOMAIN.replace(".", "%2e").join(("auth%2e", "")) / "accounts"
        accounts.mkdir(parents=True)
        (accounts / "focus.dat").write_text(f'return {{ ["password"] = "{FOCUS_PASSWORD}" }};')
        self._configure(setting)

    @property
    def spool(self) -> Path:
        """Where the module keeps what the bridge has not taken."""
        return self.folder / "data" / f"oac_counter-{ROOMS}.spool"

    def _configure(self, setting: Setting) -> None:
        lines = "".join(f"    {name} = {value}\n" for name, value in setting.options.items())
        (self.folder / "prosody.cfg.lua").write_text(
            CONFIG.format(
                folder=self.folder,
                port=self.port,
                domain=DOMAIN,
                modules=", ".join(f'"{name}"' for name in setting.modules),
                options=lines,
                everywhere=setting.everywhere,
                authentication=setting.authentication,
                level=setting.level,
                plugins=setting.plugins or self.folder,
            )
        )

    def start(self) -> None:
        """Start, and wait until it answers."""
        self._process = Process(
            [*self.program.command, "--config", str(self.folder / "prosody.cfg.lua"), "-F"],
            log=self.log,
            environment=os.environ | self.program.environment,
            directory=self.folder,
        )
        self._process.wait_until(self._is_serving, seconds=START_S)

    def stop(self) -> None:
        """Stop as an administrator does."""
        if self._process:
            self._process.stop(grace=20)

    def kill(self) -> None:
        """End it as a power cut would."""
        assert self._process is not None
        self._process.kill()

    @property
    def pid(self) -> int:
        """The process id."""
        assert self._process is not None
        return self._process.pid

    @property
    def secrets(self) -> tuple[str, ...]:
        """What nobody may read in it."""
        return APP_SECRET, EVENTS_SECRET, CONTROL_SECRET

    @property
    def control_url(self) -> str:
        """Where the bridge's orders go."""
        return f"http://127.0.0.1:{self.port}/oac"

    def control(self, secret: str = CONTROL_SECRET) -> Control:
        """Return the bridge's control of it."""
        return Control(self.control_url, secret, timeout_s=30)

    def said(self) -> str:
        """Return its log."""
        return self.log.read_text(errors="replace")

    def _is_serving(self) -> bool:
        try:
            with urllib.request.urlopen(  # our own address
                f"http://127.0.0.1:{self.port}/xmpp-websocket", timeout=5
            ) as answer:
                return bool(answer.status == 200)
        except (urllib.error.URLError, OSError):
            return False


@contextmanager
def running(program: Program, folder: Path, setting: Setting) -> Iterator[MeetingServer]:
    """Run one."""
    server = MeetingServer(program, folder, setting)
    server.start()
    try:
        yield server
    finally:
        server.stop()


def free_port() -> int:
    """Return a port that nobody listens at."""
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        port: int = one.getsockname()[1]
        return port
