"""A town whose meetings a real Prosody carries, with our module; nothing is scanned or printed.

Every test runs on Debian 12's Prosody; what the two versions could make different on Debian 13's
too. The towns are opened one after the other, not once a test.
"""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from deploy.stage.town import SignIn, Town
from tests.integration.meeting.seats import Sitting
from tests.integration.prosody.programs import SUITES, Program, find
from tests.integration.prosody.server import (
    APP_ID,
    APP_SECRET,
    CONTROL_SECRET,
    DOMAIN,
    EVENTS_SECRET,
    MeetingServer,
    Setting,
    options,
)
from tests.integration.visit.house import ROOMY, make_idle
from tests.integration.visit.people import Citizen, Clerk, Helper
from tests.towns import a_town


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """Choose the Prosodies of each test."""
    if "program" in metafunc.fixturenames:
        is_for_both = metafunc.definition.get_closest_marker("both_prosodies")
        names = list(SUITES) if is_for_both else list(SUITES)[:1]
        metafunc.parametrize("program", names, indirect=True, scope="package")


@pytest.fixture(scope="package")
def program(request: pytest.FixtureRequest) -> Program:
    """Give a Prosody."""
    return find(request.param)


@pytest.fixture(scope="package")
def town(program: Program, tmp_path_factory: pytest.TempPathFactory) -> Town:
    """Give an office that has not opened yet: its server has to know its address."""
    assert program.version
    folder = tmp_path_factory.mktemp("town")
    return a_town(folder, variables=ROOMY | {"OAC_LOG_LEVEL": "debug"}, has_devices=False)


@pytest.fixture(scope="package")
def server(
    program: Program, town: Town, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[MeetingServer]:
    """Give the meeting server, with the office open."""
    events_url = f'"{town.url}/api/meeting/events"'
    setting = Setting(options=options(oac_events_url=events_url))
    server = MeetingServer(program, tmp_path_factory.mktemp("server"), setting)
    town.variables |= {
        "OAC_MEETING_PROVIDER": "jitsi",
        "OAC_MEETING_DOMAIN": DOMAIN,
        "OAC_MEETING_APP_ID": APP_ID,
        "OAC_MEETING_APP_SECRET": APP_SECRET,
        "OAC_MEETING_EVENTS_SECRET": EVENTS_SECRET,
        "OAC_MEETING_CONTROL_URL": server.control_url,
        "OAC_MEETING_CONTROL_SECRET": CONTROL_SECRET,
    }
    server.start()
    try:
        with town:
            yield server
    finally:
        server.stop()


@pytest.fixture(scope="package")
def sign_ins(town: Town, server: MeetingServer) -> dict[str, SignIn]:
    """Give who may sign in, by login."""
    assert server.port
    return {one.login: one for one in town.sign_ins}


@pytest.fixture(scope="package")
def kiosk(town: Town, server: MeetingServer) -> Iterator[Citizen]:
    """Give the paired kiosk."""
    assert server.port
    citizen = Citizen(town).sits_down()
    yield citizen
    citizen.goes()


@pytest.fixture(scope="package")
def desk(town: Town, sign_ins: dict[str, SignIn]) -> Iterator[Clerk]:
    """Give the desk of Vicent."""
    clerk = Clerk(town).signs_in(sign_ins["vicent"])
    yield clerk
    clerk.goes()


@pytest.fixture
def sitting(server: MeetingServer, kiosk: Citizen, desk: Clerk) -> Iterator[Sitting]:
    """Give a visit whose citizen has arrived; nobody is in the room yet."""
    desk.is_available()
    sitting = Sitting(server, kiosk, desk).begins()
    yield sitting
    sitting.everybody_goes()
    make_idle(kiosk, desk)


@pytest.fixture
def helper(town: Town, sign_ins: dict[str, SignIn]) -> Iterator[Helper]:
    """Give who walks the hall."""
    helper = Helper(town).signs_in(sign_ins["rosa"])
    yield helper
    helper.goes()
