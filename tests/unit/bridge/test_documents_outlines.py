"""Where a paper lies on the glass, and how askew: found on drawn pages of which both are known."""

from __future__ import annotations

import io
import math

import pytest
from PIL import Image, ImageDraw, ImageFilter

from bridge.documents.detector import propose
from bridge.documents.errors import PageUnreadable
from bridge.documents.outlines import CARD_MM, Outline, around, smallest_around
from deploy.virtual import card
from deploy.virtual.glass import lay_on_glass
from deploy.virtual.ink import Paper, chance_from
from deploy.virtual.pages import contract, form

DPI = 300
# What may be wrong with a proposal: a degree and a millimetre are a finger's breadth of paper.
ANGLE_ERROR, SIDE_ERROR_MM, PLACE_ERROR_MM = 0.15, 0.5, 0.6


def _jpeg(picture: Image.Image) -> bytes:
    out = io.BytesIO()
    picture.save(out, "JPEG", quality=85, dpi=(DPI, DPI))
    return out.getvalue()


def _outline(picture: Image.Image) -> Outline | None:
    return propose(_jpeg(picture), dpi=DPI)


def _middle_of(size: tuple[float, float], at: tuple[float, float]) -> tuple[float, float]:
    return at[0] + size[0] / 2, at[1] + size[1] / 2


@pytest.mark.parametrize(
    ("side", "at", "skew"),
    [("front", (46, 62), 1.4), ("back", (20, 190), -4.0), ("front", (80, 15), 12.0)],
)
def test_a_card_is_found_where_it_lies(side: str, at: tuple[float, float], skew: float) -> None:
    """Size, place and angle of an identity card, through shadow, dust and noise."""
    drawn = card.front() if side == "front" else card.back()
    found = _outline(lay_on_glass(drawn, at=at, skew=skew, seed=5, radius=card.CORNER))
    assert found is not None
    assert found.is_card()
    assert found.angle == pytest.approx(skew, abs=ANGLE_ERROR)
    assert (found.width_mm, found.height_mm) == pytest.approx(CARD_MM, abs=SIDE_ERROR_MM)
    assert found.middle == pytest.approx(_middle_of(CARD_MM, at), abs=PLACE_ERROR_MM)


def test_a_small_sheet_is_found_and_is_no_card() -> None:
    """A receipt of 80 × 150 mm is proposed as it is; nothing says that it is a card."""
    sheet = Paper(80, 150, colour=(251, 251, 248))
    for line in range(12):
        sheet.text((6, 14 + line * 9), "MUESTRA / SPECIMEN 0,00 €", points=10)
    found = _outline(lay_on_glass(sheet.image, at=(30, 40), skew=-2.0, seed=7))
    assert found is not None
    assert not found.is_card()
    assert found.angle == pytest.approx(-2.0, abs=ANGLE_ERROR)
    assert (found.width_mm, found.height_mm) == pytest.approx((80, 150), abs=SIDE_ERROR_MM)


@pytest.mark.parametrize("draw", [contract, form], ids=["contract", "form"])
def test_a_full_page_is_only_straightened(draw: object) -> None:
    """The lines of a page that covers the glass tell how askew it is; nothing is cut off."""
    page = draw()  # type: ignore[operator]  # a function of deploy.virtual.pages
    for turn in (-3.0, 0.0, 2.0):
        skew = {contract: -0.7, form: 0.55}[draw] + turn  # type: ignore[index]  # as above
        turned = page.rotate(-turn, Image.Resampling.BICUBIC, fillcolor=(238, 239, 236))
        found = _outline(turned)
        assert found is not None
        assert found.angle == pytest.approx(skew, abs=ANGLE_ERROR)
        assert (found.left_mm, found.top_mm) == (0, 0)
        assert (found.width_mm, found.height_mm) == pytest.approx((210, 297), abs=0.2)


