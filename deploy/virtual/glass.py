"""How paper looks through a scanner: a little askew, its shadow on the lid, the sensor's noise."""

from __future__ import annotations

import random

from PIL import Image, ImageChops, ImageDraw, ImageFilter, ImageOps

from deploy.virtual.ink import DPI, chance_from, circle, grain

A4 = (2480, 3508)
"""Pixels of an A4 glass (ISO 216: 210 x 297 mm) at 300 dpi."""
LID = (238, 239, 236)


def lay_on_glass(
    paper: Image.Image,
    *,
    at: tuple[float, float] = (0, 0),
    skew: float,
    seed: int,
    radius: float = 0,
) -> Image.Image:
    """Return the A4 scan of a sheet at 300 dpi that lies somewhere on the glass.

    :param at: The upper left corner, in millimetres.
    :param skew: Degrees, clockwise.
    :param radius: Of the sheet's round corners, in millimetres.
    """
    chance = chance_from(seed)
    # A border on both lets the rotation blend the edges instead of leaving steps.
    edge = tuple(paper.crop((0, paper.height // 2, 1, paper.height // 2 + 1)).tobytes())
    turned = ImageOps.expand(paper, 4, fill=edge)
    turned = turned.rotate(-skew, Image.Resampling.BICUBIC, expand=True, fillcolor=edge)
    outline = Image.new("L", (paper.width + 8, paper.height + 8))
    ImageDraw.Draw(outline).rounded_rectangle(
        (4, 4, paper.width + 3, paper.height + 3), radius * DPI / 25.4, fill=255
    )
    outline = outline.rotate(-skew, Image.Resampling.BICUBIC, expand=True)
    left, top = (round(side * DPI / 25.4) for side in at)
    left -= (turned.width - paper.width) // 2
    top -= (turned.height - paper.height) // 2
    whole = Image.new("L", A4)
    whole.paste(outline, (left, top))
    glass = Image.new("RGB", A4, LID)
    for blur, shift, strength in ((26, 12, 0.30), (7, 4, 0.45)):
        shadow = ImageChops.offset(whole, shift, shift).filter(ImageFilter.GaussianBlur(blur))
        glass.paste((96, 96, 98), (0, 0), shadow.point(lambda v, s=strength: int(v * s)))
    glass.paste(turned, (left, top), outline)
    return _through_the_sensor(glass, chance)


def _through_the_sensor(glass: Image.Image, chance: random.Random) -> Image.Image:
    """Add dust, soften as a lens does, then add uneven light, paper fibre and noise."""
    draw = ImageDraw.Draw(glass)
    for _ in range(18):
        spot = (chance.randrange(A4[0]), chance.randrange(A4[1]))
        circle(draw, spot, chance.uniform(0.8, 2.4), fill=(150, 148, 144))
    glass = glass.filter(ImageFilter.GaussianBlur(0.8))
    light = grain((5, 7), chance, low=250, high=255).resize(A4, Image.Resampling.BICUBIC)
    fibre = grain((A4[0] // 3, A4[1] // 3), chance, low=249, high=255).resize(A4)
    shade = ImageChops.multiply(light, fibre)
    glass = ImageChops.multiply(glass, Image.merge("RGB", (shade, shade, shade)))
    noise = [grain(A4, chance, low=123, high=133) for _ in range(3)]
    return ImageChops.add(glass, Image.merge("RGB", noise), 1, -128)
