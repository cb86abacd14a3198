"""What the SANE driver makes of the names and limits that makers chose."""

from __future__ import annotations

from typing import Any

import pytest

from counter_hooks import Colour, JobRefused, ScanOptions, Source
from counter_hooks.plugins.sane_options import decode_descriptions, offers, scan_arguments


def option(name: str, **given: Any) -> dict[str, Any]:
    """Return an option as the probe prints it."""
    plain = {"name": name, "type": 3, "unit": 0, "usable": True, "range": None, "values": None}
    return {**plain, **given}


A4 = (
    option("tl-x", unit=3, range=[0, 215.9, 0]),
    option("br-x", unit=3, range=[0, 215.9, 0]),
    option("tl-y", unit=3, range=[0, 297, 0]),
    option("br-y", unit=3, range=[0, 297, 0]),
)
COLOUR_AND_GREY = option("mode", values=["Color", "Gray"])


def scanner(*sources: str | None, **options: Any) -> list[dict[str, Any]]:
    """Return a scanner's description; every source has the same options."""
    rows = {
        "mode": COLOUR_AND_GREY,
        "resolution": option("resolution", range=[50, 600, 1]),
        **{row["name"]: row for row in A4},
        **options,
    }
    return [{"source": source, "options": list(rows.values())} for source in sources or [None]]


def offered(description: list[dict[str, Any]], own: dict[Source, str] | None = None) -> Any:
    """Return what a described scanner offers."""
    return offers(decode_descriptions(description), own or {})


@pytest.mark.parametrize(
    ("names", "expected"),
    [
        (("Flatbed", "Automatic Document Feeder"), {Source.GLASS: 0, Source.FEEDER: 1}),
        (("Flatbed", "ADF", "ADF Duplex"), {s: n for n, s in enumerate(Source)}),
        (("FlatBed", "Automatic Document Feeder(centrally aligned)",
          "Automatic Document Feeder(centrally aligned,Duplex)"),
         {s: n for n, s in enumerate(Source)}),
        (("ADF Front", "ADF Back", "ADF Duplex"), {Source.FEEDER: 0, Source.FEEDER_DUPLEX: 2}),
        (("Platen", "Feeder", "Feeder (2-sided)"), {s: n for n, s in enumerate(Source)}),
        (("Document Table", "ADF Simplex"), {Source.GLASS: 0, Source.FEEDER: 1}),
        (("Flatbed", "ADF - Both sides"), {Source.GLASS: 0, Source.FEEDER_DUPLEX: 1}),
        (("Flatbed", "Transparency Unit", "Negative", "Card Front"), {Source.GLASS: 0}),
        (("FB", "ADF"), {Source.GLASS: 0, Source.FEEDER: 1}),
        (("Normal", "Transparency Adapter", "Automatic Document Feeder(left aligned)",
          "Automatic Document Feeder(left aligned,Duplex)"),
         {Source.GLASS: 0, Source.FEEDER: 2, Source.FEEDER_DUPLEX: 3}),
        (("Slide", "Film", "TPU8x10"), {}),
        ((None,), {Source.GLASS: 0}),
    ],
)  # fmt: skip
def test_sources_are_known_by_many_names(
    names: tuple[str | None, ...], expected: dict[Source, int]
) -> None:
    """Makers' names become glass and feeders; film and a sheet's back alone are left out."""
    found = offered(scanner(*names))
    own = {source: (("source", names[n]),) if names[n] else () for source, n in expected.items()}
    assert {source: offer.choose for source, offer in found.items()} == own


def test_a_source_written_down_by_hand_counts() -> None:
    """A name that no pattern knows is used when the settings say what it is."""
    found = offered(scanner("Tray 7"), {Source.FEEDER: "Tray 7"})
    assert found[Source.FEEDER].choose == (("source", "Tray 7"),)


def test_a_second_option_may_choose_the_sides() -> None:
    """A feeder with an ``adf-mode`` is two sources."""
    sides = option("adf-mode", values=["Simplex", "Duplex"])
    found = offered(scanner("Automatic Document Feeder", **{"adf-mode": sides}))
    assert found[Source.FEEDER].choose[1] == ("adf-mode", "Simplex")
    assert found[Source.FEEDER_DUPLEX].choose[1] == ("adf-mode", "Duplex")


@pytest.mark.parametrize(
    ("values", "colour", "grey"),
    [
        (["Lineart", "Gray", "Color"], "Color", "Gray"),
        (["Black & White", "Gray[Error Diffusion]", "True Gray", "24bit Color",
          "24bit Color[Fast]"], "24bit Color", "True Gray"),
        (["Color", "Gray", "48 bits color", "16 bits gray", "Lineart"], "Color", "Gray"),
        (["Lineart", "Halftone", "Gray", "Color Lineart", "Color Halftone", "Color"],
         "Color", "Gray"),
        (["Gray"], None, "Gray"),
        (["Lineart"], None, "Lineart"),
        (["Black & White", "Halftone"], None, "Black & White"),
    ],
)  # fmt: skip
def test_modes_are_known_by_many_names(
    values: list[str], colour: str | None, grey: str | None
) -> None:
    """The plain colour and grey are found among a maker's modes; black alone is the last resort."""
    modes = offered(scanner(mode=option("mode", values=values)))[Source.GLASS].modes
    assert (modes.get(Colour.COLOUR), modes.get(Colour.GREY)) == (colour, grey)


