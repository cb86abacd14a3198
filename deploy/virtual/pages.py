"""The pages the demo scans: an identity card, a signed form, a contract. All of them invented.

They are drawn, not stored: the repository holds no pictures, and the same seed gives the same page.
``python -m deploy.virtual.pages FOLDER`` writes them all.
"""

from __future__ import annotations

import random
import sys
from collections.abc import Callable
from pathlib import Path

from PIL import Image

from deploy.virtual import card
from deploy.virtual.glass import lay_on_glass
from deploy.virtual.ink import Colour, Paper, chance_from

WHITE: Colour = (251, 251, 248)
BAND: Colour = (226, 232, 240)
GREY: Colour = (104, 108, 116)

ENTRIES = (
    ("1. Persona sol·licitant / Persona solicitante", (
        (("Nom / Nombre", "Carmina", 60), ("Cognoms / Apellidos", "Blanquer Inventada", 110)),
        (("DNI / NIE", "00000000-T", 60), ("Naixement / Nacimiento", "29-2-1980", 50),
         ("Telèfon / Teléfono", "600 000 000", 60)),
        (("Correu electrònic / Correo electrónico", "carmina@exemple.test", 170),),
    )),
    ("2. Domicili / Domicilio", (
        (("Carrer / Calle", "C. de la Imaginació", 110), ("Núm.", "0", 30), ("Porta / Puerta", "0", 30)),
        (("Municipi / Municipio", "Vilamostra", 110), ("CP", "00000", 60)),
    )),
)  # fmt: skip
CHOICES = (
    ("Alta per canvi de residència / Alta por cambio de residencia", True),
    ("Canvi de domicili / Cambio de domicilio", False),
    ("Aporta contracte d'arrendament / Aporta contrato de arrendamiento", True),
)
CLAUSES = (
    ("PRIMERA. Objecte.", "La part arrendadora, propietària de la vivenda situada al carrer de la"
     " Imaginació número zero, porta zero, de Vilamostra, la cedix en arrendament a la part"
     " arrendatària, que l'accepta, per a destinar-la a vivenda habitual i permanent seua i de la"
     " seua família, sense que puga dedicar-la a cap altre ús ni subarrendar-la."),
    ("SEGUNDA. Duración.", "El plazo de este contrato es de cinco años desde el día de su firma. A"
     " su vencimiento se prorrogará por plazos anuales hasta un máximo de tres años más, salvo que"
     " una de las partes comunique a la otra, con la antelación que fija la ley, su voluntad de"
     " no renovarlo."),
    ("TERCERA. Renta.", "La renta es de CERO EUROS (0,00 €) al mes, pagadera por meses anticipados"
     " dentro de los siete primeros días de cada mes, mediante transferencia a la cuenta"
     " ES00 0000 0000 0000 0000 0000, y se actualizará cada año según el índice que corresponda."),
    ("QUARTA. Despeses.", "Els subministraments d'aigua, llum i gas van a càrrec de la part"
     " arrendatària; les despeses de comunitat i els tributs que graven la propietat, a càrrec de"
     " l'arrendadora. Les reparacions menudes pel desgast de l'ús ordinari són de l'arrendatària."),
    ("QUINTA. Empadronamiento.", "La parte arrendadora autoriza a la parte arrendataria y a su"
     " familia a inscribirse en el padrón municipal en la vivienda objeto de este contrato."),
)  # fmt: skip


def card_front(seed: int = 1) -> Image.Image:
    """Return the scan of the card's portrait side, somewhere in the middle of the glass."""
    return lay_on_glass(card.front(), at=(46, 62), skew=1.4, seed=seed, radius=card.CORNER)


def card_back(seed: int = 2) -> Image.Image:
    """Return the scan of the card's other side, not quite where the first one lay."""
    return lay_on_glass(card.back(), at=(49, 58), skew=-0.8, seed=seed, radius=card.CORNER)


def blank(seed: int = 3) -> Image.Image:
    """Return the scan of an empty sheet: the back that somebody scanned by mistake."""
    return lay_on_glass(Paper(210, 297, colour=WHITE).image, skew=0.3, seed=seed)


def form(seed: int = 4) -> Image.Image:
    """Return the scan of an application to the municipal register, filled in by pen and signed."""
    chance, paper = chance_from(seed), Paper(210, 297, colour=WHITE)
    _letterhead(paper, "Sol·licitud d'empadronament", "Solicitud de empadronamiento")
    y = 56.0
    for title, rows in ENTRIES:
        _section(paper, y, title)
        y += 10
        for row in rows:
            _row(paper, y, row, chance=chance)
            y += 13.5
        y += 5
    _section(paper, y, "3. Motiu i documents / Motivo y documentos")
    for text, chosen in CHOICES:
        y += 9.5
        paper.box((20, y), (4, 4))
        paper.text((27, y + 3.3), text, points=9.5)
        if chosen:
            paper.tick((20, y), chance=chance)
    _section(paper, y + 13, "4. Declaració i signatura / Declaración y firma")
    paper.paragraph(
        (20, y + 26),
        "Declare que són certes les dades d'esta sol·licitud i autoritze l'Ajuntament a comprovar-les."
        " Declaro que son ciertos los datos de esta solicitud y autorizo al Ayuntamiento a"
        " comprobarlos. Les dades es tracten per a gestionar el padró municipal d'habitants.",
        width=170, points=9, kind="sans",
    )  # fmt: skip
    paper.text((20, y + 50), "Vilamostra,", points=10)
    paper.handwriting((42, y + 50), "3 de març de 2026", chance=chance, points=12.5)
    paper.box((118, y + 43), (72, 30), outline=GREY)
    paper.text((120, y + 47), "Signatura / Firma", points=7, fill=GREY)
    paper.sign((124, y + 47), (60, 24), chance=chance)
    paper.stamp((42, y + 66), 13, text="REGISTRE D'ENTRADA · VILAMOSTRA · ",
                middle=("MUESTRA", "3 MAR 2026"), chance=chance)  # fmt: skip
    _foot(
        paper, "Model PAD-01 · document de mostra sense validesa · documento de muestra sin validez"
    )
    return lay_on_glass(paper.image, skew=0.55, seed=seed)


