"""A declaration signed on the counter's screen: shown, signed or refused, kept as an image alone."""

from __future__ import annotations

import sqlite3
import zlib
from contextlib import closing
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
from PIL import Image, ImageChops, ImageDraw, PngImagePlugin
from sqlalchemy import select

from bridge.audit.models import Entry
from bridge.audit.rules import Tag
from bridge.core.errors import Refused
from bridge.documents import signing
from bridge.documents.models import DocumentPage
from bridge.documents.papers import FormText
from tests.makers import OURS, PRINTER, SCANNER, AgentClient, Clock, make_house, settings_in
from tests.unit.bridge.visit_world import Answer, Citizen, Clerk, World

SIGNATURE = "screen:signature"
PROCEDURE = """
key = "data-consent"
icon = "document"
minutes = 5
title = { ca = "Dades", es = "Datos", en = "Data" }
summary = { ca = "Dades", es = "Datos", en = "Data" }

[[step]]
key = "sign"
kind = "sign_on_screen"
form = "data-consent-form"
title = { ca = "Firme", es = "Firme", en = "Sign" }
text = { ca = "Llija i firme.", es = "Lea y firme.", en = "Read and sign." }
prompt = { ca = "Mire la firma.", es = "Mire la firma.", en = "Look at the signature." }

[[form]]
key = "data-consent-form"
title = { ca = "Consulta de dades", es = "Consulta de datos", en = "Looking up data" }
fields = []
declaration = { ca = "Done permís per a consultar les meues dades.", es = "Doy permiso para consultar mis datos.", en = "I allow my data to be looked up." }
"""
FORM = FormText(
    office="Oficina Única",
    title="Consulta de dades",
    reference="A001 · 24/11/2026",
    fields=(),
    declaration="Done permís per a consultar les meues dades.",
    place_and_date="Lloc i data",
    signature="Firma",
)


def drawn(*, size: tuple[int, int] = (1000, 400), note: str = "", lines: bool = True) -> bytes:
    """Return a signature as the screen sends it: black lines, nothing behind them."""
    image = Image.new("RGBA", size, (0, 0, 0, 0))
    if lines:
        pen = ImageDraw.Draw(image)
        pen.line((100, 300, 300, 60, 480, 320, 900, 120), fill="black", width=6)
    info = PngImagePlugin.PngInfo()
    if note:
        info.add_text("strokes", note)
    out = BytesIO()
    image.save(out, "PNG", pnginfo=info)
    return out.getvalue()


@pytest.fixture
def world(tmp_path: Path, clock: Clock) -> Any:
    """Give a bridge that has a procedure with something to sign."""
    (tmp_path / "own").mkdir()
    (tmp_path / "own" / "data-consent.toml").write_text(PROCEDURE)
    settings = settings_in(tmp_path / "data", procedures_dir=str(tmp_path / "own"))
    made = World(make_house(settings, clock))
    yield made
    made.house.close()


@pytest.fixture
def seated(world: World) -> tuple[Citizen, Clerk, AgentClient]:
    """Give a citizen in a meeting whose screen can be signed on, the clerk, and the agent."""
    citizen, clerk = world.citizen(), world.clerk()
    agent = world.plugs_in(citizen)
    assert tells(citizen, "signature") == 204
    world.serve(citizen, clerk, "data-consent")
    return citizen, clerk, agent


def tells(citizen: Citizen, *devices: str) -> int:
    """Have the screen say what it can do; return the status."""
    body = {"devices": list(devices)}
    answer = citizen.browser.put("/api/kiosk/devices", json=body, headers=OURS)
    return int(answer.status_code)


def asks(clerk: Clerk, **more: object) -> Answer:
    """Have the clerk ask for the signature of the step."""
    step = clerk.step("sign")["id"]
    return clerk.wants("scan", **{"device": SIGNATURE, "step": step, **more})


def signs(citizen: Citizen, content: bytes, *, kind: str = "image/png", job: str = "") -> Answer:
    """Have the citizen sign and touch Done."""
    job = job or citizen.state()["jobs"][0]["id"]
    answer = citizen.browser.put(
        f"/api/kiosk/jobs/{job}/signature", data=content, content_type=kind, headers=OURS
    )
    return Answer(answer.status_code, answer.get_json(silent=True) or {})


def kept(world: World) -> list[DocumentPage]:
    """Return all pages."""
    with world.house.app.database.reading() as db:
        return list(db.scalars(select(DocumentPage)))