def test_resolutions_are_the_customary_ones() -> None:
    """A range offers the customary resolutions within it, a list those it shares, else itself."""

    def resolutions(**given: Any) -> tuple[int, ...]:
        offer = offered(scanner(resolution=option("resolution", **given)))[Source.GLASS]
        return tuple(offer.resolutions_dpi)

    assert resolutions(range=[50, 600, 1]) == (75, 100, 150, 200, 300, 400, 600)
    assert resolutions(range=[75, 600, 75]) == (75, 150, 300, 600)
    assert resolutions(values=[100, 200, 240, 300]) == (100, 200, 300)
    assert resolutions(values=[240, 480]) == (240, 480)


def test_a_camera_is_no_scanner() -> None:
    """A device without a resolution offers nothing."""
    description = scanner()
    description[0]["options"] = [COLOUR_AND_GREY]
    assert offered(description) == {}


def test_an_order_becomes_arguments() -> None:
    """Source first, since it changes the others; the administrator's options before the area."""
    depth = option("depth", type=1, values=[1, 8, 16])
    arguments = scan_arguments(
        offered(scanner("Flatbed", "ADF", depth=depth)),
        ScanOptions(source=Source.FEEDER, colour=Colour.GREY, resolution_dpi=200),
        {"swcrop": True, "brightness": 3},
    )
    assert arguments == (
        *("--source=ADF", "--mode=Gray", "--depth=8", "--resolution=200"),
        *("--swcrop=yes", "--brightness=3"),
        *("-l", "0", "-x", "210.000", "-t", "0", "-y", "297.000"),
    )


@pytest.mark.parametrize("name", ["ald", "AutoDocumentSize", "auto-size"])
def test_a_feeder_that_sees_the_sheets_end_gets_room(name: str) -> None:
    """Such a feeder is told to look, and takes sheets as long as it can; the glass as ordered."""
    long = {
        "br-y": option("br-y", unit=3, range=[0, 863.5, 0]),
        "page-height": option("page-height", type=2, unit=3, range=[0, 863.5, 0]),
        name: option(name, type=0),
    }
    found = offered(scanner("Flatbed", "ADF", **long))
    arguments = scan_arguments(found, ScanOptions(source=Source.FEEDER), {})
    assert arguments[3:5] == (f"--{name}=yes", "--page-height=863.5")
    assert arguments[-3:] == ("0", "-y", "863.500")
    assert scan_arguments(found, ScanOptions(), {})[-1] == "297.000"
    unwanted = scan_arguments(found, ScanOptions(source=Source.FEEDER), {name: False})
    assert f"--{name}=no" in unwanted
    assert unwanted[-1] == "297.000"


@pytest.mark.parametrize(
    "plain",
    [
        {"swcrop": option("swcrop", type=0)},
        {"ald": option("ald", type=0, usable=False)},
        {"auto-size": option("auto-size", type=3, values=["A4", "A5"])},
    ],
    ids=str,
)
def test_other_options_leave_the_length_as_ordered(plain: dict[str, Any]) -> None:
    """What crops by program, sleeps, or is no switch is left alone."""
    arguments = scan_arguments(
        offered(scanner("ADF", **plain)), ScanOptions(source=Source.FEEDER, height_mm=200.0), {}
    )
    assert not [argument for argument in arguments if argument.startswith(f"--{next(iter(plain))}")]
    assert arguments[-1] == "200.000"


def test_an_area_is_cut_by_a_little_and_refused_by_more() -> None:
    """A glass 1 mm shorter than A4 scans A4; one 10 mm shorter does not."""
    nearly = scanner(**{"br-y": option("br-y", unit=3, range=[0, 296.0, 0])})
    assert scan_arguments(offered(nearly), ScanOptions(), {})[-1] == "296.000"
    short = scanner(**{"br-y": option("br-y", unit=3, range=[0, 287.0, 0])})
    with pytest.raises(JobRefused) as caught:
        scan_arguments(offered(short), ScanOptions(), {})
    assert caught.value.facts == {"ordered_mm": 297.0, "longest_mm": 287.0}


def test_an_area_in_pixels_follows_the_resolution() -> None:
    """A device that counts in pixels is told pixels."""
    pixels = {name: option(name, unit=1, range=[0, 5000, 1]) for name in ("br-x", "br-y")}
    arguments = scan_arguments(
        offered(scanner(**pixels)),
        ScanOptions(resolution_dpi=254, width_mm=100, height_mm=200),
        {},
    )
    assert arguments[-7:] == ("0", "-x", "1000.000", "-t", "0", "-y", "2000.000")


@pytest.mark.parametrize(
    "options",
    [
        {"resolution_dpi": 99999},
        {"resolution_dpi": 601},
        {"source": Source.FEEDER},
        {"colour": Colour.GREY},
        {"width_mm": 0.0},
        {"width_mm": float("nan")},
    ],
    ids=str,
)
def test_what_is_not_offered_is_refused(options: dict[str, Any]) -> None:
    """An order outside the offer never becomes arguments."""
    only_colour = offered(scanner("Flatbed", mode=option("mode", values=["Color"])))
    with pytest.raises(JobRefused):
        scan_arguments(only_colour, ScanOptions(**options), {})
