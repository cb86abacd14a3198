"""Whatever comes over HTTP, from strangers or from people with a cookie: a clear no, never a fall."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

import pytest
import requests

from deploy.stage.town import Town
from tests.integration.visit.hostile import BODIES, IDS, SHAPES, encoded, variants
from tests.integration.visit.house import complaints, log_length
from tests.integration.visit.people import Citizen, Clerk, Helper, Screen
from tests.makers import House

pytestmark = [pytest.mark.sane, pytest.mark.cups]

_PLACE = re.compile(r"<(?:(\w+):)?(\w+)>")
PUBLIC = (
    "/sign-in",
    "/static/",
    "/catalogue/",
    "/healthz",
    "/readyz",
    "/kiosk/",
    "/api/pairings",
    "/guest",
    "/api/guests",
    # Asked by browsers on the meeting's origin, without a cookie; bounded and counted.
    "/api/meeting/branding",
    "/api/meeting/labels",
    "/api/meeting/reports",
)
AS_JSON = {"Content-Type": "application/json"}

HEADERS = (
    ("Accept", "\xff/\xff"),
    ("Accept-Language", "x" * 3000),
    ("Accept-Language", "\xff;q=a"),
    ("Authorization", "Bearer"),
    ("Authorization", "Bearer \xff"),
    ("Content-Type", "multipart/form-data"),
    ("X-Forwarded-For", "\xff"),
)

Routes = list[tuple[str, str]]


@pytest.fixture
def routes(house: House) -> Routes:
    """Give every method and address that the bridge answers, as its own map says."""
    found = [
        (method, rule.rule)
        for rule in house.app.flask.url_map.iter_rules()
        for method in sorted(rule.methods - {"HEAD", "OPTIONS"})
    ]
    assert len(found) > 40
    return found


@pytest.fixture
def stranger(any_town: Town) -> Iterator[Screen]:
    """Give somebody without any cookie."""
    somebody = Screen(any_town)
    yield somebody
    somebody.goes()


@pytest.fixture
def people(any_town: Town, any_kiosk: Citizen) -> Iterator[dict[str, Screen]]:
    """Give who is entitled, by the beginning of the address."""
    known = {one.login: one for one in any_town.sign_ins}
    clerk = Clerk(any_town).signs_in(known["empar"])
    helper = Helper(any_town).signs_in(known["rosa"])
    yield {"/api/kiosk": any_kiosk, "/api/helper": helper, "/": clerk}
    clerk.goes()
    helper.goes()


def whoever_may(people: dict[str, Screen], rule: str) -> Screen:
    """Return the person for an address."""
    return next(person for start, person in people.items() if rule.startswith(start))


def filled(rule: str, identifier: str) -> str:
    """Return an address with an identifier in every place, a number where one is needed."""
    return _PLACE.sub(lambda place: "1" if place[1] == "int" else identifier, rule)


class Doubts:
    """Collects answers that are not what they should be; a test ends with ``none``."""

    def __init__(self, town: Town) -> None:
        self._town = town
        self._begun = log_length(town)
        self._found: list[str] = []

    def ask(self, person: Screen, method: str, path: str, body: bytes, statuses: range) -> None:
        """Send ``body`` as JSON and check the answer."""
        try:
            answer = person.ask(method, path, data=body, headers=AS_JSON)
        except requests.ConnectionError as error:
            self._found.append(f"{method} {path[:90]} {body[:40]!r}: {error}")
        else:
            self.check(answer, body[:100], statuses)

    def check(
        self, answer: requests.Response, what: object, statuses: range = range(200, 500)
    ) -> None:
        """Note an answer outside of ``statuses``, or a no without its document."""
        request = answer.request
        seen = (
            f"{request.method} {str(request.path_url)[:90]} {str(what)[:120]}: {answer.status_code}"
        )
        if answer.status_code not in statuses:
            self._found.append(f"{seen} {answer.text[:120]}")
        elif answer.status_code >= 400 and str(request.path_url).startswith("/api/"):
            is_problem = answer.headers.get("Content-Type") == "application/problem+json"
            plain: dict[str, Any] = answer.json() if is_problem else {}
            if plain.get("status") != answer.status_code or not plain.get("key"):
                self._found.append(f"{seen} is no problem document: {answer.text[:120]}")

    def none(self) -> None:
        """Assert that there was nothing, neither in answers nor in the log."""
        told = complaints(self._town, self._begun)
        assert not self._found, "\n".join(self._found + told)
        assert told == []


def test_strangers_get_nothing(any_town: Town, stranger: Screen, routes: Routes) -> None:
    """Without a cookie every address that is not public says so, whatever is sent."""
    doubts = Doubts(any_town)
    for method, rule in routes:
        if rule == "/" or rule == "/sign-out" or rule == "/metrics" or rule.startswith(PUBLIC):
            continue
        for body in (b"", b"{}", BODIES[4]):
            answer = stranger.ask(method, filled(rule, "nope"), data=body, headers=AS_JSON)
            is_page = not rule.startswith("/api/")
            doubts.check(answer, body, range(303, 304) if is_page else range(401, 405))
    doubts.none()


def test_wrong_methods_and_addresses(any_town: Town, stranger: Screen, routes: Routes) -> None:
    """A method or address that does not exist is a no, not a fall."""
    doubts = Doubts(any_town)
    for path in {filled(rule, "nope") for _, rule in routes}:
        for method in ("PROPFIND", "TRACE", "DELETE"):
            doubts.check(stranger.ask(method, path), method)
    for path in (
        "/nothing",
        "/api/nothing",
        "/api/%00",
        "/%FF",
        "//",
        "/api/visits//jobs",
        "/..%2F",
    ):
        for method in ("GET", "POST"):
            doubts.check(stranger.ask(method, path), method, range(300, 500))
    doubts.none()


def test_wrong_identifiers(any_town: Town, people: dict[str, Screen], routes: Routes) -> None:
    """Whoever may use an address, and names something that is not there, is told just that."""
    doubts = Doubts(any_town)
    for method, rule in routes:
        if not _PLACE.search(rule):
            continue
        person = whoever_may(people, rule)
        for identifier in IDS:
            body = encoded(SHAPES.get(f"{method} {rule}", {}))
            doubts.ask(person, method, filled(rule, identifier), body, range(400, 500))
    doubts.none()


def test_bodies_that_are_none(any_town: Town, people: dict[str, Screen]) -> None:
    """What is not JSON, not an object, too deep or too large is refused where a body is read."""
    doubts = Doubts(any_town)
    for place in SHAPES:
        method, rule = place.split()
        for body in BODIES:
            person = whoever_may(people, rule)
            doubts.ask(person, method, filled(rule, "nope"), body, range(400, 500))
    doubts.none()


def test_values_in_every_field(any_town: Town, people: dict[str, Screen]) -> None:
    """Any value in any field is taken or refused; nothing falls over it."""
    doubts = Doubts(any_town)
    for place, shape in SHAPES.items():
        method, rule = place.split()
        person = whoever_may(people, rule)
        for body in variants(shape):
            doubts.ask(person, method, filled(rule, "nope"), encoded(body), range(200, 500))
    doubts.none()


def test_values_in_a_visit(
    town: Town, visit: str, citizen: Citizen, clerk: Clerk, routes: Routes
) -> None:
    """The same where they get further: in one's own visit, with its own steps; it goes on after."""
    doubts = Doubts(town)
    real = {"visit_id": visit, "step_id": clerk.step("scan-id")}
    for place, shape in SHAPES.items():
        method, rule = place.split()
        if "<visit_id>" not in rule or rule.endswith(("ing", "transfer")):
            continue  # what ends a visit is tried where there is none
        path = _PLACE.sub(lambda name: real.get(name[2], "nope"), rule)
        device = {"device": clerk.device("scan")["id"]} if "device" in shape else {}
        for body in variants(shape | device):
            doubts.ask(clerk, method, path, encoded(body), range(200, 500))
            if clerk.state()["visit"] is None:
                pytest.fail(f"{place} with {str(body)[:100]} ended the visit")
    doubts.none()
    for asked in citizen.state()["jobs"]:  # some were sound after all
        clerk.cancels(asked["id"])
    job = clerk.scans()
    citizen.allows()
    clerk.sees_job(job, "produced")


