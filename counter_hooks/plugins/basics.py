"""The kinds of steps that come with the product, and the checks that every scanned page must pass.

Sources: the Spanish technical standard on digitising documents (NTI de Digitalización de
Documentos, resolution of 19 July 2011, BOE-A-2011-13168): at least 200 ppi, and the same
proportions as the paper.
"""

from __future__ import annotations

from collections.abc import Iterator

from counter_hooks import MM_PER_INCH, PageView, Problem, Proof, StepKind, Text, hookimpl

MINIMUM_DPI = 200
SIZE_TOLERANCE = 0.02
BLANK_INK = 0.002
MEDIA_TYPES = frozenset({"image/jpeg", "image/png"})

STEP_KINDS = (
    StepKind(
        key="information",
        title=Text(ca="Informació", es="Información", en="Information"),
    ),
    StepKind(
        key="scan",
        title=Text(ca="Escanejar", es="Escanear", en="Scan"),
        has_scan=True,
        proof=Proof.SCAN,
    ),
    StepKind(
        key="print",
        title=Text(ca="Imprimir", es="Imprimir", en="Print"),
        has_form=True,
        proof=Proof.PRINT,
    ),
    StepKind(
        key="sign_and_scan_back",
        title=Text(ca="Firmar i escanejar", es="Firmar y escanear", en="Sign and scan back"),
        has_scan=True,
        has_form=True,
        proof=Proof.SCAN,
    ),
    StepKind(
        key="action",
        title=Text(ca="Acció en el lloc", es="Acción en el puesto", en="Action at the counter"),
        has_action=True,
        proof=Proof.ACTION,
    ),
)


@hookimpl
def register_step_kinds() -> tuple[StepKind, ...]:
    """Bring the kinds that every procedure may use."""
    return STEP_KINDS


@hookimpl
def check_page(page: PageView) -> Iterator[Problem]:
    """Look at format, resolution, size and ink of ``page``."""
    if page.media_type not in MEDIA_TYPES:
        yield Problem(key="format-unknown", bars=True, facts=(("media_type", page.media_type),))
    if not page.declared_dpi:
        # Only a camera's picture: scanners say it, or were told.
        yield Problem(key="resolution-unknown", bars=False)
    elif page.declared_dpi < MINIMUM_DPI:
        yield Problem(
            key="resolution-too-low",
            bars=True,
            facts=(("dpi", str(page.declared_dpi)), ("minimum_dpi", str(MINIMUM_DPI))),
        )
    if page.declared_dpi > 0 and not page.from_feeder and not _is_of_ordered_size(page):
        yield Problem(
            key="size-mismatch",
            bars=False,
            facts=(
                ("width_mm", _length(page.width_px, page.declared_dpi)),
                ("height_mm", _length(page.height_px, page.declared_dpi)),
                ("ordered_width_mm", f"{page.ordered_width_mm:g}"),
                ("ordered_height_mm", f"{page.ordered_height_mm:g}"),
            ),
        )
    if page.ink < BLANK_INK:
        yield Problem(key="blank-page", bars=False, facts=(("ink", f"{page.ink:.4f}"),))


def _is_of_ordered_size(page: PageView) -> bool:
    sides = (
        (page.width_px, page.ordered_width_mm),
        (page.height_px, page.ordered_height_mm),
    )
    return all(
        abs(pixels / page.declared_dpi * MM_PER_INCH - ordered) <= SIZE_TOLERANCE * ordered
        for pixels, ordered in sides
    )


def _length(pixels: int, dpi: int) -> str:
    return f"{pixels / dpi * MM_PER_INCH:.1f}"
