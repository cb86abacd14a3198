"""An identity card: front and back one after the other, put on one page at true size."""

from __future__ import annotations

from io import BytesIO
from typing import Any

import pypdfium2
import pytest
from PIL import Image

from bridge.documents.detector import propose
from bridge.documents.models import DocumentPage
from deploy.virtual.pages import blank, card_back, card_front
from tests.unit.bridge.test_visits_pages import Counter, counter, jpeg
from tests.unit.bridge.visit_world import ask

__all__ = ["counter"]
STEP = "scan-id"


def _wanted(counter: Counter) -> object:
    return counter.citizen.state()["visit"]["step"]["card"]


def _document(counter: Counter) -> dict[str, Any]:
    found: dict[str, Any] = counter.clerk.visit()["documents"][-1]
    return found


def _together(counter: Counter) -> tuple[int, str | None]:
    path = f"/api/documents/{_document(counter)['id']}/card"
    answer = ask(counter.clerk.browser, "POST", path)
    counter.waits()
    return answer.status, answer.json.get("key")


def _scans_both(counter: Counter) -> None:
    counter.clerk.changes_step("what-you-need", state="done")
    counter.scans(jpeg(card_front()), step=STEP, side="front")
    counter.scans(jpeg(card_back()), step=STEP, side="back")


def test_the_citizen_is_told_which_side_lies_on_the_glass(counter: Counter) -> None:
    """Front, then over, then take it: as the pages come, and again when one is removed."""
    counter.clerk.changes_step("what-you-need", state="done")
    assert _wanted(counter) == "front"
    counter.clerk.wants("scan", step=counter.clerk.step(STEP)["id"], side="front")
    assert counter.citizen.state()["jobs"][0]["side"] == "front"
    counter.scans(jpeg(card_front()), step=STEP, side="front")
    assert _wanted(counter) == "back"
    counter.scans(jpeg(card_back()), step=STEP, side="back")
    assert _wanted(counter) == "done"
    front = counter.pages()[0]
    ask(counter.clerk.browser, "DELETE", f"/api/pages/{front['id']}")
    assert _wanted(counter) == "front"


def test_both_sides_are_one_page_at_true_size(counter: Counter) -> None:
    """A4 at the resolution of the scan, each side as large as a card is, and taken apart again."""
    _scans_both(counter)
    before = [page["id"] for page in counter.pages()]
    assert [page["side"] for page in counter.pages()] == ["front", "back"]
    assert _together(counter) == (204, None)
    (page,) = counter.pages()
    assert (page["side"], page["state"], page["problems"]) == (None, "visible", [])
    assert page["made"] == {"how": "card", "can_restore": True}
    assert (page["width_px"], page["height_px"], page["dpi"]) == (2480, 3508, 300)
    file = counter.clerk.browser.get(f"/api/documents/{_document(counter)['id']}/file")
    sheet = pypdfium2.PdfDocument(file.data)[0]
    assert sheet.get_width() / 72 * 25.4 == pytest.approx(210, abs=0.1)
    picture = sheet.render(scale=300 / 72).to_pil().convert("RGB")
    top = Image.new("RGB", picture.size, "white")
    top.paste(picture.crop((0, 0, 2480, 295 + 638 + 140)))
    # The upper side stands alone on white: 85.6 mm of it are there, at 300 points an inch.
    across = [x for x in range(2480) if min(top.getpixel((x, 600))) < 250]  # type: ignore[type-var, arg-type]  # of three bands
    assert (across[-1] - across[0]) / 300 * 25.4 == pytest.approx(85.6, abs=0.6)
    assert counter.asks("restoration")[0] == 204
    assert [page["id"] for page in counter.pages()] == before


def test_a_side_scanned_again_takes_the_place_of_the_first(counter: Counter) -> None:
    """Nobody has to remove a side before it is scanned once more, and it stays that side."""
    _scans_both(counter)
    front, back = counter.pages()
    counter.scans(jpeg(card_front(seed=9)), step=STEP, side="front")
    again = {page["side"]: page["id"] for page in counter.pages()}
    assert (again["back"], len(again)) == (back["id"], 2)
    assert again["front"] != front["id"]
    counter.scans(jpeg(card_back(seed=8)), step=STEP, replaces=back["id"])
    assert [page["side"] for page in counter.pages()] == ["front", "back"]
    last, *_ = counter.clerk.visit()["jobs"]
    assert (last["side"], last["replaces"]) == ("back", back["id"])


