"""Which camera the clerk looks through, and a meeting that does not come about."""

from __future__ import annotations

import logging

import pytest

from tests.unit.bridge.visit_world import Answer, Citizen, Clerk, World, ask, heard


def _looks(clerk: Clerk, camera: object, *, visit: str = "") -> Answer:
    path = f"/api/visits/{visit or clerk.visit()['id']}/camera"
    return ask(clerk.browser, "PUT", path, camera=camera)


def _served(world: World) -> tuple[Citizen, Clerk]:
    citizen, clerk = world.citizen(), world.clerk()
    world.serve(citizen, clerk)
    return citizen, clerk


def test_the_clerks_order_reaches_the_screen(world: World) -> None:
    """The kiosk is told at once, reads the order in its state, and a new visit begins with a person."""
    citizen, clerk = _served(world)
    page = citizen.page()
    assert citizen.state()["visit"]["camera"] == "person"
    assert _looks(clerk, "document").json["visit"]["camera"] == "document"
    assert {"because": "visit:camera-ordered"} in heard(page, "state:changed")
    assert citizen.state()["visit"]["camera"] == "document"
    assert _looks(clerk, "document").status == 200
    assert heard(page, "state:changed") == []
    clerk.does("ending")
    clerk.does("closing")
    citizen.does("wiped", storage=0, caches=0, elements=0)
    clerk.is_available()
    world.serve(citizen, clerk)
    assert citizen.state()["visit"]["camera"] == "person"


def test_a_camera_that_is_not_there_is_said(world: World) -> None:
    """The clerk reads why, the person is shown again, and another order tries once more."""
    citizen, clerk = _served(world)
    _looks(clerk, "document")
    page = clerk.page()
    answer = citizen.does("camera-fault", fault="camera-missing")
    assert answer.json["visit"]["camera"] == "person"
    assert {"because": "visit:camera-missing"} in heard(page, "state:changed")
    assert clerk.visit()["camera_fault"] == "camera-missing"
    assert _looks(clerk, "document").json["visit"]["camera_fault"] is None
    _looks(clerk, "person")
    citizen.does("camera-fault", fault="camera-busy")  # of an order that was withdrawn
    assert clerk.visit()["camera_fault"] is None


def test_only_the_visits_own_clerk_looks_and_only_in_it(world: World) -> None:
    """Nobody else, not before the arrival, not after the end, and only what there is."""
    citizen, clerk = world.citizen(), world.clerk()
    citizen.takes_ticket()
    visit = clerk.calls().json["visit"]["id"]
    assert _looks(clerk, "document").status == 409
    citizen.does("arrival")
    assert _looks(world.clerk("vicent"), "document", visit=visit).status == 404
    for unsound in ("ceiling", None, 3):
        assert _looks(clerk, unsound).status == 400
    clerk.does("ending")
    assert _looks(clerk, "document").status == 409
    assert citizen.does("camera-fault", fault="camera-missing").status == 409


def test_a_screen_that_is_not_let_in_has_somebody_come(
    world: World, caplog: pytest.LogCaptureFixture
) -> None:
    """Help is asked for once with the cause, the log has it, and without a visit it is refused."""
    citizen, clerk = world.citizen(), world.clerk()
    assert citizen.does("meeting-fault", cause="refused").status == 409
    world.sit(citizen, clerk)
    with caplog.at_level(logging.WARNING):
        for _ in range(2):
            answer = citizen.does("meeting-fault", cause="refused")
            assert (answer.status, answer.json["help"]["state"]) == (200, "raised")
    assert f"no meeting for visit {clerk.visit()['id']}: refused" in caplog.text
    assert clerk.visit()["help"]["reason"] == "link_lost"
    assert citizen.does("meeting-fault", cause="because").status == 400


def test_each_side_reads_the_meeting_in_its_own_language(world: World) -> None:
    """The ticket's language is the citizen's; the clerk's buttons are in the clerk's."""
    from dataclasses import replace

    from bridge.meetings import Meetings
    from bridge.visits.tools import tools
    from tests.unit.bridge.test_meetings import _jitsi

    app = world.house.app.flask
    with app.app_context():
        app.extensions["oac_visits"] = replace(tools(), meetings=Meetings(_jitsi()))
    citizen, clerk = world.citizen(), world.clerk()
    world.sit(citizen, clerk)
    path = f"/api/visits/{clerk.visit()['id']}/meeting?language=es"
    assert ask(clerk.browser, "GET", path).json["language"] == "es"
    theirs = ask(citizen.browser, "GET", "/api/kiosk/meeting?language=en").json
    assert (theirs["language"], theirs["valid_s"]) == ("ca", 300)
