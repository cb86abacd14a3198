"""What the verbs ``plugins`` of both programs do: list, explain, and make a new plugin."""

from __future__ import annotations

import inspect
import re
import shutil
import sys
from collections.abc import Mapping
from dataclasses import asdict
from pathlib import Path
from typing import Any

from counter_hooks import record
from counter_hooks.errors import PluginRefused
from counter_hooks.guard import Registry
from counter_hooks.loading import PluginState, installed

EXAMPLE = "oac-plugin-bell"
NAME = re.compile(r"[a-z][a-z0-9]*(-[a-z0-9]+)*")
MOST_NAME_CHARACTERS = 30
NOT_COPIED = shutil.ignore_patterns("__pycache__", "*.egg-info", "build", ".pytest_cache")


def told(registry: Registry, folder: Path) -> list[dict[str, Any]]:
    """Return every plugin with what the running program noted about it in ``folder``."""
    noted = record.read(folder).get("plugins")
    running = noted if isinstance(noted, Mapping) else {}
    return [_facts(one, running.get(one.name)) for one in registry.plugins]


def line(facts: Mapping[str, Any]) -> str:
    """Return one plugin on one line."""
    if facts["is_off"]:
        what = f"switched off: {facts['reason']}"
    elif facts["loaded"]:
        what = ", ".join(facts["hooks"]) or "no hooks"
    else:
        what = f"left out: {facts['reason']}"
    return f"{facts['name']}\t{facts['version']}\t{what}"


def explained(registry: Registry, name: str, folder: Path) -> dict[str, Any]:
    """Return all there is to know about one plugin. Raises ``PluginRefused`` for an unknown name.

    Of its settings the names are told and not the values, which may be secrets.
    """
    found = {facts["name"]: facts for facts in told(registry, folder)}
    if name not in found:
        known = ", ".join(found) or "none"
        raise PluginRefused(f"there is no plugin {name}; there are: {known}")
    facts = found[name]
    meaning = {hook: _meaning(registry, hook) for hook in facts["hooks"]}
    settings = sorted(registry.settings_of(name))
    brings = registry.brought_by(name)
    return {**facts, "hooks": meaning, "settings": settings, "brings": brings}


def text_of(facts: Mapping[str, Any]) -> str:
    """Return what ``explained`` found, for a person."""
    state = "switched off" if facts["is_off"] else "loaded" if facts["loaded"] else "left out"
    lines = [f"{facts['name']} {facts['version']}: {state}"]
    lines += [f"  why: {facts['reason']}"] if facts["reason"] else []
    lines += [f"  hook {hook}: {meaning}" for hook, meaning in facts["hooks"].items()]
    lines += [f"  {kind}: {', '.join(names)}" for kind, names in facts["brings"].items() if names]
    table = f"[plugins.{facts['name']}]"
    lines.append(f"  settings in {table}: {', '.join(facts['settings']) or 'none'}")
    lines.append(f"  last error: {facts['last_error'] or 'none'}")
    return "\n".join(lines)


def make_new(name: str, folder: Path) -> Path:
    """Copy the example to ``oac-plugin-<name>`` below ``folder`` and give it its name.

    Raises ``PluginRefused``.
    """
    if not NAME.fullmatch(name) or len(name) > MOST_NAME_CHARACTERS:
        raise PluginRefused(f"{name!r:.60} is no name: small letters, digits and hyphens are")
    if name in installed():
        raise PluginRefused(f"there is a plugin {name} already; choose another name")
    target = folder / f"oac-plugin-{name}"
    if target.exists():
        raise PluginRefused(f"{target} is there already; choose another name or folder")
    shutil.copytree(example(), target, ignore=NOT_COPIED)
    for file in sorted(path for path in target.rglob("*") if path.is_file()):
        file.write_text(_renamed(file.read_text(encoding="utf-8"), name), encoding="utf-8")
        file.rename(file.with_name(_renamed(file.name, name)))
    for place in sorted((path for path in target.rglob("*") if path.is_dir()), reverse=True):
        place.rename(place.with_name(_renamed(place.name, name)))
    return target


def example() -> Path:
    """Return where the example lies: in the sources, or where its distribution put it."""
    places = (
        Path(__file__).resolve().parents[1] / "docs" / "examples" / EXAMPLE,
        Path(sys.prefix) / "share" / "jitsi-oac" / EXAMPLE,
    )
    for place in places:
        if place.is_dir():
            return place
    raise PluginRefused("the example is not installed; copy docs/examples from the sources")


def _renamed(text: str, name: str) -> str:
    # Modules and classes cannot have a hyphen in their names; keys and distributions can.
    title = "".join(part.capitalize() for part in name.split("-"))
    for before, after in (
        ("oac_bell", f"oac_{name.replace('-', '_')}"),
        ("RingBell", f"Ring{title}"),
        ("oac-plugin-bell", f"oac-plugin-{name}"),
        ("bell-collection", f"{name}-collection"),
        ("ring-bell", f"ring-{name}"),
        ("upside-down", f"{name}-upside-down"),
        ("bell.toml", f"{name}.toml"),
        ("plugins.bell", f"plugins.{name}"),
        ('"bell"', f'"{name}"'),
        ("\nbell = ", f"\n{name} = "),
    ):
        text = text.replace(before, after)
    return text


def _facts(state: PluginState, noted: object) -> dict[str, Any]:
    facts = asdict(state) | {"hooks": list(state.hooks)}
    if isinstance(noted, Mapping) and state.loaded:
        # What has gone wrong is known to the program that runs, not to the one that asks.
        known = {name: noted[name] for name in ("is_off", "last_error") if name in noted}
        facts |= known | ({"reason": noted.get("reason", "")} if noted.get("is_off") else {})
    return facts


def _meaning(registry: Registry, hook: str) -> str:
    text = inspect.getdoc(getattr(registry.specification, hook)) or ""
    return text.splitlines()[0]
