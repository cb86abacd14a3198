"""A picture of a paper under the document camera: asked for, allowed, measured, kept as any page."""

from __future__ import annotations

from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
from PIL import Image, ImageDraw
from sqlalchemy import select

from bridge.audit.models import Entry
from bridge.audit.rules import Tag
from bridge.documents.models import DocumentPage
from tests.makers import OURS, AgentClient, Clock, make_house, settings_in
from tests.unit.bridge.visit_world import Answer, Citizen, Clerk, World, ask

CAMERA = "screen:camera"


def taken(size: tuple[int, int] = (1920, 1080), *, kind: str = "JPEG") -> bytes:
    """Return a picture as the screen sends it: it does not say how fine it is."""
    image = Image.new("RGB", size, "#e8e8e0")
    ImageDraw.Draw(image).text((200, 200), "DNI 00000000T", fill="black", font_size=90)
    out = BytesIO()
    image.save(out, kind)
    return out.getvalue()


@pytest.fixture
def measured(tmp_path: Path, clock: Clock) -> Any:
    """Give a bridge whose document camera shows 210 mm of the table."""
    settings = settings_in(tmp_path / "measured", jobs_camera_width_mm="210")
    made = World(make_house(settings, clock))
    yield made
    made.house.close()


def seat(world: World) -> tuple[Citizen, Clerk, AgentClient]:
    """Seat a citizen at a counter with a document camera."""
    citizen, clerk = world.citizen(), world.clerk()
    agent = world.plugs_in(citizen)
    body = {"devices": ["signature", "camera"]}
    assert citizen.browser.put("/api/kiosk/devices", json=body, headers=OURS).status_code == 204
    world.serve(citizen, clerk)
    return citizen, clerk, agent


def allowed(citizen: Citizen) -> str:
    """Allow the job on the screen, and return its id."""
    job = citizen.state()["jobs"][0]["id"]
    assert citizen.does(f"jobs/{job}/consent", allow=True).status == 200
    return str(job)


def sends(citizen: Citizen, job: str, content: bytes, *, kind: str = "image/jpeg") -> Answer:
    """Have the screen send its picture."""
    answer = citizen.browser.put(
        f"/api/kiosk/jobs/{job}/picture", data=content, content_type=kind, headers=OURS
    )
    return Answer(answer.status_code, answer.get_json(silent=True) or {})


def page_in(world: World) -> DocumentPage | None:
    """Return the newest page, checked."""
    with world.house.app.database.reading() as db:
        page = db.scalar(select(DocumentPage).order_by(DocumentPage.id.desc()))
    if page is not None:
        world.house.app.checks.check(page.id)
    return page


def test_a_picture_becomes_a_page_of_its_step(measured: World) -> None:
    """It is fine enough where the camera was measured, says so in the file, and proves the step."""
    citizen, clerk, agent = seat(measured)
    assert clerk.visit()["can_photograph"] is True
    assert [one["id"] for one in clerk.visit()["devices"]] == ["fake:printer", "fake:scanner"]
    clerk.changes_step("scan-id", current=True)
    step = clerk.step("scan-id")["id"]
    assert clerk.wants("scan", device=CAMERA, step=step).status == 201
    job = allowed(citizen)
    assert citizen.state()["jobs"][0]["state"] == "queued"
    assert sends(citizen, job, taken()).json["jobs"] == []
    page = page_in(measured)
    assert page is not None
    assert (page.dpi, page.width_px, page.media_type) == (232, 1920, "image/jpeg")
    (document,) = clerk.visit()["documents"]
    assert document["pages"][0]["state"] == "visible"
    assert document["pages"][0]["problems"] == []
    with measured.house.app.database.reading() as db:
        store, visit = measured.house.app.store, clerk.visit()["id"]
        content = store.read(db, visit_id=visit, name=page.id)
    with Image.open(BytesIO(content)) as kept, Image.open(BytesIO(taken())) as sent:
        assert kept.info["dpi"] == (232, 232)
        assert kept.tobytes() == sent.tobytes()
    assert clerk.changes_step("scan-id", state="done").status == 200
    assert agent.received("job") == []


def test_where_nobody_measured_it_is_said(world: World) -> None:
    """The picture is kept whole and can be bound, and the clerk reads that it is no lawful copy."""
    citizen, clerk, _agent = seat(world)
    clerk.wants("scan", device=CAMERA)
    assert sends(citizen, allowed(citizen), taken()).status == 200
    page = page_in(world)
    assert page is not None
    assert page.dpi == 0
    (document,) = clerk.visit()["documents"]
    (shown,) = document["pages"]
    assert [(one["key"], one["bars"]) for one in shown["problems"]] == [
        ("resolution-unknown", False)
    ]
    assert (shown["outline"], shown["is_looked_at"]) == (None, True)
    part = {"left_mm": 10, "top_mm": 10, "width_mm": 50, "height_mm": 50, "angle": 0}
    answer = ask(clerk.browser, "POST", f"/api/pages/{page.id}/trimming", **part)
    assert answer.json["key"] == "outline-unfit"
    bound = clerk.browser.get(f"/api/documents/{document['id']}/file")
    assert (bound.status_code, bound.data[:5]) == (200, b"%PDF-")


