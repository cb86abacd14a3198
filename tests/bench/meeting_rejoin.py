"""From "call next" to both in the room, and from a network that is back to being in it again.

The real bridge, desk and kiosk in two browsers, with the published IFrame API and a stand-in for
Jitsi's page that joins at once: what is measured is ours. The bare IFrame API opens the same rooms
in the same two browsers, in turns with us.
"""

from __future__ import annotations

import statistics
import tempfile
import time
from pathlib import Path

from playwright.sync_api import Page

from deploy.stage.people import Citizen, Clerk, two_browsers
from deploy.stage.town import Town
from tests.bench.figures import load, say, show, spread
from tests.browser.meeting.iframe_api import external_api
from tests.browser.meeting.jitsi_page import ORIGIN, MeetHost

TURNS = 10
LOSSES = 4
AWAY_S = 6.0
MEETING = {
    "OAC_MEETING_PROVIDER": "jitsi",
    "OAC_MEETING_DOMAIN": ORIGIN.removeprefix("https://"),
    "OAC_MEETING_APP_ID": "oac",
    "OAC_MEETING_APP_SECRET": "a secret of more than thirty-two characters",
}
BARE = """async () => {
  const began = Date.now()
  const api = new JitsiMeetExternalAPI('meet.test', {roomName: 'bare', jwt: 'bare', parentNode: document.body})
  await new Promise((done) => api.addListener('videoConferenceJoined', done))
  api.dispose()
  return [began, Date.now()]
}"""
# Both sides note when they are in; whoever sits at the counter touches "Start" at once.
WATCH = """() => {
  if ('joinedAt' in window) return
  window.joinedAt = 0
  document.addEventListener('meeting-joined', () => { window.joinedAt = Date.now() })
  let touched = null
  new MutationObserver(() => {
    const start = document.querySelector('[data-oac="start-visit"]')
    if (start !== touched) start?.click()
    touched = start
  }).observe(document.body, {subtree: true, childList: true})
}"""
CALL = """() => {
  window.calledAt = Date.now()
  document.querySelector('[data-oac="call-next"]').click()
}"""


class Stage:
    """Both people at their pages, and bare pages beside them."""

    def __init__(self, citizen: Citizen, clerk: Clerk) -> None:
        api = external_api()
        self.citizen, self.clerk = citizen, clerk
        self.theirs = MeetHost(citizen.context, api)
        MeetHost(clerk.context, api)
        self.citizen.sits_down()
        self.clerk.signs_in(next(one for one in clerk.town.sign_ins if one.role == "clerk"))
        self.bare = [_bare_page(one.context.new_page()) for one in (citizen, clerk)]
        for one in (citizen, clerk):
            one.page.evaluate(WATCH)

    def calls(self) -> tuple[float, float]:
        """Call the next citizen; return when, and when both were in the room, in seconds."""
        self.citizen.takes_ticket("ca", "census")
        self.clerk.see("queue-row")
        for one in (self.citizen, self.clerk):
            one.page.evaluate("window.joinedAt = 0")
        self.clerk.page.evaluate(CALL)
        joined = [_joined(one.page) for one in (self.citizen, self.clerk)]
        return self.clerk.page.evaluate("calledAt") / 1000, max(joined)

    def opens_bare(self) -> float:
        """Open a room with nothing but the IFrame API on both sides, one after the other."""
        spans = [page.evaluate(BARE) for page in self.bare]
        return max((joined - began) / 1000 for began, joined in spans)

    def loses_network(self, *, is_told: bool) -> float:
        """Cut the counter off; return how long after its return it was in the room again.

        ``is_told``: the browser notices, as when its own cable was out. Otherwise it was cut
        somewhere behind, and nothing says when it is back.
        """
        frame = self.citizen.page.frames[-1]
        self.citizen.page.evaluate("window.joinedAt = 0")
        self.theirs.is_away = True
        if is_told:
            self.citizen.context.set_offline(True)
        frame.evaluate("error('connection.otherError', {isFatal: true})")
        # In the page's own time: the stand-in's server has to go on refusing meanwhile.
        self.citizen.page.wait_for_timeout(AWAY_S * 1000)
        self.theirs.is_away = False
        began = time.time()
        if is_told:
            self.citizen.context.set_offline(False)
        return _joined(self.citizen.page) - began

    def ends(self) -> None:
        """End the visit and leave everything ready for the next one."""
        self.clerk.page.locator('[data-oac="end-visit"]:not([data-place="meeting"])').click()
        self.clerk.touch("close-visit")
        # Whoever takes their papers along at once spares us the goodbye's half minute.
        self.citizen.touch("have-all")
        self.citizen.see("language-ca")
        # Were the wiped screen loaded anew, it would have to be watched again.
        self.citizen.page.evaluate(WATCH)


def _bare_page(page: Page) -> Page:
    page.goto(f"{ORIGIN}/elsewhere")
    page.set_content("<body></body>")
    page.add_script_tag(url=f"{ORIGIN}/external_api.js")
    return page


def _joined(page: Page) -> float:
    found: float = page.wait_for_function("() => window.joinedAt").json_value()
    return found / 1000


def _loss(stage: Stage, turn: int, *, is_told: bool) -> float:
    took = stage.loses_network(is_told=is_told)
    say(f"loss {turn + 1} of {LOSSES}, {'' if is_told else 'not '}told: back after {took:.3f} s")
    return took


def measure(folder: Path) -> None:
    """Measure both in turns, and then the losses."""
    ours, bare = [], []
    with (
        Town(folder, variables=MEETING, has_devices=False) as town,
        two_browsers(town, folder) as (citizen, clerk),
    ):
        stage = Stage(citizen, clerk)
        say(f"both are at their pages; load {load()}")
        for turn in range(TURNS):
            bare.append(stage.opens_bare())
            called, joined = stage.calls()
            ours.append(joined - called)
            say(f"turn {turn + 1} of {TURNS}: {ours[-1]:.3f} s, bare {bare[-1]:.3f} s")
            if turn < TURNS - 1:
                stage.ends()
        told, untold = (
            [_loss(stage, turn, is_told=is_told) for turn in range(LOSSES)]
            for is_told in (True, False)
        )
    over = statistics.median(ours) - statistics.median(bare)
    show(
        "Meeting",
        [
            ("call next to both in the room, s", spread(ours)),
            ("  the bare IFrame API, s", spread(bare)),
            ("  over it, s (wanted 0.3 at most)", f"{over:.3f}"),
            ("network back to in the room, s (wanted 5 at most)", spread(told)),
            ("  where the browser is not told that it is back", spread(untold)),
            ("load of the machine", load()),
        ],
    )


def main() -> None:
    """Measure in a folder that is thrown away."""
    with tempfile.TemporaryDirectory(prefix="oac-bench-") as name:
        measure(Path(name))


if __name__ == "__main__":
    main()
