"""A plugin that brings other plugins' drivers and writes down what they report, before anybody else does.

It is copied beside an agent and installed there as a stranger's plugin. Each line is forced onto
the disk: ``begun``, ``page`` (number and hash, once the agent has taken it over) and ``ended``.
Settings: ``ledger``, the file; ``drivers``, by name of the plugin, its own settings.
"""

from __future__ import annotations

import importlib
import json
import os
import threading
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from counter_hooks import Device, Driver, PluginRefused, PrintJob, ScanJob, hookimpl


class Ledger:
    """Lines that stay whatever happens to the process."""

    def __init__(self, path: Path) -> None:
        self._handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
        self._lock = threading.Lock()

    def write(self, **facts: object) -> None:
        """Add a line; it is on the disk when this returns."""
        with self._lock:
            os.write(self._handle, json.dumps(facts).encode() + b"\n")
            os.fsync(self._handle)


class _Sink:
    """Notes a page when it was taken over."""

    def __init__(self, inner: Any, note: Any) -> None:
        self._inner = inner
        self._note = note

    def __getattr__(self, name: str) -> Any:
        return getattr(self._inner, name)

    def finish(self) -> Any:
        """Close the page and note it."""
        self._note("closing", None)
        page = self._inner.finish()
        self._note("page", page)
        return page


class _Context:
    """Hands on everything to the agent's own context, and notes pages."""

    def __init__(self, inner: Any, job: str, ledger: Ledger) -> None:
        self._inner = inner
        self._job = job
        self._ledger = ledger

    def __getattr__(self, name: str) -> Any:
        return getattr(self._inner, name)

    def begin_page(self, **shape: Any) -> _Sink:
        """Begin a page whose end is noted."""
        return _Sink(self._inner.begin_page(**shape), self._note)

    def add_page(self, path: Path, *, dpi: int | None = None) -> Any:
        """Hand over a file and note it."""
        self._note("closing", None)
        page = self._inner.add_page(path, dpi=dpi)
        self._note("page", page)
        return page

    def _note(self, what: str, page: Any) -> None:
        facts = {"number": page.number, "sha256": page.sha256} if page else {}
        self._ledger.write(what=what, job=self._job, **facts)


class Recording(Driver):
    """A driver of somebody else whose work is written down."""

    def __init__(self, inner: Driver, ledger: Ledger) -> None:
        self.name = inner.name  # type: ignore[misc]
        self._inner = inner
        self._ledger = ledger

    def discover(self) -> Sequence[Device]:
        """Look for devices."""
        return self._inner.discover()

    def scan(self, job: ScanJob, device: Device, context: Any) -> None:
        """Scan and note the pages."""
        self._ledger.write(what="begun", job=job.id)
        self._inner.scan(job, device, _Context(context, job.id, self._ledger))
        self._ledger.write(what="ended", job=job.id)

    def print(self, job: PrintJob, device: Device, context: Any) -> None:
        """Print."""
        self._ledger.write(what="begun", job=job.id)
        self._inner.print(job, device, context)
        self._ledger.write(what="ended", job=job.id)


@hookimpl
def register_drivers(settings: Mapping[str, Any]) -> list[Driver]:
    """Bring the drivers of the plugins that the settings name."""
    ledger = Ledger(Path(settings["ledger"]))
    found: list[Driver] = []
    for name, table in settings["drivers"].items():
        plugin = importlib.import_module(f"counter_hooks.plugins.{name}")
        found += [Recording(driver, ledger) for driver in plugin.register_drivers(table)]
    if not found:
        raise PluginRefused("there is nothing to write down")
    return found
