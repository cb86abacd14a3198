"""The meeting on a Jitsi server: the real IFrame API against a stand-in for Jitsi's own page."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING
from urllib.parse import parse_qs, urlsplit

import pytest

if TYPE_CHECKING:
    from tests.browser.meeting.jitsi_page import Jitsi

pytestmark = pytest.mark.browser


def test_the_clerk_joins_with_token_language_and_buttons(jitsi: Callable[[str], Jitsi]) -> None:
    """The room is opened with jwt and lang; our buttons stand in every length of the main bar."""
    clerk = jitsi("clerk")
    clerk.joins("first")
    query = parse_qs(urlsplit(clerk.frame().url).query)
    assert query["jwt"] == ["first"]
    assert query["lang"] == ["ca"]
    config = clerk.state("config")
    assert config["toolbarButtons"] == ["microphone", "camera", "hangup"]
    ids = [one["id"] for one in config["customToolbarButtons"]]
    assert ids == ["scan-idle", "print-idle", "ask-help-idle", "end-visit-idle"]
    assert all(
        one["icon"].startswith("data:image/svg+xml") for one in config["customToolbarButtons"]
    )
    lengths = [len(one) for one in config["mainToolbarButtons"]]
    assert lengths == [10, 9, 8, 7, 6, 5, 4, 3, 2]
    lists = {len(one): one for one in config["mainToolbarButtons"]}
    assert all(lists[length][:4] == ids for length in range(4, 11))
    # Narrower than the desk lets it be: the panel has all four, and not the microphone.
    assert lists[3] == ["scan-idle", "print-idle", "microphone"]
    assert lists[2] == ["scan-idle", "microphone"]


def test_clicks_and_hanging_up_reach_the_page(jitsi: Callable[[str], Jitsi]) -> None:
    """A button in Jitsi's bar is a `meeting-button`; hanging up asks for the end of the visit."""
    clerk = jitsi("clerk")
    clerk.joins("first")
    frame = clerk.frame()
    keys = ("scan-idle", "print-busy", "ask-help-idle", "end-visit-idle", "hangup", "hangup-menu")
    for key in ("chat", *keys):
        frame.evaluate("key => click(key)", key)
    clerk.person.until(lambda: len(clerk.person.heard("button")) >= len(keys))
    pressed = [event["id"] for event in clerk.person.heard("button")]
    assert pressed == ["scan", "print", "ask-help", "end-visit", "end-visit", "end-visit"]


def test_a_changed_button_is_a_new_one(jitsi: Callable[[str], Jitsi]) -> None:
    """Jitsi never redraws a button of the same id, so that another state comes with another id."""
    clerk = jitsi("clerk")
    clerk.joins("first")
    clerk.frame()
    clerk.person.page.evaluate(
        "meeting.buttons = [{id: 'scan', text: 'Scan', hint: 'Scan: under way', state: 'busy'}]"
    )
    (config,) = clerk.wire("overwrite-config")[-1]
    (button,) = config["customToolbarButtons"]
    assert (button["id"], button["text"]) == ("scan-busy", "Scan: under way")
    assert all(one[0] == "scan-busy" for one in config["mainToolbarButtons"])
    clerk.frame().evaluate("click('scan-busy')")
    assert clerk.person.until(lambda: clerk.person.heard("button")) == [{"id": "scan"}]


def test_the_peer_decides_the_state(jitsi: Callable[[str], Jitsi]) -> None:
    """Alone one waits; with the other the meeting is connected; without again it comes back."""
    clerk = jitsi("clerk")
    clerk.joins("first")
    frame = clerk.frame()
    clerk.person.is_in("connecting")
    frame.evaluate("join('aabbccdd', 'Counter 1')")
    clerk.person.is_in("connected")
    frame.evaluate("leave('aabbccdd')")
    clerk.person.is_in("reconnecting")


def test_the_citizen_sees_nothing_but_the_clerk(jitsi: Callable[[str], Jitsi]) -> None:
    """The counter's meeting has no button, no prejoin page and no self view of Jitsi's."""
    citizen = jitsi("citizen")
    citizen.joins("first")
    config = citizen.state("config")
    assert config["toolbarButtons"] == []
    assert config["notifications"] == [""]
    assert config["prejoinConfig"] == {"enabled": False}
    assert config["conferenceInfo"] == {"alwaysVisible": [], "autoHide": []}
    assert config["filmstrip"] == config["remoteVideoMenu"] == {"disabled": True}
    assert config["disableSelfView"] is config["hideDisplayName"] is True
    assert "customToolbarButtons" not in config


