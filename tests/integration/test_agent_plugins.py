"""The agent as a process with plugins of strangers: actions, filters, and all that goes wrong."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from counter_hooks.record import NAME
from tests.integration.agent_bridge import Bridge
from tests.integration.agent_process import StartAgent, bridge, scan, start_agent
from tests.plugins import AGENT, installer

__all__ = ["bridge", "start_agent"]

# One plugin with an action for each way to go right or wrong, and a filter for each, too.
LAMP = """
import time
from pathlib import Path

TEXT = Text(ca="c", es="e", en="n")

class Lamp(Action):
    title = consent = TEXT
    fields = (Field(key="times", label=TEXT, kind=FieldKind.NUMBER, least=1, most=9),)
    rows = (Row(key="lit", label=TEXT),)

    def __init__(self, key, limit_s=60.0):
        self.key, self.limit_s = key, limit_s

    def run(self, job, context):
        return getattr(self, self.key.replace("-", "_"))(job, context)

    def light(self, job, context):
        return {"lit": job.values.get("times", 1)}

    def exit(self, job, context):
        raise SystemExit(3)

    def mute(self, job, context):
        raise ValueError

    def shout(self, job, context):
        error = DeviceNeedsHand(Attention.COVER_OPEN)
        error.reason = "now"
        raise error

    def mumble(self, job, context):
        error = JobRefused("no")
        error.key = object()
        raise error

    def meddle(self, job, context):
        context.pages.append(7)
        return {}

    def nonsense(self, job, context):
        return {"lit": object()}

    def sleep(self, job, context):
        time.sleep(600)

    def wait(self, job, context):
        if context.wait(600):
            raise JobCancelled(job=job.id)

    def ask(self, job, context):
        context.needs_attention(Attention.COVER_OPEN)
        context.wait(0.2)
        context.attention_over()
        return {}

class Filter(PageFilter):
    title = TEXT

    def __init__(self, key, order):
        self.key, self.order = key, order

    def apply(self, side, workdir):
        if self.key == "second":
            return Filtered(is_dropped=side.number == 2)
        if self.key == "spoil":
            side.image.write_bytes(b"spoilt")
            raise OSError("spoilt")
        if self.key == "lie":
            return Filtered(image=Path("/etc/hostname"))
        from PIL import Image
        with Image.open(side.image) as image:
            image.convert("L").save(workdir / "grey.png", dpi=(side.dpi, side.dpi))
        return Filtered(image=workdir / "grey.png")

KEYS = ("light", "exit", "mute", "shout", "mumble", "meddle", "nonsense", "wait", "ask")

@hookimpl
def register_actions():
    return [*(Lamp(key) for key in KEYS), Lamp("sleep", limit_s=1.0)]

@hookimpl
def register_page_filters():
    return [Filter(key, order) for order, key in enumerate(("second", "spoil", "lie", "grey"))]

@hookimpl
def job_finished(job, settings):
    if job.id == "sleepy":
        time.sleep(600)
