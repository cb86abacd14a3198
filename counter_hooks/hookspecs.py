"""The hooks, in the order of a day. An implementation names only the arguments it wants."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

from counter_hooks.driver import Driver
from counter_hooks.markers import hookspec
from counter_hooks.views import DeskView, PageView, Problem, TicketView


class AgentHooks:
    """Hooks called in the agent, at the counter."""

    @hookspec
    def register_drivers(self, settings: Mapping[str, object]) -> Iterable[Driver]:
        """Return the drivers this plugin brings.

        Called once when the agent starts, in the main thread. Do not open devices here:
        ``Driver.discover()`` does, in its own thread. All results are collected. A plugin that
        raises is left out, and ``oac-agent plugins`` says so. Since 1.0.

        :param settings: The plugin's own table ``[plugins.<name>]`` of the agent's configuration.
        """


class BridgeHooks:
    """Hooks called in the bridge."""

    @hookspec
    def register_procedures(self) -> Iterable[Path]:
        """Return the TOML files of the procedures this plugin brings.

        Called once when the bridge starts, in the main thread. Two procedures with one key are
        an error and stop the start. Since 1.0.
        """

    @hookspec(firstresult=True)
    def next_ticket(self, desk: DeskView, waiting: Sequence[TicketView]) -> str | None:
        """Choose the next ticket for a clerk: its ``id``, or None to leave it to the next plugin.

        Called in the clerk's request, inside the transaction: no input or output here. The
        built-in order (priority, then time of issue) answers last. A plugin that raises is
        logged and passed over. Since 1.0.

        :param desk: Who asks.
        :param waiting: The tickets that may be called now, never empty, oldest first.
        """

    @hookspec
    def check_page(self, page: PageView, image: Path) -> Iterable[Problem]:
        """Look at a page before anybody sees it and return what is wrong with it.

        Called in a background thread after the page is stored; all results are collected. A
        plugin that raises bars the page (it fails closed) and is named in the log. Since 1.0.

        :param page: What is known about the page.
        :param image: A readable copy of the image, erased after the call.
        """
