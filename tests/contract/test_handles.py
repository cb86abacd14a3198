"""Every handle that checks and screen-reader scripts rely on is somewhere in the pages."""

from __future__ import annotations

from pathlib import Path

import pytest

BRIDGE = Path(__file__).resolve().parents[2] / "bridge"
KIOSK = """language-ca language-es language-en procedure- take-ticket ticket-number position called
start-visit meeting step-current consent consent-allow consent-refuse device-busy device-attention
stop-everything ask-help printed-yes printed-no place-page next-page last-page sign sign-on-paper sign-begin
sign-field sign-done say goodbye have-all"""
DESK = """sign-in available break queue-row call-next recall no-show meeting remote-video scan
scan-options scan-page-by-page scan-stop next-page last-page job live-preview page page-again page-remove
page-rotate page-up page-down page-trim page-restore card-together document print step- sign take-picture
action- plugins-off job-answer step-done step-correct ask-help transfer park say end-visit close-visit"""
HELPER = "help-request help-acknowledge help-solved help-reinstate counter-row"


def _sources(*patterns: str) -> str:
    return "\n".join(path.read_text() for pattern in patterns for path in BRIDGE.glob(pattern))


@pytest.mark.parametrize("handle", KIOSK.split())
def test_the_kiosk_has(handle: str) -> None:
    """The kiosk's pages carry the handle, whole or as the beginning of a built one."""
    text = _sources("static/js/kiosk/**/*.js", "static/js/meeting/*.js", "templates/kiosk.html")
    assert f'data-oac="{handle}' in text or f"'{handle}" in text or f"`{handle}" in text


@pytest.mark.parametrize("handle", DESK.split())
def test_the_desk_has(handle: str) -> None:
    """The desk's pages carry the handle, whole or as the beginning of a built one."""
    text = _sources("static/js/**/*.js", "templates/*.html")
    assert f'data-oac="{handle}' in text or f"'{handle}" in text or f"`{handle}" in text


@pytest.mark.parametrize("handle", HELPER.split())
def test_the_helper_has(handle: str) -> None:
    """The helper's page carries the handle."""
    text = _sources("static/js/helper/*.js", "templates/helper.html")
    assert f'data-oac="{handle}"' in text or f"`{handle}`" in text