def test_a_declaration_is_read_and_signed(
    world: World, seated: tuple[Citizen, Clerk, AgentClient]
) -> None:
    """The citizen is shown what is signed; the page holds text and lines, and proves the step."""
    citizen, clerk, agent = seated
    assert clerk.step("sign")["is_signed"] is True
    assert clerk.changes_step("sign", state="done").json["key"] == "step-unproved"
    assert asks(clerk).status == 201
    (job,) = citizen.state()["jobs"]
    assert (job["state"], job["device"]["id"]) == ("awaiting_consent", SIGNATURE)
    assert job["signs"]["es"] == "Doy permiso para consultar mis datos."
    assert signs(citizen, drawn()).json["jobs"] == []
    (page,) = kept(world)
    assert (page.media_type, page.dpi, page.width_px) == ("image/png", 300, 2480)
    world.house.app.checks.sweep()
    world.house.app.checks.check(page.id)
    (document,) = clerk.visit()["documents"]
    assert [one["state"] for one in document["pages"]] == ["visible"]
    assert document["pages"][0]["problems"] == []
    assert clerk.changes_step("sign", state="done").status == 200
    assert agent.received("job") == []
    assert clerk.visit()["jobs"][0]["state"] == "produced"


def test_others_write_while_a_page_is_drawn(
    world: World, seated: tuple[Citizen, Clerk, AgentClient], monkeypatch: pytest.MonkeyPatch
) -> None:
    """The page with the signature is drawn before the bridge keeps it, in nobody's way."""
    citizen, clerk, _agent = seated
    asks(clerk)
    free, sheet = [], signing.sheet

    def noted(form: FormText, lines: Image.Image, *, where: str) -> bytes:
        file = world.house.app.settings.data_dir / "bridge.sqlite"
        with closing(sqlite3.connect(file, timeout=0, isolation_level=None)) as other:
            free.append(other.execute("BEGIN IMMEDIATE"))
        return sheet(form, lines, where=where)

    monkeypatch.setattr(signing, "sheet", noted)
    assert signs(citizen, drawn()).status == 200
    assert (len(free), len(kept(world))) == (1, 1)


def test_only_the_lines_are_kept(world: World, seated: tuple[Citizen, Clerk, AgentClient]) -> None:
    """Whatever else comes along in the file, of pressure or speed, is neither kept nor told."""
    citizen, clerk, _agent = seated
    asks(clerk)
    assert signs(citizen, drawn(note="t=0.1 p=0.8 v=130")).status == 200
    (page,) = kept(world)
    with world.house.app.database.reading() as db:
        folder = world.house.app.store
        content = folder.read(db, visit_id=clerk.visit()["id"], name=page.id)
        facts = [str(entry.facts) for entry in db.scalars(select(Entry))]
    with Image.open(BytesIO(content)) as image:
        assert image.mode == "L"
        assert set(image.info) == {"dpi"}
    assert b"p=0.8" not in content
    assert not any("0.8" in one for one in facts)
    tags = [one.tag for one in _entries(world) if one.actor_kind == "citizen"]
    assert {"job:allowed", "page:stored"} <= set(tags)


def _entries(world: World) -> list[Entry]:
    with world.house.app.database.reading() as db:
        return list(db.scalars(select(Entry)))


@pytest.mark.parametrize(
    ("content", "kind", "status", "key"),
    [
        (b"", "image/png", 415, "page-unreadable"),
        (b"\x89PNG\r\n\x1a\nrubbish", "image/png", 415, "page-unreadable"),
        (drawn(lines=False), "image/png", 400, "signature-empty"),
        (drawn(size=(2401, 10), lines=False), "image/png", 415, "page-unreadable"),
        (drawn()[:-300], "image/png", 415, "page-unreadable"),
        (drawn(), "image/svg+xml", 400, "refused"),
        (b"\0" * (200 * 1024 + 1), "image/png", 413, "page-too-large"),
    ],
)
def test_what_is_no_signature_is_refused(
    world: World,
    seated: tuple[Citizen, Clerk, AgentClient],
    content: bytes,
    kind: str,
    status: int,
    key: str,
) -> None:
    """Broken, empty, huge or of another kind: a clear no that is recorded, and one may sign again."""
    citizen, clerk, _agent = seated
    asks(clerk)
    answer = signs(citizen, content, kind=kind)
    assert (answer.status, answer.json["key"]) == (status, key)
    assert kept(world) == []
    (refusal,) = [one for one in _entries(world) if one.tag == Tag.PAGE_REFUSED]
    assert refusal.facts["reason"] == key
    assert signs(citizen, drawn()).status == 200


def test_a_picture_that_unpacks_without_end_is_refused() -> None:
    """A small file that claims an enormous picture is not unpacked."""
    head = b"\x00\x00\xea\x60\x00\x00\xea\x60\x08\x00\x00\x00\x00"
    chunk = b"IHDR" + head
    bomb = b"\x89PNG\r\n\x1a\n\x00\x00\x00\x0d" + chunk + zlib.crc32(chunk).to_bytes(4, "big")
    with pytest.raises(Refused):
        signing.cleaned(bomb)