def test_a_coarse_picture_is_barred_by_the_law(tmp_path: Path, clock: Clock) -> None:
    """Less than 200 dots per inch are no copy, however sharp it looks."""
    made = World(make_house(settings_in(tmp_path / "a", jobs_camera_width_mm="297"), clock))
    citizen, clerk, _agent = seat(made)
    clerk.wants("scan", device=CAMERA)
    sends(citizen, allowed(citizen), taken())
    page_in(made)
    (shown,) = clerk.visit()["documents"][0]["pages"]
    assert shown["state"] == "barred"
    made.house.close()


def test_each_counter_may_have_a_camera_of_its_own(tmp_path: Path, clock: Clock) -> None:
    """What was measured at a counter counts there, and the general value at the others."""
    settings = settings_in(
        tmp_path / "a", jobs_camera_width_mm="297", jobs_camera_width_mm_at='{"counter-1": 210}'
    )
    made = World(make_house(settings, clock))
    citizen, clerk, _agent = seat(made)
    clerk.wants("scan", device=CAMERA)
    sends(citizen, allowed(citizen), taken())
    page = page_in(made)
    assert page is not None
    assert page.dpi == 232
    assert settings.jobs.width_mm_at("counter-2") == 297
    made.house.close()


@pytest.mark.parametrize(
    ("content", "kind", "status", "key"),
    [
        (b"", "image/jpeg", 415, "page-unreadable"),
        (b"\xff\xd8\xff\xe0rubbish", "image/jpeg", 415, "page-unreadable"),
        (taken(kind="PNG"), "image/jpeg", 415, "page-unreadable"),
        (taken((1280, 720)), "image/jpeg", 400, "picture-too-small"),
        (taken((1920, 1079)), "image/jpeg", 400, "picture-too-small"),
        (taken(), "image/png", 400, "refused"),
        (b"\0" * (10 * 2**20 + 1), "image/jpeg", 413, "page-too-large"),
    ],
)
def test_what_is_no_picture_is_refused(
    world: World, content: bytes, kind: str, status: int, key: str
) -> None:
    """Broken, small, huge or of another kind: a clear no that is recorded, and it may be taken again."""
    citizen, clerk, _agent = seat(world)
    clerk.wants("scan", device=CAMERA)
    job = allowed(citizen)
    answer = sends(citizen, job, content, kind=kind)
    assert (answer.status, answer.json["key"]) == (status, key)
    assert page_in(world) is None
    with world.house.app.database.reading() as db:
        (refusal,) = db.scalars(select(Entry).where(Entry.tag == Tag.PAGE_REFUSED))
    assert (refusal.facts["job"], refusal.facts["reason"]) == (job, key)
    assert sends(citizen, job, taken()).status == 200


def test_no_picture_without_leave_or_after_the_end(world: World) -> None:
    """Nothing is kept before the citizen allowed it, after a refusal, a stop, or a second time."""
    citizen, clerk, _agent = seat(world)
    clerk.wants("scan", device=CAMERA)
    job = citizen.state()["jobs"][0]["id"]
    assert sends(citizen, job, taken()).status == 409
    assert citizen.does(f"jobs/{job}/consent", allow=False).status == 200
    assert sends(citizen, job, taken()).status == 409
    clerk.wants("scan", device=CAMERA)
    job = allowed(citizen)
    assert citizen.does("stop").status == 200
    assert sends(citizen, job, taken()).status == 409
    assert page_in(world) is None


def test_a_camera_that_does_not_work_says_why(world: World) -> None:
    """The job fails with the reason, and what is no reason is refused."""
    citizen, clerk, _agent = seat(world)
    clerk.wants("scan", device=CAMERA)
    job = allowed(citizen)
    assert citizen.does(f"jobs/{job}/picture-fault", fault="raining").status == 400
    assert citizen.does(f"jobs/{job}/picture-fault", fault="camera-busy").status == 200
    told = clerk.visit()["jobs"][0]
    assert (told["state"], told["reason"]) == ("failed", "camera-busy")
    assert citizen.does(f"jobs/{job}/picture-fault", fault="camera-busy").status == 409
    clerk.wants("scan")
    other = citizen.state()["jobs"][0]["id"]
    assert citizen.does(f"jobs/{other}/picture-fault", fault="camera-busy").status == 404
