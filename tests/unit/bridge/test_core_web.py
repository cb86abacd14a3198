"""What every answer of the bridge has in common: protection, errors, languages, limits."""

from __future__ import annotations

import logging
from dataclasses import dataclass
from pathlib import Path

import pytest
from flask import jsonify
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from bridge.app import static_digest
from bridge.core.errors import BridgeError, NotNow
from bridge.core.i18n import Catalogues
from bridge.core.web import decode_body
from bridge.offices.models import Office
from tests.makers import OURS, House, make_house, settings_in


@dataclass(frozen=True, slots=True, kw_only=True)
class Body:
    """A body for these tests."""

    count: int
    name: str = ""


@pytest.fixture(autouse=True)
def routes(house: House) -> None:
    """Add addresses that decode, refuse and fail."""

    def decode() -> object:
        body = decode_body(Body)
        return jsonify({"count": body.count, "name": body.name})

    def refuse() -> object:
        raise NotNow(state="waiting")

    def fail() -> object:
        raise RuntimeError("a name that must not be seen")

    def collide() -> object:
        with house.app.database.transaction() as db:
            for number in ("1", "2"):
                db.add(Office(id=number, key="a key that must not be seen", name="n"))
        return jsonify({})

    views = (("decode", decode), ("refuse", refuse), ("fail", fail), ("collide", collide))
    for name, view in views:
        house.app.flask.add_url_rule(f"/api/test/{name}", name, view, methods=["GET", "POST"])
        house.app.flask.add_url_rule(f"/test/{name}", f"page-{name}", view, methods=["GET", "POST"])


def test_programs_get_a_problem(house: House) -> None:
    """An error of the interface is RFC 9457, with the key, the status and the facts."""
    answer = house.browser().post("/api/test/refuse")
    assert answer.status_code == 409
    assert answer.content_type == "application/problem+json"
    assert answer.get_json() == {
        "type": "urn:oac:error:not-now",
        "key": "not-now",
        "title": answer.get_json()["title"],
        "status": 409,
        "facts": {"state": "waiting"},
    }


def test_who_collides_is_refused(house: House, caplog: pytest.LogCaptureFixture) -> None:
    """What the schema forbids two that came at once is 409, and no value goes to the log."""
    answer = house.browser().post("/api/test/collide")
    assert (answer.status_code, answer.get_json()["facts"]) == (409, {"state": "changed"})
    assert "must not be seen" not in caplog.text


def test_no_value_of_a_statement_is_in_its_error(house: House) -> None:
    """An error of the database can be logged: it holds no parameters."""
    with pytest.raises(DBAPIError) as caught, house.app.database.reading() as db:
        db.execute(text("SELECT :name FROM nowhere"), {"name": "a name that must not be seen"})
    assert "must not be seen" not in str(caught.value)


def test_people_get_a_page(house: House) -> None:
    """The same error is a page to a browser, and a problem when JSON is asked for."""
    page = house.browser().get("/test/refuse", headers={"Accept": "text/html,*/*;q=0.8"})
    assert (page.status_code, page.mimetype) == (409, "text/html")
    plain = house.browser().get("/test/refuse", headers={"Accept": "application/json"})
    assert plain.mimetype == "application/problem+json"


def test_the_unforeseen_says_nothing(house: House, caplog: pytest.LogCaptureFixture) -> None:
    """A fault of ours is 500 without details; the log has them."""
    with caplog.at_level(logging.ERROR):
        answer = house.browser().get("/api/test/fail")
    assert answer.status_code == 500
    assert answer.get_json()["key"] == BridgeError.key
    assert "must not be seen" not in answer.text
    assert "RuntimeError" in caplog.text


@pytest.mark.parametrize(
    ("method", "path", "status", "key"),
    [
        ("GET", "/api/nothing", 404, "not-found"),
        ("DELETE", "/api/test/decode", 405, "method-not-allowed"),
        ("GET", "/static/../bridge.toml", 404, "not-found"),
    ],
)
def test_wrong_addresses(house: House, method: str, path: str, status: int, key: str) -> None:
    """What Flask itself refuses is answered alike."""
    answer = house.browser().open(path, method=method, headers={"Accept": "application/json"})
    assert (answer.status_code, answer.get_json()["key"]) == (status, key)


@pytest.mark.parametrize(
    ("body", "fields"),
    [
        (b"{", "JSON"),
        (b"[" * 100_000, "JSON"),
        (b"\xff\xfe", "JSON"),
        (b"[]", "body"),
        (b"{}", "count"),
        (b'{"count": "many", "name": 3}', "count, name"),
    ],
)
def test_unsound_bodies_are_refused(house: House, body: bytes, fields: str) -> None:
    """A body that is not of its shape is 400 and names the fields, not their values."""
    answer = house.browser().post("/api/test/decode", data=body)
    assert (answer.status_code, answer.get_json()["key"]) == (400, "body-unsound")
    assert answer.get_json()["facts"] == {"fields": fields}


