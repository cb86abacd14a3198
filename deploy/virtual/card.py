"""The two sides of an identity card of nobody: every line of it says that it is a specimen."""

from __future__ import annotations

from PIL import Image, ImageDraw, ImageFilter

from deploy.virtual.ink import DPI, Colour, Paper, chance_from

WIDTH, HEIGHT, CORNER = 85.6, 53.98, 3.18
"""Millimetres of an ID-1 card (ISO/IEC 7810)."""
FINE = 2
SURNAMES, NAME = "BLANQUER INVENTADA", "CARMINA"
NUMBER, SUPPORT = "00000000T", "MUE000000"
LABEL: Colour = (78, 96, 122)
HEAD: Colour = (30, 62, 112)
WARNING: Colour = (186, 44, 62)


def check_digit(field: str) -> str:
    """Return the check digit of a machine-readable field (ICAO Doc 9303-3, 4.9)."""
    values = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ"
    total = sum(
        max(0, values.find(sign)) * (7, 3, 1)[index % 3] for index, sign in enumerate(field)
    )
    return str(total % 10)


def machine_readable_lines() -> tuple[str, str, str]:
    """Return the card's TD1 lines (ICAO Doc 9303-5); the state is Utopia, the standard's specimen."""
    number = SUPPORT + check_digit(SUPPORT) + NUMBER.ljust(15, "<")
    birth, expiry = "800229", "400229"
    dates = birth + check_digit(birth) + "F" + expiry + check_digit(expiry)
    checked = number + dates[:7] + dates[8:] + "<" * 11
    second = f"{dates}UTO{'<' * 11}{check_digit(checked)}"
    third = f"{SURNAMES.replace(' ', '<')}<<{NAME}".ljust(30, "<")
    return f"IDUTO{number}", second, third


def _blank_card(seed: int) -> Paper:
    paper = Paper(WIDTH, HEIGHT, colour=(232, 240, 243), dpi=DPI * FINE)
    paper.waves(
        ((196, 222, 230), (226, 212, 226), (205, 226, 210), (236, 220, 204)), count=64, seed=seed
    )
    return paper


