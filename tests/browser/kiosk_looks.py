"""Looks at the kiosk as it is now: in every language and on every screen it may hang on."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from playwright.sync_api import Page

HERE = Path(__file__).parent
MEASURES = (HERE / "kiosk_measures.js").read_text()
AXE = HERE.parent.parent / "node_modules" / "axe-core" / "axe.min.js"
LANGUAGES = {"ca": "ca-valencia", "es": "es", "en": "en"}

CAP_MM = 7.33
"""EN 301 549, 5.1.4: 0.7 degrees from 60 cm."""

SIZES = {(1280, 800): 5.88, (800, 1280): 5.88, (1920, 1080): 4.03}
"""CSS pixels, and how many of them make a millimetre: 10.1 inches lying and upright, 21.5 inches."""

SPEAK = """(language) => {
  const kiosk = document.querySelector('oac-kiosk')
  const { server } = kiosk.state
  if (kiosk.state.missed) kiosk.update({missed: {...kiosk.state.missed, language}})
  else if (server.ticket) kiosk.update({server: {...server, ticket: {...server.ticket, language}}})
  else kiosk.update({language: kiosk.state.language && language})
}"""
DRAWN = "() => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)))"
FOUND_BY_AXE = """async () => (await axe.run(document, {resultTypes: ['violations']})).violations
  .filter((one) => ['serious', 'critical'].includes(one.impact))
  .map((one) => `${one.id}: ${one.nodes.map((node) => node.html).join(' ')}`)"""


class Looks:
    """Every screen that was looked at, and all that was wrong with them."""

    def __init__(self, page: Page) -> None:
        self.page = page
        self.found: list[str] = []
        self.seen: list[str] = []

    def at(self, name: str) -> None:
        """Measure the screen in three languages and three sizes; leave it as it was."""
        before: dict[str, Any] = self.page.evaluate(
            """() => { const { server, language } = document.querySelector('oac-kiosk').state
                return {language: server?.ticket?.language ?? language} }"""
        )
        for width, height in SIZES:
            self.page.set_viewport_size({"width": width, "height": height})
            for language in LANGUAGES:
                self.page.evaluate(SPEAK, language)
                self.page.evaluate(DRAWN)
                self._measure(f"{name}, {language}, {width} × {height}", SIZES[width, height])
        self._ask_axe(name)
        self.page.set_viewport_size({"width": 1280, "height": 800})
        self.page.evaluate(SPEAK, before["language"])
        self.seen.append(name)

    def _measure(self, where: str, px_per_mm: float) -> None:
        told: list[str] = self.page.evaluate(MEASURES, {"cap": CAP_MM * px_per_mm})
        self.found += [f"{where}: {one}" for one in told]

    def _ask_axe(self, name: str) -> None:
        if not AXE.exists():
            return
        self.page.evaluate(f"{AXE.read_text()};0")
        told: list[str] = self.page.evaluate(FOUND_BY_AXE)
        self.found += [f"{name}: axe: {one}" for one in told]