def test_what_is_no_card_is_told_and_cropped_by_hand(counter: Counter) -> None:
    """Where no card is found the clerk hears it; a side cropped by hand is taken as it is."""
    counter.scans(jpeg(card_front()), step=STEP, side="front")
    assert _together(counter) == (409, "card-incomplete")
    counter.scans(jpeg(blank()), step=STEP, side="back")
    assert _together(counter) == (409, "card-not-found")
    frame = {"left_mm": 40.0, "top_mm": 50.0, "width_mm": 90.0, "height_mm": 60.0}
    assert counter.asks("trimming", **frame)[0] == 204
    assert counter.pages()[-1]["side"] == "back"
    assert _together(counter) == (204, None)


def test_a_passport_in_the_same_step_is_a_page(counter: Counter) -> None:
    """What was scanned as an ordinary page is no side, and the kiosk shows the step's own picture."""
    counter.clerk.changes_step("what-you-need", state="done")
    counter.scans(jpeg(card_front()), step=STEP)
    assert [page["side"] for page in counter.pages()] == [None]
    assert _wanted(counter) is None
    assert _together(counter) == (409, "card-incomplete")


def test_sides_that_differ_are_not_put_together(counter: Counter) -> None:
    """Two resolutions would need scaling, and nothing is scaled."""
    counter.scans(jpeg(card_front()), step=STEP, side="front")
    large = card_back().resize((4960, 7016))
    counter.scans(jpeg(large, dpi=600), step=STEP, side="back")
    assert _together(counter) == (409, "card-unfit")


def test_sides_that_are_too_fine_are_not_put_together(counter: Counter) -> None:
    """However small two pages are, the sheet that their resolution asks for is never begun."""
    for side in ("front", "back"):
        counter.scans(jpeg(blank().resize((600, 400)), dpi=2400), step=STEP, side=side)
    assert _together(counter) == (400, "card-too-fine")


def test_a_side_that_nobody_looked_at_is_no_side_without_a_card(counter: Counter) -> None:
    """Until the card was looked for, the clerk hears that it is, and not that there is none."""
    _scans_both(counter)
    with counter.world.house.app.database.transaction() as db:
        page = db.get_one(DocumentPage, counter.pages()[0]["id"])
        page.outline = None
    path = f"/api/documents/{_document(counter)['id']}/card"
    assert ask(counter.clerk.browser, "POST", path).json["key"] == "card-unseen"
    counter.world.house.app.checks.sweep()
    counter.waits()
    assert _together(counter) == (204, None)


@pytest.mark.parametrize("side", ["both", "", 1])
def test_a_card_has_two_sides(counter: Counter, side: object) -> None:
    """No other side is asked for, and none of a print."""
    step = counter.clerk.step(STEP)["id"]
    assert counter.clerk.wants("scan", step=step, side=side).status == 400
    assert counter.clerk.wants("print", form="census-receipt", side="front").status == 400


def test_originals_of_the_card_go_with_the_step(counter: Counter) -> None:
    """Once the step is done only the one page is kept of the card."""
    _scans_both(counter)
    _together(counter)
    assert counter.clerk.changes_step(STEP, state="done").status == 200
    (page,) = counter.pages()
    assert counter.world.house.app.store.names(counter.clerk.visit()["id"], "") == [page["id"]]


def test_the_sheet_is_straight(counter: Counter) -> None:
    """What lay askew on the glass stands upright on the page."""
    _scans_both(counter)
    _together(counter)
    (page,) = counter.pages()
    shown = counter.clerk.browser.get(f"/api/pages/{page['id']}/image?width=2480").data
    with Image.open(BytesIO(shown)) as sheet:
        upper = Image.new("RGB", sheet.size, "white")
        upper.paste(sheet.crop((0, 0, 2480, 1000)))
    out = BytesIO()
    upper.save(out, "JPEG", dpi=(300, 300))
    found = propose(out.getvalue(), dpi=300)
    assert found is None or abs(found.angle) < 0.3
