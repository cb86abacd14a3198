"""Every test of the module runs against both Prosodies: Debian 12's 0.12 and Debian 13's 13.0."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests.integration.prosody.programs import SUITES, Program, find
from tests.integration.prosody.receiver import Receiver
from tests.integration.prosody.server import MeetingServer, Setting, options, running
from tests.integration.prosody.tickets import Tickets


@pytest.fixture(scope="session", params=list(SUITES))
def program(request: pytest.FixtureRequest) -> Program:
    """Give a Prosody of each version."""
    return find(request.param)


@pytest.fixture(scope="module")
def receiver(program: Program) -> Iterator[Receiver]:
    """Give the bridge's ear; each Prosody has one of its own."""
    assert program.version
    made = Receiver()
    made.come()
    yield made
    made.go()


@pytest.fixture(scope="module")
def server(
    program: Program, receiver: Receiver, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[MeetingServer]:
    """Give a running server whose events the receiver takes."""
    setting = Setting(options=options(oac_events_url=f'"{receiver.url}"'))
    with running(program, tmp_path_factory.mktemp("server"), setting) as made:
        yield made


@pytest.fixture
def tickets() -> Tickets:
    """Give the bridge's tokens for a room of the test's own."""
    return Tickets()


@contextmanager
def own_server(
    program: Program,
    receiver: Receiver,
    *,
    authentication: str = "anonymous",
    everywhere: str = "",
    plugins: Path | None = None,
    **changed: str | None,
) -> Iterator[MeetingServer]:
    """Run a server for one test that changes options or stops it."""
    chosen = options(**{"oac_events_url": f'"{receiver.url}"', **changed})
    setting = Setting(
        options=chosen, authentication=authentication, everywhere=everywhere, plugins=plugins
    )
    with (
        tempfile.TemporaryDirectory(prefix="oac-prosody-") as name,
        running(program, Path(name), setting) as made,
    ):
        yield made
