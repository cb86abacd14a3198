"""What a clerk makes of the pages of a visit, as the desk asks for it."""

from __future__ import annotations

import base64
import hashlib
from io import BytesIO
from typing import Any

import pytest
from PIL import Image

from bridge.documents.models import DocumentPage
from bridge.documents.rules import PageState
from deploy.virtual.pages import card_back, card_front
from deploy.virtual.processes import wait_until
from tests.unit.bridge.visit_world import Citizen, Clerk, World, ask, heard


class Counter:
    """A citizen in a meeting, the clerk, and papers that are laid on the glass."""

    def __init__(self, world: World) -> None:
        """Bring both into a meeting."""
        self.world = world
        self.citizen: Citizen = world.citizen()
        self.clerk: Clerk = world.clerk()
        self.agent = world.plugs_in(self.citizen)
        world.serve(self.citizen, self.clerk)

    def scans(self, content: bytes, *, step: str, **more: object) -> str:
        """Have a page scanned for a step, whatever it takes; return the id of its job."""
        answer = self.clerk.wants("scan", step=self.clerk.step(step)["id"], **more)
        assert answer.status == 201, answer.json
        job = self.clerk.visit()["jobs"][0]
        if job["state"] == "awaiting_consent":
            self.citizen.does(f"jobs/{job['id']}/consent", allow=True)
        digest = base64.b64encode(hashlib.sha256(content).digest()).decode()
        response = self.world.house.browser().put(
            f"/api/agent/jobs/{job['id']}/pages/1",
            data=content,
            headers={
                "Authorization": f"Bearer {self.agent.token}",
                "Repr-Digest": f"sha-256=:{digest}:",
            },
        )
        assert response.status_code == 201, response.get_json()
        self.waits()
        return str(job["id"])

    def waits(self) -> None:
        """Wait until every page was checked, and looked at for a proposal."""
        wait_until(self._is_looked_at, "the pages are looked at", seconds=60)

    def _is_looked_at(self) -> bool:
        with self.world.house.app.database.reading() as db:
            pages = db.query(DocumentPage).all()
        return all(
            page.state != PageState.QUARANTINE
            and (page.state != PageState.VISIBLE or page.outline is not None)
            for page in pages
        )

    def pages(self) -> list[dict[str, Any]]:
        """Return the pages of the newest document."""
        documents = self.clerk.visit()["documents"]
        return documents[-1]["pages"] if documents else []

    def asks(self, noun: str, **body: object) -> tuple[int, dict[str, Any]]:
        """Ask for something to be made of the last page."""
        path = f"/api/pages/{self.pages()[-1]['id']}/{noun}"
        answer = ask(self.clerk.browser, "POST", path, **body)
        self.waits()
        return answer.status, answer.json


@pytest.fixture
def counter(world: World) -> Counter:
    """Give a counter with both in a meeting."""
    return Counter(world)


def jpeg(picture: Image.Image, *, dpi: int = 300) -> bytes:
    """Return a page as an agent sends it."""
    out = BytesIO()
    picture.save(out, "JPEG", quality=85, dpi=(dpi, dpi))
    return out.getvalue()


def test_what_is_proposed_is_done_when_the_clerk_says_so(counter: Counter) -> None:
    """The proposal comes with the page; accepted, the page is as large as the card; then taken back."""
    counter.scans(jpeg(card_front()), step="scan-housing-title")
    (before,) = counter.pages()
    assert (before["made"], round(before["outline"]["width_mm"])) == (None, 86)
    assert counter.asks("trimming", **before["outline"])[0] == 204
    (after,) = counter.pages()
    assert after["made"] == {"how": "trim", "can_restore": True}
    assert after["outline"] is None
    assert after["width_px"] == pytest.approx(85.6 / 25.4 * 300, abs=6)
    assert counter.asks("restoration")[0] == 204
    assert [page["id"] for page in counter.pages()] == [before["id"]]
    assert counter.asks("restoration")[1]["key"] == "not-restorable"


def test_whoever_has_the_ticket_in_hand_hears_of_its_pages(counter: Counter) -> None:
    """A page that was scanned before the ticket was handed on is told to the clerk of now alone."""
    job = counter.scans(jpeg(card_front()), step="scan-housing-title")
    counter.agent.report(job, 1, "produced", facts={"pages": 1})
    colleague, before = counter.world.clerk("vicent"), counter.clerk
    there = before.does("transfer", to="person", id=colleague.person.id, reason="")
    assert there.status == 200
    assert counter.citizen.does("wiped", storage=0, caches=0, elements=0).status == 200
    assert colleague.calls().status == 201
    first, second = before.page(), colleague.page()
    counter.clerk = colleague
    (page,) = counter.pages()
    assert counter.asks("trimming", **page["outline"])[0] == 204
    told: set[str] = set()

    def both_are_told() -> bool:
        told.update(one["because"] for one in heard(second, "state:changed"))
        return told == {"page:stored", "page:changed"}

    wait_until(both_are_told, "the clerk of now heard that it came and was checked", seconds=60)
    assert heard(first, "state:changed") == []


def test_what_was_cut_off_is_erased_with_the_step(counter: Counter) -> None:
    """Once the step is done nothing brings it back, and its file is gone."""
    counter.scans(jpeg(card_front()), step="scan-housing-title")
    (before,) = counter.pages()
    counter.asks("trimming", **before["outline"])
    visit = counter.clerk.visit()["id"]
    store = counter.world.house.app.store
    assert before["id"] in store.names(visit, "")
    assert counter.clerk.changes_step("scan-housing-title", state="done").status == 200
    assert before["id"] not in store.names(visit, "")
    (after,) = counter.pages()
    assert after["made"] == {"how": "trim", "can_restore": False}
    assert counter.asks("restoration")[1]["key"] == "not-restorable"


@pytest.mark.parametrize(
    "body",
    [
        {},
        {"left_mm": 0, "top_mm": 0, "width_mm": "wide", "height_mm": 10},
        {"left_mm": 0, "top_mm": 0, "width_mm": 1e300, "height_mm": 10},
        {"left_mm": 0, "top_mm": 0, "width_mm": 50, "height_mm": 50, "angle": 180},
    ],
)
def test_a_frame_that_makes_no_sense_is_refused(counter: Counter, body: dict[str, object]) -> None:
    """Nothing left out, no word for a number, no frame beyond the page."""
    counter.scans(jpeg(card_back()), step="scan-housing-title")
    (before,) = counter.pages()
    assert counter.asks("trimming", **body)[0] == 400
    assert counter.pages() == [before]


def test_pages_of_another_visit_are_not_there(world: World, counter: Counter) -> None:
    """Another clerk neither crops nor restores them."""
    counter.scans(jpeg(card_front()), step="scan-housing-title")
    (page,) = counter.pages()
    other = world.clerk("vicent")
    for noun, body in (("trimming", page["outline"]), ("restoration", {})):
        answer = ask(other.browser, "POST", f"/api/pages/{page['id']}/{noun}", **body)
        assert answer.status == 404
