"""Scans by what they are for: numbers from a table, as the device can, and as it was last used."""

from __future__ import annotations

from typing import Any

import pytest

from bridge.counters.models import CounterDevice
from bridge.documents.rules import LEAST_DPI
from bridge.procedures.rules import ScanWish
from bridge.visits.rules import QUALITIES
from bridge.visits.scanning import numbers_for, qualities_of, quality_of, usual_options
from counter_hooks.model import Colour, Quality, Source
from tests.makers import SCANNER, AgentClient
from tests.unit.bridge.visit_world import Citizen, Clerk, World

OFFICE = {"resolutions_dpi": [75, 150, 300, 600], "colours": ["colour", "grey"]}


@pytest.fixture
def seated(world: World) -> tuple[Citizen, Clerk, AgentClient]:
    """Give a citizen in a meeting, the clerk, and the agent with its devices."""
    citizen, clerk = world.citizen(), world.clerk()
    agent = world.plugs_in(citizen)
    world.serve(citizen, clerk)
    return citizen, clerk, agent


def _device(**more: Any) -> CounterDevice:
    described = {"capabilities": ["scan"], **OFFICE, "sources": ["glass", "feeder"]}
    return CounterDevice(description=described, **more)


def test_every_quality_is_lawful_and_known() -> None:
    """The table has each quality once, none of them under the law's least resolution."""
    assert set(QUALITIES) == set(Quality)
    assert all(wish.resolution_dpi >= LEAST_DPI and wish.colours for wish in QUALITIES.values())


@pytest.mark.parametrize(
    ("offered", "quality", "numbers"),
    [
        (OFFICE, Quality.TEXT, (300, "grey")),
        (OFFICE, Quality.PHOTO, (600, "colour")),
        (OFFICE, Quality.IDENTITY_CARD, (300, "colour")),
        ({"resolutions_dpi": [200, 1200], "colours": ["colour"]}, Quality.TEXT, (1200, "colour")),
        ({"resolutions_dpi": [100, 240], "colours": ["grey"]}, Quality.PHOTO, (240, "grey")),
        ({}, Quality.TEXT, (300, "grey")),
        ({}, Quality.PHOTO, (400, "colour")),
    ],
)
def test_a_quality_is_what_the_device_has(
    offered: dict[str, Any], quality: Quality, numbers: tuple[int, str]
) -> None:
    """The least resolution that is enough, else the finest; the best colour that is there."""
    found = numbers_for(quality, offered)
    assert (found["resolution_dpi"], found["colour"]) == numbers


def test_a_step_names_a_purpose() -> None:
    """Its quality is what it says, else what its purpose is by itself, else text."""
    assert quality_of(None) is None
    assert quality_of(ScanWish(purpose="identity-card")) is Quality.IDENTITY_CARD
    assert quality_of(ScanWish(purpose="photo")) is Quality.PHOTO
    assert quality_of(ScanWish(purpose="housing-title")) is Quality.TEXT
    assert quality_of(ScanWish(purpose="deed", quality=Quality.PHOTO)) is Quality.PHOTO


def test_what_is_nearer_goes_first() -> None:
    """What is asked of this scan, what the step says, how the device was used, the table."""
    last = {"resolution_dpi": 600, "colour": "colour", "source": "feeder"}
    step = ScanWish(purpose="signed-form", colour=Colour.COLOUR)
    glass = ScanWish(purpose="identity-card", source=Source.GLASS)
    used = _device(last_choice=last)
    assert usual_options(None, used, None) == last
    assert usual_options(None, _device(), None)["source"] == "glass"
    assert usual_options(step, used, None) == {
        "resolution_dpi": 300,
        "colour": "colour",
        "source": "feeder",
    }
    assert usual_options(step, used, Quality.TEXT)["colour"] == "grey"
    assert usual_options(glass, used, Quality.PHOTO) == {
        "resolution_dpi": 600,
        "colour": "colour",
        "source": "glass",
    }
    assert usual_options(ScanWish(purpose="deed", page_by_page=True), used, None)["page_by_page"]


def test_a_device_that_changed_is_used_as_it_can() -> None:
    """What was remembered and is not offered any more is no order."""
    last = {"resolution_dpi": 1200, "colour": "infrared", "source": "feeder_duplex"}
    assert usual_options(None, _device(last_choice=last), None) == {
        "resolution_dpi": 600,
        "colour": "colour",
        "source": "glass",
    }


def test_only_scanners_have_qualities() -> None:
    """A printer is told none."""
    assert qualities_of(CounterDevice(description={"capabilities": ["print"]})) == {}


def test_the_last_good_scan_is_remembered(seated: tuple[Citizen, Clerk, AgentClient]) -> None:
    """Of the device, once it succeeded; a scan that failed, or of one page again, counts not."""
    citizen, clerk, agent = seated

    def scans(end: str, **options: object) -> None:
        assert clerk.wants("scan", options=options).status == 201
        job = citizen.state()["jobs"][0]["id"]
        citizen.does(f"jobs/{job}/consent", allow=True)
        agent.report(job, 1, "running")
        agent.report(job, 2, end)

    def last() -> Any:
        return next(one for one in clerk.visit()["devices"] if one["id"] == SCANNER["id"])

    scans("failed", resolution_dpi=600)
    assert last()["last_choice"] is None
    scans("produced", resolution_dpi=600, colour="grey")
    assert last()["last_choice"] == {"resolution_dpi": 600, "colour": "grey", "source": "glass"}
    agent.hello(SCANNER)
    assert clerk.wants("scan").status == 201
    assert clerk.visit()["jobs"][0]["options"]["resolution_dpi"] == 600


def test_a_quality_can_be_asked_for(seated: tuple[Citizen, Clerk, AgentClient]) -> None:
    """By name instead of numbers; a name that is none is refused, and so is what it cannot do."""
    _citizen, clerk, _agent = seated
    assert clerk.wants("scan", quality="photo").status == 201
    job = clerk.visit()["jobs"][0]
    shown = next(one for one in clerk.visit()["devices"] if one["id"] == SCANNER["id"])
    assert {name: job["options"][name] for name in ("resolution_dpi", "colour")} == shown[
        "qualities"
    ]["photo"]
    assert clerk.wants("scan", quality="splendid").status == 400
    refused = clerk.wants("scan", options={"resolution_dpi": 333})
    assert (refused.status, refused.json["facts"]["option"]) == (400, "resolution_dpi")
