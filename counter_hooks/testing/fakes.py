"""An agent and a bridge that consist of nothing but the plugins under test.

They call plugins by the registries that the real programs use, so that what passes here is called
the same way there. A plugin that would be left out, or a hook that fails, raises.
"""

from __future__ import annotations

import tempfile
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path

from counter_hooks.actions import ActionJob, Value, checked_answer, checked_values
from counter_hooks.errors import PluginRefused
from counter_hooks.filters import Filtered, ScannedSide
from counter_hooks.guard import Registry, Wish
from counter_hooks.model import Source
from counter_hooks.registry import AgentRegistry, BridgeRegistry
from counter_hooks.steps import StepKind
from counter_hooks.testing.driver_contract import PATIENCE_S, TestContext
from counter_hooks.views import DeskView, JobView, PageView, Problem, ResultView, TicketView

Plugins = Mapping[str, object]
Settings = Mapping[str, Mapping[str, object]]


class FakeAgent:
    """The counter's side: ``plugins`` by name, modules or objects, with their ``settings``."""

    def __init__(
        self, plugins: Plugins, settings: Settings | None = None, *, folder: Path | None = None
    ) -> None:
        """Load the plugins and ask them what they bring. Raises ``PluginRefused``."""
        self.registry = AgentRegistry(wish=_wish(plugins, settings))
        self.drivers = self.registry.register_drivers()
        self.filters = self.registry.register_page_filters()
        self.actions = self.registry.register_actions()
        self._folder = folder or Path(tempfile.mkdtemp(prefix="oac-plugin-"))
        _raise_refusals(self.registry)

    def act(self, key: str, **values: Value) -> dict[str, Value]:
        """Run an action as the clerk would, and return what its result shows."""
        action = self.actions[key]
        job = ActionJob(id="job", key=key, values=checked_values(action.fields, values))
        return checked_answer(action.rows, action.run(job, TestContext(self._folder)))

    def filter(
        self, key: str, image: Path, *, side: int = 1, source: Source = Source.GLASS, dpi: int = 300
    ) -> Filtered | None:
        """Put an image file through a filter."""
        from PIL import Image

        with Image.open(image) as opened:
            size, media_type = opened.size, str(opened.get_format_mimetype())
        shown = ScannedSide(
            number=side,
            source=source,
            image=image,
            media_type=media_type,
            width_px=size[0],
            height_px=size[1],
            dpi=dpi,
        )
        return self.registry.apply(self.filters[key], shown, self._folder)

    def finish(self, kind: str, outcome: str, *, reason: str | None = None) -> None:
        """Let a job of ``kind`` come out, and wait until the plugins were told."""
        job = JobView(id="job", kind=kind, device_id=f"fake:{kind}")
        self.registry.job_finished(job, ResultView(outcome=outcome, reason=reason))
        _wait(self.registry)


class FakeBridge:
    """The server's side: ``plugins`` by name, modules or objects, with their ``settings``."""

    def __init__(self, plugins: Plugins, settings: Settings | None = None) -> None:
        """Load the plugins. Raises ``PluginRefused``."""
        self.registry = BridgeRegistry(wish=_wish(plugins, settings))
        _raise_refusals(self.registry)

    def procedures(self) -> tuple[Path, ...]:
        """Return the files of procedures that the plugins bring."""
        files = self.registry.register_procedures()
        _raise_refusals(self.registry)
        return files

    def step_kinds(self) -> dict[str, StepKind]:
        """Return the kinds of steps that the plugins bring."""
        kinds = self.registry.register_step_kinds()
        _raise_refusals(self.registry)
        return kinds

    def choose(self, *waiting: TicketView) -> str | None:
        """Return the id of the ticket that the plugins choose."""
        chosen = self.registry.next_ticket(DeskView(clerk_id="clerk", office_key="office"), waiting)
        _raise_failures(self.registry)
        return chosen

    def call(self, *, number: str = "A001", priority: int = 5) -> None:
        """Call a citizen, and wait until the plugins were told."""
        desk = DeskView(clerk_id="clerk", office_key="office")
        self.registry.ticket_called(a_ticket(number=number, priority=priority), desk)
        _wait(self.registry)

    def check(self, page: PageView, image: Path) -> tuple[Problem, ...]:
        """Return what the plugins find wrong with a page."""
        problems = self.registry.check_page(page, image)
        _raise_failures(self.registry)
        return problems


def a_ticket(*, number: str = "A001", priority: int = 5, minute: int = 0) -> TicketView:
    """Return a ticket that waits since nine o'clock and ``minute`` minutes."""
    return TicketView(
        id=f"ticket-{number}",
        number=number,
        priority=priority,
        issued_at=datetime(2026, 3, 2, 9, minute, tzinfo=UTC),
        counter_key=None,
        procedures=("census",),
        language="ca",
    )


def _wish(plugins: Plugins, settings: Settings | None) -> Wish:
    # No built-in ones beside them; limits as generous as a busy machine needs.
    return Wish(names=(), extra=plugins, settings=settings or {}, limit_s=PATIENCE_S)


def _wait(registry: Registry) -> None:
    if not registry.wait_until_told(PATIENCE_S):
        raise PluginRefused("a plugin is still busy with what it was told")
    _raise_failures(registry)


def _raise_refusals(registry: Registry) -> None:
    for one in registry.plugins:
        if not one.loaded:
            raise PluginRefused(f"{one.name} would be left out: {one.reason}")


def _raise_failures(registry: Registry) -> None:
    for one in registry.plugins:
        if one.failures:
            raise PluginRefused(f"{one.name} failed: {one.last_error}")
