"""Offices: who signs in, who may what, when it is open, what a clerk is doing."""

from __future__ import annotations

import threading
from contextlib import suppress
from datetime import UTC, datetime, time
from itertools import product

import pytest
from argon2 import PasswordHasher
from flask import jsonify
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from bridge.core.ids import digest
from bridge.offices import service
from bridge.offices.models import OpeningHours, SignIn
from bridge.offices.rules import CLERK, HOME_PAGES, RIGHTS, ClerkState, Role, is_open, may
from bridge.offices.web import current_person
from tests.makers import OURS, PASSWORD, House


def _sign_in(browser: FlaskClient, login: str, password: str, **more: str) -> TestResponse:
    form = {"login": login, "password": password, **more}
    return browser.post("/sign-in", data=form, headers=OURS)


def test_signing_in_leads_to_ones_page(house: House) -> None:
    """The right password gives a cookie that scripts cannot read, and one's own page."""
    house.person("empar")
    browser = house.browser()
    answer = _sign_in(browser, " Empar ", PASSWORD)
    assert (answer.status_code, answer.location) == (303, "/desk")
    cookie = answer.headers["Set-Cookie"]
    assert "oac_staff=" in cookie
    assert "HttpOnly" in cookie
    assert "SameSite=Lax" in cookie
    assert "Secure" not in cookie
    assert browser.get("/").location == "/desk"
    assert browser.get("/sign-in").location == "/desk"


def test_a_language_is_chosen_before_signing_in(house: House) -> None:
    """The sign-in offers all three, keeps the choice when the password is wrong, and hands it on."""
    house.person("empar")
    browser = house.browser()
    page = browser.get("/sign-in?language=es").get_data(as_text=True)
    assert [f'href="?language={one}"' in page for one in ("ca", "es", "en")] == [True] * 3
    assert 'action="/sign-in?language=es"' in page
    for password, expected in (("wrong", None), (PASSWORD, "/desk?language=es")):
        form = {"login": "empar", "password": password}
        answer = browser.post("/sign-in?language=es", data=form, headers=OURS)
        assert answer.location == expected
        assert expected or 'action="/sign-in?language=es"' in answer.get_data(as_text=True)


def test_the_secret_is_not_kept(house: House) -> None:
    """Only the digest of a sign-in's secret is in the database, only a hash of the password."""
    person = house.person("empar")
    browser = house.browser()
    _sign_in(browser, "empar", PASSWORD)
    cookie = browser.get_cookie("oac_staff")
    assert cookie is not None
    with house.app.database.reading() as db:
        kept = db.query(SignIn).one()
    assert kept.secret_digest == digest(cookie.value)
    assert person.password_hash.startswith("$argon2id$")


@pytest.mark.parametrize(
    ("login", "password"), [("empar", "wrong"), ("nobody", PASSWORD), ("", "")]
)
def test_wrong_is_wrong(house: House, login: str, password: str) -> None:
    """Which of name and password is wrong is not said, and what was typed is not shown."""
    house.person("empar")
    answer = _sign_in(house.browser(), login, password)
    assert answer.status_code == 401
    assert "Set-Cookie" not in answer.headers
    assert 'role="alert"' in answer.text
    assert PASSWORD not in answer.text


def test_somebody_who_left_cannot_sign_in(house: House) -> None:
    """A person who is not active any more is nobody, with an open sign-in too."""
    person = house.person("empar")
    browser = house.desk(person)
    with house.app.database.transaction() as db:
        db.get_one(type(person), person.id).is_active = False
    assert browser.get("/").location == "/sign-in"
    assert _sign_in(house.browser(), "empar", PASSWORD).status_code == 401


def test_one_sign_in_at_a_time(house: House) -> None:
    """A second screen needs an explicit take-over, which ends the first."""
    house.person("empar")
    first, second = house.browser(), house.browser()
    _sign_in(first, "empar", PASSWORD)
    refused = _sign_in(second, "empar", PASSWORD)
    assert refused.status_code == 409
    assert 'name="take_over"' in refused.text
    assert first.get("/").location == "/desk"
    assert _sign_in(second, "empar", PASSWORD, take_over="yes").status_code == 303
    assert first.get("/").location == "/sign-in"
    assert "sign-in:ended" in house.names()


def test_a_taken_over_page_is_cut_off(house: House) -> None:
    """The open page of a sign-in that ended loses its socket."""
    person = house.person()
    page = house.page(house.desk(person))
    assert page.is_connected()
    house.desk(person)
    assert not page.is_connected()


def test_a_sign_in_ends_by_itself(house: House) -> None:
    """Two idle hours end it, and ten hours whatever is done."""
    person = house.person()
    idle = house.desk(person)
    house.clock.go(hours=2, minutes=1)
    assert idle.get("/").location == "/sign-in"
    busy = house.desk(person)
    for _ in range(9):
        house.clock.go(hours=1)
        assert busy.get("/").location == "/desk"
    house.clock.go(hours=1)
    assert busy.get("/").location == "/sign-in"


def test_a_stale_sign_in_takes_the_clerk_off_duty(house: House) -> None:
    """Who goes home without signing out is offline once the sign-in has ended."""
    person = house.person()
    house.desk(person)
    with house.app.database.transaction() as db:
        service.set_availability(db, person.id, ClerkState.AVAILABLE)
    staff, later = house.app.settings.staff, house.clock.go(hours=3)
    with house.app.database.transaction() as db:
        assert service.clerks_on_duty(db, house.office.id) == 1
        assert service.end_stale_sign_ins(db, staff=staff, now=later) == 1
    with house.app.database.reading() as db:
        assert service.clerks_on_duty(db, house.office.id) == 0