def test_who_wants_paper_gets_paper(
    world: World, seated: tuple[Citizen, Clerk, AgentClient]
) -> None:
    """One touch ends it; the clerk reads why, and a scan of the signed sheet proves the step."""
    citizen, clerk, agent = seated
    asks(clerk)
    job = citizen.state()["jobs"][0]["id"]
    assert citizen.does(f"jobs/{job}/paper").json["jobs"] == []
    told = clerk.visit()["jobs"][0]
    assert (told["state"], told["reason"]) == ("refused", "on-paper")
    with world.house.app.database.reading() as db:
        (entry,) = db.scalars(select(Entry).where(Entry.tag == "job:refused"))
    assert entry.facts["reason"] == "on-paper"
    assert signs(citizen, drawn(), job=job).status == 409
    assert clerk.wants("print", step=clerk.step("sign")["id"]).status == 201
    assert clerk.wants("scan", step=clerk.step("sign")["id"]).status == 201
    assert agent.received("job") == []


def test_the_citizen_refuses_or_stops_everything(
    world: World, seated: tuple[Citizen, Clerk, AgentClient]
) -> None:
    """Nothing is signed for somebody who said no."""
    citizen, clerk, _agent = seated
    asks(clerk)
    job = citizen.state()["jobs"][0]["id"]
    assert citizen.does(f"jobs/{job}/consent", allow=False).status == 200
    assert signs(citizen, drawn(), job=job).status == 409
    asks(clerk)
    job = citizen.state()["jobs"][0]["id"]
    assert citizen.does("stop").status == 200
    assert signs(citizen, drawn(), job=job).status == 409
    assert kept(world) == []


def test_it_is_asked_for_where_something_is_to_be_signed(
    world: World, seated: tuple[Citizen, Clerk, AgentClient]
) -> None:
    """Not without a step, not when the screen cannot, and only by this visit's screen."""
    citizen, clerk, agent = seated
    assert clerk.wants("scan", device=SIGNATURE).status == 400
    assert tells(citizen) == 204
    assert asks(clerk).json["key"] == "device-away"
    assert tells(citizen, "signature") == 204
    agent.hello(SCANNER, PRINTER, {**SCANNER, "id": SIGNATURE})
    assert asks(clerk).status == 201
    job = citizen.state()["jobs"][0]["id"]
    stranger = world.citizen("counter-2")
    assert signs(stranger, drawn(), job=job).status == 404
    assert tells(citizen, "oven") == 400


def test_another_kind_of_job_is_not_signed(
    seated: tuple[Citizen, Clerk, AgentClient],
) -> None:
    """A scan of the agent's takes no signature and needs no paper instead."""
    citizen, clerk, _agent = seated
    clerk.wants("scan")
    job = citizen.state()["jobs"][0]["id"]
    assert signs(citizen, drawn(), job=job).status == 404
    assert citizen.does(f"jobs/{job}/paper").status == 400


@pytest.mark.parametrize("device", [SIGNATURE, "screen:camera"])
def test_nothing_is_printed_on_the_screen(
    seated: tuple[Citizen, Clerk, AgentClient], device: str
) -> None:
    """What the screen does by itself is asked for as a scan, and as nothing else."""
    citizen, clerk, _agent = seated
    assert tells(citizen, "signature", "camera") == 204
    answer = clerk.wants("print", device=device, step=clerk.step("sign")["id"])
    assert (answer.status, answer.json["facts"]) == (400, {"fields": "kind"})
    assert clerk.visit()["jobs"] == []


def test_the_lines_stand_in_the_field_of_the_sheet() -> None:
    """Below the declaration, inside the frame, in the shape in which they were drawn."""
    lines = signing.cleaned(drawn())
    with Image.open(BytesIO(signing.sheet(FORM, lines, where="Lloc 1"))) as page:
        field = page.convert("L").crop((1402, 1238, 2330, 1600))
    box = ImageChops.invert(field).getbbox()
    assert box is not None
    assert (box[2] - box[0]) / (box[3] - box[1]) == pytest.approx(800 / 260, rel=0.1)


def test_a_text_that_does_not_fit_is_for_paper() -> None:
    """Small print that nobody could read is not signed on a screen."""
    long = FormText(**{**_fields(FORM), "declaration": "paraula " * 1500})
    with pytest.raises(signing.DeclarationTooLong):
        signing.sheet(long, signing.cleaned(drawn()), where="Lloc 1")


def _fields(form: FormText) -> dict[str, Any]:
    return {name: getattr(form, name) for name in FormText.__dataclass_fields__}
