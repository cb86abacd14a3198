"""Paper to draw on in millimetres: type, handwriting, signatures, stamps, security lines."""

from __future__ import annotations

import math
import random
from collections.abc import Sequence
from functools import cache
from itertools import pairwise

from PIL import Image, ImageChops, ImageDraw, ImageFilter, ImageFont

Colour = tuple[int, int, int]
Point = tuple[float, float]

DPI = 300
TONER: Colour = (34, 33, 36)
PEN: Colour = (28, 52, 132)
FONTS = {
    "sans": "DejaVuSans.ttf",
    "bold": "DejaVuSans-Bold.ttf",
    "serif": "DejaVuSerif.ttf",
    "serif-bold": "DejaVuSerif-Bold.ttf",
    "mono": "DejaVuSansMono.ttf",
}


def chance_from(seed: int) -> random.Random:
    """Return the chance that draws the same page again."""
    return random.Random(seed)  # noqa: S311 # a drawing keeps no secret


@cache
def font(kind: str, pixels: int) -> ImageFont.FreeTypeFont | ImageFont.ImageFont:
    """Return a typeface of fonts-dejavu-core; without it Pillow's own, which lacks accents."""
    try:
        return ImageFont.truetype(FONTS[kind], pixels)
    except OSError:
        return ImageFont.load_default(pixels)


