"""Loading plugins and calling them so that none can harm another."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path

import pytest

from counter_hooks import DeskView, PageView, TicketView
from counter_hooks.registry import AgentRegistry, BridgeRegistry, Registry
from tests.plugins import Install

DESK = DeskView(clerk_id="clerk", office_key="office")


def ticket(number: int, *, priority: int = 5, minute: int = 0) -> TicketView:
    """Return a waiting ticket."""
    return TicketView(
        id=f"t{number}",
        number=f"A{number:03}",
        priority=priority,
        issued_at=datetime(2026, 3, 2, 9, minute, tzinfo=UTC),
        counter_key=None,
        procedures=("padro",),
        language="ca",
    )


def page(**changes: object) -> PageView:
    """Return a page with nothing wrong with it, but for ``changes``."""
    values: dict[str, object] = {
        "id": "p1",
        "number": 1,
        "media_type": "image/jpeg",
        "size_bytes": 500_000,
        "width_px": 2480,
        "height_px": 3508,
        "declared_dpi": 300,
        "ordered_width_mm": 210.0,
        "ordered_height_mm": 297.0,
        "ink": 0.05,
    }
    return PageView(**{**values, **changes})  # type: ignore[arg-type]


def state_of(registry: Registry, name: str) -> object:
    """Return what the registry says of one plugin."""
    return next(plugin for plugin in registry.plugins if plugin.name == name)


def keys(registry: BridgeRegistry, found: PageView, image: Path) -> list[tuple[str, bool]]:
    """Return key and bar of every problem with a page."""
    return [(problem.key, problem.bars) for problem in registry.check_page(found, image)]


def test_builtins_come_through_the_same_door() -> None:
    """Every built-in plugin is listed with its hooks and a version."""
    registry = BridgeRegistry()
    hooks = {plugin.name: plugin.hooks for plugin in registry.plugins}
    assert hooks == hooks | {
        "basics": ("check_page", "register_step_kinds"),
        "fifo": ("next_ticket",),
    }
    assert all(plugin.version for plugin in registry.plugins)


def test_installed_plugin_is_listed_with_its_version(install: Install) -> None:
    """A stranger's plugin is found by its entry point."""
    install("bell", "@hookimpl\ndef next_ticket(): return None")
    found = state_of(BridgeRegistry(), "bell")
    assert (found.version, found.hooks, found.loaded) == ("1.2", ("next_ticket",), True)  # type: ignore[attr-defined]


@pytest.mark.parametrize(
    ("code", "reason"),
    [
        ("raise RuntimeError('no')", "RuntimeError: no"),
        ("import no_such_module", "no_such_module"),
        ("@hookimpl\ndef next_tiket(): pass", "no hook next_tiket; perhaps next_ticket is"),
        ("@hookimpl\ndef next_ticket(nobody): pass", "nobody"),
        ("@hookimpl\ndef register_drivers(settings): pass", "the group counter_hooks.agent"),
    ],
    ids=["raises", "import", "misspelt", "argument", "wrong group"],
)
def test_broken_plugin_is_left_out_and_named(install: Install, code: str, reason: str) -> None:
    """A plugin that cannot be used costs nobody else anything and is listed with the reason."""
    install("broken", code)
    registry = BridgeRegistry()
    found = state_of(registry, "broken")
    assert not found.loaded  # type: ignore[attr-defined]
    assert reason in found.reason  # type: ignore[attr-defined]
    assert registry.next_ticket(DESK, [ticket(1)]) == "t1"


def test_names_restrict_what_is_loaded(install: Install) -> None:
    """Only the plugins named are loaded; a name that is not installed is listed as such."""
    install("bell", "@hookimpl\ndef next_ticket(): return None")
    assert [plugin.name for plugin in BridgeRegistry(names=["bell"]).plugins] == ["bell"]
    assert not state_of(BridgeRegistry(names=["nobody"]), "nobody").loaded  # type: ignore[attr-defined]


def test_fake_is_loaded_only_when_named() -> None:
    """Devices that do not exist never appear at a counter that did not ask for them."""
    assert "fake" not in {plugin.name for plugin in AgentRegistry({}).plugins}
    assert "fake" in {plugin.name for plugin in AgentRegistry({"fake": {}}).plugins}


def test_hook_register_drivers(install: Install) -> None:
    """Drivers of all plugins are collected; each plugin gets its own table; broken ones go."""
    group = "counter_hooks.agent"
    install("one", "@hookimpl\ndef register_drivers(settings): raise OSError('x')", group=group)
    install("two", "@hookimpl\ndef register_drivers(settings): return [1]", group=group)
    registry = AgentRegistry(
        {"fake": {"pages": 1}, "folder": {"dpi": "x"}}, names=["fake", "folder", "one", "two"]
    )
    assert list(registry.register_drivers()) == ["fake"]
    refused = {plugin.name: plugin.reason for plugin in registry.plugins if not plugin.loaded}
    assert refused.keys() == {"one", "two"}
    assert "is not a Driver" in refused["two"]


