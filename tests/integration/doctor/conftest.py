"""A whole meeting host on loopback: nginx, Prosody with our module, coturn, and who takes events."""

from __future__ import annotations

import asyncio
import re
import shutil
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path

import pytest

from jitsi_oac_plugin import Issuer
from jitsi_oac_plugin.doctor import CHECKS, Finding, Target, examine
from tests.integration.doctor.certificates import Authority
from tests.integration.doctor.turn import SECRET, TurnServer
from tests.integration.doctor.web import Site, WebServer
from tests.integration.prosody.programs import find
from tests.integration.prosody.receiver import Receiver
from tests.integration.prosody.server import (
    APP_ID,
    APP_SECRET,
    CONTROL_SECRET,
    DOMAIN,
    EVENTS_SECRET,
    MeetingServer,
    Setting,
    free_port,
    options,
)
from tests.support import require

FOCUS = Path(__file__).with_name("mod_trial_focus.lua")
PATIENCE_S = 30.0
EVERYWHERE = """\
external_service_secret = "{secret}"
external_services = {{ {services} }}
trial_auto_owner = {auto_owner}
{focus}
VirtualHost "{domain}"
    modules_enabled = {{ "external_services" }}
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Parts:
    """What lasts for the whole of these tests."""

    folder: Path
    authority: Authority
    certificate: Path
    turn: TurnServer
    receiver: Receiver

    def services(self) -> str:
        """Return the offer of TURN as Prosody's configuration says it."""
        return service("turn", self.turn.udp, "udp") + service("turns", self.turn.tls, "tcp")


def service(kind: str, port: int, transport: str) -> str:
    """Return one line of Prosody's external_services."""
    return (
        f'{{ type = "{kind}", transport = "{transport}", host = "{DOMAIN}", port = {port}, '
        'secret = true, ttl = 3600, algorithm = "turn" }, '
    )


@pytest.fixture(scope="session")
def parts(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Parts]:
    """Give authority, coturn and the receiver of events."""
    find("prosody")
    require("nginx", shutil.which("nginx", path="/usr/sbin:/usr/bin") or "nginx")
    require("coturn", "turnserver")
    folder = tmp_path_factory.mktemp("doctor")
    authority = Authority(folder)
    certificate = authority.issue(DOMAIN)
    with ExitStack() as stack:
        receiver = Receiver()
        receiver.come()
        stack.callback(receiver.go)
        turn = TurnServer(folder, certificate)
        stack.callback(turn.stop)
        yield Parts(
            folder=folder,
            authority=authority,
            certificate=certificate,
            turn=turn,
            receiver=receiver,
        )


@contextmanager
def prosody(
    parts: Parts,
    *,
    services: str | None = None,
    with_module: bool = True,
    auto_owner: bool = False,
    has_focus: bool = True,
    events_url: str = "",
    program: str = "prosody",
    version: str = "",
) -> Iterator[MeetingServer]:
    """Run a Prosody with a stand-in for jicofo."""
    everywhere = EVERYWHERE.format(
        domain=DOMAIN,
        secret=SECRET,
        services=parts.services() if services is None else services,
        auto_owner=str(auto_owner).lower(),
        focus=f'Component "focus.{DOMAIN}" "trial_focus"' if has_focus else "",
    )
    url = events_url or parts.receiver.url
    setting = Setting(
        options=options(oac_events_url=f'"{url}"') if with_module else {},
        everywhere=everywhere,
        modules=("oac_counter",) if with_module else (),
    )
    server = MeetingServer(find(program), parts.folder / f"prosody-{free_port()}", setting)
    shutil.copy(FOCUS, server.folder / "plugins")
    if version:
        policy = server.folder / "plugins/oac_counter/policy.lib.lua"
        policy.write_text(
            re.sub(r'version = "[^"]+"', f'version = "{version}"', policy.read_text())
        )
    try:
        server.start()
        yield server
    finally:
        server.stop()


@pytest.fixture(scope="session")
def meeting(parts: Parts) -> Iterator[MeetingServer]:
    """Give a Prosody as it should be."""
    with prosody(parts) as server:
        yield server


@pytest.fixture(scope="session")
def bare(parts: Parts) -> Iterator[MeetingServer]:
    """Give a Prosody that lets everybody in and knows nothing of us."""
    with prosody(parts, with_module=False) as server:
        yield server


@dataclass(frozen=True, slots=True, kw_only=True)
class Host:
    """A meeting host under examination."""

    target: Target
    web: WebServer

    def told(self, *names: str, **changes: object) -> list[Finding]:
        """Run the checks of these names, all without any, and return what they found."""
        assert set(names) <= {one.name for one in CHECKS}
        target = replace(self.target, **changes)  # type: ignore[arg-type]  # a target's fields
        chosen = tuple(one for one in CHECKS if not names or one.name in names)
        return asyncio.run(examine(target, chosen))

    def one(self, name: str, **changes: object) -> str:
        """Return what one check says, with its outcome before it."""
        (found,) = self.told(name, **changes)
        return f"{found.outcome} {found.told}"


Open = Callable[..., Host]


@pytest.fixture
def host(parts: Parts, request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Open]:
    """Open a meeting host; what is given differs from how it should be."""
    with ExitStack() as stack:

        def opened(server: MeetingServer | None = None, **changes: object) -> Host:
            chosen = server or request.getfixturevalue("meeting")
            site = Site(certificate=parts.certificate, prosody=chosen.port).but(**changes)
            folder = tmp_path / f"web-{free_port()}"
            folder.mkdir()
            web = WebServer(folder, site)
            stack.callback(web.stop)
            return Host(web=web, target=_target(parts, web, chosen))

        yield opened


def _target(parts: Parts, web: WebServer, server: MeetingServer) -> Target:
    return Target(
        domain=web.host,
        now=lambda: datetime.now(UTC),
        address="127.0.0.1",
        issuer=Issuer(domain=DOMAIN, app_id=APP_ID, secret=APP_SECRET),
        bridge=web.bridge,
        control_url=f"http://127.0.0.1:{server.port}/oac",
        control_secret=CONTROL_SECRET,
        events_secret=EVENTS_SECRET,
        ca_file=parts.authority.file,
        limit_s=PATIENCE_S,
        quiet_s=0.3,
        turn_tls_port=parts.turn.tls,
        prosody_ports=(free_port(),),
        is_outside=True,
    )
