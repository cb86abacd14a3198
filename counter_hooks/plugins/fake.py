"""A scanner and a printer that do not exist, with the pace and the faults that a test asks for.

Loaded only when the configuration has a table ``[plugins.fake]``: ``scanner`` and ``printer``
(true), ``pages`` in the feeder (3), ``page_s`` a page takes (1.0), ``print_s`` (0.5), ``output``,
a folder for what was printed; ``fault``, what goes wrong in the middle of a page or print:
the key of a device error (``device-gone``, ``device-busy``, ``device-silent``), a reason for
attention (``paper_jam``), ``short`` (rows missing), ``hang``, ``crash``; ``wait:<reason>`` asks for
a person and goes on when the fault is lifted. ``fault_file`` names a file that is read for the
fault whenever one could happen, so that it can be set and lifted while the agent runs;
``fault_page`` is the first page in which it happens (1), before which all is well.
"""

from __future__ import annotations

import shutil
import threading
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

from counter_hooks import (
    MM_PER_INCH,
    Attention,
    Capability,
    Colour,
    Device,
    DeviceBusy,
    DeviceError,
    DeviceGone,
    DeviceNeedsHand,
    DeviceSilent,
    Driver,
    JobCancelled,
    JobContext,
    PluginRefused,
    PrintContext,
    PrintJob,
    ScanContext,
    ScanJob,
    Sides,
    Source,
    hookimpl,
)

# Small enough that a band of the largest page takes two megabytes.
BANDS = 200
ERRORS: Mapping[str, type[DeviceError]] = {
    leaf.key: leaf for leaf in (DeviceGone, DeviceBusy, DeviceSilent)
}
RESOLUTIONS_DPI = (75, 150, 200, 300, 600, 1200)
DEFAULTS: Mapping[str, object] = {
    "scanner": True,
    "printer": True,
    "pages": 3,
    "page_s": 1.0,
    "print_s": 0.5,
    "output": "",
    "fault": "",
    "fault_file": "",
    "fault_page": 1.0,
}