def test_what_the_clerk_has_off_is_no_mystery(jitsi: Callable[[str], Jitsi]) -> None:
    """The citizen reads that the clerk's microphone or camera is off, and nothing of a helper's."""
    citizen = jitsi("citizen")
    frame = citizen.meets()
    frame.evaluate("join('11223344', '', 'helper-visit-1-0a')")
    frame.evaluate("remoteMute('11223344', 'video', true)")
    frame.evaluate("remoteMute('11223344', 'audio', true)")
    citizen.person.until(lambda: citizen.wire_requests("is-audio-muted"))
    assert citizen.caption() == ""
    caption = citizen.person.page.locator(".meeting-off")
    for kind, text in (("audio", "microphone is off"), ("video", "camera is off")):
        frame.evaluate("kind => remoteMute('aabbccdd', kind, true)", kind)
        caption.get_by_text(text).wait_for()
        frame.evaluate("kind => remoteMute('aabbccdd', kind, false)", kind)
        caption.wait_for(state="detached")
    frame.evaluate("remoteMute('aabbccdd', 'audio', true)")
    caption.get_by_text("microphone is off").wait_for()
    frame.evaluate("join('ccddeeff', '', 'clerk-visit-1')")  # the clerk's page, opened anew
    caption.wait_for(state="detached")


def test_a_pause_mutes_both_and_only_once(jitsi: Callable[[str], Jitsi]) -> None:
    """Pausing mutes sound and picture in Jitsi's page; the end of the pause gives them back."""
    citizen = jitsi("citizen")
    citizen.joins("first")
    citizen.frame()
    citizen.person.page.evaluate("meeting.paused = true")
    citizen.becomes("muted", {"audio": True, "video": True})
    citizen.person.page.evaluate("meeting.paused = false")
    citizen.becomes("muted", {"audio": False, "video": False})
    assert len(citizen.wire("toggle-video")) == len(citizen.wire("toggle-audio")) == 2


def test_leaving_hangs_up_before_the_frame_goes(jitsi: Callable[[str], Jitsi]) -> None:
    """The room is left on purpose, so that no ghost stays in it."""
    citizen = jitsi("citizen")
    citizen.joins("first")
    citizen.frame()
    page = citizen.person.page
    page.evaluate("""() => {
      window.hungUp = false
      window.addEventListener('message', ({data}) => { hungUp ||= data.includes('video-ready-to-close') })
      meeting.join = null
    }""")
    page.locator("iframe").wait_for(state="detached")
    assert page.evaluate("hungUp")
    assert citizen.person.heard("needs-join") == []


def test_a_notice_is_shown_answered_and_withdrawn(jitsi: Callable[[str], Jitsi]) -> None:
    """A notice becomes Jitsi's own, its answer comes back with its key, and it goes with its matter."""
    clerk = jitsi("clerk")
    clerk.joins("first")
    frame = clerk.frame()
    actions = [{"id": "accept", "text": "Accept"}, {"id": "again", "text": "Scan again"}]
    notice = {"key": "scan:1", "title": "Scan ready", "look": "success", "actions": actions}
    clerk.person.page.evaluate("notice => { meeting.notices = [notice] }", notice)
    (shown,) = clerk.wire("show-notification")[-1]
    assert (shown["type"], shown["timeout"]) == ("success", "sticky")
    frame.evaluate("answerNotice('scan:1', 'Scan again')")
    answers = clerk.person.until(lambda: clerk.person.heard("action"))
    assert answers == [{"key": "scan:1", "action": "again"}]
    assert list(clerk.state("notices")) == ["scan:1"]
    clerk.person.page.evaluate("meeting.notices = []")
    clerk.becomes("notices", {})


def test_notices_of_a_long_visit_do_not_pile_up(jitsi: Callable[[str], Jitsi]) -> None:
    """However many come and change one after the other, no more are shown at once than hold."""
    clerk = jitsi("clerk")
    clerk.joins("first")
    clerk.person.page.evaluate(
        """() => {
            for (let n = 0; n < 40; n += 1) {
                const print = { key: `print:${n >> 1}`, title: `told ${n} times` }
                meeting.notices = [{ key: `scan:${n}`, title: "Scan ready" }, ...(n % 3 ? [print] : [])]
            }
        }"""
    )
    clerk.person.until(lambda: list(clerk.state("notices")) == ["scan:39"])
    shown: set[str] = set()
    for one in clerk.frame().evaluate("received"):
        if one.get("name") == "show-notification":
            assert one["data"][0]["uid"] not in shown
            shown.add(one["data"][0]["uid"])
            assert len(shown) <= 2
        elif one.get("name") == "hide-notification":
            shown.remove(one["data"][0])
    assert shown == {"scan:39"}


