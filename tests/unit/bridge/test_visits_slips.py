"""Numbers and receipts on the printer that is there for them."""

from __future__ import annotations

import pypdfium2
import pytest

from bridge.counters.rules import JobState
from tests.makers import PRINTER, AgentClient
from tests.unit.bridge.visit_world import Citizen, World

ROLL = PRINTER | {
    "id": "escpos:roll",
    "name": "Roll",
    "colours": ["grey"],
    "sides": ["one-sided"],
    "is_for_tickets": True,
}


@pytest.fixture
def citizen(world: World) -> Citizen:
    """Give somebody at a counter whose clerk is on duty."""
    world.clerk()
    return world.citizen()


def _words(world: World, token: str, order: dict[str, object]) -> str:
    source = order["source"]
    assert isinstance(source, dict)
    answer = world.house.browser().get(source["href"], headers={"Authorization": f"Bearer {token}"})
    with pypdfium2.PdfDocument(answer.data) as paper:
        assert len(paper) == 1
        return str(paper[0].get_textpage().get_text_bounded())


def _plugs_in(
    world: World, citizen: Citizen, *devices: dict[str, object]
) -> tuple[AgentClient, str]:
    token = world.house.token(citizen.counter, "agent")
    agent = world.house.agent(citizen.counter, token)
    agent.hello(*devices)
    return agent, token


def test_a_number_is_printed_once(world: World, citizen: Citizen) -> None:
    """Who takes a number has it in hand, in their language; touched twice, it is one paper."""
    agent, token = _plugs_in(world, citizen, PRINTER, ROLL)
    for _ in range(2):
        assert citizen.takes_ticket(language="es", key="once").status == 201
    (order,) = agent.received("job")
    assert (order["device"], order["kind"], order["title"]) == ("escpos:roll", "print", "ticket")
    words = _words(world, token, order)
    number = citizen.state()["ticket"]["number"]
    assert number in words
    assert "Empadronamiento" in words
    assert "Su turno" in words
    assert agent.report(order["id"], 1, "produced")["ok"] is True


def test_a_number_is_given_whatever_becomes_of_its_paper(world: World, citizen: Citizen) -> None:
    """On a disk that keeps nothing the number comes on the screen; touched again later, on paper."""
    agent, _ = _plugs_in(world, citizen, ROLL)
    folder = world.house.app.settings.documents_dir
    folder.rmdir()
    folder.touch()
    assert citizen.takes_ticket(key="once").status == 201
    number = citizen.state()["ticket"]["number"]
    assert agent.received("job") == []
    folder.unlink()
    assert citizen.takes_ticket(key="once").json["ticket"]["number"] == number
    assert len(agent.received("job")) == 1


def test_a_number_whose_turn_has_come_is_not_printed_later(world: World, citizen: Citizen) -> None:
    """Without paper it waits as long as its ticket does; then it is withdrawn, and nothing piles up."""
    agent, _ = _plugs_in(world, citizen, ROLL)
    assert citizen.takes_ticket().status == 201
    (order,) = agent.received("job")
    agent.report(order["id"], 1, "needs_attention", reason="paper_empty")
    world.house.clock.go(minutes=1)
    world.house.app.sweeper.sweep()
    assert agent.received("job:cancel") == []
    assert citizen.does("departure").status == 200
    world.house.clock.go(minutes=1)
    world.house.app.sweeper.sweep()
    assert agent.received("job:cancel") == [{"id": order["id"]}]
    assert world.house.job(order["id"]).state is JobState.CANCELLED


@pytest.mark.parametrize("devices", [(), (PRINTER,), (ROLL | {"capabilities": ["scan"]},)])
def test_without_such_a_printer_there_is_no_paper(
    world: World, citizen: Citizen, devices: tuple[dict[str, object], ...]
) -> None:
    """A number is given out whatever is plugged in, and no form's printer is used for it."""
    agent, _ = _plugs_in(world, citizen, *devices)
    assert citizen.takes_ticket().status == 201
    assert agent.received("job") == []


def test_the_printer_that_waits_for_nobody_is_taken(world: World, citizen: Citizen) -> None:
    """Of two, the one with paper prints; one in colour alone prints in colour."""
    empty = ROLL | {"attention": "paper_empty"}
    other = ROLL | {"id": "escpos:second", "colours": ["colour"]}
    agent, _ = _plugs_in(world, citizen, empty, other)
    assert citizen.takes_ticket().status == 201
    (order,) = agent.received("job")
    assert (order["device"], order["options"]["colour"]) == ("escpos:second", "colour")


def test_a_receipt_of_the_visit(world: World) -> None:
    """The clerk prints it on whichever printer; it is the same paper until the visit changes."""
    citizen, clerk = world.citizen(), world.clerk()
    agent, token = _plugs_in(world, citizen, PRINTER, ROLL)
    world.serve(citizen, clerk)
    agent.received("job")
    for _ in range(2):
        assert clerk.does("forms/receipt").status == 201
    papers = [one for one in clerk.visit()["documents"] if one["key"] == "receipt"]
    assert [paper["title"]["en"] for paper in papers] == ["Receipt of the visit"]
    assert clerk.wants("print", form="receipt", device="escpos:roll").status == 201
    (job,) = citizen.state()["jobs"]
    assert citizen.does(f"jobs/{job['id']}/consent", allow=True).status == 200
    (order,) = agent.received("job")
    assert (order["device"], order["options"]["colour"]) == ("escpos:roll", "grey")
    assert clerk.visit()["ticket"]["number"] in _words(world, token, order)
