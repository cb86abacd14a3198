"""A visit in two real browsers, and what may happen to them in the middle of it."""

from __future__ import annotations

import io
import re
import subprocess
import sys
from pathlib import Path

import pytest
from PIL import Image

from deploy.stage.people import Citizen, Clerk
from deploy.stage.town import Town
from deploy.virtual.processes import wait_until
from tests.support import require

pytestmark = pytest.mark.browser
ROOT = Path(__file__).resolve().parents[2]
People = tuple[Citizen, Clerk]
OWN_TRACKS = """() => [...document.querySelectorAll('video')].flatMap((video) =>
    video.srcObject === null || !video.muted ? [] :
    video.srcObject.getTracks().map((track) => track.enabled))"""
PROOFS = (
    r"ticket taken: [A-Z]\d{3}",
    r"called: \d+ ms",
    r"both see moving video: \d+ frames decoded at the kiosk, \d+ at the desk",
    r"consent shown and given: ",
    r"first preview strip: -?\d+ ms after the first line left the scanner",
    r"page stored: 300 dpi, 24\d\d × 35\d\d px, .* equal at agent and bridge",
    r"form printed: \d+ page\(s\) .* pixel difference 0",
    r"paper confirmed: ",
    r"signed form scanned back: 300 dpi",
    r"visit ended: ",
    r"nothing left in the kiosk: storage 0, caches 0, databases 0, elements 0",
    r"audit chain verified: \d+ entries",
    r"Everything was proved\.",
)


def _meet(citizen: Citizen, clerk: Clerk) -> None:
    """Bring both into a meeting in which the pictures move."""
    citizen.sits_down()
    citizen.takes_ticket("es", "census")
    clerk.signs_in(next(one for one in clerk.town.sign_ins if one.role == "clerk"))
    clerk.see("queue-row")
    clerk.touch("call-next")
    citizen.see("called")
    citizen.touch("start-visit")
    citizen.sees_moving_picture()
    clerk.sees_moving_picture()


def _part(citizen: Citizen, clerk: Clerk) -> None:
    """End the visit and leave the counter as it was."""
    clerk.ends()
    citizen.see("goodbye")
    citizen.touch("have-all")
    clerk.touch("close-visit")
    citizen.see("language-ca")
    assert not any(citizen.remains().values())
    clerk.signs_out()