class FakeDriver(Driver):
    """Draws pages and swallows prints; ``settings`` are those of the module's docstring."""

    name = "fake"

    def __init__(self, settings: Mapping[str, object] | None = None) -> None:
        given = dict(settings or {})
        for name, value in given.items():
            default = DEFAULTS.get(name)
            if default is None:
                raise PluginRefused(f"[plugins.fake] knows no {name}")
            kinds = (int, float) if isinstance(default, float) else (type(default),)
            if not isinstance(value, kinds) or isinstance(value, bool) != isinstance(default, bool):
                raise PluginRefused(f"[plugins.fake] {name} must be like {default!r}")
        self._settings: dict[str, object] = {**DEFAULTS, **given}
        # Lifted faults wake waiting jobs through the context; nothing wakes a hanging one.
        self._never = threading.Event()

    def set_fault(self, fault: str) -> None:
        """Set the fault from now on; empty lifts it."""
        self._settings["fault"] = fault

    def set_pace(self, page_s: float) -> None:
        """Let a page take ``page_s`` seconds from now on."""
        self._settings["page_s"] = page_s

    def discover(self) -> Sequence[Device]:
        """Return scanner and printer, unless the fault is that they are gone."""
        if self._fault() == DeviceGone.key and self._number("fault_page") <= 1:
            return []
        devices = []
        if self._settings["scanner"]:
            devices.append(
                Device(
                    id=f"{self.name}:scanner",
                    driver=self.name,
                    name="Fake scanner",
                    capabilities=frozenset({Capability.SCAN}),
                    sources=tuple(Source),
                    resolutions_dpi=RESOLUTIONS_DPI,
                    colours=tuple(Colour),
                )
            )
        if self._settings["printer"]:
            devices.append(
                Device(
                    id=f"{self.name}:printer",
                    driver=self.name,
                    name="Fake printer",
                    capabilities=frozenset({Capability.PRINT}),
                    colours=tuple(Colour),
                    sides=tuple(Sides),
                )
            )
        return devices

    def scan(self, job: ScanJob, device: Device, context: ScanContext) -> None:
        """Draw one page from the glass, or as many as the feeder holds."""
        pages = 1 if job.options.source is Source.GLASS else self._number("pages")
        if not pages:
            raise DeviceNeedsHand(Attention.FEEDER_EMPTY, device=device.id)
        for number in range(int(pages)):
            self._scan_page(job, number, context)

    def print(self, job: PrintJob, device: Device, context: PrintContext) -> None:
        """Keep a copy of the document in ``output``, once, and take the time it takes."""
        if context.spooler_id is None:
            context.remember(f"fake-{job.id}")
        steps = 10
        for step in range(steps):
            if step == steps // 2:
                self._go_wrong(context)
            if context.wait(self._number("print_s") / steps):
                raise JobCancelled(job=job.id)
        output = str(self._settings["output"])
        target = Path(output) / f"{job.id}.pdf"
        if output and not target.exists():
            part = target.with_suffix(".part")
            shutil.copyfile(job.file, part)
            part.rename(target)

    def _scan_page(self, job: ScanJob, number: int, context: ScanContext) -> None:
        options = job.options
        width, height = (
            round(length / MM_PER_INCH * options.resolution_dpi)
            for length in (options.width_mm, options.height_mm)
        )
        channels = 3 if options.colour is Colour.COLOUR else 1
        sink = context.begin_page(
            width_px=width, height_px=height, channels=channels, dpi=options.resolution_dpi
        )
        try:
            for band, rows in enumerate(_bands(width, height, channels, number)):
                is_due = band == BANDS // 2 and number + 1 >= self._number("fault_page")
                if is_due and self._go_wrong(context) == "short":
                    break
                sink.write(rows)
                if context.wait(self._number("page_s") / BANDS):
                    raise JobCancelled(job=job.id)
        except BaseException:
            sink.discard()
            raise
        sink.finish()

    def _go_wrong(self, context: JobContext) -> str:
        fault = self._fault()
        if fault in ERRORS:
            raise ERRORS[fault](f"the fake device plays {fault}")
        if fault == "hang":
            self._never.wait()
        if fault == "crash":
            raise RuntimeError("the fake driver plays a crash")
        if fault.startswith("wait:"):
            context.needs_attention(Attention(fault.removeprefix("wait:")))
            while self._fault() == fault:
                if context.wait(0.05):
                    raise JobCancelled
            context.attention_over()
        if fault in set(Attention):
            raise DeviceNeedsHand(Attention(fault))
        return fault

    def _fault(self) -> str:
        file = str(self._settings["fault_file"])
        if file:
            try:
                return Path(file).read_text(encoding="utf-8").strip()
            except FileNotFoundError:
                return ""
        return str(self._settings["fault"])

    def _number(self, name: str) -> float:
        value = self._settings[name]
        return float(value) if isinstance(value, int | float) else 0.0


@hookimpl
def register_drivers(settings: Mapping[str, object]) -> list[Driver]:
    """Bring the one driver."""
    return [FakeDriver(settings)]


def _bands(width: int, height: int, channels: int, number: int) -> Iterator[bytes]:
    """Draw paper with a frame and lines like text, band by band, each page a little different."""
    paper, ink = b"\xf8", b"\x28"
    margin = max(1, width // 10)
    blank = paper * (width * channels)
    word = (ink * 3 + paper) * (width // 4)
    line = (
        paper * (margin * channels)
        + word[: (width - 2 * margin) * channels].ljust((width - 2 * margin) * channels, ink)
        + paper * (margin * channels)
    )
    top = margin // 2
    pitch = max(4, height // 40)
    for band in range(BANDS):
        rows = []
        for row in range(height * band // BANDS, height * (band + 1) // BANDS):
            in_text = margin < row < height - margin and row % pitch < pitch // 4
            is_frame = row in {top, height - top - 1}
            numbered = row // pitch <= number + 2 and row % pitch < pitch // 2 and row > margin
            rows.append(line if in_text or is_frame or numbered else blank)
        yield b"".join(rows)
