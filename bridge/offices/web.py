"""Signing in and out, and who is behind a request of the staff."""

from __future__ import annotations

from dataclasses import dataclass

from flask import Blueprint, Response, g, make_response, redirect, render_template, request

from bridge.core.errors import N_, NotAllowed, NotSignedIn
from bridge.core.i18n import current_language
from bridge.core.problems import title_of, wants_json
from bridge.core.push import room
from bridge.core.security import count, limited
from bridge.core.sockets import Caller
from bridge.core.web import (
    STAFF_COOKIE,
    database,
    decode_form,
    drop_cookie,
    now,
    set_cookie,
    settings,
)
from bridge.offices import service
from bridge.offices.models import Person
from bridge.offices.rules import HOME_PAGES, Role, may

pages = Blueprint("offices", __name__)


class NoPage(NotAllowed):
    """The role has rights, but no page of its own."""

    key = "no-page"
    text = N_("There is no page for you here.")


@dataclass(frozen=True, slots=True, kw_only=True)
class SignInForm:
    """What the sign-in page sends; ``take_over`` ends a sign-in on another screen."""

    login: str = ""
    password: str = ""
    take_over: str = ""


def current_person(right: str) -> Person:
    """Return who asks, if signed in and entitled to ``right`` (a key of ``rules.RIGHTS``).

    The row is detached; its office and opening hours are loaded. Raises ``NotSignedIn``,
    ``NotAllowed``.
    """
    person = signed_in_person()
    if person is None:
        raise NotSignedIn
    if not may(person.role, right):
        raise NotAllowed(right=right)
    return person


def signed_in_person() -> Person | None:
    """Return whose sign-in cookie came with this request, None when nobody's."""
    secret = request.cookies.get(STAFF_COOKIE)
    if not secret:
        return None
    if "person" not in g:
        g.person = _look_up(secret)
    person: Person | None = g.person
    return person


def staff_caller() -> Caller | None:
    """Return who of the staff opens a page's socket, and its rooms."""
    person = signed_in_person()
    if person is None:
        return None
    rooms = (room("clerk", person.id), room("office", person.office_id))
    return Caller(side="staff", id=person.id, rooms=rooms)


@pages.get("/")
def home() -> Response:
    """Lead to one's own page, or to the sign-in."""
    person = signed_in_person()
    return _to("/sign-in") if person is None else _to(_home_of(person.role))


@pages.get("/sign-in")
def sign_in_page() -> Response:
    """Show the sign-in."""
    person = signed_in_person()
    if person is not None and person.role in HOME_PAGES:
        return _to(_home_of(person.role))
    return make_response(render_template("sign-in.html", login="", problem=None, elsewhere=False))


@pages.post("/sign-in")
@limited("sign_in")
def sign_in() -> Response:
    """Check login and password, set the cookie, and lead to one's own page."""
    form = decode_form(SignInForm)
    count("sign_in_login", form.login.strip().lower()[:80])
    try:
        with database().reading() as db:
            person = service.check_password(db, form.login, form.password)
        home_page = _home_of(person.role)
        with database().transaction() as db:
            secret = service.sign_in(
                db,
                person.id,
                take_over=bool(form.take_over),
                staff=settings().staff,
                now=now(),
            )
    except (service.SignInWrong, service.SignedInElsewhere) as error:
        if wants_json():
            raise
        is_elsewhere = isinstance(error, service.SignedInElsewhere)
        page = render_template(
            "sign-in.html", login=form.login, problem=title_of(error), elsewhere=is_elsewhere
        )
        return make_response(page, error.status)
    response = _to(_in_chosen_language(home_page))
    most_s = int(settings().staff.most_hours * 3600)
    set_cookie(response, STAFF_COOKIE, secret, most_s=most_s)
    return response


@pages.post("/sign-out")
def sign_out() -> Response:
    """End the sign-in and forget the cookie."""
    secret = request.cookies.get(STAFF_COOKIE)
    if secret:
        with database().transaction() as db:
            service.sign_out(db, secret, now=now())
    response = _to("/sign-in")
    drop_cookie(response, STAFF_COOKIE)
    return response


def _look_up(secret: str) -> Person | None:
    chosen, at = settings().staff, now()
    with database().reading() as db:
        found = service.who_signed_in(db, secret, staff=chosen, now=at)
        if found is None:
            return None
        person, is_due = found.person, service.is_to_be_seen(found, now=at)
    if is_due:
        with database().transaction() as db:
            service.see(db, found.id, now=at)
    return person


def _home_of(role: Role) -> str:
    page = HOME_PAGES.get(role)
    if page is None:
        raise NoPage(role=role)
    return page


def _in_chosen_language(path: str) -> str:
    return f"{path}?language={current_language()}" if "language" in request.args else path


def _to(path: str) -> Response:
    return make_response(redirect(path, 303))
