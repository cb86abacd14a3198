"""Whatever becomes of Jitsi's page, the meeting comes back by itself with a fresh token."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from tests.browser.meeting.jitsi_page import Jitsi

pytestmark = pytest.mark.browser

Maker = Callable[[str], "Jitsi"]
BREAKS = {
    "fatal error, or the server restarts": "fatal()",
    "the connection is lost for longer": "error('connection.otherError', {isFatal: true})",
    "left without having been asked to": "tell('video-conference-left', {roomName: 'room-1'})",
    "ready to be closed": "tell('video-ready-to-close')",
    "the computer slept": "tell('suspend-detected')",
    "kicked out": "kick()",
    "the conference was destroyed": "destroy()",
    "the token expired at the reload": "error('connection.passwordRequired')",
    "the room got a password": "tell('password-required')",
}
REFUSALS: tuple[dict[str, Any], ...] = (
    {"name": "connection.passwordRequired", "message": "Not acceptable by exp (62.0 sec)"},
    {"name": "conference.connectionError.notAllowed", "params": ["general", "mismatched"]},
)


@pytest.mark.parametrize("how", BREAKS.values(), ids=BREAKS)
def test_a_meeting_that_broke_off_is_opened_anew(jitsi: Maker, how: str) -> None:
    """The frame goes, the page is asked for a fresh way in, and the room is opened with it."""
    citizen = jitsi("citizen")
    citizen.meets().evaluate(how)
    citizen.is_back()
    assert citizen.tokens() == ["token-1", "token-2"]
    assert citizen.person.page.locator("iframe").count() == 1


def test_what_jitsi_survives_is_left_alone(jitsi: Maker) -> None:
    """An error that is not fatal, and the lobby's word to wait, open nothing anew."""
    citizen = jitsi("citizen")
    frame = citizen.meets()
    frame.evaluate("error('conference.connectionError.membersOnly')")
    frame.evaluate("error('gum.constraint_failed')")
    frame.evaluate("click('chat')")
    citizen.person.page.evaluate("meeting.paused = true")
    citizen.becomes("muted", {"audio": True, "video": True})
    assert citizen.tokens() == ["token-1"]


def test_a_join_that_hangs_is_a_failure(jitsi: Maker) -> None:
    """As without `sub` in the token: it is given up and tried again."""
    citizen = jitsi("citizen")
    citizen.host.behaviour = {"joins": False, "others": [["aabbccdd", "", citizen.peer]]}
    citizen.keeps_joining()
    citizen.person.until(lambda: len(citizen.tokens()) == 1)
    citizen.host.behaviour["joins"] = True
    citizen.is_back()


def test_a_page_that_says_nothing_any_more_is_noticed(jitsi: Maker) -> None:
    """A frame that hangs sends no event; it is asked, and does not answer."""
    citizen = jitsi("citizen")
    citizen.meets().evaluate("silence()")
    citizen.is_back()


def test_a_reload_into_nothing_is_noticed(jitsi: Maker) -> None:
    """Jitsi reloads itself while its server is away, and a browser's error page stays behind."""
    citizen = jitsi("citizen")
    frame = citizen.meets()
    citizen.host.is_away = True
    frame.evaluate("setTimeout(() => location.reload(), 0)")
    citizen.person.is_in("reconnecting")
    citizen.host.is_away = False
    citizen.person.until(lambda: len(citizen.tokens()) > 2)
    citizen.person.is_in("connected")


def test_a_server_that_is_away_is_tried_until_it_is_back(jitsi: Maker) -> None:
    """The first opening fails, the page says that it goes on, and comes in once the server is there."""
    citizen = jitsi("citizen")
    citizen.host.is_away = True
    citizen.host.behaviour = {"others": [["aabbccdd", "", citizen.peer]]}
    citizen.keeps_joining()
    errors = citizen.person.until(lambda: citizen.person.heard("error"))
    assert errors[0] == {"key": "meeting-unreachable"}
    citizen.person.is_in("failed")
    assert "cannot be reached" in citizen.caption()
    citizen.host.is_away = False
    citizen.person.is_in("connected")
    assert citizen.caption() == ""


@pytest.mark.parametrize("error", REFUSALS, ids=lambda one: one["name"].split(".")[-1])
def test_a_refused_token_ends_in_words(jitsi: Maker, error: dict[str, Any]) -> None:
    """After some tries a person reads that the server does not let them in, and the hall is told."""
    citizen = jitsi("citizen")
    citizen.host.behaviour = {"error": error}
    citizen.keeps_joining()
    citizen.person.is_in("failed")
    assert "does not begin" in citizen.caption()
    (state,) = [one for one in citizen.person.heard("state") if one["state"] == "failed"]
    assert state["cause"] == "refused"
    assert len(set(citizen.tokens())) == len(citizen.tokens()) >= 3  # each with a token of its own
    citizen.host.behaviour = {"others": [["aabbccdd", "", citizen.peer]]}
    citizen.person.is_in("connected")


def test_a_token_is_renewed_before_it_is_needed(jitsi: Maker) -> None:
    """Half of its life on, another one is fetched; the meeting goes on, and the next opening uses it."""
    citizen = jitsi("citizen")
    citizen.host.behaviour = {"others": [["aabbccdd", "", citizen.peer]]}
    citizen.joins("short", valid_s=8)
    citizen.person.is_in("connected")
    citizen.person.until(lambda: citizen.person.heard("needs-join"))
    citizen.joins("renewed")
    frame = citizen.frame()
    frame.evaluate("click('chat')")
    assert citizen.tokens() == ["short"]
    frame.evaluate("fatal()")  # nobody answers now: what was renewed is used
    citizen.is_back("renewed")