"""


@pytest.fixture
def site(tmp_path: Path) -> Path:
    """Return a folder of installed plugins, with the lamp in it."""
    folder = tmp_path / "site"
    folder.mkdir()
    installer(folder)("lamp", LAMP, group=AGENT)
    return folder


def act(job: str, key: str, **values: object) -> dict[str, Any]:
    """Return an order to run an action."""
    return {"id": job, "kind": "action", "device": f"action:{key}", "options": values}


@pytest.mark.usefixtures("site")
def test_an_action_travels_there_and_back(bridge: Bridge, start_agent: StartAgent) -> None:
    """Hello describes it, the order fills it in, the report brings its answer, and once only."""
    start_agent("lamp")
    bridge.wait(lambda: bridge.hellos)
    offer = bridge.hellos[0]["offer"]
    assert {one["key"] for one in offer["actions"]} >= {"light", "sleep"}
    assert [one["key"] for one in offer["filters"]] == ["second", "spoil", "lie", "grey"]
    assert bridge.order(act("j1", "light", times=3)) == {"ok": True}
    assert bridge.wait_for_state("j1", "produced")["answer"] == {"lit": 3}
    assert bridge.states_of("j1") == ["accepted", "running", "produced"]


@pytest.mark.parametrize(
    ("key", "values", "reason"),
    [
        ("exit", {}, "driver-failed"),
        ("mute", {}, "driver-failed"),
        ("shout", {}, "device-needs-hand"),
        ("mumble", {}, "driver-failed"),
        ("meddle", {}, "driver-failed"),
        ("nonsense", {}, "result-unsound"),
        ("sleep", {}, "device-silent"),
        ("light", {"times": 10}, "value-unfit"),
        ("light", {"colour": "red"}, "value-unfit"),
        ("nobody", {}, "device-gone"),
    ],
)
@pytest.mark.usefixtures("site")
def test_an_action_that_goes_wrong_ends_with_a_reason(
    key: str, values: dict[str, object], reason: str, bridge: Bridge, start_agent: StartAgent
) -> None:
    """Whatever it raises, returns or does not return, the job ends and the next one runs."""
    start_agent("lamp", page_s=0.1)
    bridge.order(act("j1", key, **values))
    assert bridge.wait_for_state("j1", "failed")["reason"] == reason
    bridge.order(act("j2", "ask"))
    bridge.order(scan("j3", resolution_dpi=75))
    bridge.wait_for_state("j2", "produced")
    bridge.wait_for_state("j3", "produced")
    assert "needs_attention" in bridge.states_of("j2")


@pytest.mark.usefixtures("site")
def test_an_action_can_be_stopped(bridge: Bridge, start_agent: StartAgent) -> None:
    """One that looks is stopped, one that sleeps is left alone, and both are reported."""
    start_agent("lamp")
    for job, key in (("j1", "wait"), ("j2", "sleep")):
        bridge.order(act(job, key))
        bridge.wait_for_state(job, "running")
        bridge.send("job:cancel", {"id": job})
    bridge.wait_for_state("j1", "cancelled")
    bridge.wait(lambda: bridge.states_of("j2")[-1] in {"cancelled", "failed"})


@pytest.mark.usefixtures("site")
def test_a_plugin_that_keeps_failing_is_withdrawn(
    bridge: Bridge, start_agent: StartAgent, tmp_path: Path
) -> None:
    """After three failures the bridge hears that it is off, and its actions are gone."""
    start_agent("lamp", page_s=0.1)
    for number in range(3):
        bridge.order(act(f"j{number}", "exit"))
        bridge.wait_for_state(f"j{number}", "failed")
    bridge.wait(lambda: bridge.offers and bridge.offers[-1]["plugins_off"] == ["lamp"])
    assert bridge.offers[-1]["actions"] == []
    assert "SystemExit" in (tmp_path / "state" / NAME).read_text()
    bridge.order(scan("j9", resolution_dpi=75))
    bridge.wait_for_state("j9", "produced")


@pytest.mark.usefixtures("site")
def test_who_sleeps_when_told_keeps_nobody_waiting(bridge: Bridge, start_agent: StartAgent) -> None:
    """A plugin that sleeps in ``job_finished`` holds back neither that report nor other jobs."""
    start_agent("lamp", page_s=0.1)
    for job in ("sleepy", "j2", "j3"):
        bridge.order(scan(job, resolution_dpi=75))
        bridge.wait_for_state(job, "produced")


@pytest.mark.usefixtures("site")
def test_pages_are_filtered_as_asked(bridge: Bridge, start_agent: StartAgent) -> None:
    """What was asked for is done in its order, what was dropped is counted, the rest is whole."""
    start_agent("lamp", pages=3, page_s=0.1)
    order = scan("j1", source="feeder", resolution_dpi=75, filters=["grey", "second"])
    bridge.order(order)
    facts = bridge.wait_for_state("j1", "produced")["facts"]
    assert (facts["pages"], facts["pages_dropped"]) == (2, 1)
    assert "filters_failed" not in facts
    pages = [page.content for page in bridge.pages.values()]
    assert [content[:4] for content in pages] == [b"\x89PNG"] * 2


@pytest.mark.usefixtures("site")
def test_a_filter_that_fails_costs_no_page(bridge: Bridge, start_agent: StartAgent) -> None:
    """A filter that raises, lies or is not there leaves the page as it was, and the job says so."""
    start_agent("lamp", pages=2, page_s=0.1)
    wanted = ["spoil", "lie", "absent"]
    bridge.order(scan("j1", source="feeder", resolution_dpi=75, filters=wanted))
    facts = bridge.wait_for_state("j1", "produced")["facts"]
    assert (facts["pages"], facts["filters_failed"]) == (2, "absent,lie,spoil")
    assert all(page.content[:2] == b"\xff\xd8" for page in bridge.pages.values())


@pytest.mark.usefixtures("site")
def test_a_bridge_of_the_wire_before_is_served(bridge: Bridge, start_agent: StartAgent) -> None:
    """An agent that was brought up to date first speaks the older wire, and works."""
    bridge.wire -= 1
    start_agent("lamp", page_s=0.1)
    bridge.wait(lambda: bridge.hellos)
    assert bridge.hellos[0]["wire"] == bridge.wire
    bridge.order(scan("j1", resolution_dpi=75))
    bridge.wait_for_state("j1", "produced")


@pytest.mark.usefixtures("site")
def test_after_two_failed_starts_comes_a_safe_one(
    bridge: Bridge, start_agent: StartAgent, tmp_path: Path, site: Path
) -> None:
    """A plugin that takes the whole program down does so twice; then the counter works without it."""
    installer(site)("bomb", "import os\nos._exit(9)", group=AGENT)
    for _ in range(2):
        assert start_agent("lamp", "bomb").wait(60) == 9
    start_agent("lamp", "bomb", page_s=0.1)
    bridge.wait(lambda: bridge.hellos)
    offer = bridge.hellos[0]["offer"]
    assert (offer["is_safe"], offer["actions"]) == (True, [])
    bridge.order(scan("j1", resolution_dpi=75))
    bridge.wait_for_state("j1", "produced")
    assert json.loads((tmp_path / "state" / NAME).read_text())["is_safe"]
    assert "this one leaves out plugins of others" in (tmp_path / "agent.log").read_text()