def test_the_demo_proves_a_whole_visit() -> None:
    """``deploy/demo --check`` plays a visit and has a figure for each part of it."""
    require("browser", "chromium")
    require("sane", "scanimage")
    done = subprocess.run(
        [sys.executable, "-m", "deploy.stage.check"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    missing = [proof for proof in PROOFS if not re.search(proof, done.stdout)]
    assert missing == [], done.stdout


def test_a_kiosk_reloaded_in_mid_visit_comes_back_to_it(people: People) -> None:
    """The same visit, the same step, the same question, and the picture moves again."""
    citizen, clerk = people
    _meet(citizen, clerk)
    clerk.touch("step-scan-id")
    clerk.page.locator('[data-oac="scan"]:not([data-place="meeting"])').click()
    asked = citizen.see("consent")
    citizen.page.reload()
    # The screen may be there a moment before the texts of its language are.
    first = asked.splitlines()[0]
    citizen.page.locator('[data-oac="consent"]', has_text=first).wait_for()
    assert citizen.see("consent") == asked
    citizen.touch("consent-refuse")
    clerk.job_state("scan", "refused")
    citizen.sees_moving_picture()
    clerk.sees_moving_picture()
    _part(citizen, clerk)


def test_a_desk_reloaded_in_mid_visit_comes_back_to_it(people: People) -> None:
    """The clerk's page finds its visit, and the meeting goes on."""
    citizen, clerk = people
    _meet(citizen, clerk)
    clerk.page.reload()
    clerk.sees_moving_picture()
    citizen.sees_moving_picture()
    _part(citizen, clerk)


def test_a_bridge_that_dies_does_not_end_the_visit(people: People) -> None:
    """The picture goes on without the bridge, and both pages go on when it is back."""
    citizen, clerk = people
    _meet(citizen, clerk)
    clerk.town.restart_bridge()
    citizen.sees_moving_picture()
    clerk.touch("step-scan-id")
    clerk.page.locator('[data-oac="step-scan-id"][aria-current="step"]').wait_for()
    clerk.page.locator('[data-oac="scan"]:not([data-place="meeting"])').click()
    citizen.touch("consent-allow")
    clerk.see("page")
    _part(citizen, clerk)


def test_one_button_stops_everything(people: People, town: Town) -> None:
    """The scan ends, camera and microphone go off, until the citizen says otherwise."""
    citizen, clerk = people
    assert town.scanner is not None
    town.scanner.set_pace(120)
    _meet(citizen, clerk)
    clerk.touch("step-scan-id")
    clerk.page.locator('[data-oac="scan"]:not([data-place="meeting"])').click()
    citizen.touch("consent-allow")
    citizen.see("device-busy")
    citizen.touch("stop-everything")
    wait_until(
        lambda: town.records.jobs("scan")[-1].state.value == "cancelled",
        "the scan is cancelled",
        seconds=60,
    )
    assert not any(citizen.page.evaluate(OWN_TRACKS))
    town.scanner.set_pace(2)
    _part(citizen, clerk)


def test_what_was_stopped_stays_off_until_the_bridge_knows(people: People) -> None:
    """An absent bridge, an answer that says otherwise and a reload turn nothing on; it is told later."""
    citizen, clerk = people
    page = citizen.page
    _meet(citizen, clerk)
    page.route("**/api/kiosk/stop", lambda route: route.abort())
    with page.expect_response("**/api/kiosk") as answer:
        citizen.touch("stop-everything")
    assert answer.value.json()["visit"]["is_paused"] is False
    page.locator('[data-guide="paused"]').wait_for()
    page.reload()
    page.locator('[data-guide="paused"]').wait_for()
    page.wait_for_function("() => document.querySelector('oac-meeting')")
    with page.expect_response("**/api/kiosk/stop"):
        assert not any(page.evaluate(OWN_TRACKS))
        page.unroute_all(behavior="wait")
    page.locator(".card-ask .button-primary").click()
    clerk.sees_moving_picture()
    assert citizen.remains()["storage"] == 0
    _part(citizen, clerk)


def _scans(citizen: Citizen, clerk: Clerk) -> None:
    """Lay the paper of the step on the glass and scan it, as the citizen allows."""
    clerk.town.lay_next_paper()
    scans = len(clerk.town.records.pages())
    clerk.page.locator('[data-oac="scan"]:not([data-place="meeting"])').click()
    citizen.touch("consent-allow")
    wait_until(lambda: len(clerk.town.records.pages()) > scans, "a page came", seconds=60)
    page = clerk.town.records.pages()[-1].id
    clerk.page.locator(f'[data-page="{page}"][data-state="visible"]').wait_for()


def _shows_side(citizen: Citizen, side: str, picture: str) -> None:
    """Wait until the step shows this side of the card and its picture."""
    step = citizen.page.locator(f'[data-oac="step-current"][data-card="{side}"]')
    step.locator(f'.picture[data-picture="{picture}"]').wait_for()


def test_a_card_is_guided_onto_one_page_and_a_paper_is_straightened(people: People) -> None:
    """Front and back come onto an A4 page at true size; a crop is declined, accepted, taken back."""
    citizen, clerk = people
    records = clerk.town.records
    _meet(citizen, clerk)
    clerk.touch("step-scan-id")
    _shows_side(citizen, "front", "card-front")
    _scans(citizen, clerk)
    _shows_side(citizen, "back", "card-turn")
    _scans(citizen, clerk)
    _shows_side(citizen, "done", "take-papers")
    clerk.page.locator(".card-picture").nth(1).wait_for()  # both were found on their pages
    clerk.touch("card-together")
    wait_until(
        lambda: (records.pages()[-1].made or {}).get("how") == "card", "one page", seconds=60
    )
    sheet = records.pages()[-1]
    clerk.page.locator(f'[data-page="{sheet.id}"][data-state="visible"]').wait_for()
    width, height, cards, *card = _cards_mm(records.content(sheet.document_id, sheet.id))
    assert (width, height, cards) == (210, 297, 2)
    assert card == [pytest.approx(85.6, abs=2), pytest.approx(54, abs=2)]
    clerk.touch("step-done")
    clerk.touch("step-scan-housing-title")
    clerk.page.locator('[data-oac="step-scan-housing-title"][aria-current="step"]').wait_for()
    _scans(citizen, clerk)
    before = records.pages()[-1]
    clerk.touch("page-offer")
    clerk.see("trim-dialog")
    clerk.touch("dialog-close")
    clerk.handle("trim-dialog").wait_for(state="detached")
    assert records.pages()[-1].id == before.id
    clerk.touch("page-offer")
    clerk.touch("trim-accept")
    clerk.handle("page-restore").wait_for()
    made = records.pages()[-1].made
    assert made is not None
    assert made["how"] == "trim"
    clerk.touch("page-restore")
    clerk.page.locator(f'[data-page="{before.id}"][data-state="visible"]').wait_for()
    _part(citizen, clerk)


def _cards_mm(content: bytes) -> tuple[float, ...]:
    """Return the page's width and height, how many things lie on it, and how large one is, in mm."""
    with Image.open(io.BytesIO(content)) as image:
        scale = 25.4 / image.info["dpi"][0]
        ink = image.convert("L").point(lambda shade: 255 * (shade < 245))
    across, down = ink.getbbox(), ink.resize((1, ink.height), Image.Resampling.BOX)
    rows = [one > 8 for one in down.tobytes()]
    begins = [at for at in range(1, len(rows)) if rows[at] and not rows[at - 1]]
    ends = [at for at in range(1, len(rows)) if rows[at - 1] and not rows[at]]
    assert across is not None
    mm = (image.width, image.height, across[2] - across[0], ends[0] - begins[0])
    width, height, card_width, card_height = (round(one * scale) for one in mm)
    return width, height, len(begins), card_width, card_height