def test_too_large_a_body_is_refused(house: House) -> None:
    """A JSON body over its limit is 413, with a declared length or without."""
    big = b'{"count": 1, "name": "' + b"x" * 300_000 + b'"}'
    assert house.browser().post("/api/test/decode", data=big).status_code == 413


@pytest.mark.parametrize(
    ("headers", "cookie", "is_let_in"),
    [
        ({"Sec-Fetch-Site": "same-origin"}, True, True),
        ({"Sec-Fetch-Site": "same-site"}, True, False),
        ({"Sec-Fetch-Site": "cross-site"}, True, False),
        ({"Sec-Fetch-Site": "none"}, True, False),
        ({"Sec-Fetch-Site": "cross-site"}, False, False),
        ({"Origin": "http://localhost"}, True, True),
        ({"Origin": "http://127.0.0.1:8300"}, True, True),
        ({"Origin": "https://evil.example"}, True, False),
        ({"Origin": "null"}, True, False),
        ({}, True, False),
        ({}, False, True),
    ],
)
def test_changes_come_from_our_own_pages(
    house: House, headers: dict[str, str], cookie: bool, is_let_in: bool
) -> None:
    """A change with a cookie, or from a browser, is refused unless our own page asks for it."""
    browser = house.browser()
    if cookie:
        browser.set_cookie("oac_staff", "anything")
    answer = browser.post("/api/test/decode", json={"count": 1}, headers=headers)
    assert answer.status_code == (200 if is_let_in else 403)
    if not is_let_in:
        assert answer.get_json()["key"] == "foreign-origin"


def test_every_answer_is_protected(house: House) -> None:
    """Scripts and styles come from us alone, and nobody keeps or embeds a page."""
    headers = house.browser().get("/sign-in").headers
    policy = headers["Content-Security-Policy"]
    assert "script-src 'self';" in policy
    assert "unsafe-inline" not in policy
    assert "frame-ancestors 'self';" in policy
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers["Referrer-Policy"] == "same-origin"
    assert headers["Cache-Control"] == "no-store"
    assert "camera=(self)" in headers["Permissions-Policy"]


def test_jitsi_may_embed_the_panel_alone(tmp_path: Path) -> None:
    """With a Jitsi server its origin may run its script, and may embed /desk/panel only."""
    settings = settings_in(
        tmp_path,
        meeting_provider="jitsi",
        meeting_domain="meet.example",
        meeting_app_id="oac",
        meeting_app_secret="x" * 32,
        public_url="https://counter.example",
    )
    house = make_house(settings)
    policies = {
        path: house.browser().get(path).headers for path in ("/desk/panel", "/desk", "/sign-in")
    }
    house.app.stop()
    house.app.database.engine.dispose()
    for path, headers in policies.items():
        policy = headers["Content-Security-Policy"]
        assert "script-src 'self' https://meet.example;" in policy
        assert ("frame-ancestors https://meet.example;" in policy) == (path == "/desk/panel")
        assert 'camera=(self "https://meet.example")' in headers["Permissions-Policy"]
        assert "max-age" in headers["Strict-Transport-Security"]
        assert "wss://counter.example" in policy


def test_static_files_are_kept_for_a_year(house: House) -> None:
    """A static file's address holds a digest of all of them, so it may be kept."""
    found = house.browser().get(f"{house.app.flask.static_url_path}/css/tokens.css")
    assert found.headers["Cache-Control"] == "public, max-age=31536000, immutable"
    found.close()
    lost = house.browser().get(f"{house.app.flask.static_url_path}/css/none.css")
    assert lost.headers["Cache-Control"] == "no-store"


def test_the_static_digest_is_of_everything(tmp_path: Path) -> None:
    """Another name or another content is another digest."""
    (tmp_path / "a.css").write_text("a")
    digests = {static_digest(tmp_path)}
    (tmp_path / "a.css").write_text("b")
    digests.add(static_digest(tmp_path))
    (tmp_path / "a.css").rename(tmp_path / "c.css")
    digests.add(static_digest(tmp_path))
    assert len(digests) == 3


