"""Turns an order off the wire into the job that a driver is given."""

from __future__ import annotations

import math
import re
from collections.abc import Mapping
from dataclasses import fields
from typing import TypeVar

from counter_hooks.actions import DEVICE_PREFIX, Action, ActionJob, checked_values
from counter_hooks.agent.journal import JobEntry
from counter_hooks.errors import JobRefused
from counter_hooks.model import PrintJob, PrintOptions, ScanJob, ScanOptions
from counter_hooks.page_ranges import ranges_in
from counter_hooks.wire import JobKind, JobOrder, MessageUnsound, decode

# Job ids become names of folders.
JOB_ID = re.compile(r"[A-Za-z0-9_-]{1,64}")
MAXIMUM_SIDE_MM = 2000.0
DPI_RANGE = range(50, 4801)
MAXIMUM_COPIES = 99

Options = TypeVar("Options", ScanOptions, PrintOptions)


def require_sound(order: JobOrder) -> None:
    """Raise ``MessageUnsound`` when ``order`` cannot be a job, whatever the device."""
    if not JOB_ID.fullmatch(order.id):
        raise MessageUnsound("JobOrder: id", fields="id")
    if order.kind is JobKind.PRINT:
        if order.source is None:
            raise MessageUnsound("JobOrder: source", fields="source")
        _print_options(order.options)
    elif order.kind is JobKind.ACTION:
        # Which fields there are is known where its plugin is; until then only where it goes.
        if not order.device.startswith(DEVICE_PREFIX):
            raise MessageUnsound("JobOrder: device", fields="device")
    else:
        _scan_options(order.options)


def action_job(entry: JobEntry, action: Action) -> ActionJob:
    """Return the order that ``entry`` is for ``action``. Raises ``ValueUnfit``."""
    values = checked_values(action.fields, entry.order.options)
    return ActionJob(id=entry.id, key=action.key, values=values)


def scan_job(entry: JobEntry) -> ScanJob:
    """Return the scan that ``entry`` orders. Raises ``MessageUnsound``."""
    order = entry.order
    return ScanJob(id=order.id, device_id=order.device, options=_scan_options(order.options))


def is_page_by_page(entry: JobEntry) -> bool:
    """Say whether a job is a scan that waits for somebody between its pages."""
    return entry.order.kind is JobKind.SCAN and entry.order.options.get("page_by_page") is True


def print_job(entry: JobEntry) -> PrintJob:
    """Return the print that ``entry`` orders. Raises ``MessageUnsound``, ``JobRefused``."""
    order = entry.order
    if entry.source_path is None:
        raise JobRefused("there is nothing to print", job=order.id)
    return PrintJob(
        id=order.id,
        device_id=order.device,
        file=entry.source_path,
        title=order.title,
        options=_print_options(order.options),
    )


def _scan_options(values: Mapping[str, object]) -> ScanOptions:
    options = _decoded(ScanOptions, values)
    sides = (options.width_mm, options.height_mm)
    if options.resolution_dpi not in DPI_RANGE:
        raise MessageUnsound("JobOrder: options.resolution_dpi", fields="options.resolution_dpi")
    if not all(math.isfinite(side) and 0 < side <= MAXIMUM_SIDE_MM for side in sides):
        raise MessageUnsound("JobOrder: options", fields="options.width_mm, options.height_mm")
    return options


def _print_options(values: Mapping[str, object]) -> PrintOptions:
    options = _decoded(PrintOptions, values)
    if not 1 <= options.copies <= MAXIMUM_COPIES:
        raise MessageUnsound("JobOrder: options.copies", fields="options.copies")
    if ranges_in(options.pages) is None:
        raise MessageUnsound("JobOrder: options.pages", fields="options.pages")
    return options


def _decoded(shape: type[Options], values: Mapping[str, object]) -> Options:
    known = {field.name for field in fields(shape)}
    unknown = sorted(set(values) - known)
    if unknown:
        raise MessageUnsound(f"JobOrder: options.{unknown[0]}", fields=", ".join(unknown))
    return decode(shape, dict(values))
