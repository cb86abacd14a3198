"""Printing as people need it: what the printer can, what is looked at before, what is printed again."""

from __future__ import annotations

import hashlib
from io import BytesIO
from typing import Any

import pytest
from PIL import Image
from sqlalchemy import select

from bridge.audit.models import Entry
from bridge.documents import pdfs, service
from bridge.documents.models import Document
from bridge.documents.rules import MOST_PAGE_BYTES
from counter_hooks.page_ranges import ranges_in
from tests.makers import OURS, PRINTER, SCANNER, AgentClient
from tests.pdfs import BROKEN, locked_pdf, pdf_with
from tests.unit.bridge.visit_world import Answer, Citizen, Clerk, World, ask, refusals

ABLE = PRINTER | {
    "colours": ["colour", "grey"],
    "papers": ["iso_a4_210x297mm", "iso_a5_148x210mm"],
    "scalings": ["fit", "none"],
    "can_staple": True,
    "takes_pages": True,
}
Seated = tuple[Citizen, Clerk, AgentClient]


@pytest.fixture
def seated(world: World) -> Seated:
    """Give a citizen in a meeting, the clerk, and an agent with a printer that can do all."""
    citizen, clerk = world.citizen(), world.clerk()
    agent = world.house.agent(citizen.counter)
    agent.hello(ABLE)
    world.serve(citizen, clerk)
    return citizen, clerk, agent


def _prints(clerk: Clerk, **options: object) -> Answer:
    return clerk.wants("print", form="census-application", options=options)


def _allows(citizen: Citizen) -> None:
    (job,) = [one for one in citizen.state()["jobs"] if one["state"] == "awaiting_consent"]
    assert citizen.does(f"jobs/{job['id']}/consent", allow=True).status == 200


def _brings(clerk: Clerk, content: bytes) -> Answer:
    response = clerk.browser.post(
        f"/api/visits/{clerk.visit()['id']}/documents",
        data=content,
        headers=OURS | {"Content-Type": "application/pdf"},
    )
    return Answer(response.status_code, response.get_json() or {})


def _audit(world: World) -> list[dict[str, Any]]:
    with world.house.app.database.reading() as db:
        return [dict(one.facts) for one in db.scalars(select(Entry).order_by(Entry.number))]


def test_wishes_reach_the_agent(seated: Seated) -> None:
    """What the clerk chose is in the order; what nobody chose is not, for agents of before."""
    citizen, clerk, agent = seated
    wishes = {"paper": "iso_a5_148x210mm", "scaling": "none", "staple": True, "pages": "1"}
    assert _prints(clerk, copies=2, **wishes).status == 201
    _allows(citizen)
    assert _prints(clerk).status == 201
    _allows(citizen)
    chosen, plain = (order["options"] for order in agent.received("job"))
    assert chosen == {"copies": 2, "sides": "one-sided", "colour": "colour", **wishes}
    assert plain == {"copies": 1, "sides": "one-sided", "colour": "colour"}


@pytest.mark.parametrize(
    ("option", "value"),
    [
        ("paper", "iso_a3_297x420mm"),
        ("paper", "a napkin"),
        ("scaling", "huge"),
        ("sides", "two-sided-short-edge"),
        ("copies", 0),
        ("copies", 21),
        ("pages", "3-1"),
        ("pages", "0"),
        ("pages", "1;2"),
        ("staple", "often"),
        ("perfume", True),
    ],
)
def test_what_makes_no_sense_is_refused(
    world: World, seated: Seated, option: str, value: object
) -> None:
    """A wish out of range is named and recorded; nothing is asked of the citizen."""
    citizen, clerk, _agent = seated
    answer = _prints(clerk, **{option: value})
    assert (answer.status, answer.json["key"]) == (400, "device-incapable")
    assert answer.json["facts"]["option"] == option
    assert citizen.state()["jobs"] == []
    assert refusals(world, "job:unfit") == [{"reason": "device-incapable", "option": option}]


