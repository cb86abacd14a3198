"""Many clerks press the button at once."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

from bridge.audit.service import verify
from tests.unit.bridge.visit_world import Clerk, World


def test_no_ticket_is_called_twice(world: World) -> None:
    """Three clerks, two tickets, one moment: two visits, one empty hand, and a whole audit."""
    for number in (1, 2):
        world.citizen(f"counter-{number}").takes_ticket()
    clerks = [world.clerk(login) for login in ("empar", "vicent", "amparo")]

    def press(clerk: Clerk) -> tuple[int, str]:
        answer = clerk.calls()
        visit = answer.json.get("visit") or {}
        return answer.status, visit.get("ticket", {}).get("number", "")

    with ThreadPoolExecutor(len(clerks)) as pool:
        found = sorted(pool.map(press, clerks))
    assert found == [(201, "A001"), (201, "A002"), (404, "")]
    with world.house.app.database.reading() as db:
        assert verify(db) is None
