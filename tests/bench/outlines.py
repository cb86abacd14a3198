"""How far the proposal to crop and straighten is off on drawn pages whose place and angle are known."""

from __future__ import annotations

import io
import time
from collections.abc import Callable, Iterator

from PIL import Image

from bridge.documents.detector import propose
from bridge.documents.outlines import Outline
from deploy.virtual import card
from deploy.virtual.glass import LID, lay_on_glass
from deploy.virtual.ink import chance_from
from deploy.virtual.pages import contract, form
from tests.bench.figures import show, spread

DPI = 300
ROUNDS = 12
# What the drawn full pages are askew by themselves.
DRAWN = ((contract, -0.7), (form, 0.55))


def main() -> int:
    """Measure cards and full pages; print the errors and the time of a look."""
    chance = chance_from(11)
    took: list[float] = []
    cards = list(_cards(chance.uniform, took))
    pages = list(_pages(chance.uniform, took))
    missed = sum(error is None for error in (*cards, *pages))
    angles = [error[0] for error in cards if error]
    rows = [
        ("card, angle, degrees off", spread(angles)),
        ("card, sides, mm off", spread([error[1] for error in cards if error])),
        ("card, middle, mm off", spread([error[2] for error in cards if error])),
        ("full page, angle, degrees off", spread([error[0] for error in pages if error])),
        ("one look, s", spread(took)),
        ("not found", f"{missed} of {len(cards) + len(pages)}"),
    ]
    show("Proposals to crop and straighten", rows)
    return 0


def _cards(
    uniform: Callable[[float, float], float], took: list[float]
) -> Iterator[tuple[float, float, float] | None]:
    for number in range(ROUNDS):
        skew, at = uniform(-15, 15), (uniform(15, 105), uniform(15, 220))
        side = card.front() if number % 2 else card.back()
        scan = lay_on_glass(side, at=at, skew=skew, seed=number, radius=card.CORNER)
        found = _look(scan, took)
        if found is None:
            yield None
            continue
        x, y = found.middle
        middle = (at[0] + card.WIDTH / 2, at[1] + card.HEIGHT / 2)
        sides = (abs(found.width_mm - card.WIDTH), abs(found.height_mm - card.HEIGHT))
        off = ((x - middle[0]) ** 2 + (y - middle[1]) ** 2) ** 0.5
        yield abs(found.angle - skew), max(sides), off


def _pages(
    uniform: Callable[[float, float], float], took: list[float]
) -> Iterator[tuple[float] | None]:
    for draw, own in DRAWN:
        page = draw()
        for _ in range(ROUNDS // 2):
            turn = uniform(-4, 4)
            scan = page.rotate(-turn, Image.Resampling.BICUBIC, fillcolor=LID)
            found = _look(scan, took)
            wanted = own + turn
            if found is None:
                yield None if abs(wanted) >= 0.3 else (abs(wanted),)
            else:
                yield (abs(found.angle - wanted),)


def _look(scan: Image.Image, took: list[float]) -> Outline | None:
    out = io.BytesIO()
    scan.save(out, "JPEG", quality=85, dpi=(DPI, DPI))
    began = time.perf_counter()
    found = propose(out.getvalue(), dpi=DPI)
    took.append(time.perf_counter() - began)
    return found


if __name__ == "__main__":
    raise SystemExit(main())
