"""Scans and prints in a visit: the citizen allows, the steps know, the paper is confirmed."""

from __future__ import annotations

import base64
import hashlib
import re
from io import BytesIO
from typing import Any

import pytest
from PIL import Image

from bridge.documents.rules import MOST_PAGE_BYTES
from bridge.visits.devices import form_text
from bridge.visits.models import Visit
from tests.makers import SCANNER, AgentClient
from tests.unit.bridge.visit_world import Answer, Citizen, Clerk, World, ask, refusals


@pytest.fixture
def seated(world: World) -> tuple[Citizen, Clerk, AgentClient]:
    """Give a citizen in a meeting, the clerk, and the agent with its devices."""
    citizen, clerk = world.citizen(), world.clerk()
    agent = world.plugs_in(citizen)
    world.serve(citizen, clerk)
    return citizen, clerk, agent


def _allow(citizen: Citizen, *, allow: bool = True) -> dict[str, Any]:
    job = citizen.state()["jobs"][0]
    return citizen.does(f"jobs/{job['id']}/consent", allow=allow).json


def _upload(world: World, job: str, token: str, content: bytes = b"") -> Answer:
    out = BytesIO(content)
    if not content:
        Image.effect_noise((1240, 1754), 80).save(out, "JPEG", dpi=(150 * 2, 150 * 2))
    digest = base64.b64encode(hashlib.sha256(out.getvalue()).digest()).decode()
    headers = {"Authorization": f"Bearer {token}", "Repr-Digest": f"sha-256=:{digest}:"}
    response = world.house.browser().put(
        f"/api/agent/jobs/{job}/pages/1",
        data=out.getvalue(),
        headers={**headers, "Content-Type": "image/jpeg"},
    )
    return Answer(response.status_code, response.get_json() or {})


def test_a_scan_waits_for_the_citizen(seated: tuple[Citizen, Clerk, AgentClient]) -> None:
    """What, who and why are on the screen first; only then the agent hears of it."""
    citizen, clerk, agent = seated
    step = clerk.step("scan-id")
    answer = clerk.wants("scan", step=step["id"])
    assert answer.status == 201
    (job,) = citizen.state()["jobs"]
    assert (job["kind"], job["state"]) == ("scan", "awaiting_consent")
    assert (job["purpose"], job["clerk"]) == ("identity-card", "Empar")
    assert job["device"] == {"id": "fake:scanner", "name": "Scanner"}
    assert job["options"]["resolution_dpi"] == 300
    assert agent.received("job") == []
    assert _allow(citizen)["jobs"][0]["state"] == "queued"
    assert agent.received("job")[0]["id"] == job["id"]
    document = clerk.visit()["documents"][0]
    assert (document["step"], document["title"]["en"]) == (step["id"], "Identity document")


def test_the_citizen_refuses(seated: tuple[Citizen, Clerk, AgentClient]) -> None:
    """A refused job never reaches the device."""
    citizen, clerk, agent = seated
    clerk.wants("scan")
    assert _allow(citizen, allow=False)["jobs"] == []
    assert clerk.visit()["jobs"][0]["state"] == "refused"
    assert agent.received("job") == []


def test_some_steps_ask_only_once(seated: tuple[Citizen, Clerk, AgentClient]) -> None:
    """The housing title has several sheets: the first consent is for all of them."""
    citizen, clerk, _agent = seated
    step = clerk.step("scan-housing-title")["id"]
    clerk.wants("scan", step=step)
    _allow(citizen)
    clerk.wants("scan", step=step)
    assert [job["state"] for job in clerk.visit()["jobs"]] == ["queued", "queued"]
    assert len(clerk.visit()["documents"]) == 1
    other = clerk.step("scan-id")["id"]
    clerk.wants("scan", step=other)
    assert clerk.visit()["jobs"][0]["state"] == "awaiting_consent"


def _scans(citizen: Citizen, clerk: Clerk, *, step: str) -> str:
    """Ask for one more page of the step; return how its job stands."""
    assert clerk.wants("scan", step=step).status == 201
    return str(clerk.visit()["jobs"][0]["state"])


