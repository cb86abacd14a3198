"""One town for all tests of this folder; each test finds it clean, and idle."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from deploy.stage.town import SignIn, Town
from deploy.virtual.printer import PACKAGES, VirtualPrinter, find
from deploy.virtual.scanner import VirtualScanner
from tests.integration.visit.house import ROOMY, make_idle
from tests.integration.visit.people import Citizen, Clerk
from tests.postgres import postgres
from tests.support import require
from tests.towns import a_town


def _require_devices() -> None:
    require("sane", module="sane")
    require("sane", "gcc")
    for program in PACKAGES:
        require("cups", find(program) or program)


@pytest.fixture(scope="package")
def town(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Town]:
    """Give an office with bridge, agent, scanner and printer; all of them are real programs."""
    _require_devices()
    with a_town(tmp_path_factory.mktemp("town"), pace_s=0, variables=ROOMY) as town:
        yield town


@pytest.fixture(scope="package")
def town_on_postgres(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Town]:
    """Give another office, whose bridge keeps everything in a PostgreSQL of its own."""
    _require_devices()
    folder = tmp_path_factory.mktemp("town-on-postgres")
    with postgres() as url:
        variables = ROOMY | {"OAC_DATABASE_URL": url}
        with Town(folder / "town", pace_s=0, variables=variables) as town:
            yield town


@pytest.fixture(
    scope="package",
    params=["town", pytest.param("town_on_postgres", marks=pytest.mark.postgres)],
    ids=["sqlite", "postgres"],
)
def any_town(request: pytest.FixtureRequest) -> Town:
    """Give an office on either database."""
    town: Town = request.getfixturevalue(request.param)
    return town


@pytest.fixture(scope="package")
def kiosk_on_postgres(town_on_postgres: Town) -> Iterator[Citizen]:
    """Give the kiosk of the other office."""
    citizen = Citizen(town_on_postgres).sits_down()
    yield citizen
    citizen.goes()


@pytest.fixture
def any_kiosk(request: pytest.FixtureRequest, any_town: Town) -> Citizen:
    """Give the kiosk of that office."""
    is_default = any_town is request.getfixturevalue("town")
    kiosk: Citizen = request.getfixturevalue("kiosk" if is_default else "kiosk_on_postgres")
    return kiosk


@pytest.fixture(scope="package")
def sign_ins(town: Town) -> dict[str, SignIn]:
    """Give who may sign in, by login."""
    return {one.login: one for one in town.sign_ins}


@pytest.fixture(scope="package")
def kiosk(town: Town) -> Iterator[Citizen]:
    """Give the paired kiosk, which stays on as in a hall."""
    citizen = Citizen(town).sits_down()
    yield citizen
    citizen.goes()


@pytest.fixture(scope="package")
def desk(town: Town, sign_ins: dict[str, SignIn]) -> Iterator[Clerk]:
    """Give the desk of Vicent, who stays signed in."""
    clerk = Clerk(town).signs_in(sign_ins["vicent"])
    yield clerk
    clerk.goes()


@pytest.fixture
def citizen(kiosk: Citizen, desk: Clerk) -> Iterator[Citizen]:
    """Give somebody at a counter that is idle, and leave it so."""
    yield kiosk
    make_idle(kiosk, desk)


@pytest.fixture
def clerk(citizen: Citizen, desk: Clerk) -> Clerk:
    """Give a clerk who is available."""
    return desk.is_available()


@pytest.fixture
def scanner(town: Town) -> Iterator[VirtualScanner]:
    """Give the scanner with a card on its glass, at once and whole."""
    scanner = town.scanner
    assert scanner is not None
    yield scanner
    scanner.mend()
    scanner.plug()
    scanner.empty_feeder()
    scanner.set_pace(0)
    scanner.place(town.pictures["card-front"])


@pytest.fixture
def printer(town: Town) -> Iterator[VirtualPrinter]:
    """Give the printer, on and with paper."""
    printer = town.printer
    assert printer is not None
    yield printer
    printer.turn_on()
    printer.mend()
    printer.set_paper(empty=False)
    printer.set_pace(0)


@pytest.fixture
def visit(citizen: Citizen, clerk: Clerk) -> str:
    """Give a visit in which both have met; return its id."""
    citizen.takes_ticket("census")
    identifier = clerk.calls_next()
    citizen.sees("the call", lambda state: state["ticket"]["state"] == "called")
    assert citizen.arrives() == identifier
    clerk.joins()
    citizen.sees("both are there", lambda state: state["visit"]["is_met"])
    return identifier