def test_settings_out_of_shape_refuse_the_plugin() -> None:
    """A mistake in a plugin's own table leaves that plugin out and says what is wrong."""
    registry = AgentRegistry({"fake": {"pages": "many"}}, names=["fake"])
    assert registry.register_drivers() == {}
    assert "pages" in state_of(registry, "fake").reason  # type: ignore[attr-defined]


def test_two_drivers_of_one_name_do_not_mix(install: Install) -> None:
    """A driver whose name is taken refuses the plugin that came second."""
    install(
        "copy",
        "from counter_hooks.plugins.fake import FakeDriver\n"
        "@hookimpl\ndef register_drivers(settings): return [FakeDriver()]",
        group="counter_hooks.agent",
    )
    registry = AgentRegistry({"fake": {}}, names=["fake", "copy"])
    assert list(registry.register_drivers()) == ["fake"]
    assert sum(plugin.loaded for plugin in registry.plugins) == 1


def test_hook_register_procedures(install: Install) -> None:
    """Files of all plugins are collected; a plugin that raises is left out."""
    install("good", "@hookimpl\ndef register_procedures(): return ['a.toml']")
    install("bad", "@hookimpl\ndef register_procedures(): raise OSError('x')")
    registry = BridgeRegistry(names=["good", "bad"])
    assert registry.register_procedures() == (Path("a.toml"),)
    assert not state_of(registry, "bad").loaded  # type: ignore[attr-defined]


@pytest.mark.parametrize("answer", ["1 / 0", "'t9'", "7"], ids=["raises", "lies", "nonsense"])
def test_hook_next_ticket(install: Install, answer: str) -> None:
    """A plugin that raises or lies is passed over and named; the built-in order answers."""
    install("choice", f"@hookimpl\ndef next_ticket(waiting): return {answer}")
    registry = BridgeRegistry()
    waiting = [ticket(1, minute=5), ticket(2, minute=3), ticket(3, priority=1, minute=9)]
    assert registry.next_ticket(DESK, waiting) == "t3"
    assert "next_ticket" in state_of(registry, "choice").last_error  # type: ignore[attr-defined]


def test_plugin_chooses_before_the_builtin_order(install: Install) -> None:
    """A stranger's choice counts before the built-in one, which is asked last."""
    install("last", "@hookimpl\ndef next_ticket(waiting): return waiting[-1].id")
    assert BridgeRegistry().next_ticket(DESK, [ticket(1), ticket(2, minute=1)]) == "t2"


def test_nobody_chooses() -> None:
    """Without any plugin there is no choice, and no error."""
    assert BridgeRegistry(names=[]).next_ticket(DESK, [ticket(1)]) is None


@pytest.mark.parametrize(
    "waiting",
    [
        [ticket(1, minute=5), ticket(2, minute=3)],
        [ticket(2, minute=3), ticket(1, minute=5)],
        [ticket(1, priority=2), ticket(2, priority=1, minute=50)],
        [ticket(2, minute=1), ticket(1, minute=1)],
    ],
)
def test_builtin_order(waiting: Sequence[TicketView]) -> None:
    """Priority first, then time of issue, then the order in which they are given."""
    assert BridgeRegistry(names=["fifo"]).next_ticket(DESK, waiting) == "t2"


def test_hook_check_page(install: Install, tmp_path: Path) -> None:
    """Problems of all plugins are collected, and one that raises bars the page."""
    install("broken", "@hookimpl\ndef check_page(page): raise OSError('x')")
    install("late", "@hookimpl\ndef check_page(page):\n    yield 7")
    install("strict", "@hookimpl\ndef check_page(page): return [Problem(key='no', bars=False)]")
    registry = BridgeRegistry()
    problems = registry.check_page(page(), tmp_path / "image")
    assert sorted((problem.key, problem.bars, problem.facts) for problem in problems) == [
        ("check-failed", True, (("plugin", "broken"),)),
        ("check-failed", True, (("plugin", "late"),)),
        ("no", False, ()),
    ]
    assert "OSError" in state_of(registry, "broken").last_error  # type: ignore[attr-defined]


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({}, []),
        ({"declared_dpi": 200, "width_px": 1654, "height_px": 2339}, []),
        ({"width_px": 2435, "height_px": 3440}, []),
        (
            {"declared_dpi": 199, "width_px": 1645, "height_px": 2327},
            [("resolution-too-low", True)],
        ),
        ({"declared_dpi": 0}, [("resolution-unknown", False)]),
        ({"height_px": 3400}, [("size-mismatch", False)]),
        ({"height_px": 1748, "from_feeder": True}, []),
        ({"width_px": 2540}, [("size-mismatch", False)]),
        ({"ink": 0.0019}, [("blank-page", False)]),
        ({"ink": 0.002}, []),
        ({"media_type": "image/tiff"}, [("format-unknown", True)]),
    ],
)
def test_basic_checks(
    changes: dict[str, object], expected: list[tuple[str, bool]], tmp_path: Path
) -> None:
    """Under 200 dpi and unknown formats bar a page; a wrong size and a blank page warn."""
    assert keys(BridgeRegistry(names=["basics"]), page(**changes), tmp_path) == expected