@pytest.mark.parametrize("how", ["stop", "refusal", "fault", "clerk", "step"])
def test_what_was_allowed_does_not_outlive_a_no(
    seated: tuple[Citizen, Clerk, AgentClient], how: str
) -> None:
    """After "stop everything", a refusal or a page that never finished, the citizen is asked."""
    citizen, clerk, agent = seated
    step = clerk.step("scan-housing-title")["id"]
    assert _scans(citizen, clerk, step=step) == "awaiting_consent"
    _allow(citizen)
    job = clerk.visit()["jobs"][0]["id"]
    if how == "stop":
        citizen.does("stop")
        citizen.does("resumption")
    elif how == "refusal":
        clerk.does(f"jobs/{job}/cancellation")
        clerk.wants("scan", step=step)
        _allow(citizen, allow=False)
    elif how == "fault":
        agent.report(job, 1, "failed", reason="device-gone")
    elif how == "clerk":
        clerk.does(f"jobs/{job}/cancellation")
    else:
        agent.report(job, 1, "produced")
        clerk.changes_step("scan-housing-title", state="to_correct")
    assert _scans(citizen, clerk, step=step) == "awaiting_consent"
    _allow(citizen)
    assert _scans(citizen, clerk, step=step) == "queued"


def test_stop_with_nothing_under_way(seated: tuple[Citizen, Clerk, AgentClient]) -> None:
    """The last page had finished: what was allowed is withdrawn all the same."""
    citizen, clerk, agent = seated
    step = clerk.step("scan-housing-title")["id"]
    clerk.wants("scan", step=step)
    _allow(citizen)
    agent.report(clerk.visit()["jobs"][0]["id"], 1, "produced")
    citizen.does("stop")
    citizen.does("resumption")
    assert _scans(citizen, clerk, step=step) == "awaiting_consent"


def test_another_clerk_asks_again(world: World, seated: tuple[Citizen, Clerk, AgentClient]) -> None:
    """What was allowed to one clerk is not allowed to whoever takes the ticket over."""
    citizen, clerk, agent = seated
    other = world.clerk("vicent")
    step = clerk.step("scan-housing-title")["id"]
    clerk.wants("scan", step=step)
    _allow(citizen)
    agent.report(clerk.visit()["jobs"][0]["id"], 1, "produced")
    assert clerk.does("transfer", to="person", id=other.person.id, reason="").status == 200
    citizen.does("wiped", storage=0, caches=0, elements=0)
    assert other.calls().status == 201
    citizen.does("arrival")
    assert _scans(citizen, other, step=step) == "awaiting_consent"


def test_what_is_allowed_is_said(seated: tuple[Citizen, Clerk, AgentClient]) -> None:
    """The question says whether it is for one page or for all pages of a paper."""
    citizen, clerk, _agent = seated
    clerk.wants("scan", step=clerk.step("scan-id")["id"])
    clerk.wants("scan", step=clerk.step("scan-housing-title")["id"])
    clerk.wants("print", step=clerk.step("scan-housing-title")["id"], form="census-receipt")
    asked = [one["is_for_all_pages"] for one in citizen.state()["jobs"]]
    assert asked == [False, True, False]


def test_no_print_rides_on_a_scan(seated: tuple[Citizen, Clerk, AgentClient]) -> None:
    """Who allowed the pages of a paper has allowed no print."""
    citizen, clerk, _agent = seated
    step = clerk.step("scan-housing-title")["id"]
    clerk.wants("scan", step=step)
    _allow(citizen)
    assert clerk.wants("print", step=step, form="census-receipt").status == 201
    assert clerk.visit()["jobs"][0]["state"] == "awaiting_consent"


def test_the_citizen_is_answered(seated: tuple[Citizen, Clerk, AgentClient]) -> None:
    """What became of the last job is in the kiosk's state, whichever job ended last."""
    citizen, clerk, agent = seated
    assert citizen.state()["last_job"] is None
    clerk.wants("print", form="census-receipt")
    printed = clerk.visit()["jobs"][0]["id"]
    clerk.wants("scan")
    refused = next(one for one in citizen.state()["jobs"] if one["kind"] == "scan")
    answer = citizen.does(f"jobs/{refused['id']}/consent", allow=False).json
    assert (answer["last_job"]["id"], answer["last_job"]["state"]) == (refused["id"], "refused")
    _allow(citizen)
    agent.report(printed, 1, "produced")
    assert citizen.state()["last_job"]["id"] == refused["id"]
    citizen.house.clock.go(seconds=1)
    answer = citizen.does(f"jobs/{printed}/confirmation", came_out=False).json
    assert answer["last_job"]["id"] == printed
    assert answer["last_job"]["reason"] == "not-come-out"
    clerk.does("ending")
    assert citizen.state()["last_job"] is None


def test_a_print_is_called_by_its_forms_title(seated: tuple[Citizen, Clerk, AgentClient]) -> None:
    """The citizen reads which form it is, in three languages; a scan has no form."""
    citizen, clerk, _agent = seated
    clerk.wants("print", form="census-receipt")
    clerk.wants("scan")
    titles = {one["kind"]: one["title"] for one in citizen.state()["jobs"]}
    assert titles["print"]["en"] == "Receipt: registering an address"
    assert titles["scan"] is None


