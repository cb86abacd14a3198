"""Our part inside Jitsi's own page: for the clerk of a visit, and for nobody else."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from time import monotonic
from typing import TYPE_CHECKING, Any

import pytest
from playwright.sync_api import expect

from jitsi_oac_plugin import Grant, Issuer, Role, mint

if TYPE_CHECKING:
    from playwright.sync_api import FrameLocator, Page

    from tests.browser.in_meeting.conftest import Place

pytestmark = pytest.mark.browser
ROOM = "oac-0123456789abcdefghjkmnpqrs"
VISIT = "01j0000000000000000000000a"
KEYS = ["scan-idle", "end-visit-idle", "microphone", "camera", "hangup-menu"]
MOST_S = 60
expect.set_options(timeout=MOST_S * 1000)


def _token(place: Place, *, role: Role = Role.CLERK, room: str = ROOM, bridge: str = "") -> str:
    issuer = Issuer(
        domain="meet.oac.test", app_id="oac", secret="s" * 32, bridge=bridge or place.desk_origin
    )
    grant = Grant(
        room=room, visit_id=VISIT, person_id=f"{role}-{VISIT}", name="Empar", role=role, minutes=5
    )
    return mint(issuer, grant, now=datetime.now(UTC)).text


def _address(place: Place, token: str | None, *, room: str = ROOM) -> str:
    ending = "" if token is None else f"?lang=ca#jwt=%22{token}%22"
    return f"{place.meeting_origin}/{room}{ending}"


def _keys(page: Page | FrameLocator) -> list[str]:
    found: list[str] = page.locator("#new-toolbox button").evaluate_all(
        "all => all.map((one) => one.dataset.key)"
    )
    return found


def _opens_beside_the_panel(place: Place) -> Any:
    """Open the room directly as its clerk; return the panel's frame once the buttons are there."""
    place.page.goto(_address(place, _token(place)))
    place.page.locator("[data-key=scan-idle]").wait_for()
    return next(one for one in place.page.frames if "/desk/panel" in one.url)


def _is_untouched(place: Place) -> bool:
    place.page.wait_for_function("() => window.APP?.store || document.getElementById('password')")
    untouched: bool = place.page.evaluate(
        """() => !document.querySelector('.oac-panel') && !document.documentElement.classList.contains('oac')
            && !dispatched.includes('OVERWRITE_CONFIG') && document.getElementById('react').dataset.width === '1280'
            && sessionStorage.length === 0"""
    )
    return untouched


def test_the_clerk_has_buttons_and_the_panel(place: Place) -> None:
    """The buttons stand in the main bar, the panel beside a meeting that is narrower by it."""
    panel = _opens_beside_the_panel(place)
    assert _keys(place.page) == KEYS
    assert panel.url == f"{place.desk_origin}/desk/panel?in=meeting&language=ca&visit={VISIT}"
    box = place.page.locator(".oac-panel").bounding_box()
    assert box is not None
    assert (box["x"] + box["width"], box["height"]) == (1280, 720)
    assert 340 <= box["width"] <= 420
    width = place.page.locator("#react").get_attribute("data-width")
    assert int(width or 0) == 1280 - box["width"]
    assert place.page.locator(".oac-panel").get_attribute("title") == "Visita"
    react = place.page.locator("#react").bounding_box()
    assert react is not None
    assert react["width"] == 1280 - box["width"]
    assert place.meeting.posted == place.desk.posted == []


def test_what_is_pressed_reaches_the_panel_and_hanging_up_waits(place: Place) -> None:
    """The panel hears each button, hanging up among them, which Jitsi then does not do itself."""
    panel = _opens_beside_the_panel(place)
    for key in ("scan-idle", "hangup-menu"):
        place.page.locator(f"[data-key={key}]").click()
    panel.wait_for_function("() => heard.filter(({ type }) => type === 'clicked').length === 2")
    keys = panel.evaluate("heard.filter(({ type }) => type === 'clicked').map(({ key }) => key)")
    assert keys == ["scan-idle", "hangup-menu"]
    assert place.page.evaluate("left") == 0
    assert panel.evaluate("heard.some(({ type }) => type === 'joined')")


