"""Two real browsers in a meeting without a meeting server."""

from __future__ import annotations

import json
from collections.abc import Callable
from time import monotonic
from typing import TYPE_CHECKING

import pytest

from tests.browser.meeting.relay import Relay

if TYPE_CHECKING:
    from tests.browser.meeting.browsers import Person

pytestmark = pytest.mark.browser

FIRST_FRAME = """new Promise((done) => {
  const look = () => {
    const video = document.querySelector('[data-oac="remote-video"]')
    if (video?.videoWidth) done(performance.now())
    else requestAnimationFrame(look)
  }
  look()
})"""

BRIGHTNESS = """() => {
  const canvas = Object.assign(document.createElement('canvas'), {width: 8, height: 8})
  const pen = canvas.getContext('2d')
  pen.drawImage(document.querySelector('[data-oac="remote-video"]'), 0, 0, 8, 8)
  return Math.max(...pen.getImageData(0, 0, 8, 8).data.filter((_, n) => n % 4 === 1))
}"""

KINDS = ("audio", "video")
OWN_CAMERA = """() => {
  const track = meeting.querySelector('.meeting-self').srcObject?.getVideoTracks()[0]
  return {label: track?.label ?? '', height: track?.getSettings().height ?? 0}
}"""


@pytest.fixture
def pair(relay: Relay, person: Callable[..., Person]) -> tuple[Person, Person]:
    """Return a citizen and a clerk who see each other."""
    citizen, clerk = person("citizen"), person("clerk")
    citizen.opens(f"{relay.address}/room?side=citizen")
    began = monotonic()
    clerk.opens(f"{relay.address}/room?side=clerk")
    in_page = clerk.page.evaluate(FIRST_FRAME)
    for one in (citizen, clerk):
        one.is_in("connected")
        figures = one.sees_moving_video()
        print(json.dumps(figures))  # noqa: T201 - the figures are wanted with -s
    took = f"{in_page:.0f} ms after navigation, {monotonic() - began:.2f} s in all"
    print(f"first frame: {took}")  # noqa: T201 - as above
    return citizen, clerk


def test_both_see_each_other_move(pair: tuple[Person, Person]) -> None:
    """Both sides decode frames, say who the other is, and the clerk has the buttons at hand."""
    citizen, clerk = pair
    peer = citizen.page.locator(".meeting-peer")
    assert "Empar" in peer.inner_text()
    assert "Your clerk" in peer.inner_text()
    for name in ("scan", "print", "ask-help", "end-visit"):
        clerk.page.locator(f'[data-oac="{name}"][data-place="meeting"]').click()
    pressed = [event["id"] for event in clerk.heard("button")]
    assert pressed == ["scan", "print", "ask-help", "end-visit"]
    clerk.until(lambda: clerk.page.locator('[data-speaking="yes"]').count())
    assert citizen.complaints == clerk.complaints == []


@pytest.mark.parametrize("who", [0, 1])
def test_a_reload_comes_back_by_itself(pair: tuple[Person, Person], who: int) -> None:
    """After either page is reloaded both see the other again."""
    pair[who].page.reload()
    for one in pair:
        one.sees_moving_video()
        one.is_in("connected")


def test_the_picture_does_not_need_the_link(pair: tuple[Person, Person], relay: Relay) -> None:
    """With every socket cut the picture goes on, and what was lost meanwhile is mended after."""
    citizen, clerk = pair
    relay.cut()
    for one in pair:
        one.sees_moving_video(frames=30)
    citizen.page.reload()  # its announcement cannot reach anybody
    clerk.is_in("reconnecting")
    relay.heal()
    for one in pair:
        one.is_in("connected")
        one.sees_moving_video()


def test_a_killed_browser_can_come_back(pair: tuple[Person, Person], relay: Relay) -> None:
    """A counter that lost its power comes back into the same meeting."""
    citizen, _clerk = pair
    citizen.dies()
    citizen.opens(f"{relay.address}/room?side=citizen")
    for one in pair:
        one.is_in("connected")
        one.sees_moving_video()


