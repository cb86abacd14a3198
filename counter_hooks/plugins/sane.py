"""Scanners that SANE knows: found by its library, scanned with its program ``scanimage``.

Neither runs in the agent's process: a backend may hang, crash or spin, and then only the process
that it runs in is lost. ``docs/adr/0008-sane.md`` says what was tried and measured.
"""

from __future__ import annotations

import dataclasses
import importlib.util
import shutil
import time
from collections.abc import Callable, Iterable, Mapping, Sequence

from counter_hooks import (
    Device,
    DeviceError,
    Driver,
    JobCancelled,
    JobContext,
    PluginRefused,
    ScanContext,
    ScanJob,
    Source,
    hookimpl,
)
from counter_hooks.plugins.sane_acquire import Order, acquire
from counter_hooks.plugins.sane_discovery import Catalogue, Scanner
from counter_hooks.plugins.sane_options import scan_arguments
from counter_hooks.plugins.sane_settings import SaneSettings, decode_settings

# The patience with the first row is meant for this resolution; some backends (sane-airscan)
# hold a page back until it is whole, and a finer one takes longer.
PATIENCE_DPI = 300
CLAIM_LOOK_S = 0.05


class SaneDriver(Driver):
    """All scanners that SANE lists; ``now`` is a monotonic clock in seconds."""

    name = "sane"

    def __init__(self, settings: SaneSettings, *, now: Callable[[], float] = time.monotonic):
        self._settings = settings
        self._catalogue = Catalogue(settings, now)

    def discover(self) -> Sequence[Device]:
        """Return the scanners; one that does not open is listed with its ``attention``."""
        return [scanner.as_device() for scanner in self._catalogue.look()]

    def scan(self, job: ScanJob, device: Device, context: ScanContext) -> None:
        """Scan as ordered; ``JobRefused`` when the scanner does not offer that."""
        self._claim(context)
        try:
            scanner = self._catalogue.scanner(device.id, lambda: context.is_cancelled)
            order = self._order(scanner, job)
            try:
                acquire(order, context)
            except DeviceError:
                self._catalogue.doubt(scanner)
                raise
        finally:
            self._catalogue.end_scan()

    def _claim(self, context: JobContext) -> None:
        while not self._catalogue.begin_scan():
            if context.wait(CLAIM_LOOK_S):
                raise JobCancelled("stopped before the scan began")

    def _order(self, scanner: Scanner, job: ScanJob) -> Order:
        options, own = job.options, scanner.settings
        arguments = scan_arguments(scanner.offers, options, own.options)
        first_s = own.first_line_s or self._settings.first_line_s
        return Order(
            program=self._settings.scanimage,
            sane_name=scanner.found.name,
            arguments=arguments,
            dpi=options.resolution_dpi,
            feeder=options.source is not Source.GLASS,
            first_s=first_s * max(1.0, options.resolution_dpi / PATIENCE_DPI),
            between_s=own.between_lines_s or self._settings.between_lines_s,
            environment=self._settings.environment,
        )


@hookimpl
def register_drivers(settings: Mapping[str, object]) -> Iterable[Driver]:
    """Bring one driver; refuse where SANE, its Python binding or ``setpriv`` is missing."""
    decoded = decode_settings(settings)
    if importlib.util.find_spec("sane") is None:
        raise PluginRefused("python-sane is missing: install jitsi-oac[sane] and libsane-dev")
    scanimage = shutil.which(decoded.scanimage)
    if scanimage is None:
        raise PluginRefused(f"{decoded.scanimage} is missing: install the package sane-utils")
    if shutil.which("setpriv") is None:
        raise PluginRefused("setpriv is missing: install the package util-linux")
    return [SaneDriver(dataclasses.replace(decoded, scanimage=scanimage))]