def test_stopping_everything_silences_the_clerk_too(place: Place) -> None:
    """Camera and microphone go off and on with the pause; what the clerk had off stays off."""
    panel = _opens_beside_the_panel(place)
    place.page.evaluate("muted.video = true")
    panel.evaluate("tell('pause', { isPaused: true })")
    place.page.wait_for_function("() => muted.audio && muted.video")
    panel.evaluate("tell('pause', { isPaused: false })")
    place.page.wait_for_function("() => !muted.audio && muted.video")


def test_the_token_leaves_the_address_and_survives_a_reload(place: Place) -> None:
    """Jitsi takes it out of the address; after a reload the same meeting is there with its panel."""
    _opens_beside_the_panel(place)
    assert place.page.url == _address(place, None)
    place.page.reload()
    place.page.locator("[data-key=scan-idle]").wait_for()
    assert place.page.locator("#password").count() == 0
    assert place.page.url == _address(place, None)


def test_the_panel_gives_the_token_for_the_next_reload(place: Place) -> None:
    """A fresh token of the same visit is kept; one of another room is not."""
    panel = _opens_beside_the_panel(place)
    other = _token(place, room="oac-zzzz56789abcdefghjkmnpqrst")
    fresh = _token(place)
    send = "(token, room) => tell('token', { token, room, language: 'ca' })"
    panel.evaluate(f"([token]) => ({send})(token, '{ROOM}')", [fresh])
    panel.evaluate(f"([token]) => ({send})(token, '{ROOM}')", [other])
    place.page.wait_for_function(
        "token => JSON.parse(sessionStorage.getItem('oac-meeting')).token === token", arg=fresh
    )


def test_at_the_end_the_token_is_forgotten(place: Place) -> None:
    """The page between visits has the panel and no trace of the meeting; the next one is entered."""
    panel = _opens_beside_the_panel(place)
    panel.evaluate("tell('leave')")
    place.page.wait_for_url("**/oac/between.html?lang=ca")
    assert place.page.evaluate("sessionStorage.length") == 0
    place.page.wait_for_function("() => document.title === 'Visita'")
    panel = next(one for one in place.page.frames if "/desk/panel" in one.url)
    assert panel.url.endswith("/desk/panel?in=meeting&language=ca")
    room = "oac-zzzz56789abcdefghjkmnpqrst"
    way = {"room": room, "token": _token(place, room=room), "language": "ca"}
    panel.evaluate("way => tell('enter', way)", way)
    place.page.locator("[data-key=scan-idle]").wait_for()
    assert place.page.url == _address(place, None, room=room)


@pytest.mark.parametrize("role", [Role.CITIZEN, Role.HELPER, Role.SUPERVISOR])
def test_who_does_not_moderate_sees_jitsi_as_it_is(place: Place, role: Role) -> None:
    """Neither panel nor button nor anything kept, even with a token of ours."""
    place.page.goto(_address(place, _token(place, role=role)))
    assert _is_untouched(place)


def test_other_meetings_are_left_alone(place: Place) -> None:
    """Without a token, in another room, with a token of another bridge or an unsound one: nothing."""
    place.page.goto(_address(place, None))
    assert _is_untouched(place)
    for token in (
        _token(place, room="oac-zzzz56789abcdefghjkmnpqrst"),
        _token(place, bridge="https://desk.other.test"),
        "e30.bm90IGpzb24.x",
    ):
        place.page.goto("about:blank")
        place.page.goto(_address(place, token))
        assert _is_untouched(place)


def test_another_site_can_order_nothing(place: Place) -> None:
    """What the page itself, or a frame that is not the panel, sends is not heard."""
    _opens_beside_the_panel(place)
    place.page.evaluate(
        """async (address) => {
            const frame = document.createElement("iframe")
            frame.src = address
            document.body.append(frame)
            await new Promise((done) => frame.addEventListener("load", done))
            window.postMessage({ oac: 1, type: "leave" }, "*")
        }""",
        f"{place.desk_origin}/desk/panel",
    )
    place.page.frames[-1].evaluate("tell('leave')")
    place.page.locator("[data-key=scan-idle]").click()
    assert place.page.url == _address(place, None)
    assert place.page.evaluate("sessionStorage.length") == 1