def test_signing_out(house: House) -> None:
    """Afterwards the cookie is worth nothing, and a clerk is offline."""
    person = house.person()
    browser = house.desk(person)
    cookie = browser.get_cookie("oac_staff")
    assert cookie is not None
    assert browser.post("/sign-out", headers=OURS).location == "/sign-in"
    assert browser.get_cookie("oac_staff") is None
    browser.set_cookie("oac_staff", cookie.value)
    assert browser.get("/").location == "/sign-in"


def test_guessing_is_slowed_down(house: House) -> None:
    """After ten tries with one name the eleventh is refused, even with the right password."""
    house.person("empar")
    browser = house.browser()
    for _ in range(10):
        assert _sign_in(browser, "empar", "wrong").status_code == 401
    assert _sign_in(browser, "empar", PASSWORD).status_code == 429


@pytest.mark.parametrize("role", Role)
def test_every_right_of_every_role(house: House, role: Role) -> None:
    """A route lets in whom the table names for its right, and nobody else."""

    def view(right: str) -> object:
        return jsonify({"id": current_person(right).id})

    house.app.flask.add_url_rule("/api/test/<right>", "test", view, methods=["POST"])
    person = house.person("x", role)
    desk, stranger = house.desk(person), house.browser()
    for right, roles in RIGHTS.items():
        assert stranger.post(f"/api/test/{right}", headers=OURS).status_code == 401
        answer = desk.post(f"/api/test/{right}", headers=OURS)
        if role in roles:
            assert answer.get_json() == {"id": person.id}
        else:
            assert (answer.status_code, answer.get_json()["key"]) == (403, "not-allowed")


def test_rights_are_named() -> None:
    """A right that nobody wrote down is a mistake of ours, not a refusal."""
    with pytest.raises(KeyError):
        may(Role.SUPERVISOR, "everything:do")


def test_nobody_is_led_to_a_page_that_is_not_there(house: House) -> None:
    """The page that a role is sent to after signing in exists."""
    served = {rule.rule for rule in house.app.flask.url_map.iter_rules()}
    assert set(HOME_PAGES.values()) <= served


def test_the_whole_lifecycle_of_a_clerk(house: House) -> None:
    """Every move that is not in the table is refused with the present state."""
    person = house.person()
    events = [*(one.value for one in ClerkState), "ring", "serve", "wrap_up", "free"]
    with house.app.database.transaction() as db:
        row = db.get_one(type(person), person.id)
        for state, event in product(ClerkState, events):
            row.state = state
            db.flush()
            expected = CLERK.after(state, event) or (state if state.value == event else None)
            if expected is None:
                with pytest.raises(service.ClerkBusy) as caught:
                    service.move_clerk(db, row, event)
                assert caught.value.facts["state"] is state
            else:
                assert service.move_clerk(db, row, event).state is expected


@pytest.mark.parametrize(
    ("moment", "is_expected"),
    [
        ("2026-11-24T07:59:59", False),
        ("2026-11-24T08:00:00", True),
        ("2026-11-24T13:59:59", True),
        ("2026-11-24T14:00:00", False),
        ("2026-11-25T10:00:00", False),
    ],
)
def test_opening_hours(moment: str, is_expected: bool) -> None:
    """An office opens at its minute and closes at its minute, on its weekdays."""
    hours = [(1, time(8), time(14))]
    assert is_open(hours, datetime.fromisoformat(moment)) is is_expected
    assert is_open([], datetime.fromisoformat(moment))


@pytest.mark.parametrize(("month", "hour"), [(11, 7), (7, 6)])
def test_opening_hours_are_the_offices_own(house: House, month: int, hour: int) -> None:
    """Eight o'clock is eight in Paiporta, in winter and in summer."""
    with house.app.database.transaction() as db:
        office = service.office_by_key(db, None)
        office.hours.append(OpeningHours(id="h", weekday=0, opens=time(8), closes=time(14)))
    day = 23 if month == 11 else 20
    assert service.is_office_open(office, now=datetime(2026, month, day, hour, tzinfo=UTC))
    before = datetime(2026, month, day, hour - 1, 59, tzinfo=UTC)
    assert not service.is_office_open(office, now=before)


def test_people_are_added_soundly(house: House) -> None:
    """A login is unique whatever its case, and a password is long."""
    house.person("empar")
    with pytest.raises(service.LoginTaken):
        house.person("EMPAR ")
    wanted = service.NewPerson(login="x", name="X", role=Role.CLERK, password="short")
    with house.app.database.transaction() as db:
        office = service.office_by_key(db, "office")
        with pytest.raises(service.PasswordWeak):
            service.add_person(db, office, wanted, now=house.clock())


def test_who_has_no_page_is_not_signed_in(house: House) -> None:
    """A role without a page is told so each time, and no sign-in is left open for it."""
    house.person("auditor", Role.AUDIT_VIEWER)
    for _ in range(2):
        assert _sign_in(house.browser(), "auditor", PASSWORD).status_code == 403
    with house.app.database.reading() as db:
        assert db.query(SignIn).count() == 0


def test_few_passwords_are_checked_at_once(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    """Each check takes much memory on purpose: a crowd of guesses cannot exhaust a small server."""
    three = threading.Barrier(3)

    def meet(*_: object) -> bool:
        with suppress(threading.BrokenBarrierError):
            three.wait(timeout=0.3)
        return True

    house.person("empar")
    monkeypatch.setattr(PasswordHasher, "verify", meet)

    def check() -> None:
        with house.app.database.reading() as db:
            service.check_password(db, "empar", PASSWORD)

    threads = [threading.Thread(target=check) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert three.broken
