"""At the counter: a button that rings, pages turned round, and a ring when paper came out."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from counter_hooks import (
    Action,
    ActionJob,
    Field,
    FieldKind,
    Filtered,
    JobContext,
    JobView,
    PageFilter,
    ResultView,
    Row,
    ScannedSide,
    Text,
    Value,
    hookimpl,
)
from oac_bell import ring


class RingBell(Action):
    """Rings at the counter, so that somebody from the hall comes."""

    key = "ring-bell"
    title = Text(ca="Tocar el timbre", es="Tocar el timbre", en="Ring the bell")
    consent = Text(
        ca="Tocar el timbre perquè vinga algú de la sala.",
        es="Tocar el timbre para que venga alguien de la sala.",
        en="Ring the bell, so that somebody from the hall comes.",
    )
    icon = "M12 3a6 6 0 0 0-6 6v5l-2 3h16l-2-3V9a6 6 0 0 0-6-6zM10 19h4a2 2 0 0 1-4 0z"
    fields = (
        Field(
            key="times",
            label=Text(ca="Quantes vegades", es="Cuántas veces", en="How often"),
            kind=FieldKind.NUMBER,
            least=1,
            most=5,
        ),
    )
    rows = (Row(key="rung", label=Text(ca="Tocs", es="Toques", en="Rings")),)

    def __init__(self, settings: Mapping[str, object]) -> None:
        self._settings = settings

    def run(self, job: ActionJob, context: JobContext) -> Mapping[str, Value]:
        """Ring as often as the clerk wished."""
        times = int(job.values.get("times", 1))
        ring(self._settings, times=times)
        return {"rung": times}


class UpsideDown(PageFilter):
    """Turns pages that were fed head first; turning is lawful, and nothing else changes."""

    key = "upside-down"
    title = Text(ca="Capgirar les pàgines", es="Girar las páginas", en="Turn the pages round")

    def apply(self, side: ScannedSide, workdir: Path) -> Filtered:
        """Return the page turned by half a circle."""
        from PIL import Image

        with Image.open(side.image) as image:
            turned = image.transpose(Image.Transpose.ROTATE_180)
            turned.save(workdir / f"turned.{image.format}", quality=95, dpi=(side.dpi, side.dpi))
            return Filtered(image=workdir / f"turned.{image.format}")


@hookimpl
def register_actions(settings: Mapping[str, object]) -> list[Action]:
    """Bring the button."""
    return [RingBell(settings)]


@hookimpl
def register_page_filters() -> list[PageFilter]:
    """Bring the filter."""
    return [UpsideDown()]


@hookimpl
def job_finished(job: JobView, result: ResultView, settings: Mapping[str, object]) -> None:
    """Ring when there is paper to take."""
    if job.kind == "print" and result.outcome == "produced":
        ring(settings)