def test_a_browser_that_slept_is_mended(pair: tuple[Person, Person]) -> None:
    """A side that answers nothing for a while is said to come back, and does."""
    citizen, clerk = pair
    citizen.sleeps()
    try:
        clerk.is_in("reconnecting")
        assert "comes back by itself" in clerk.page.locator(".meeting-caption").inner_text()
    finally:
        citizen.wakes()
    for one in pair:
        one.is_in("connected")
        one.sees_moving_video()


def test_a_pause_takes_camera_and_microphone_away(pair: tuple[Person, Person]) -> None:
    """While paused no track is alive and no own picture is shown; afterwards they are back."""
    citizen, clerk = pair
    own = citizen.page.locator(".meeting-self")
    alive = "document.querySelector('.meeting-self').srcObject?.getTracks().length ?? 0"
    assert citizen.page.evaluate(alive) == 2
    citizen.page.evaluate("meeting.paused = true")
    own.wait_for(state="hidden")
    clerk.until(lambda: clerk.page.evaluate(BRIGHTNESS) < 20)  # no last picture stays behind
    assert citizen.page.evaluate(alive) == 0
    citizen.page.evaluate("meeting.paused = false")
    own.wait_for(state="visible")
    clerk.until(lambda: clerk.page.evaluate(BRIGHTNESS) > 60)
    clerk.sees_moving_video()


def test_what_the_clerk_turned_off_is_no_mystery(pair: tuple[Person, Person]) -> None:
    """The citizen reads why nothing is seen or heard, after a reload as well, until it is on again."""
    citizen, clerk = pair
    caption = citizen.page.locator(".meeting-off")
    sound, picture = (clerk.page.locator(f'[data-oac="meeting-own-{one}"]') for one in KINDS)
    sound.click()
    caption.get_by_text("microphone is off").wait_for()
    picture.click()
    caption.get_by_text("camera and microphone are off").wait_for()
    citizen.page.reload()
    caption.get_by_text("camera and microphone are off").wait_for()
    assert citizen.heard("error") == []
    sound.click()
    caption.get_by_text("camera is off").wait_for()
    picture.click()
    caption.wait_for(state="detached")


def test_a_camera_that_was_unplugged_is_got_again(pair: tuple[Person, Person]) -> None:
    """When the camera's track ends, another one takes its place and the picture goes on."""
    citizen, clerk = pair
    ended = citizen.page.evaluate("""() => {
      const [track] = meeting.querySelector('.meeting-self').srcObject.getVideoTracks()
      track.stop()
      track.dispatchEvent(new Event('ended'))
      return track.id
    }""")
    new = "meeting.querySelector('.meeting-self').srcObject?.getVideoTracks()[0]?.id"
    citizen.until(lambda: citizen.page.evaluate(new) not in (None, ended))
    clerk.sees_moving_video()


def test_leaving_leaves_nothing_running(pair: tuple[Person, Person]) -> None:
    """After the meeting was left, or its element removed, no camera is on and nothing is shown."""
    citizen, clerk = pair
    for one, act in ((citizen, "meeting.join = null"), (clerk, "meeting.remove()")):
        watch = f"""() => {{
          const tracks = meeting.querySelector('.meeting-self').srcObject.getTracks()
          {act}
          return new Promise((done) => setTimeout(() => done(tracks.map((one) => one.readyState)), 0))
        }}"""
        assert one.page.evaluate(watch) == ["ended", "ended"]
        one.until(lambda one=one: one.heard("left"))
        assert one.stats()["framesDecoded"] is None


