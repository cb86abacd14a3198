"""The project name and the two decorators; imported by specifications and plugins alike."""

from __future__ import annotations

import pluggy

PROJECT = "counter_hooks"

hookspec = pluggy.HookspecMarker(PROJECT)
hookimpl = pluggy.HookimplMarker(PROJECT)
