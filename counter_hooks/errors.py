"""What goes wrong with a device, as claims.

HookError
├── PluginRefused          a plugin that cannot be loaded: broken, misspelt, in the wrong group
├── PluginOverdue          a plugin did not answer in time (``calls``)
├── PluginBroke            a plugin raised what is no ``Exception`` (``calls``)
├── ValueUnfit             a value of a form or result does not fit its field (``actions``)
├── JobRefused             a plugin, driver or action does not want this job, before it began
│   ├── DocumentUnsound    what is to be printed is no sound PDF: broken, locked, without pages
│   └── WishUnmet          the device cannot do what was chosen; ``option`` says which wish it is
└── DeviceError            a job that began and could not be finished
    ├── DeviceGone         unplugged, switched off, out of reach
    ├── DeviceBusy         somebody else has it open
    ├── DeviceNeedsHand    paper, lid, feeder: a person must touch it (``reason`` says what)
    ├── DeviceEmpty        what a person was to put in did not come
    ├── DeviceSilent       nothing came for longer than the driver waits
    ├── JobCancelled       stopped on request
    └── ResultUnsound      the device said "done" and what it gave is not whole

Every leaf has a ``key`` that screens translate as ``errors.<key>``; ``str()`` is English, for the log.
"""

from __future__ import annotations

from counter_hooks.model import Attention


class HookError(Exception):
    """The root of everything this package raises."""

    key = "hook-error"

    def __init__(self, message: str = "", **facts: object) -> None:
        super().__init__(message or self.key)
        self.facts = facts


class PluginRefused(HookError):
    """A plugin cannot be used; the message names it and says why."""

    key = "plugin-refused"


class JobRefused(HookError):
    """The job was not begun."""

    key = "job-refused"


class DocumentUnsound(JobRefused):
    """What is to be printed is no PDF that could be: broken, locked, empty or far too large."""

    key = "document-unsound"


class WishUnmet(JobRefused):
    """The device cannot do what was chosen for the job."""

    key = "wish-unmet"


class DeviceError(HookError):
    """The job began and could not be finished."""

    key = "device-error"
    reason: Attention | None = None


class DeviceGone(DeviceError):
    """The device is unplugged, switched off or out of reach."""

    key = "device-gone"
    reason = Attention.DEVICE_OFFLINE


class DeviceBusy(DeviceError):
    """Somebody else has the device open."""

    key = "device-busy"
    reason = Attention.DEVICE_BUSY


class DeviceNeedsHand(DeviceError):
    """A person must touch the device before the job can be tried again."""

    key = "device-needs-hand"

    def __init__(self, reason: Attention, message: str = "", **facts: object) -> None:
        super().__init__(message or f"{self.key}: {reason.value}", **facts)
        self.reason = reason


class DeviceEmpty(DeviceError):
    """What a person was to put into the device did not come, or cannot be told."""

    key = "device-empty"


class DeviceSilent(DeviceError):
    """Nothing came from the device for longer than its driver waits."""

    key = "device-silent"
    reason = Attention.DEVICE_OFFLINE


class JobCancelled(DeviceError):
    """The job was stopped because somebody asked for it."""

    key = "job-cancelled"


class ResultUnsound(DeviceError):
    """The device reported success, but what it gave is not whole."""

    key = "result-unsound"