def _text_page(*, blocks: int) -> Image.Image:
    page = Image.new("RGB", (2480, 3508), "white")
    draw, chance = ImageDraw.Draw(page), chance_from(3)
    for block in range(blocks):
        for line in range(14):
            y, x = 500 + block * 1000 + line * 60, 300
            while x < 2100:
                width = chance.randrange(20, 90)
                draw.rectangle((x, y, min(2150, x + width), y + 26), fill=(40, 40, 44))
                x += width + 22
    return page


@pytest.mark.parametrize("blocks", [0, 1, 3])
def test_what_lies_well_is_left_alone(blocks: int) -> None:
    """A blank page, one paragraph with a straight margin, a page of text: nothing is proposed."""
    assert _outline(_text_page(blocks=blocks)) is None


def test_two_cards_are_no_paper() -> None:
    """Where two things lie on the glass, none is chosen for the clerk."""
    glass = Image.new("RGB", (2480, 3508), (238, 239, 236))
    for at in ((300, 300), (700, 2000)):
        glass.paste(card.front(), at)
    found = _outline(glass)
    assert found is None or not found.is_card()


@pytest.mark.parametrize("content", [b"", b"no picture", _jpeg(_text_page(blocks=1))[:20_000]])
def test_a_damaged_page_is_told_apart(content: bytes) -> None:
    """What cannot be read is not looked at as if it were blank."""
    with pytest.raises(PageUnreadable):
        propose(content, dpi=DPI)


@pytest.mark.parametrize(("size", "dpi"), [((40, 3), 300), ((600, 40), 4800), ((600, 600), 1)])
def test_what_no_glass_holds_is_left_alone(size: tuple[int, int], dpi: int) -> None:
    """A page that is a hair or a house by the resolution that its file says costs nothing."""
    assert propose(_jpeg(Image.new("RGB", size, "white")), dpi=dpi) is None


def test_a_strip_within_a_shadow_is_no_paper() -> None:
    """What turns out to be narrower than any paper, once its edges are seen, is not proposed."""
    glass = Image.new("RGB", (2480, 3508), (238, 239, 236))
    draw = ImageDraw.Draw(glass)
    draw.rectangle((900, 900, 900 + _px(20), 900 + _px(80)), fill=(214, 215, 212))
    glass = glass.filter(ImageFilter.GaussianBlur(_px(0.8)))
    strip = (900 + _px(5.3), 900 + _px(5.3), 900 + _px(14.7), 900 + _px(74.7))
    ImageDraw.Draw(glass).rectangle(strip, fill=(90, 90, 96))
    assert _outline(glass) is None


def _px(length_mm: float) -> int:
    return round(length_mm / 25.4 * DPI)


def test_the_smallest_rectangle_is_the_turned_one() -> None:
    """A turned rectangle is found by its corners alone, whatever lies within."""
    drawn = around((50.0, 40.0), 60.0, 20.0, angle=30.0)
    turn = math.radians(30)
    points = [
        (50 + x * math.cos(turn) - y * math.sin(turn), 40 + x * math.sin(turn) + y * math.cos(turn))
        for x, y in ((-30, -10), (30, -10), (30, 10), (-30, 10), (5, 3), (0, 0))
    ]
    found = smallest_around(points)
    assert found is not None
    assert found.middle == pytest.approx(drawn.middle)
    assert {round(found.width_mm), round(found.height_mm)} == {60, 20}
    assert smallest_around([(0, 0), (1, 1)]) is None


def test_an_outline_turns_with_its_page() -> None:
    """Four quarter turns bring it back, and each is where the turned page shows it."""
    outline = Outline(left_mm=10, top_mm=20, width_mm=30, height_mm=40, angle=2)
    quarter = outline.turned(90, (210, 297))
    assert (quarter.left_mm, quarter.top_mm) == (297 - 20 - 40, 10)
    assert (quarter.width_mm, quarter.height_mm) == (40, 30)
    assert quarter.turned(270, (297, 210)) == outline