@pytest.mark.parametrize("wish", ["paper", "scaling", "staple", "pages"])
def test_a_printer_that_did_not_say_so_cannot(seated: Seated, wish: str) -> None:
    """An agent that does not know a word yet never says it, and is never sent it."""
    _citizen, clerk, agent = seated
    agent.say("devices", {"devices": [PRINTER]})
    value = {"paper": "iso_a4_210x297mm", "scaling": "fit", "staple": True, "pages": "1"}[wish]
    assert _prints(clerk, **{wish: value}).json["facts"]["option"] == wish


@pytest.mark.parametrize(
    ("pages", "named"),
    [
        ("", []),
        ("2", [2]),
        ("1-3,5", [1, 2, 3, 5]),
        ("3,2", None),
        ("1-3,3", None),
        ("1-", None),
        ("1-2-3", None),
        ("99999", None),
        ("1," * 40 + "1", None),
    ],
)
def test_pages_as_people_write_them(pages: str, named: list[int] | None) -> None:
    """Pages rise and do not overlap; anything else makes no sense."""
    found = ranges_in(pages)
    assert (found if found is None else [number for one in found for number in one]) == named


def test_pages_that_a_paper_does_not_have(seated: Seated) -> None:
    """The form has one page: its second is not asked of the printer."""
    _citizen, clerk, _agent = seated
    answer = _prints(clerk, pages="1-2")
    assert (answer.status, answer.json["key"]) == (400, "pages-unfit")
    assert answer.json["facts"]["pages"] == 1


def test_a_form_is_looked_at_before(seated: Seated) -> None:
    """Looking draws the form and prints nothing; what is printed then is what was seen."""
    citizen, clerk, agent = seated
    assert clerk.does("forms/census-application").status == 201
    (paper,) = clerk.does("forms/census-application").json["visit"]["documents"]
    assert (paper["key"], paper["sheets"]) == ("census-application", 1)
    seen = clerk.browser.get(f"/api/documents/{paper['id']}/sheets/1/image?width=300")
    assert seen.content_type == "image/jpeg"
    assert Image.open(BytesIO(seen.data)).size[0] == 300
    for number in (0, 2):
        beyond = clerk.browser.get(f"/api/documents/{paper['id']}/sheets/{number}/image")
        assert beyond.status_code == 404
    assert clerk.visit()["jobs"] == []
    _prints(clerk)
    _allows(citizen)
    (printed,) = clerk.visit()["documents"]
    assert printed["id"] == paper["id"]
    assert agent.received("job")[0]["source"]["size_bytes"] > 0
    assert clerk.does("forms/certificate-request").json["key"] == "form-unknown"


def test_nobody_waits_for_a_sheet_to_be_drawn(
    world: World, seated: Seated, monkeypatch: pytest.MonkeyPatch
) -> None:
    """While a sheet is drawn no connection to the database is kept: the others need them."""
    _citizen, clerk, _agent = seated
    (paper,) = clerk.does("forms/census-application").json["visit"]["documents"]
    pool, kept, drawn = world.house.app.database.engine.pool, [], pdfs.picture

    def picture(*what: Any, **how: Any) -> bytes:
        kept.append(pool.checkedout())  # type: ignore[attr-defined]  # of the pools that count
        return drawn(*what, **how)

    monkeypatch.setattr(pdfs, "picture", picture)
    seen = clerk.browser.get(f"/api/documents/{paper['id']}/sheets/1/image")
    assert seen.status_code == 200
    assert kept == [0]


def test_a_paper_that_the_clerk_brings(world: World, seated: Seated) -> None:
    """A PDF of the clerk's is kept, counted, and printed byte by byte as it came."""
    citizen, clerk, agent = seated
    content = pdf_with(3)
    answer = _brings(clerk, content)
    assert answer.status == 201
    (paper,) = answer.json["visit"]["documents"]
    assert (paper["kind"], paper["sheets"], paper["is_brought"]) == ("form", 3, True)
    assert clerk.wants("print", document=paper["id"], options={"pages": "2-3"}).status == 201
    _allows(citizen)
    source = agent.received("job")[0]["source"]
    assert source["sha256"] == hashlib.sha256(content).hexdigest()
    fetched = world.house.browser().get(
        source["href"], headers={"Authorization": f"Bearer {agent.token}"}
    )
    assert fetched.data == content


