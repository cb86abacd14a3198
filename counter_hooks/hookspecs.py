"""The hooks, in the order of a day. An implementation names only the arguments it wants.

Every hook may also name ``settings``: a copy of the plugin's own table ``[plugins.<name>]`` of the
configuration. Values are frozen, and each plugin gets its own copy of them.

``docs/hooks.md`` is made of this module: ``python -m tests.contract.renew_hooks``.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

from counter_hooks.actions import Action
from counter_hooks.driver import Driver
from counter_hooks.filters import PageFilter
from counter_hooks.markers import hookspec
from counter_hooks.steps import StepKind
from counter_hooks.views import DeskView, JobView, PageView, Problem, ResultView, TicketView


class AgentHooks:
    """Hooks called in the agent, at the counter."""

    @hookspec
    def register_drivers(self, settings: Mapping[str, object]) -> Iterable[Driver]:
        """Return the drivers this plugin brings.

        Do not open devices here: ``Driver.discover()`` does, in its own thread.

        :Called: once, when the agent starts, before it connects.
        :Thread: one of its own; the start waits up to 20 s.
        :Returns: drivers, all collected. A name that is taken refuses the plugin.
        :On failure: the plugin is left out and named; the start goes on.
        :Since: 1.0
        """

    @hookspec
    def register_page_filters(self, settings: Mapping[str, object]) -> Iterable[PageFilter]:
        """Return the page filters this plugin brings.

        A clerk is offered them with each scan; none is applied without being asked for.

        :Called: once, when the agent starts, before it connects.
        :Thread: one of its own; the start waits up to 20 s.
        :Returns: filters, all collected. A key that is taken refuses the plugin.
        :On failure: the plugin is left out and named; the start goes on.
        :Since: 1.1
        """

    @hookspec
    def register_actions(self, settings: Mapping[str, object]) -> Iterable[Action]:
        """Return what this plugin adds to the clerk's meeting at this counter.

        Each becomes a button in the meeting and in the panel, with its form and result.

        :Called: once, when the agent starts, before it connects.
        :Thread: one of its own; the start waits up to 20 s.
        :Returns: actions, all collected. A key that is taken, or a text that is missing, refuses the plugin.
        :On failure: the plugin is left out and named; the start goes on.
        :Since: 1.1
        """

    @hookspec
    def job_finished(
        self, job: JobView, result: ResultView, settings: Mapping[str, object]
    ) -> None:
        """Hear that a job came to its end, well or not.

        :Called: after the end of a job is in the journal.
        :Thread: the plugin's own, one call after the other; nobody waits, 10 s a call.
        :Returns: nothing.
        :On failure: it is logged and counted; the job stays as it ended.
        :Since: 1.1
        """


class BridgeHooks:
    """Hooks called in the bridge."""

    @hookspec
    def register_step_kinds(self, settings: Mapping[str, object]) -> Iterable[StepKind]:
        """Return the kinds of steps this plugin brings.

        :Called: once, when the bridge starts, before procedures are read.
        :Thread: one of its own; the start waits up to 20 s.
        :Returns: kinds, all collected. A key that is taken refuses the plugin.
        :On failure: the plugin is left out and named; the start goes on.
        :Since: 1.1
        """

    @hookspec
    def register_procedures(self, settings: Mapping[str, object]) -> Iterable[Path]:
        """Return the TOML files of the procedures this plugin brings.

        :Called: once, when the bridge starts.
        :Thread: one of its own; the start waits up to 20 s.
        :Returns: files, all collected. A file with mistakes, and two procedures with one key, stop the start.
        :On failure: the plugin is left out and named; the start goes on.
        :Since: 1.0
        """

    @hookspec(firstresult=True)
    def next_ticket(
        self, desk: DeskView, waiting: Sequence[TicketView], settings: Mapping[str, object]
    ) -> str | None:
        """Choose the next ticket for a clerk, or leave it to the next plugin.

        The queue is held while this is decided: no input or output here.

        :Called: when a clerk asks for the next citizen, inside the transaction; ``waiting`` is never empty, oldest first.
        :Thread: one of its own; the clerk's request waits up to 0.05 s.
        :Returns: the ``id`` of a waiting ticket, or None. The built-in order (priority, then time of issue) answers last.
        :On failure: it is logged and counted, and the next plugin is asked.
        :Since: 1.0
        """

    @hookspec
    def ticket_called(
        self, ticket: TicketView, desk: DeskView, settings: Mapping[str, object]
    ) -> None:
        """Hear that a citizen is called to a counter, for the first time or again.

        :Called: after the call is committed.
        :Thread: the plugin's own, one call after the other; nobody waits, 10 s a call.
        :Returns: nothing.
        :On failure: it is logged and counted; the call stands.
        :Since: 1.1
        """

    @hookspec
    def check_page(
        self, page: PageView, image: Path, settings: Mapping[str, object]
    ) -> Iterable[Problem]:
        """Look at a page before anybody sees it and say what is wrong with it.

        :Called: after the page is stored; ``image`` is a readable copy, erased after the call.
        :Thread: one of its own; this page waits up to 20 s, other pages do not.
        :Returns: problems, all collected.
        :On failure: the page is barred (it fails closed) and the plugin is named in the log.
        :Since: 1.0
        """
