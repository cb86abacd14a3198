"""What a queue can do for a print, and a print's options in CUPS's words."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from enum import StrEnum
from typing import Any, TypeVar

from counter_hooks import Colour, Paper, PrintJob, PrintOptions, Scaling, Sides, WishUnmet

STAPLES = (4, 20, 21, 22, 23)
"""Values of IPP's ``finishings`` (PWG 5100.1): a staple anywhere, in each corner; the first one is used.

CUPS 2.4 makes nothing of "anywhere" for queues without a driver; the upper left corner is next.
"""

_Choice = TypeVar("_Choice", bound=StrEnum)


def sides_of(facts: Mapping[str, Any]) -> tuple[Sides, ...]:
    """Return on which sides a queue prints."""
    return _offered(Sides, facts.get("sides-supported"))


def name_of(queue: str, facts: Mapping[str, Any]) -> str:
    """Return what people call a printer; its queue's name is for technicians, who have its id."""
    described, model = (
        str(facts.get(name) or "").strip() for name in ("printer-info", "printer-make-and-model")
    )
    # CUPS says the queue's own name where nobody wrote a description.
    return (described if described != queue else "") or model or "Printer"


def colours_of(facts: Mapping[str, Any]) -> tuple[Colour, ...]:
    """Return in which colours a queue prints."""
    return (Colour.COLOUR, Colour.GREY) if facts.get("color-supported") else (Colour.GREY,)


def papers_of(facts: Mapping[str, Any], ready: Collection[str] = ()) -> tuple[Paper, ...]:
    """Return the papers that lie in the trays, else those that would go into them.

    What CUPS 2.4 itself calls ready is not what the printer does: only the printer is believed.
    """
    known = _offered(Paper, facts.get("media-supported"))
    loaded = tuple(paper for paper in known if paper.value in ready)
    return loaded or known


def scalings_of(facts: Mapping[str, Any]) -> tuple[Scaling, ...]:
    """Return how a queue brings pages onto the sheet."""
    return _offered(Scaling, facts.get("print-scaling-supported"))


def staple_of(facts: Mapping[str, Any]) -> int | None:
    """Return how a queue staples, None when it does not."""
    offered = _listed(facts.get("finishings-supported"))
    return next((staple for staple in STAPLES if staple in offered), None)


def takes_pages(facts: Mapping[str, Any]) -> bool:
    """Say whether a queue prints some of the pages."""
    return bool(facts.get("page-ranges-supported"))


def require_able(job: PrintJob, facts: Mapping[str, Any]) -> None:
    """Refuse what the queue cannot do now: CUPS would take the job and cancel it or forget the wish.

    Raises ``WishUnmet``, which names the option.
    """
    options = job.options
    unable = {
        "sides": options.sides is not Sides.ONE and options.sides not in sides_of(facts),
        "paper": options.paper is not None and options.paper not in papers_of(facts),
        "scaling": options.scaling is not None and options.scaling not in scalings_of(facts),
        "staple": options.staple and staple_of(facts) is None,
        "pages": bool(options.pages) and not takes_pages(facts),
    }
    for option, is_unable in unable.items():
        if is_unable:
            raise WishUnmet(f"the printer cannot do that: {option}", job=job.id, option=option)


def words_for(options: PrintOptions, facts: Mapping[str, Any]) -> dict[str, str]:
    """Return the options as the queue is told them; what is left to it is not named."""
    chosen = {
        "copies": str(options.copies),
        "sides": options.sides.value,
        # Printers that lay pages face up are sent the last one first otherwise.
        "outputorder": "normal",
    }
    if options.colour is Colour.GREY:
        chosen["print-color-mode"] = "monochrome"
    if options.paper is not None:
        chosen["media"] = options.paper.value
    if options.scaling is not None:
        chosen["print-scaling"] = options.scaling.value
    if options.staple:
        chosen["finishings"] = str(staple_of(facts))
    if options.pages:
        chosen["page-ranges"] = options.pages
    return chosen


def _offered(kind: type[_Choice], told: object) -> tuple[_Choice, ...]:
    listed = _listed(told)
    return tuple(one for one in kind if one.value in listed)


def _listed(told: object) -> list[object]:
    return list(told) if isinstance(told, list | tuple) else [told]