def _finish(paper: Paper) -> Image.Image:
    size = (paper.image.width // FINE, paper.image.height // FINE)
    return paper.image.resize(size, Image.Resampling.LANCZOS)


def front() -> Image.Image:
    """Draw the side with the portrait."""
    paper = _blank_card(3)
    paper.rosette((66, 34), 13, fill=(182, 204, 222), petals=13)
    paper.box((0, 0), (WIDTH, 8.6), fill=HEAD, outline=None)
    paper.text((4, 5.9), "DOCUMENTO DE MUESTRA", points=9, kind="bold", fill=(244, 248, 250))
    paper.text((81.6, 5.9), "SPECIMEN", points=9, kind="bold", fill=(250, 214, 120), anchor="rs")
    for (x, y), label, value in (
        ((34, 12.4), "APELLIDOS / COGNOMS", SURNAMES),
        ((34, 20.0), "NOMBRE / NOM", NAME),
        ((34, 27.6), "SEXO / SEXE", "F"),
        ((48, 27.6), "NACIONALIDAD / NACIONALITAT", "UTO"),
        ((34, 35.2), "NACIMIENTO / NAIXEMENT", "29 02 1980"),
        ((61, 35.2), "VALIDEZ / VALIDESA", "29 02 2040"),
    ):
        paper.text((x, y), label, points=4.4, fill=LABEL)
        paper.text((x, y + 3.9), value, points=8.6, kind="bold")
    paper.text((34, 42.4), "NÚM. SOPORTE", points=4.4, fill=LABEL)
    paper.text((34, 45.6), SUPPORT, points=7, kind="mono")
    paper.text((4, 50.6), "DOC", points=5.5, fill=LABEL)
    paper.text((10, 51), NUMBER, points=11, kind="bold")
    paper.sign((58, 42), (22, 8.4), chance=chance_from(8), fill=(38, 38, 44))
    _paste_portrait(paper, (4, 11.4), (26, 34))
    _overprint(paper, "MUESTRA", (57, 29), 27)
    return _finish(paper)


def back() -> Image.Image:
    """Draw the side with the address and the machine-readable lines."""
    paper = _blank_card(9)
    paper.rosette((70, 14), 10, fill=(214, 200, 222), petals=9)
    for y, label, values in (
        (6.2, "DOMICILIO / DOMICILI", ("C. DE LA IMAGINACIÓ 0, PTA. 0", "VILAMOSTRA (UTOPIA)")),
        (18.2, "LUGAR DE NACIMIENTO / LLOC DE NAIXEMENT", ("VILAMOSTRA (UTOPIA)",)),
        (26.0, "HIJO/A DE / FILL/A DE", ("NINGÚ / NADIE",)),
    ):
        paper.text((4, y), label, points=4.4, fill=LABEL)
        for row, value in enumerate(values):
            paper.text((4, y + 3.7 + row * 3.6), value, points=7.4, kind="bold")
    paper.box((62, 21), (13, 11), fill=(214, 186, 108), outline=(150, 124, 60), radius=1.8)
    for y in (24.2, 28.6):
        paper.line((62, y), (75, y), width=0.2, fill=(150, 124, 60))
    for x in (66.2, 70.8):
        paper.line((x, 21), (x, 32), width=0.2, fill=(150, 124, 60))
    _overprint(paper, "SPECIMEN", (40, 19), 30)
    paper.box((0, 34.4), (WIDTH, 20), fill=(246, 248, 247), outline=None)
    for row, line in enumerate(machine_readable_lines()):
        paper.text((WIDTH / 2, 40.2 + row * 5.1), line, points=11.8, kind="mono", anchor="ms")
    return _finish(paper)


def _overprint(paper: Paper, word: str, centre: tuple[float, float], points: float) -> None:
    """Print the warning word across the card, so that no crop of it looks real."""
    mask = Image.new("L", (paper.px(78), paper.px(20)))
    ImageDraw.Draw(mask).text(
        (mask.width / 2, mask.height / 2), word, 62, font=paper.font("bold", points), anchor="mm"
    )
    mask = mask.rotate(14, Image.Resampling.BICUBIC, expand=True)
    corner = (paper.px(centre[0]) - mask.width // 2, paper.px(centre[1]) - mask.height // 2)
    paper.image.paste(WARNING, corner, mask)


def _paste_portrait(paper: Paper, corner: tuple[float, float], size: tuple[float, float]) -> None:
    """Draw a portrait of nobody, in the greys of a laser engraving."""
    width, height = paper.px(size[0]), paper.px(size[1])
    face = Image.new("L", (width, height), 226)
    draw = ImageDraw.Draw(face)

    def oval(x: float, y: float, rx: float, ry: float, grey: int) -> None:
        edges = ((x - rx) * width, (y - ry) * height, (x + rx) * width, (y + ry) * height)
        draw.ellipse(edges, fill=grey)

    oval(0.5, 0.42, 0.30, 0.31, 62)  # hair
    draw.rounded_rectangle((0.2 * width, 0.42 * height, 0.8 * width, 0.76 * height), width // 8, 62)
    oval(0.5, 1.08, 0.50, 0.33, 92)  # shoulders
    draw.rectangle((0.41 * width, 0.6 * height, 0.59 * width, 0.80 * height), fill=166)
    oval(0.5, 0.79, 0.13, 0.06, 166)
    oval(0.5, 0.47, 0.205, 0.235, 190)  # face
    draw.chord((0.27 * width, 0.17 * height, 0.73 * width, 0.50 * height), 172, 348, fill=66)
    for side in (-1, 1):
        oval(0.5 + side * 0.085, 0.455, 0.036, 0.013, 236)
        oval(0.5 + side * 0.085, 0.455, 0.016, 0.013, 52)
        draw.arc(
            (
                (0.5 + side * 0.085 - 0.055) * width,
                0.405 * height,
                (0.5 + side * 0.085 + 0.055) * width,
                0.455 * height,
            ),
            200,
            340,
            84,
            width // 60,
        )
    draw.arc((0.46 * width, 0.49 * height, 0.54 * width, 0.56 * height), 20, 160, 132, width // 70)
    draw.arc((0.42 * width, 0.55 * height, 0.58 * width, 0.63 * height), 25, 155, 110, width // 45)
    face = face.filter(ImageFilter.GaussianBlur(width / 110))
    rows = Image.linear_gradient("L").resize((width, height)).point(lambda v: 255 - v // 7)
    shaded = Image.composite(face, Image.new("L", face.size, 60), rows)
    paper.image.paste(shaded.convert("RGB"), (paper.px(corner[0]), paper.px(corner[1])))
