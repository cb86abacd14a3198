"""What plugins add to this counter besides drivers: actions for the clerk, filters for pages."""

from __future__ import annotations

import shutil
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from counter_hooks.actions import DEVICE_PREFIX, Action
from counter_hooks.agent.config import Settings
from counter_hooks.agent.images import SUFFIXES, keep_copy, read_facts
from counter_hooks.errors import PluginRefused, ResultUnsound
from counter_hooks.filters import PageFilter, ScannedSide
from counter_hooks.model import Page, ScanOptions
from counter_hooks.registry import AgentRegistry, Wish
from counter_hooks.wire import ActionEntry, FilterEntry, Offer, proved


@dataclass(slots=True, kw_only=True)
class FilteredPage:
    """What filters made of a page; ``page`` None when it is dropped, ``failed`` their keys."""

    page: Page | None
    failed: tuple[str, ...] = ()


class Offers:
    """The actions and page filters of one agent, as long as their plugins are switched on."""

    def __init__(self, registry: AgentRegistry) -> None:
        """Ask every plugin what it brings."""
        self.registry = registry
        self._filters = registry.register_page_filters()
        self._actions = registry.register_actions()
        # Once: a stranger's object may describe itself otherwise every time that it is asked.
        self._filter_entries = registry.described(
            self._filters, lambda one: proved(FilterEntry.of(one))
        )
        self._action_entries = registry.described(
            self._actions, lambda one: proved(ActionEntry.of(one))
        )

    def now(self) -> Offer:
        """Return what the bridge is told."""
        usable = self.registry.is_usable
        return Offer(
            actions=[
                one for key, one in self._action_entries.items() if usable(self._actions[key])
            ],
            filters=[
                one for key, one in self._filter_entries.items() if usable(self._filters[key])
            ],
            plugins_off=[state.name for state in self.registry.troubled],
            is_safe=self.registry.is_safe,
        )

    def action(self, device_id: str) -> Action | None:
        """Return the action that a job names as its device, None when there is none (any more)."""
        key = device_id.removeprefix(DEVICE_PREFIX)
        action = self._actions[key] if key in self._action_entries else None
        return action if action is not None and self.registry.is_usable(action) else None

    def filtered(
        self, page: Page, options: ScanOptions, *, side: int, workdir: Path
    ) -> FilteredPage:
        """Apply the filters that ``options`` ask for, in their order, to a page that is on disk.

        A filter that is not there or fails leaves the page as it is.
        """
        failed = [key for key in options.filters if key not in self._filters]
        for key, one in self._filters.items():
            if key not in options.filters:
                continue
            try:
                made = self._apply(
                    one, page, options, side=side, folder=workdir / f"side-{side}-{key}"
                )
            except PluginRefused:
                failed.append(key)
                continue
            if made is None:
                page.path.unlink(missing_ok=True)
                return FilteredPage(page=None, failed=tuple(failed))
            page = made
        return FilteredPage(page=page, failed=tuple(failed))

    def _apply(
        self, one: PageFilter, page: Page, options: ScanOptions, *, side: int, folder: Path
    ) -> Page | None:
        if not self.registry.is_usable(one):
            raise PluginRefused("the filter is switched off")
        folder.mkdir(exist_ok=True)
        try:
            image = folder / page.path.name
            shutil.copyfile(page.path, image)
            shown = ScannedSide(
                number=side,
                source=options.source,
                image=image,
                media_type=page.media_type,
                width_px=page.width_px,
                height_px=page.height_px,
                dpi=page.dpi,
            )
            made = self.registry.apply(one, shown, folder)
            if made is not None and made.image is not None and not made.is_dropped:
                page = self._taken_over(one, page, made.image, folder)
            self.registry.went_well(one)
            return None if made is not None and made.is_dropped else page
        except OSError as error:
            raise PluginRefused(f"filter: {error.strerror}") from error
        finally:
            shutil.rmtree(folder, ignore_errors=True)

    def _taken_over(self, one: PageFilter, page: Page, image: Path, folder: Path) -> Page:
        """Put a filter's image in the place of the page's own; nothing is lost if it is unsound."""
        try:
            if not Path(image).resolve().is_relative_to(folder.resolve()):
                raise ResultUnsound("its image is not in the work folder")
            facts = read_facts(Path(image))
            if facts.dpi not in (None, page.dpi):
                raise ResultUnsound("its image has another resolution")
        except (ResultUnsound, OSError, TypeError) as error:
            self.registry.went_wrong(one, str(error))
            raise PluginRefused(f"filter: {error}") from error
        target = page.path.with_suffix(SUFFIXES[facts.media_type])
        kept = keep_copy(Path(image), target, facts, dpi=page.dpi)
        if target != page.path:
            page.path.unlink(missing_ok=True)
        return replace(
            page,
            path=target,
            media_type=facts.media_type,
            sha256=kept.sha256,
            size_bytes=kept.size_bytes,
            width_px=facts.width_px,
            height_px=facts.height_px,
        )


def loaded(settings: Settings, *, is_safe: bool = False) -> AgentRegistry:
    """Return the plugins that ``settings`` ask for, which have not been asked for anything yet."""
    return AgentRegistry(
        wish=Wish(
            settings=settings.plugins,
            names=settings.plugin_names,
            is_safe=is_safe,
            is_traced=settings.trace_hooks,
        )
    )


def names_of(keys: Sequence[str]) -> str:
    """Return keys as one fact of the audit."""
    return ",".join(sorted(keys))[:200]
