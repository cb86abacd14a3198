"""What the meeting server's own page asks: how it looks, its labels, its troubles."""

from __future__ import annotations

import json
import logging
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.makers import House, make_house, settings_in

MEET = "https://meet.town.example"
REPORTS = "/api/meeting/reports"
PLAIN = {"Origin": MEET, "Sec-Fetch-Site": "same-site", "Content-Type": "text/plain"}


@pytest.fixture
def jitsi_house(tmp_path: Path) -> Iterator[House]:
    """Give a bridge whose meetings are on a Jitsi server under the same domain."""
    settings = settings_in(
        tmp_path,
        meeting_provider="jitsi",
        meeting_domain="meet.town.example",
        meeting_app_id="oac",
        meeting_app_secret="x" * 32,
        public_url="https://desk.town.example",
        limits_reports="3 per minute",
        meeting_own_page="true",
    )
    house = make_house(settings)
    yield house
    house.close()


def test_our_rooms_have_our_look_and_no_button(jitsi_house: House) -> None:
    """Logo, colours and labels come from the bridge, which the meeting's pages may read."""
    room = "oac-0123456789abcdefghjkmnpqrs"
    for conference in (room, f"{room}@conference.meet.town.example"):
        answer = jitsi_house.browser().get(f"/api/meeting/branding?conferenceFqn={conference}")
        look = answer.get_json()
        assert answer.headers["Access-Control-Allow-Origin"] == MEET
        assert answer.headers["Vary"] == "Origin"
        assert look["logoImageUrl"].startswith("https://desk.town.example/static/")
        assert not [key for key in look if "utton" in key or "oolbar" in key]
    labels = jitsi_house.browser().get(
        look["labels"]["ca"].removeprefix("https://desk.town.example")
    )
    assert labels.headers["Access-Control-Allow-Origin"] == MEET
    assert labels.get_json()["toolbar"]["hangup"] == "Ix de la reunió"


@pytest.mark.parametrize("conference", ["", "weekly", "oac-short", "oac-" + "x" * 5000])
def test_other_meetings_look_as_they_did(jitsi_house: House, conference: str) -> None:
    """Whoever else uses the same Jitsi server is given nothing of ours."""
    answer = jitsi_house.browser().get(f"/api/meeting/branding?conferenceFqn={conference}")
    assert answer.get_json() == {"defaultBranding": True}


def test_only_languages_that_lack_something_have_labels(jitsi_house: House) -> None:
    """Any other name is 404, and leads to no file."""
    for language in ("es", "xx", "..%2Fca"):
        answer = jitsi_house.browser().get(f"/api/meeting/labels/{language}.json")
        assert answer.status_code == 404


def test_a_trouble_is_counted_and_logged_without_words(
    jitsi_house: House, caplog: pytest.LogCaptureFixture
) -> None:
    """The log has identifiers alone, whatever is sent; monitoring has the number."""
    body = {"reason": "store-missing", "visit": "Empar Soler\nroot", "client": "<b>x</b>"}
    with caplog.at_level(logging.WARNING):
        answer = jitsi_house.browser().post(REPORTS, data=json.dumps(body), headers=PLAIN)
    assert answer.status_code == 204
    assert "store-missing" in caplog.text
    assert "Empar" not in caplog.text
    assert "<b>" not in caplog.text
    figures = jitsi_house.browser().get("/metrics").get_data(as_text=True)
    assert 'oac_meeting_page_troubles_total{reason="store-missing"} 1.0' in figures
    assert 'oac_meeting_page_troubles_total{reason="panel-silent"} 0.0' in figures


def test_reports_are_bounded(jitsi_house: House) -> None:
    """Unknown reasons, other shapes and too many of them are refused."""
    browser = jitsi_house.browser()
    for body in ('{"reason": "because"}', "[]"):
        assert browser.post(REPORTS, data=body, headers=PLAIN).status_code == 400
    good = json.dumps({"reason": "panel-silent"})
    assert browser.post(REPORTS, data=good, headers=PLAIN).status_code == 204
    assert browser.post(REPORTS, data=good, headers=PLAIN).status_code == 429


def test_only_the_meeting_server_reports(jitsi_house: House) -> None:
    """Another site's page is refused there as everywhere, and the meeting's everywhere else."""
    foreign = {**PLAIN, "Origin": "https://other.example", "Sec-Fetch-Site": "cross-site"}
    body = json.dumps({"reason": "panel-silent"})
    assert jitsi_house.browser().post(REPORTS, data=body, headers=foreign).status_code == 403
    assert (
        jitsi_house.browser().post("/api/desk/calls", data="{}", headers=PLAIN).status_code == 403
    )


def test_a_frame_without_sign_in_says_how_to_go_on(jitsi_house: House) -> None:
    """A panel in the meeting's page is no redirect; under another domain it says what is wrong."""
    browser = jitsi_house.browser()
    near = browser.get("/desk/panel?in=meeting", headers={"Sec-Fetch-Site": "same-site"})
    far = browser.get("/desk/panel?in=meeting", headers={"Sec-Fetch-Site": "cross-site"})
    assert (near.status_code, far.status_code) == (401, 401)
    assert 'href="/sign-in"' in near.get_data(as_text=True)
    assert 'href="/desk"' in far.get_data(as_text=True)
    for answer in (near, far):
        assert f"frame-ancestors {MEET};" in answer.headers["Content-Security-Policy"]
        assert f'data-meeting="{MEET}"' in answer.get_data(as_text=True)


def test_the_desk_leads_to_jitsis_page_only_where_it_is_equipped(
    jitsi_house: House, house: House
) -> None:
    """The setting says whether the meeting server carries our part."""
    assert jitsi_house.app.settings.between_page == f"{MEET}/oac/between.html"
    assert house.app.settings.between_page is None