class Paper:
    """A sheet measured in millimetres from its upper left corner."""

    def __init__(self, width: float, height: float, *, colour: Colour, dpi: int = DPI) -> None:
        self._dpi = dpi
        self.image = Image.new("RGB", (self.px(width), self.px(height)), colour)
        self._draw = ImageDraw.Draw(self.image)

    def px(self, millimetres: float) -> int:
        """Return a length in pixels."""
        return round(millimetres * self._dpi / 25.4)

    def font(self, kind: str, points: float) -> ImageFont.FreeTypeFont | ImageFont.ImageFont:
        """Return a typeface in points of 1/72 inch."""
        return font(kind, max(1, round(points * self._dpi / 72)))

    def text(
        self,
        at: Point,
        text: str,
        *,
        points: float,
        kind: str = "sans",
        fill: Colour = TONER,
        anchor: str = "ls",
    ) -> None:
        """Write one line of type; `at` is on the base line."""
        place = (self.px(at[0]), self.px(at[1]))
        self._draw.text(place, text, fill=fill, font=self.font(kind, points), anchor=anchor)

    def line(self, start: Point, end: Point, *, width: float, fill: Colour = TONER) -> None:
        """Rule a line."""
        ends = [(self.px(x), self.px(y)) for x, y in (start, end)]
        self._draw.line(ends, fill=fill, width=max(1, self.px(width)))

    def box(
        self,
        corner: Point,
        size: Point,
        *,
        fill: Colour | None = None,
        outline: Colour | None = TONER,
        radius: float = 0,
    ) -> None:
        """Draw a rectangle, with round corners if asked."""
        left, top = self.px(corner[0]), self.px(corner[1])
        edges = (left, top, left + self.px(size[0]), top + self.px(size[1]))
        self._draw.rounded_rectangle(
            edges, self.px(radius), fill=fill, outline=outline, width=max(1, self.px(0.2))
        )

    def paragraph(
        self, at: Point, text: str, *, width: float, points: float = 10.5, kind: str = "serif"
    ) -> float:
        """Set justified text and return the base line after it."""
        left, base = at
        face, limit, words = self.font(kind, points), self.px(width), text.split()
        while words:
            count = len(words)
            while count > 1 and face.getlength(" ".join(words[:count])) > limit:
                count -= 1
            taken, words = words[:count], words[count:]
            gap = face.getlength(" ")
            if words and count > 1:
                gap = (limit - sum(face.getlength(word) for word in taken)) / (count - 1)
            x = float(self.px(left))
            for word in taken:
                self._draw.text((x, self.px(base)), word, fill=TONER, font=face, anchor="ls")
                x += face.getlength(word) + gap
            base += points * 0.51
        return base

    def handwriting(self, at: Point, text: str, *, chance: random.Random, points: float) -> None:
        """Write with a pen: leaning letters that dance on the line."""
        face, x = self.font("sans", points), float(self.px(at[0]))
        for letter in text:
            size = self.px(points * 0.6)
            glyph = Image.new("L", (size, size))
            ImageDraw.Draw(glyph).text(
                (size * 0.2, size * 0.75),
                letter,
                fill=chance.randint(190, 235),
                font=face,
                anchor="ls",
            )
            lean = 0.22 + chance.uniform(-0.05, 0.05)
            glyph = glyph.transform(
                glyph.size,
                Image.Transform.AFFINE,
                (1, lean, -lean * size * 0.75, 0, 1, 0),
                Image.Resampling.BICUBIC,
            ).rotate(chance.uniform(-4, 4), Image.Resampling.BICUBIC)
            y = self.px(at[1]) - size * 0.75 + chance.uniform(-0.03, 0.03) * size
            self.image.paste(PEN, (round(x - size * 0.2), round(y)), glyph)
            x += face.getlength(letter) * chance.uniform(0.92, 1.04)

    def sign(
        self, corner: Point, size: Point, *, chance: random.Random, fill: Colour = PEN
    ) -> None:
        """Put a signature into the area: loops that run out, a flourish under them."""
        loops = chance.randint(5, 7)
        stroke: list[tuple[Point, float]] = []
        heights = [1.0] + [chance.uniform(0.22, 0.6) for _ in range(loops)]
        for step in range(loops * 60):
            turn = step / 60
            height = heights[int(turn)] * (1 - turn % 1) + heights[int(turn) + 1] * (turn % 1)
            angle = 2 * math.pi * turn
            rise = height * (1 - math.cos(angle)) * 0.3
            x = 0.04 + 0.6 * turn / loops + 0.07 * height * math.sin(angle) + 0.14 * rise
            y = 0.66 - 0.08 * turn / loops - rise
            stroke.append(((x, y), 0.26 + 0.16 * math.sin(angle + 0.8)))
        for step in range(160):
            along = step / 159
            x = 0.64 + 0.42 * math.sin(along * 2.9) - 0.8 * along**2
            y = 0.58 - 0.16 * math.sin(along * 3.1) + 0.34 * along
            stroke.append(((x, y), 0.36 * (1 - along) + 0.12))
        self._pen(corner, size, stroke=stroke, fill=fill)

    def tick(self, corner: Point, *, chance: random.Random) -> None:
        """Tick a box of four millimetres, as people do: over its edge."""
        ends = ((0.15, 0.55), (0.42, 0.85 + chance.uniform(0, 0.1)), (1.15, -0.1))
        stroke = []
        for (x0, y0), (x1, y1) in pairwise(ends):
            for step in range(40):
                part = step / 40
                stroke.append(((x0 + (x1 - x0) * part, y0 + (y1 - y0) * part), 0.45))
        self._pen(corner, (4, 4), stroke=stroke, fill=PEN)

    def _pen(
        self, corner: Point, size: Point, *, stroke: Sequence[tuple[Point, float]], fill: Colour
    ) -> None:
        """Draw a stroke of points (in parts of the area) and widths (mm), smoothly."""
        fine, margin = 3, self.px(3)
        width, height = self.px(size[0]) + 2 * margin, self.px(size[1]) + 2 * margin
        mask = Image.new("L", (width * fine, height * fine))
        draw = ImageDraw.Draw(mask)
        dots = [
            (
                ((margin + x * self.px(size[0])) * fine, (margin + y * self.px(size[1])) * fine),
                max(2.0, thick * self._dpi / 25.4 * fine),
            )
            for (x, y), thick in stroke
        ]
        for (start, thick), (end, _) in pairwise(dots):
            if math.dist(start, end) < self.px(6) * fine:
                draw.line((start, end), fill=225, width=round(thick))
            circle(draw, start, thick / 2, fill=225)
        mask = mask.resize((width, height), Image.Resampling.BOX)
        self.image.paste(fill, (self.px(corner[0]) - margin, self.px(corner[1]) - margin), mask)

    def stamp(
        self,
        centre: Point,
        radius: float,
        *,
        text: str,
        middle: Sequence[str],
        chance: random.Random,
    ) -> None:
        """Press a round rubber stamp, unevenly inked."""
        size = self.px(radius) * 2 + self.px(2)
        mask = Image.new("L", (size, size))
        draw, half, r = ImageDraw.Draw(mask), size / 2, self.px(radius)
        for ring in (1.0, 0.95, 0.64):
            circle(draw, (half, half), r * ring, outline=255, width=self.px(0.3))
        face = self.font("bold", radius * 0.42)
        for index, letter in enumerate(text):
            angle = 2 * math.pi * index / len(text) - math.pi / 2
            glyph = Image.new("L", (size, size))
            ImageDraw.Draw(glyph).text(
                (half, half - r * 0.735), letter, 255, font=face, anchor="ms"
            )
            glyph = glyph.rotate(-math.degrees(angle) - 90, Image.Resampling.BICUBIC)
            mask = ImageChops.lighter(mask, glyph)
        draw = ImageDraw.Draw(mask)
        for index, row in enumerate(middle):
            y = half + (index - (len(middle) - 1) / 2) * r * 0.28
            draw.text((half, y), row, 255, font=self.font("bold", radius * 0.4), anchor="mm")
        worn = grain((size // 6, size // 6), chance, low=70, high=255).resize((size, size))
        mask = ImageChops.multiply(mask, worn.point(lambda v: min(255, 90 + v)))
        mask = mask.rotate(chance.uniform(-14, 14), Image.Resampling.BICUBIC)
        mask = mask.filter(ImageFilter.GaussianBlur(1)).point(lambda v: v * 4 // 5)
        corner = (self.px(centre[0]) - size // 2, self.px(centre[1]) - size // 2)
        self.image.paste((58, 44, 128), corner, mask)

    def waves(self, colours: Sequence[Colour], *, count: int, seed: int) -> None:
        """Cover the sheet with the fine crossing waves of security printing."""
        width, height = self.image.size
        for index in range(count):
            base, phase = height * (index + 0.5) / count, seed + index * 0.13
            swing = height * (0.05 + 0.04 * math.sin(index * 0.17))
            bend = math.pi / width * (5 if index % 2 else -5)
            points = [
                (
                    x,
                    base
                    + swing * math.sin(bend * x + phase)
                    + swing * math.sin(bend * x * 1.7 - phase),
                )
                for x in range(0, width + 12, 12)
            ]
            self._draw.line(points, fill=colours[index % len(colours)], width=max(1, self.px(0.11)))

    def rosette(self, centre: Point, radius: float, *, fill: Colour, petals: int = 11) -> None:
        """Draw the wound flower of security printing."""
        points = []
        for step in range(petals * 240):
            angle = 2 * math.pi * step / 240
            r = self.px(radius) * (0.62 + 0.38 * math.sin(angle * (petals + 0.5) / petals * 3.0))
            points.append(
                (self.px(centre[0]) + r * math.cos(angle), self.px(centre[1]) + r * math.sin(angle))
            )
        self._draw.line(points, fill=fill, width=max(1, self.px(0.1)))


def circle(
    draw: ImageDraw.ImageDraw,
    centre: Point,
    radius: float,
    *,
    fill: int | Colour | None = None,
    outline: int | None = None,
    width: int = 1,
) -> None:
    """Draw a circle; Pillow before 10.4 has only ellipses."""
    (x, y), r = centre, radius
    draw.ellipse((x - r, y - r, x + r, y + r), fill=fill, outline=outline, width=width)


def grain(size: tuple[int, int], chance: random.Random, *, low: int, high: int) -> Image.Image:
    """Return a grey picture of noise between two levels, the same for the same chance."""
    noise = Image.frombytes("L", size, chance.randbytes(size[0] * size[1]))
    return noise.point([low + (high - low) * level // 255 for level in range(256)])