def contract(seed: int = 5) -> Image.Image:
    """Return the scan of a housing contract, in two languages as people bring it."""
    chance, paper = chance_from(seed), Paper(210, 297, colour=(249, 247, 240))
    paper.text(
        (105, 34), "CONTRACTE D'ARRENDAMENT DE VIVENDA", points=15, kind="serif-bold", anchor="ms"
    )
    paper.text(
        (105, 42), "Contrato de arrendamiento de vivienda", points=12, kind="serif", anchor="ms"
    )
    paper.line((70, 47), (140, 47), width=0.35)
    paper.text((190, 20), "MUESTRA / SPECIMEN", points=8, kind="sans", fill=GREY, anchor="rs")
    y = paper.paragraph(
        (28, 60),
        "A Vilamostra, el primer dia de març de dos mil vint-i-sis, es reunixen, d'una part, Donya"
        " Ningú Propietària Imaginada, major d'edat, amb DNI 00000001-R, com a part arrendadora; i de"
        " l'altra, Donya Carmina Blanquer Inventada, major d'edat, amb DNI 00000000-T, com a part"
        " arrendatària. Les dos parts es reconeixen la capacitat necessària i acorden les següents",
        width=154,
    )  # fmt: skip
    paper.text((105, y + 5), "C L À U S U L E S", points=11, kind="serif-bold", anchor="ms")
    y += 15
    for title, text in CLAUSES:
        paper.text((28, y), title, points=10.5, kind="serif-bold")
        y = paper.paragraph((28, y + 5.8), text, width=154) + 4.5
    paper.sign((26, 247), (52, 22), chance=chance)
    paper.sign((128, 246), (50, 23), chance=chance, fill=(30, 30, 36))
    paper.text((52, 274), "La part arrendatària", points=8.5, kind="serif", anchor="ms")
    paper.text((153, 274), "La part arrendadora", points=8.5, kind="serif", anchor="ms")
    paper.stamp(
        (104, 260), 12, text="AGÈNCIA FICTÍCIA · VILAMOSTRA · ", middle=("MUESTRA",), chance=chance
    )
    _foot(paper, "1 / 1")
    return lay_on_glass(paper.image, skew=-0.7, seed=seed)


def _letterhead(paper: Paper, title: str, second: str) -> None:
    paper.rosette((31, 28), 9, fill=(40, 78, 130), petals=7)
    paper.text((46, 25), "Oficina Única", points=13, kind="bold", fill=(40, 78, 130))
    paper.text((46, 31), "Oficina d'atenció ciutadana · MUESTRA / SPECIMEN", points=8.5, fill=GREY)
    paper.line((20, 40), (190, 40), width=0.5, fill=(40, 78, 130))
    paper.text((20, 49), title, points=14, kind="bold")
    paper.text((190, 49), second, points=10.5, fill=GREY, anchor="rs")


def _section(paper: Paper, y: float, title: str) -> None:
    paper.box((20, y), (170, 7), fill=BAND, outline=None)
    paper.text((22, y + 4.9), title, points=9.5, kind="bold")


def _row(
    paper: Paper, y: float, fields: tuple[tuple[str, str, int], ...], *, chance: random.Random
) -> None:
    """Rule one row of fields, each with its printed label and what somebody wrote into it."""
    x = 20.0
    for label, value, width in fields:
        paper.box((x, y), (width, 11.5), outline=GREY)
        paper.text((x + 1.5, y + 3.4), label, points=6.5, fill=GREY)
        paper.handwriting((x + 4, y + 9.4), value, chance=chance, points=12.5)
        x += width


def _foot(paper: Paper, text: str) -> None:
    paper.text((105, 287), text, points=7, fill=GREY, anchor="ms")


PAGES: dict[str, Callable[[], Image.Image]] = {
    "card-front": card_front,
    "card-back": card_back,
    "form": form,
    "contract": contract,
    "blank": blank,
}


def draw_pages(folder: Path) -> dict[str, Path]:
    """Write every page as a 300 dpi PPM, keeping those that exist, and return them by name."""
    folder.mkdir(parents=True, exist_ok=True)
    paths = {name: folder / f"{name}.ppm" for name in PAGES}
    for name, path in paths.items():
        if not path.exists():
            fresh = path.with_suffix(".fresh")
            PAGES[name]().save(fresh, format="PPM")
            fresh.replace(path)
    return paths


if __name__ == "__main__":
    for written in draw_pages(Path(sys.argv[1])).values():
        print(written)