def test_the_citizen_reads_what_a_brought_paper_is(world: World, seated: Seated) -> None:
    """By its errand, until the clerk says it better; no audit has those words, and they are erased."""
    citizen, clerk, _agent = seated
    (paper,) = _brings(clerk, pdf_with(1)).json["visit"]["documents"]
    assert clerk.wants("print", document=paper["id"]).status == 201
    (job,) = citizen.state()["jobs"]
    assert job["title"]["es"] == paper["title"]["es"] == "Documento: Empadronamiento"
    clerk.does(f"jobs/{job['id']}/cancellation")
    name = "Rebut\u202e de\n la  llum"
    assert clerk.wants("print", document=paper["id"], title=name).status == 201
    (job,) = citizen.state()["jobs"]
    (paper,) = clerk.visit()["documents"]
    assert set(job["title"].values()) == set(paper["title"].values()) == {"Rebut de la llum"}
    assert "Rebut" not in str(_audit(world))
    with world.house.app.database.transaction() as db:
        visit, now = clerk.visit()["id"], world.house.clock.now
        service.erase_visit(db, world.house.app.store, visit, now=now)
        assert db.get_one(Document, paper["id"]).title is None


@pytest.mark.parametrize("has_begun", [True, False])
def test_a_stopped_print_may_lie_in_the_printer(seated: Seated, *, has_begun: bool) -> None:
    """Once the agent had taken it up nobody knows: the clerk hears of it before it is printed twice."""
    citizen, clerk, agent = seated
    assert _prints(clerk).status == 201
    _allows(citizen)
    (order,) = agent.received("job")
    if has_begun:
        agent.report(order["id"], 1, "running")
    assert clerk.visit()["jobs"][0]["may_lie_there"] is False
    clerk.does(f"jobs/{order['id']}/cancellation")
    (job,) = clerk.visit()["jobs"]
    assert (job["state"], job["may_lie_there"]) == ("cancelled", has_begun)


@pytest.mark.parametrize("title", ["x" * 81, "of a form"])
def test_a_title_that_makes_no_sense(world: World, seated: Seated, title: str) -> None:
    """One that nobody could read, or of a form, is refused and recorded; nothing is asked."""
    citizen, clerk, _agent = seated
    (paper,) = _brings(clerk, pdf_with(1)).json["visit"]["documents"]
    what = {"form": "census-application"} if title == "of a form" else {"document": paper["id"]}
    answer = clerk.wants("print", title=title, **what)
    assert (answer.status, answer.json["key"]) == (400, "refused")
    assert (citizen.state()["jobs"], clerk.visit()["documents"]) == ([], [paper])
    assert [one["reason"] for one in refusals(world, "job:unfit")] == ["refused"]


@pytest.mark.parametrize(
    ("content", "key"),
    [
        *[(BROKEN[name], "pdf-unreadable") for name in ("empty", "text", "picture", "no pages")],
        (BROKEN["turning"], "pdf-unreadable"),
        (BROKEN["too many pages"], "pdf-too-heavy"),
        (locked_pdf(), "pdf-locked"),
        (locked_pdf(user=""), "pdf-locked"),
        (pdf_with(1, side=40_000), "pdf-too-heavy"),
        (b"%PDF-1.4" + bytes(11 * 2**20), "pdf-too-heavy"),
    ],
    ids=range(10),
)
def test_a_paper_that_cannot_be_printed(
    world: World, seated: Seated, content: bytes, key: str
) -> None:
    """Whoever brings it is told why, it is recorded, and nothing is kept."""
    _citizen, clerk, _agent = seated
    answer = _brings(clerk, content)
    assert (answer.status in (400, 413, 415), answer.json["key"]) == (True, key)
    assert clerk.visit()["documents"] == []
    assert refusals(world, "document:refused") == [
        {"reason": key, "bytes": min(len(content), MOST_PAGE_BYTES + 1)}
    ]