def test_everything_off_after_a_reload_is_switched_on(jitsi: Maker) -> None:
    """Jitsi's page comes back with camera and microphone off after failed reloads; they go on."""
    citizen = jitsi("citizen")
    citizen.host.behaviour = {"muted": True}
    citizen.meets()
    citizen.becomes("muted", {"audio": False, "video": False})


def test_a_pause_outlasts_a_rejoin(jitsi: Maker) -> None:
    """Who stopped everything is neither seen nor heard after the meeting broke off."""
    citizen = jitsi("citizen")
    frame = citizen.meets()
    citizen.person.page.evaluate("meeting.paused = true")
    citizen.becomes("muted", {"audio": True, "video": True})
    frame.evaluate("fatal()")
    citizen.is_back()
    config = citizen.frame().evaluate("state.config")
    assert (config["startWithAudioMuted"], config["startWithVideoMuted"]) == (True, True)
    citizen.becomes("muted", {"audio": True, "video": True})


def test_what_somebody_switched_off_in_the_citizens_page_goes_on_again(jitsi: Maker) -> None:
    """The citizen has no button to undo it."""
    citizen = jitsi("citizen")
    citizen.meets()
    # Right after the joining it could be what the page did itself.
    citizen.person.until(lambda: len(citizen.wire_requests("is-audio-muted")) >= 3)
    citizen.frame().evaluate(
        "state.muted.audio = true; tell('audio-mute-status-changed', {muted: true})"
    )
    citizen.becomes("muted", {"audio": False, "video": False})


def test_the_clerks_own_silence_is_kept(jitsi: Maker) -> None:
    """A clerk who switched the microphone off is not heard after a rejoin either."""
    clerk = jitsi("clerk")
    frame = clerk.meets()
    clerk.person.until(lambda: len(clerk.wire_requests("is-audio-muted")) >= 3)
    frame.evaluate("state.muted.audio = true; tell('audio-mute-status-changed', {muted: true})")
    frame.evaluate("fatal()")
    clerk.is_back()
    config = clerk.frame().evaluate("state.config")
    assert (config["startWithAudioMuted"], config["startWithVideoMuted"]) == (True, False)
    clerk.becomes("muted", {"audio": True, "video": False})


def test_a_ghost_is_not_the_other_one(jitsi: Maker) -> None:
    """One's own page from before is nobody's peer; of two of the other's the older is sent away."""
    clerk = jitsi("clerk")
    clerk.host.behaviour = {"others": [["00000001", "", "clerk-visit-1"]]}
    clerk.keeps_joining()
    frame = clerk.frame()
    assert frame.evaluate("state.config.replaceParticipant") is True
    clerk.person.is_in("connecting")
    assert clerk.wire("kick-participant") == [["00000001"]]
    frame.evaluate("join('00000002', '', 'citizen-visit-1')")
    frame.evaluate("join('00000003', '', 'citizen-visit-1')")
    clerk.person.is_in("connected")
    clerk.wire("kick-participant", least=2)
    clerk.becomes("peers", ["00000003"])
    clerk.person.is_in("connected")


@pytest.mark.parametrize("how", ["kick()", "tell('video-ready-to-close')"])
def test_of_a_clerks_two_pages_the_one_worked_in_has_it(jitsi: Maker, how: str) -> None:
    """Thrown out by Jitsi's own page in sight beside it, the desk says so and waits for the clerk."""
    clerk = jitsi("clerk")
    frame = clerk.meets()
    clerk.person.page.evaluate("() => { document.hasFocus = () => false }")
    frame.evaluate(how)
    clerk.person.until(lambda: "another window" in clerk.caption())
    assert clerk.tokens() == ["token-1"]
    clerk.person.page.evaluate("() => { document.hasFocus = () => true }")
    clerk.is_back()


@pytest.mark.parametrize("has_stats", [True, False])
def test_a_black_picture_is_joined_anew(jitsi: Maker, *, has_stats: bool) -> None:
    """Both are there and no frame comes: the room is opened again, by figures or by a look at it."""
    citizen = jitsi("citizen")
    citizen.host.behaviour = {"picture": "black", "stats": has_stats}
    citizen.meets()
    citizen.host.behaviour["picture"] = "moves"
    citizen.is_back()


def test_a_camera_that_is_off_is_no_black_picture(jitsi: Maker) -> None:
    """Whose camera was switched off sends nothing, and that is no reason to join anew."""
    citizen = jitsi("citizen")
    citizen.host.behaviour = {"picture": "black"}
    citizen.meets().evaluate("remoteMute('aabbccdd', 'video', true)")
    citizen.person.until(lambda: len(citizen.wire_requests("is-audio-muted")) >= 8)
    assert citizen.tokens() == ["token-1"]


def test_the_network_is_lost_and_comes_back(jitsi: Maker) -> None:
    """Offline nothing can be opened; online again the next opening does not wait its turn."""
    citizen = jitsi("citizen")
    frame = citizen.meets()
    citizen.host.is_away = True
    citizen.person.context.set_offline(True)
    frame.evaluate("error('connection.otherError', {isFatal: true})")
    citizen.person.is_in("reconnecting")
    citizen.host.is_away = False
    citizen.person.context.set_offline(False)
    citizen.person.is_in("connected")