@pytest.mark.parametrize(
    ("query", "accept", "html"),
    [
        ("", "", "ca-valencia"),
        ("", "es-ES,es;q=0.9,en;q=0.5", "es"),
        ("", "fr,en;q=0.5", "en"),
        ("", "ca-ES-valencia", "ca-valencia"),
        ("?language=en", "es", "en"),
        ("?language=xx", "es", "es"),
    ],
)
def test_the_readers_language(house: House, query: str, accept: str, html: str) -> None:
    """The query wins, then the browser's languages, then the installation's."""
    headers = {"Accept-Language": accept} if accept else {}
    page = house.browser().get(f"/sign-in{query}", headers=headers)
    assert f'<html lang="{html}">' in page.text


def test_catalogues_are_read_from_their_sources(tmp_path: Path) -> None:
    """Texts, plurals and the catalogue for scripts come from the .po file; guesses do not."""
    folder = tmp_path / "es" / "LC_MESSAGES"
    folder.mkdir(parents=True)
    (folder / "messages.po").write_text(
        'msgid ""\nmsgstr "Content-Type: text/plain; charset=utf-8\\n"\n'
        '"Plural-Forms: nplurals=2; plural=(n != 1);\\n"\n\n'
        'msgid "Sign in"\nmsgstr "Entrar"\n\n'
        'msgid "%(num)s page"\nmsgid_plural "%(num)s pages"\n'
        'msgstr[0] "%(num)s página"\nmsgstr[1] "%(num)s páginas"\n\n'
        '#, fuzzy\nmsgid "Guess"\nmsgstr "Adivina"\n',
        encoding="utf-8",
    )
    catalogues = Catalogues(tmp_path, "ca")
    assert catalogues.gettext("es", "Sign in") == "Entrar"
    assert catalogues.gettext("en", "Sign in") == "Sign in"
    assert catalogues.ngettext("es", ("%(num)s page", "%(num)s pages"), 2) == "%(num)s páginas"
    assert catalogues.as_json("es") == {
        "language": "es",
        "html_language": "es",
        "texts": {
            "Sign in": ["Entrar"],
            "%(num)s page": ["%(num)s página", "%(num)s páginas"],
        },
    }


def test_scripts_get_their_catalogue(house: House) -> None:
    """Each language has a catalogue that a browser asks for again only when it changed."""
    first = house.browser().get("/catalogue/ca.json")
    assert first.get_json()["html_language"] == "ca-valencia"
    again = house.browser().get(
        "/catalogue/ca.json", headers={"If-None-Match": first.headers["ETag"]}
    )
    assert again.status_code == 304
    assert house.browser().get("/catalogue/xx.json").status_code == 404


def test_what_is_tried_too_often_is_refused(house: House) -> None:
    """Beyond the limit the answer is 429, for that address only, and later it is fine again."""
    browser = house.browser()
    statuses = {
        browser.post("/api/pairings", json={"kind": "kiosk"}).status_code for _ in range(20)
    }
    assert statuses == {201}
    refused = browser.post("/api/pairings", json={"kind": "kiosk"})
    assert (refused.status_code, refused.get_json()["key"]) == (429, "too-many")
    elsewhere = {"REMOTE_ADDR": "192.0.2.7"}
    answer = browser.post("/api/pairings", json={"kind": "kiosk"}, environ_base=elsewhere)
    assert answer.status_code == 201


def test_forwarding_headers_need_a_trusted_proxy(tmp_path: Path) -> None:
    """Only with trusted proxies are their headers believed."""
    for trusted, expected in (("0", 403), ("1", 200)):
        house = make_house(settings_in(tmp_path / trusted, trusted_proxies=trusted))
        headers = {
            "X-Forwarded-Host": "counter.example",
            "X-Forwarded-Proto": "https",
            "Origin": "https://counter.example",
        }
        answer = house.browser().post("/sign-out", headers=headers, follow_redirects=False)
        assert (answer.status_code == 403) == (expected == 403)
        house.app.stop()
        house.app.database.engine.dispose()


def test_monitoring(house: House) -> None:
    """Liveness and readiness are open; figures are for the machine itself or a token."""
    browser = house.browser()
    assert browser.get("/healthz").get_json() == {"ok": True}
    house.counter()
    assert browser.get("/readyz").get_json()["agents"] == {
        "connected": 0,
        "counters": 1,
        "troubled": {},
    }
    assert 'oac_counters{state="offline"} 1.0' in browser.get("/metrics").text
    away = {"REMOTE_ADDR": "192.0.2.7"}
    assert browser.get("/metrics", environ_base=away).status_code == 403


def test_our_pages_may_change_things(house: House) -> None:
    """The header that our own pages' requests carry is enough."""
    answer = house.browser().post("/api/test/decode", json={"count": 2}, headers=OURS)
    assert answer.get_json() == {"count": 2, "name": ""}
