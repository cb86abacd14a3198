"""The clerk's and the helper's pages: by the keyboard alone, without scrolling, found sound by axe."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page

from deploy.stage.people import Citizen, Clerk
from deploy.stage.town import SignIn, Town
from deploy.virtual.processes import wait_until
from tests.browser.kiosk_looks import AXE, FOUND_BY_AXE

pytestmark = pytest.mark.browser
People = tuple[Citizen, Clerk]
SIZES = ((1366, 768), (1280, 720))
MOST_TABS = 90
FOCUSED = "() => document.activeElement.dataset.oac ?? ''"
BEYOND = "() => [document.scrollingElement.scrollHeight - innerHeight, document.scrollingElement.scrollWidth - innerWidth]"
OWN_SOUND = """(isHeard) => document.querySelector('oac-meeting').state.self
  .getAudioTracks().every((track) => track.enabled === isHeard)"""
# The moment in which an ending can be taken back lasts for as long as a slow machine needs.
LONG_MOMENT = """(() => {
  const later = window.setTimeout
  window.setTimeout = (act, ms, ...more) => later(act, ms === 3_000 ? 120_000 : ms, ...more)
})()"""
CURRENT = '[data-oac="step-scan-id"][aria-current="step"]'


def _who(town: Town, role: str) -> SignIn:
    return next(one for one in town.sign_ins if one.role == role)


def _goes_to(page: Page, handle: str) -> None:
    """Press Tab until the thing with this handle has the focus."""
    for _ in range(MOST_TABS):
        if page.evaluate(FOCUSED) == handle:
            return
        page.keyboard.press("Tab")
    pytest.fail(f"{handle} is not reached by the keyboard")


def _is_in_sight(page: Page, selector: str, *sizes: tuple[int, int]) -> None:
    """Find it whole on the screen, wherever the page is scrolled to."""
    for width, height in sizes:
        page.set_viewport_size({"width": width, "height": height})
        box = page.locator(selector).bounding_box()
        assert box is not None
        assert box["height"] > 0
        assert box["y"] + box["height"] <= height, f"{selector} is below {width} × {height}"


def _is_sound(page: Page, *sizes: tuple[int, int]) -> None:
    """Find nothing beyond the edge in any size, and nothing serious by axe where it is there."""
    for width, height in sizes:
        page.set_viewport_size({"width": width, "height": height})
        assert max(page.evaluate(BEYOND)) <= 0, f"scrolls at {width} × {height}"
    if AXE.exists():
        page.evaluate(AXE.read_text())
        assert page.evaluate(FOUND_BY_AXE) == []


def test_a_clerk_plays_a_visit_by_the_keyboard_alone(people: People, town: Town) -> None:
    """Sign-in, call, step, scan, ending taken back and made, paperwork: no pointer is needed."""
    citizen, clerk = people
    page, keyboard = clerk.page, clerk.page.keyboard
    page.add_init_script(LONG_MOMENT)
    page.goto(f"{town.url}/sign-in?language=ca")
    _is_sound(page, *SIZES)
    who = _who(town, "clerk")
    for text, key in ((who.login, "Tab"), (who.password, "Enter")):
        keyboard.type(text)
        keyboard.press(key)
    clerk.see("available")
    _goes_to(page, "available")
    keyboard.press("Enter")
    citizen.sits_down()
    citizen.takes_ticket("ca", "census")
    clerk.see("queue-row")
    assert page.title().startswith("(1) ")
    keyboard.press("Alt+n")
    citizen.see("called")
    citizen.touch("start-visit")
    clerk.sees_moving_picture()
    _turns_own_sound(page)
    _goes_to(page, "step-done")
    keyboard.press("Enter")
    page.locator(CURRENT).wait_for()
    _goes_to(page, "scan")
    _is_sound(page, *SIZES)
    keyboard.press("Enter")
    _is_refused_and_asks_again(citizen, clerk)
    _ends_by_keyboard(clerk)
    citizen.touch("have-all")
    citizen.see("language-ca")
    assert clerk.complaints == []
    clerk.signs_out()


def _turns_own_sound(page: Page) -> None:
    """Be unheard for a moment, and heard again."""
    for is_heard in (False, True):
        _goes_to(page, "meeting-own-audio")
        page.keyboard.press("Enter")
        page.wait_for_function(OWN_SOUND, arg=is_heard)


def _is_refused_and_asks_again(citizen: Citizen, clerk: Clerk) -> None:
    """See the refusal wherever the panel is scrolled to, until the page is there after all."""
    page = clerk.page
    citizen.touch("consent-refuse")
    page.locator('[data-oac="job"][data-state="refused"]').wait_for()
    _is_in_sight(page, '[data-oac="pinned"]', *SIZES)
    _goes_to(page, "job-again")
    page.keyboard.press("Enter")
    citizen.touch("consent-allow")
    clerk.see("page")
    clerk.handle("pinned").wait_for(state="detached")


def _ends_by_keyboard(clerk: Clerk) -> None:
    """End, take it back, end all the same, and do the paperwork."""
    page, keyboard = clerk.page, clerk.page.keyboard
    _goes_to(page, "end-visit")
    keyboard.press("Enter")
    clerk.see("end-not-yet")
    assert page.evaluate(FOCUSED) == "end-not-yet"
    # The second half of a double press is taken for no wish: only a later one is.
    wait_until(
        lambda: _presses_until_gone(clerk, "end-not-yet"), "the ending is taken back", seconds=60
    )
    assert page.evaluate(FOCUSED) == "end-visit"
    keyboard.press("Enter")
    clerk.see("end-now")
    _goes_to(page, "end-now")
    wait_until(lambda: _presses_until_gone(clerk, "end-now"), "it is ended", seconds=60)
    clerk.see("close-visit")
    _is_sound(page, *SIZES)
    _goes_to(page, "close-visit")
    keyboard.press("Enter")
    clerk.handle("close-visit").wait_for(state="detached")


def _presses_until_gone(clerk: Clerk, handle: str) -> bool:
    if clerk.page.evaluate(FOCUSED) == handle:
        clerk.page.keyboard.press("Enter")
    return not clerk.handle(handle).count()


def test_a_helper_goes_through_a_request_step_by_step(people: People, town: Town) -> None:
    """Seen to, on the way, at the counter, solved: one large button at a time on a phone."""
    citizen, helper = people
    page = helper.page
    who = _who(town, "helper")
    page.goto(f"{town.url}/sign-in?language=es")
    page.fill("[name=login]", who.login)
    page.fill("[name=password]", who.password)
    helper.touch("sign-in")
    helper.see("counter-row")
    citizen.sits_down()
    citizen.touch("ask-help")
    for handle in ("help-acknowledge", "help-set-out", "help-arrive", "help-solved"):
        # After an answer it rests a moment: the second half of a double tap is no wish.
        button = page.locator(f'.request-next[data-oac="{handle}"]:not([aria-disabled])')
        button.wait_for()
        _is_sound(page, (390, 844))
        button.click()
    helper.handle("help-request").wait_for(state="detached")
    assert helper.complaints == []
    helper.signs_out()
