"""Opens the cash drawer that hangs on a receipt printer, for who pays a fee at the counter.

Loaded only when the configuration has a table ``[plugins.drawer]``: ``device``, the printer's
device file (``/dev/usb/lp0``); ``drawers`` (1 or 2), how many hang on it. The printer is told by
the five bytes of ESC/POS that every such printer knows (``ESC p``, Epson's command reference).
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path

from counter_hooks import (
    Action,
    ActionJob,
    Choice,
    DeviceBusy,
    DeviceGone,
    DeviceSilent,
    Field,
    FieldKind,
    JobCancelled,
    JobContext,
    PluginRefused,
    Text,
    Value,
    hookimpl,
)

# ESC p m t1 t2: the pulse on connector m, 50 ms long, then 500 ms of rest.
PULSES = {"first": b"\x1bp\x00\x19\xfa", "second": b"\x1bp\x01\x19\xfa"}
WAIT_S = 5.0
RETRY_S = 0.2
CHOICES = (
    Choice(key="first", label=Text(ca="El primer", es="El primero", en="The first")),
    Choice(key="second", label=Text(ca="El segon", es="El segundo", en="The second")),
)


class OpenDrawer(Action):
    """Sends the pulse that opens the drawer."""

    key = "open-drawer"
    title = Text(ca="Obrir el calaix", es="Abrir el cajón", en="Open the drawer")
    consent = Text(
        ca="Obrir el calaix dels diners.",
        es="Abrir el cajón del dinero.",
        en="Open the cash drawer.",
    )
    icon = "M3 5h18v6H3zM3 13h18v6H3zM10 7h4v2h-4zM10 15h4v2h-4z"
    limit_s = 15.0

    def __init__(self, device: Path, *, drawers: int) -> None:
        self._device = device
        which = Field(
            key="drawer",
            label=Text(ca="Quin calaix", es="Qué cajón", en="Which drawer"),
            kind=FieldKind.CHOICE,
            choices=CHOICES,
            is_required=True,
        )
        self.fields = (which,) if drawers > 1 else ()

    def run(self, job: ActionJob, context: JobContext) -> Mapping[str, Value]:
        """Write the pulse; a printer that is busy is tried again for a few seconds."""
        pulse = PULSES[str(job.values.get("drawer", "first"))]
        for _ in range(round(WAIT_S / RETRY_S)):
            if self._is_written(pulse):
                return {}
            if context.wait(RETRY_S):
                raise JobCancelled(job=job.id)
        raise DeviceSilent("the receipt printer takes nothing", device=str(self._device))

    def _is_written(self, pulse: bytes) -> bool:
        try:
            # Without waiting: a printer that is switched off would hold the lane for good.
            printer = os.open(self._device, os.O_WRONLY | os.O_NONBLOCK)
        except FileNotFoundError as error:
            raise DeviceGone("the receipt printer is not plugged in") from error
        except OSError as error:
            raise DeviceBusy(f"the receipt printer cannot be opened: {error.strerror}") from error
        try:
            return os.write(printer, pulse) == len(pulse)
        except BlockingIOError:
            return False
        except OSError as error:
            raise DeviceGone(f"the receipt printer went away: {error.strerror}") from error
        finally:
            os.close(printer)


@hookimpl
def register_actions(settings: Mapping[str, object]) -> list[Action]:
    """Bring the one action. Raises ``PluginRefused`` for settings that make no sense."""
    device, drawers = settings.get("device"), settings.get("drawers", 1)
    if not isinstance(device, str) or not device:
        raise PluginRefused("[plugins.drawer] needs device, the printer's device file")
    if drawers not in (1, 2) or isinstance(drawers, bool):
        raise PluginRefused("[plugins.drawer] drawers must be 1 or 2")
    return [OpenDrawer(Path(device), drawers=int(drawers))]
