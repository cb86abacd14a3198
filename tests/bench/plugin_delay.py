"""By how much a plugin that sleeps for a minute in a hook delays somebody else's job.

Each hook in turn: a job of somebody else is timed alone, and while the plugin sleeps in that hook
for another job; the difference of the medians is the delay. Agent: a print at the same counter, by
a real agent process, from order to report. Bridge: a change that another clerk makes, a page that
another visit scans, with the real application and its database.
"""

from __future__ import annotations

import os
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from counter_hooks.agent.pairing import Credentials, store
from tests.bench.figures import show, spread
from tests.integration.agent_bridge import TOKEN, Bridge
from tests.integration.agent_process import print_order, scan
from tests.makers import House, make_house, settings_in
from tests.plugins import AGENT, installer
from tests.unit.bridge.visit_world import World, ask

ROUNDS = 12
SLEEPER = """
import time

TEXT = Text(ca="c", es="e", en="n")

class Sleep(Action):
    key = "sleep"
    title = consent = TEXT
    def run(self, job, context):
        time.sleep(60)

class Slow(PageFilter):
    key = "slow"
    title = TEXT
    def apply(self, side, workdir):
        time.sleep(60)

@hookimpl
def register_actions():
    return [Sleep()]

@hookimpl
def register_page_filters():
    return [Slow()]

@hookimpl
def job_finished(job):
    if job.id.startswith("told"):
        time.sleep(60)
"""
IN_BRIDGE = """
import time

@hookimpl
def {hook}():
    time.sleep(60)
"""


@contextmanager
def counter(folder: Path) -> Iterator[Bridge]:
    """Run a real agent with the sleeper, connected to a small bridge."""
    site = folder / "site"
    site.mkdir(parents=True)
    installer(site)("sleeper", SLEEPER, group=AGENT)
    bridge = Bridge()
    credentials = Credentials(bridge_url=bridge.url, counter="c1", token=TOKEN)
    store(folder / "state" / "token.json", credentials)
    config = folder / "agent.toml"
    config.write_text(
        f'state_directory = "{folder}/state"\nplugin_names = ["fake", "sleeper"]\n'
        f'log_level = "ERROR"\n[plugins.fake]\npage_s = 0.05\nprint_s = 0.05\n'
        f'output = "{folder}"\n'
    )
    environ = {"PATH": os.environ["PATH"], "PYTHONPATH": os.pathsep.join([*sys.path, str(site)])}
    command = [sys.executable, "-m", "counter_hooks.agent", "--config", str(config), "run"]
    agent = subprocess.Popen(command, env=environ, stderr=subprocess.DEVNULL)
    try:
        bridge.wait(lambda: bridge.hellos)
        yield bridge
    finally:
        agent.kill()
        agent.wait()
        bridge.stop()


def at_the_counter(folder: Path) -> dict[str, tuple[list[float], list[float]]]:
    """Time prints while the sleeper has another job in hand, hook by hook."""
    slow = {
        "Action.run": {"id": "acts", "kind": "action", "device": "action:sleep", "options": {}},
        "PageFilter.apply": scan("filters", resolution_dpi=75, filters=["slow"]),
        "job_finished": scan("told", resolution_dpi=75),
    }
    found = {}
    for hook, order in slow.items():
        with counter(folder / hook) as bridge:
            prints(bridge, "warm", 1)
            alone = prints(bridge, "alone", ROUNDS)
            bridge.order(order)
            bridge.wait_for_state(str(order["id"]), "running")
            if hook == "job_finished":
                bridge.wait_for_state(str(order["id"]), "produced")
            found[hook] = (alone, prints(bridge, "beside", ROUNDS))
    return found


def prints(bridge: Bridge, name: str, rounds: int) -> list[float]:
    """Return how long each print takes from its order to its report."""
    taken = []
    for number in range(rounds):
        job = f"{name}-{number}"
        began = time.perf_counter()
        bridge.order(print_order(job, bridge))
        with bridge.changed:
            bridge.changed.wait_for(lambda job=job: "produced" in bridge.states_of(job), 30)
        taken.append(time.perf_counter() - began)
    return taken


def in_the_bridge(folder: Path, hook: str) -> tuple[list[float], list[float]]:
    """Time what another clerk changes, alone and while a call is in the sleeper's hands."""
    alone, beside = [], []
    for number in range(ROUNDS):
        ways = [(alone, False), (beside, True)]
        # In turns, in changing order: a shared machine's pace changes while this runs.
        for taken, is_slow in ways if number % 2 else reversed(ways):
            place = folder / f"{hook}-{number}-{is_slow}"
            with town(place, hook if is_slow else None) as house:
                taken.append(another_change(house))
    return alone, beside


@contextmanager
def town(folder: Path, hook: str | None) -> Iterator[House]:
    """Put a bridge together, with a plugin that sleeps in ``hook`` unless that is None."""
    site = folder / "site"
    site.mkdir(parents=True)
    if hook is not None:
        installer(site)("sleeper", IN_BRIDGE.format(hook=hook))
    sys.path.insert(0, str(site))
    try:
        house = make_house(settings_in(folder / "data"))
        yield house
        house.app.stop()
        house.app.database.engine.dispose()
    finally:
        sys.path.remove(str(site))


def another_change(house: House) -> float:
    """Return how long a clerk's own change takes, begun just after somebody else calls."""
    world = World(house)
    citizen, caller, other = world.citizen(), world.clerk("empar"), world.clerk("vicent")
    citizen.takes_ticket()
    called = threading.Thread(target=caller.calls)
    called.start()
    time.sleep(0.01)  # the call has the queue in its hands by now
    began = time.perf_counter()
    answer = ask(other.browser, "PUT", "/api/desk/availability", state="break")
    took = time.perf_counter() - began
    called.join()
    if answer.status != 200:
        raise RuntimeError(f"the other clerk was refused: {answer}")
    return took


def main() -> None:
    """Measure every hook and print the delays."""
    with tempfile.TemporaryDirectory(prefix="oac-bench-") as name:
        folder = Path(name)
        found = at_the_counter(folder)
        measures: dict[str, Callable[[], tuple[list[float], list[float]]]] = {
            hook: lambda hook=hook: in_the_bridge(folder, hook)  # type: ignore[misc]
            for hook in ("next_ticket", "ticket_called")
        }
        found |= {hook: measure() for hook, measure in measures.items()}
    for hook, (alone, beside) in found.items():
        delay = statistics.median(beside) - statistics.median(alone)
        rows = [
            ("alone, s", spread(alone)),
            ("while the plugin sleeps, s", spread(beside)),
            ("delay of the medians, s", f"{delay:+.3f}"),
        ]
        show(f"Somebody else's job while a plugin sleeps in {hook}", rows)


if __name__ == "__main__":
    main()