def test_the_counter_turns_to_a_document_and_back(
    relay: Relay, person: Callable[..., Person]
) -> None:
    """On the clerk's order the paper is sent in 1080 lines by another camera, then the person again."""
    from tests.browser.meeting.browsers import CAMERA, UNTOUCHED_SOUND

    # The second made-up camera of Chromium gives depths, and no picture.
    three = (f"{CAMERA[0]}=device-count=3", CAMERA[1], UNTOUCHED_SOUND)
    citizen, clerk = person("citizen", flags=three), person("clerk", flags=three)
    citizen.opens(f"{relay.address}/room?side=citizen")
    clerk.opens(f"{relay.address}/room?side=clerk")
    for look, label, height in (
        ("person", "fake_device_0", 720),
        ("document", "fake_device_2", 1080),
        ("person", "fake_device_0", 720),
    ):
        for one in (citizen, clerk):
            one.page.evaluate("look => { meeting.camera = look }", look)
        citizen.until(
            lambda look=look: citizen.heard("camera")[-1:] == [{"camera": look, "fault": None}]
        )
        citizen.until(lambda label=label: citizen.page.evaluate(OWN_CAMERA)["label"] == label)
        assert citizen.page.evaluate(OWN_CAMERA)["height"] == height
        clerk.sees_moving_video()
        assert clerk.page.evaluate(OWN_CAMERA) == {"label": "fake_device_0", "height": 720}


def test_a_document_camera_that_is_not_there_is_said(pair: tuple[Person, Person]) -> None:
    """The person stays in the picture, and the order is answered with the reason."""
    citizen, clerk = pair
    citizen.page.evaluate("meeting.camera = 'document'")
    citizen.until(
        lambda: {"camera": "person", "fault": "camera-missing"} in citizen.heard("camera")
    )
    clerk.sees_moving_video()


def test_without_a_camera_one_still_sees(relay: Relay, person: Callable[..., Person]) -> None:
    """A side without a camera joins, says so, and sees the other one."""
    from tests.browser.meeting.browsers import CAMERA, UNTOUCHED_SOUND

    no_camera = (f"{CAMERA[0]}=device-count=0", CAMERA[1], UNTOUCHED_SOUND)
    citizen, clerk = person("citizen"), person("clerk", flags=no_camera)
    clerk.opens(f"{relay.address}/room?side=clerk")
    citizen.opens(f"{relay.address}/room?side=citizen")
    clerk.is_in("connected")
    clerk.sees_moving_video()
    assert {event["key"] for event in clerk.heard("error")} == {"camera-missing"}
    assert "no camera here" in clerk.page.locator(".meeting-caption").inner_text()


def test_refused_sound_leaves_the_picture_and_a_button(
    relay: Relay, person: Callable[..., Person]
) -> None:
    """Where neither devices nor sound are allowed, the picture comes and a button offers sound."""
    from tests.browser.meeting.browsers import CAMERA

    citizen = person("citizen")
    clerk = person(
        "clerk", flags=(CAMERA[0], "--autoplay-policy=document-user-activation-required")
    )
    citizen.opens(f"{relay.address}/room?side=citizen")
    clerk.opens(f"{relay.address}/room?side=clerk")
    # Playwright's evaluations count as touches: the clerk's page is looked at after it has tried.
    citizen.is_in("connected")
    clerk.sees_moving_video()
    errors = {event["key"] for event in clerk.heard("error")}
    assert errors == {"camera-refused", "microphone-refused"}
    paused = "document.querySelector('.meeting-remote').paused"
    clerk.until(lambda: not clerk.page.evaluate(paused))
    clerk.page.get_by_role("button", name="Turn the sound on").click()
    assert not clerk.page.evaluate("document.querySelector('.meeting-remote').muted")
    clerk.until(lambda: not clerk.page.evaluate(paused))


def test_signals_carry_epochs_and_wideband_sound(pair: tuple[Person, Person], relay: Relay) -> None:
    """Every signal says who speaks to whom; the sound offered is Opus at 48 kHz (EN 301 549, 6.1)."""
    said = [one for one in relay.signals if "off" not in one]
    contents = [one.get("description") or one["candidate"] for one in said]
    assert all(one["epoch"] for one in contents)
    answers = [one for one in contents if one.get("type") == "answer"]
    assert answers
    assert all(one["to"] for one in answers)
    assert "opus/48000/2" in answers[-1]["sdp"]
