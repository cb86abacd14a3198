"""Which meetings are ours, and what their page may report. Pure."""

from __future__ import annotations

import re
from enum import StrEnum

# What the kiosk and the desk wear: static/css/tokens.css.
BRAND = "#0b4a7d"
BRAND_PRESSED = "#07365d"
LANGUAGES = ("ca",)
_OURS = re.compile(r"oac-[0-9a-z]{26}", re.IGNORECASE)
_ID = re.compile(r"[0-9A-Za-z-]{1,64}")
_VERSION = re.compile(r"[\w.+-]{1,40}", re.ASCII)


class Trouble(StrEnum):
    """Why the panel is not beside a meeting."""

    STORE_MISSING = "store-missing"
    PAGE_UNKNOWN = "page-unknown"
    TOOLBAR_REFUSED = "toolbar-refused"
    PANEL_SILENT = "panel-silent"


def is_our_meeting(conference: str) -> bool:
    """Say whether ``conference`` (``room@conference.host``, or a room) is of one of our visits."""
    return _OURS.fullmatch(conference.partition("@")[0]) is not None


def as_id(text: str) -> str:
    """Return ``text`` when it can be an identifier, else nothing of it."""
    return text if _ID.fullmatch(text) else ""


def as_version(text: str) -> str:
    """Return ``text`` when it can be a version, else nothing of it."""
    return text if _VERSION.fullmatch(text) else ""