def test_sign_in_with_rubbish(any_town: Town, stranger: Screen) -> None:
    """No login and no password makes the sign-in fall."""
    doubts = Doubts(any_town)
    for login in ("", "\x00", "💥", "x" * 10_000, "' OR 1=1 --", "empar"):
        for password in ("", "\x00", "x" * 10_000):
            form = {"login": login, "password": password}
            doubts.check(stranger.ask("POST", "/sign-in", data=form), login, range(400, 500))
    doubts.none()


def test_cookies_and_headers_of_rubbish(any_town: Town, stranger: Screen) -> None:
    """What stands in a header is never believed to be text, a number or short."""
    doubts = Doubts(any_town)
    for cookie in ("oac_staff", "oac_kiosk"):
        for path in ("/desk", "/api/desk", "/api/kiosk"):
            for value in ("x", "%00", "x" * 4000, "\xe9", '"'):
                said = {"Cookie": f"{cookie}={value}".encode()}
                doubts.check(stranger.ask("GET", path, headers=said), value)
    for name, value in HEADERS:
        for path in ("/sign-in", "/api/pairings", "/api/agent/prints/nope"):
            for method in ("GET", "POST"):
                said = {name: value.encode("latin-1")}
                doubts.check(stranger.ask(method, path, headers=said), (name, value))
    doubts.none()


@pytest.mark.parametrize(
    "said",
    [
        {"Sec-Fetch-Site": "cross-site"},
        {"Sec-Fetch-Site": "same-site"},
        {"Sec-Fetch-Site": None},
        {"Sec-Fetch-Site": None, "Origin": "https://evil.example"},
        {"Sec-Fetch-Site": None, "Origin": "null"},
    ],
)
def test_pages_of_other_sites(any_kiosk: Citizen, said: dict[str, str]) -> None:
    """With our cookie, but from elsewhere, nothing is changed."""
    answer = any_kiosk.ask("POST", "/api/kiosk/stop", {}, headers=said)
    assert (answer.status_code, answer.json()["key"]) == (403, "foreign-origin")


def test_addresses_of_rubbish(any_town: Town, any_kiosk: Citizen) -> None:
    """Nor do queries and paths to files make anything fall, or lead out of their folder."""
    doubts = Doubts(any_town)
    for path in ("/api/kiosk?language=%00", "/api/kiosk?language=" + "x" * 3000):
        doubts.check(any_kiosk.ask("GET", path), path)
    for path in (
        "/catalogue/%00.json",
        "/static/x/%00",
        "/static/x/..%2f..%2fapp.py",
        "/kiosk/%00",
    ):
        doubts.check(any_kiosk.ask("GET", path), path, range(300, 500))
    doubts.none()