def test_the_form_is_dated_as_people_here_write_dates(
    world: World, seated: tuple[Citizen, Clerk, AgentClient]
) -> None:
    """Day, month, year, after the ticket's number."""
    _citizen, clerk, _agent = seated
    form = world.house.app.procedures.form("census-receipt")
    assert form is not None
    with world.house.app.database.reading() as db:
        text = form_text(db.get_one(Visit, clerk.visit()["id"]), form)
    assert re.fullmatch(r"A001 · \d\d/\d\d/\d{4}", text.reference)


def test_the_same_intent_is_one_job(seated: tuple[Citizen, Clerk, AgentClient]) -> None:
    """Pressed twice, scanned once (R2); a key has a sensible length."""
    _citizen, clerk, _agent = seated
    for _ in range(2):
        assert clerk.wants("scan", idempotency_key="same").status == 201
    assert len(clerk.visit()["jobs"]) == 1
    assert clerk.wants("scan", idempotency_key="").status == 400


def test_a_form_is_printed_in_the_citizens_language(
    seated: tuple[Citizen, Clerk, AgentClient],
) -> None:
    """The form is drawn once, printed as often as needed, and confirmed by a person."""
    citizen, clerk, agent = seated
    step = clerk.step("print-application")["id"]
    assert clerk.wants("print", step=step).status == 201
    assert clerk.wants("print", form="census-application").status == 201
    visit = clerk.visit()
    assert [one["title"]["ca"] for one in visit["documents"]] == [
        "Sol·licitud d'alta o canvi en el padró municipal"
    ]
    assert {one["key"] for one in visit["forms"]} == {
        "census-application",
        "census-receipt",
        "receipt",
    }
    file = clerk.browser.get(f"/api/documents/{visit['documents'][0]['id']}/file")
    assert file.data.startswith(b"%PDF")
    job = next(one for one in visit["jobs"] if one["step"] == step)
    assert clerk.changes_step("print-application", state="done").json["key"] == "step-unproved"
    citizen.does(f"jobs/{job['id']}/consent", allow=True)
    assert agent.report(job["id"], 1, "produced")["ok"] is True
    shown = {one["id"]: one["state"] for one in citizen.state()["jobs"]}
    assert shown[job["id"]] == "produced"
    assert citizen.does(f"jobs/{job['id']}/confirmation", came_out=True).status == 200
    assert clerk.changes_step("print-application", state="done").status == 200


def test_paper_that_did_not_come_out(seated: tuple[Citizen, Clerk, AgentClient]) -> None:
    """The clerk may say so too; the job has failed then."""
    citizen, clerk, agent = seated
    clerk.wants("print", form="census-receipt")
    job = clerk.visit()["jobs"][0]["id"]
    assert clerk.does(f"jobs/{job}/confirmation", came_out=True).status == 409
    _allow(citizen)
    agent.report(job, 1, "produced")
    state = clerk.does(f"jobs/{job}/confirmation", came_out=False).json
    assert state["visit"]["jobs"][0]["state"] == "failed"


def test_nobody_leaves_while_a_device_works(seated: tuple[Citizen, Clerk, AgentClient]) -> None:
    """Ending, parking and handing on say which device it is; a job that only waits is dropped."""
    citizen, clerk, agent = seated
    clerk.wants("scan")
    _allow(citizen)
    job = clerk.visit()["jobs"][0]["id"]
    agent.report(job, 1, "running")
    for what in ("ending", "parking"):
        answer = clerk.does(what)
        assert (answer.status, answer.json["key"]) == (409, "job-running")
        assert answer.json["facts"]["device"] == "Scanner"
    assert clerk.does("transfer", to="queue", reason="").json["key"] == "job-running"
    assert clerk.does(f"jobs/{job}/cancellation").json["visit"]["jobs"][0]["state"] == "cancelled"
    clerk.wants("scan")
    assert clerk.does("ending").json["visit"]["jobs"][0]["state"] == "cancelled"


def test_a_scan_step_is_done_with_its_pages(
    world: World, seated: tuple[Citizen, Clerk, AgentClient]
) -> None:
    """Checked pages prove a scan; a note does where there are none; then the next step is up."""
    citizen, clerk, _agent = seated
    token = world.house.token(citizen.counter, "agent")
    clerk.wants("scan", step=clerk.step("scan-id")["id"])
    _allow(citizen)
    job = clerk.visit()["jobs"][0]["id"]
    assert clerk.changes_step("scan-id", state="done").json["key"] == "step-unproved"
    assert _upload(world, job, token).status == 201
    world.house.app.checks.stop()
    world.house.app.checks.sweep(world.house.clock())
    (page,) = clerk.visit()["documents"][0]["pages"]
    assert page["state"] == "visible", page
    assert clerk.changes_step("scan-id", state="done").status == 200
    shown = clerk.browser.get(f"/api/pages/{page['id']}/image?width=200")
    assert shown.content_type == "image/jpeg"
    changes = [{"place": 1}, {"rotation": 90}, {"place": 2}, {"place": "first"}, {}]
    answers = [ask(clerk.browser, "PATCH", f"/api/pages/{page['id']}", **one) for one in changes]
    assert [answer.status for answer in answers] == [204, 204, 400, 400, 400]
    note = clerk.changes_step("scan-housing-title", state="done", note="shown to the camera")
    assert note.status == 200
    assert clerk.step("scan-housing-title")["note"] == "shown to the camera"