def test_another_opening_shows_the_notices_that_still_hold(jitsi: Callable[[str], Jitsi]) -> None:
    """What waits for an answer waits after a rejoin as well; what was settled meanwhile is gone."""
    clerk = jitsi("clerk")
    clerk.meets()
    set_notices = "keys => { meeting.notices = keys.map((key) => ({key, title: key})) }"
    clerk.person.page.evaluate(set_notices, ["print:1", "scan:1"])
    clerk.wire("show-notification", least=2)
    clerk.frame().evaluate("fatal()")
    clerk.person.page.evaluate(set_notices, ["print:1"])
    clerk.is_back()
    clerk.person.until(lambda: list(clerk.state("notices")) == ["print:1"])


def test_a_document_is_shown_on_order_and_in_more_pixels(jitsi: Callable[[str], Jitsi]) -> None:
    """The counter turns to its document camera in 1080 lines, and back to the person in 720."""
    citizen = jitsi("citizen")
    citizen.meets()
    assert citizen.state("camera")["deviceId"] == "face"
    citizen.person.page.evaluate("meeting.camera = 'document'")
    citizen.becomes("sent", 1080)
    assert citizen.state("camera")["deviceId"] == "paper"
    citizen.person.until(lambda: citizen.person.heard("camera")[-1]["camera"] == "document")
    citizen.person.page.evaluate("meeting.camera = 'person'")
    citizen.becomes("sent", 720)
    assert citizen.state("camera")["deviceId"] == "face"
    assert all(one["fault"] is None for one in citizen.person.heard("camera"))


def test_the_desk_asks_for_the_pixels_that_a_document_needs(jitsi: Callable[[str], Jitsi]) -> None:
    """What the counter sends is of no use unless the desk wants it as large; its camera stays."""
    clerk = jitsi("clerk")
    clerk.meets()
    clerk.becomes("quality", 720)
    clerk.person.page.evaluate("meeting.camera = 'document'")
    clerk.becomes("quality", 1080)
    assert clerk.state("camera")["deviceId"] == "face"


@pytest.mark.parametrize("case", ["missing", "busy"])
def test_a_document_camera_that_cannot_be_used_is_said(
    jitsi: Callable[[str], Jitsi], case: str
) -> None:
    """Without one, or with one that does not open, the person stays on and the reason is told."""
    citizen = jitsi("citizen")
    devices = [{"deviceId": "face", "label": "HD Webcam"}]
    if case == "busy":
        devices.append({"deviceId": "paper", "label": "Document Camera"})
    citizen.host.behaviour = {"devices": devices, "broken": ["paper"]}
    citizen.meets()
    citizen.person.page.evaluate("meeting.camera = 'document'")
    told = citizen.person.until(
        lambda: [one for one in citizen.person.heard("camera") if one["fault"]]
    )
    assert told == [{"camera": "person", "fault": f"camera-{case}"}]
    assert citizen.state("camera")["deviceId"] == "face"


def test_a_town_names_its_own_document_camera(jitsi: Callable[[str], Jitsi]) -> None:
    """A part of the camera's name, from the settings, is enough; and the other one is the person's."""
    citizen = jitsi("citizen")
    labels = ("Integrated 720p", "USB Cam B")
    citizen.host.behaviour = {"devices": [{"deviceId": one, "label": one} for one in labels]}
    citizen.joins("first", document_camera="720P")
    citizen.frame()
    citizen.person.until(lambda: citizen.state("camera")["label"] == "USB Cam B")
    citizen.person.page.evaluate("meeting.camera = 'document'")
    citizen.person.until(lambda: citizen.state("camera")["label"] == "Integrated 720p")


def test_a_script_from_elsewhere_is_not_loaded(jitsi: Callable[[str], Jitsi]) -> None:
    """A way in whose script is not the meeting server's is refused and said."""
    clerk = jitsi("clerk")
    clerk.joins("first", script="https://evil.test/external_api.js")
    clerk.person.until(lambda: clerk.person.heard("error"))
    assert clerk.person.heard("error")[0] == {"key": "meeting-script-foreign"}
    assert clerk.host.asked == []