@pytest.mark.parametrize(
    ("client", "reason", "later_ms"),
    [
        ("broken-store", "store-missing", 21_000),
        ("broken-api", "page-unknown", 21_000),
        ("deaf", "toolbar-refused", 0),
    ],
)
def test_a_page_of_another_kind_stays_jitsi(
    place: Place, client: str, reason: str, later_ms: int
) -> None:
    """No panel, one line in the console, one report to the bridge; hanging up is Jitsi's own."""
    place.rooms.client = client
    place.page.clock.install()
    place.page.goto(_address(place, _token(place)))
    place.page.wait_for_function("() => document.querySelector('#new-toolbox')")
    place.page.clock.fast_forward(later_ms)
    _until(place, lambda: place.desk.posted)
    [(path, body)] = place.desk.posted
    assert path == "/api/meeting/reports"
    assert json.loads(body) == {"reason": reason, "visit": VISIT, "client": ""}
    _until(place, lambda: sum(line.startswith("oac: ") for line in place.lines) == 1)
    expect(place.page.locator(".oac-panel")).to_have_count(0)
    place.page.locator("[data-key=hangup-menu]").click()
    assert place.page.evaluate("left") == 1


def test_a_bridge_that_is_away_leaves_the_meeting_to_jitsi(place: Place) -> None:
    """Nothing is shown of its error, hanging up works, and the panel comes when the bridge does."""
    place.is_desk_there = False
    place.page.clock.install()
    place.page.goto(_address(place, _token(place)))
    place.page.wait_for_function("() => document.querySelector('#new-toolbox')")
    place.page.locator(".oac-panel").wait_for(state="attached")
    expect(place.page.locator(".oac-panel")).to_be_hidden()
    place.page.locator("[data-key=hangup-menu]").click()
    assert place.page.evaluate("left") == 1
    place.page.clock.fast_forward(16_000)
    _until(place, lambda: place.desk.posted)
    assert json.loads(place.desk.posted[0][1])["reason"] == "panel-silent"
    expect(place.page.locator(".oac-panel")).to_have_count(0)
    place.is_desk_there = True
    place.page.clock.fast_forward(31_000)
    place.page.locator("[data-key=scan-idle]").wait_for()
    assert len(place.desk.posted) == 1


@pytest.mark.parametrize("client", ["older", "newer"])
def test_the_desk_has_its_buttons_in_every_client(place: Place, client: str) -> None:
    """Embedded there is no panel; the desk's button is there once, follows it, and tells the desk."""
    place.rooms.client = client
    place.page.goto(f"{place.desk_origin}/desk")
    place.page.evaluate("([room, jwt]) => open(room, jwt)", [ROOM, _token(place)])
    frame = place.page.frame_locator("iframe")
    frame.locator("[data-key=scan-idle]").wait_for()
    frame.locator("[data-key=scan-idle]").click()
    place.page.wait_for_function("() => clicks.length === 1")
    place.page.evaluate("turn('busy')")
    frame.locator("[data-key=scan-busy]").wait_for()
    assert _keys(frame) == ["microphone", "scan-busy", "hangup-menu"]
    frame.locator("[data-key=scan-busy]").click()
    place.page.wait_for_function("() => clicks.length === 2")
    assert place.page.evaluate("clicks") == ["scan-idle", "scan-busy"]
    assert frame.locator(".oac-panel").count() == 0
    inside = next(one for one in place.page.frames if ROOM in one.url)
    times = inside.evaluate("dispatched.filter((one) => one === 'OVERWRITE_CONFIG').length")
    # The desk's one order, and in an older client ours: at first and for that order.
    assert times == (3 if client == "older" else 1)


def test_the_kiosk_has_no_button_in_an_older_client(place: Place) -> None:
    """The citizen's page in the same room, embedded in the same way, is given nothing."""
    place.rooms.client = "older"
    place.page.goto(f"{place.desk_origin}/desk")
    token = _token(place, role=Role.CITIZEN)
    place.page.evaluate("([room, jwt]) => open(room, jwt)", [ROOM, token])
    frame = place.page.frame_locator("iframe")
    frame.locator("[data-key=hangup-menu]").wait_for()
    place.page.evaluate("turn('busy')")
    inside = next(one for one in place.page.frames if ROOM in one.url)
    inside.wait_for_function("() => dispatched.includes('OVERWRITE_CONFIG')")
    assert _keys(frame) == ["microphone", "hangup-menu"]


def _until(place: Place, condition: Any) -> None:
    end = monotonic() + MOST_S
    while not condition():
        assert monotonic() < end, place.lines
        # Time passes in the browser, where the page's own timers may stand still.
        place.page.evaluate("new Promise((done) => requestAnimationFrame(done))")