def test_a_paper_made_to_take_all_memory(world: World, seated: Seated) -> None:
    """A small file that grows to a gigabyte ends the process that reads it, and nothing else."""
    _citizen, clerk, _agent = seated
    bomb = pdf_with(1, content=b"0 0 m 500 500 l S " * 20_000_000)
    assert len(bomb) < 2**20
    assert _brings(clerk, bomb).json["key"] == "pdf-too-heavy"
    assert clerk.visit()["documents"] == []
    told = {"reason": "pdf-too-heavy", "bytes": len(bomb)}
    assert refusals(world, "document:refused") == [told]


def test_papers_are_brought_in_ones_own_meeting(world: World, seated: Seated) -> None:
    """Another clerk's visit is none of one's business, and one that has ended takes no paper."""
    _citizen, clerk, _agent = seated
    stranger = world.clerk("vicent")
    path = f"/api/visits/{clerk.visit()['id']}"
    assert ask(stranger.browser, "POST", f"{path}/forms/census-application").status == 404
    assert clerk.does("ending").status == 200
    assert clerk.does("forms/census-application").json["key"] == "ticket-elsewhere"
    assert _brings(clerk, pdf_with(1)).json["key"] == "ticket-elsewhere"


def test_what_did_not_come_out_is_printed_again(world: World, seated: Seated) -> None:
    """The second print says which it repeats; pressed twice it is one print; a good one is none."""
    citizen, clerk, agent = seated
    _prints(clerk)
    first: dict[str, Any] = clerk.visit()["jobs"][0]
    again = {"document": first["document"], "repeats": first["id"], "idempotency_key": "again"}
    assert clerk.wants("print", **again).json["key"] == "job-elsewhere"
    _allows(citizen)
    agent.report(first["id"], 1, "produced")
    citizen.does(f"jobs/{first['id']}/confirmation", came_out=False)
    assert clerk.wants("print", **again).status == 201
    assert clerk.wants("print", **again).status == 201
    jobs = clerk.visit()["jobs"]
    assert len(jobs) == 2
    assert world.house.job(jobs[0]["id"]).repeats_id == first["id"]
    assert first["id"] in [one.get("repeats") for one in _audit(world)]


def test_the_screen_knows_where_papers_lie_still(seated: Seated) -> None:
    """At the end the citizen is told where to look: only where something was put or came out."""
    citizen, clerk, agent = seated
    agent.say("devices", {"devices": [ABLE, SCANNER]})
    _prints(clerk)
    _allows(citizen)
    agent.report(clerk.visit()["jobs"][0]["id"], 1, "produced")
    assert clerk.wants("scan").status == 201
    citizen.does(f"jobs/{clerk.visit()['jobs'][0]['id']}/consent", allow=False)
    assert citizen.state()["visit"]["left_behind"] == []
    assert clerk.does("ending").status == 200
    assert citizen.state()["visit"]["left_behind"] == ["tray"]


@pytest.mark.parametrize(("came_out", "places"), [(True, []), (False, ["tray"])])
def test_paper_that_was_said_to_be_there_lies_in_no_printer(
    seated: Seated, *, came_out: bool, places: list[str]
) -> None:
    """Who has the paper in hand is not sent back for it; who said no is."""
    citizen, clerk, agent = seated
    _prints(clerk)
    _allows(citizen)
    job = clerk.visit()["jobs"][0]["id"]
    agent.report(job, 1, "produced")
    assert citizen.does(f"jobs/{job}/confirmation", came_out=came_out).status == 200
    assert clerk.does("ending").status == 200
    assert citizen.state()["visit"]["left_behind"] == places