@pytest.mark.parametrize(
    ("content", "key"),
    [
        (b"hello", "page-unreadable"),
        (b"%PDF-1.4", "page-unreadable"),
        (b"\xff\xd8\xff\xe0" + bytes(50), "page-unreadable"),
        (bytes(MOST_PAGE_BYTES + 1), "page-too-large"),
    ],
    ids=range(4),
)
def test_a_page_that_is_none_is_refused_and_recorded(
    world: World, seated: tuple[Citizen, Clerk, AgentClient], content: bytes, key: str
) -> None:
    """Whatever its sender calls it, the audit says of which job it was, and the clerk hears why."""
    citizen, clerk, _agent = seated
    token = world.house.token(citizen.counter, "agent")
    agent = world.house.agent(citizen.counter, token)
    agent.hello(SCANNER)
    clerk.wants("scan", step=clerk.step("scan-id")["id"])
    _allow(citizen)
    job = clerk.visit()["jobs"][0]["id"]
    assert _upload(world, job, token, content).json["key"] == key
    assert refusals(world, "page:refused") == [{"job": job, "number": "1", "reason": key}]
    assert _upload(world, "none", token).status == 404
    assert len(refusals(world, "page:refused")) == 1
    assert clerk.visit()["documents"][0]["pages"] == []
    assert _upload(world, job, token).status == 201
    agent.report(job, 1, "failed", reason=key)
    (shown,) = clerk.visit()["jobs"]
    assert (shown["state"], shown["reason"]) == ("failed", key)
    assert refusals(world, "job:moved")[-1]["reason"] == key
    assert len(clerk.visit()["documents"][0]["pages"]) == 1


def test_steps_move_by_their_table(seated: tuple[Citizen, Clerk, AgentClient]) -> None:
    """Done leads on; to correct does not go back to to-do; one may be made current."""
    citizen, clerk, _agent = seated
    state = clerk.changes_step("what-you-need", state="done").json
    steps = state["visit"]["services"][0]["steps"]
    assert state["visit"]["current_step"] == steps[1]["id"]
    assert citizen.state()["visit"]["step"]["key"] == "scan-id"
    assert clerk.changes_step("what-you-need", state="to_correct").status == 200
    refused = clerk.changes_step("what-you-need", state="to_do")
    assert (refused.status, refused.json["facts"]["state"]) == (409, "to_correct")
    clerk.changes_step("what-happens-next", current=True)
    assert citizen.state()["visit"]["step"]["position"] == 7
    assert citizen.state()["visit"]["step"]["id"] == clerk.visit()["current_step"]
    path = f"/api/visits/{clerk.visit()['id']}/steps/none"
    assert ask(clerk.browser, "PATCH", path, state="done").status == 404


def test_what_belongs_to_another_ticket_is_not_there(
    world: World, seated: tuple[Citizen, Clerk, AgentClient]
) -> None:
    """Documents, pages and jobs of another visit cannot be used or seen."""
    citizen, clerk, _agent = seated
    clerk.wants("print", form="census-receipt")
    clerk.wants("scan")
    form, scan = clerk.visit()["documents"]
    job = clerk.visit()["jobs"][0]["id"]
    there, other = world.citizen("counter-2"), world.clerk("vicent")
    world.plugs_in(there)
    world.serve(there, other)
    assert other.wants("scan", document=scan["id"]).status == 404
    assert other.does(f"jobs/{job}/cancellation").status == 404
    assert there.does(f"jobs/{job}/consent", allow=True).status == 404
    assert other.browser.get(f"/api/documents/{form['id']}/file").status_code == 404
    assert clerk.wants("scan", document=form["id"]).json["key"] == "document-unfit"
    assert clerk.wants("print", document=scan["id"]).json["key"] == "document-unfit"
    assert clerk.wants("print", form="certificate-request").json["key"] == "form-unknown"
    assert clerk.wants("scan", device="fake:none").json["key"] == "device-away"
    assert citizen.does("jobs/none/consent", allow=True).status == 404
