"""Hooks are documented as they are, each is tested, and each has a plugin of ours that uses it."""

from __future__ import annotations

import ast
import inspect
from collections import Counter

import pytest

from tests.contract.renew_hooks import (
    FIELDS,
    GROUPS,
    PAGE,
    ROOT,
    hooks_of,
    text,
    users_of,
)

HOOKS = [(group, hook) for group, (spec, _, _) in GROUPS.items() for hook in hooks_of(spec)]


def test_the_page_of_hooks_is_up_to_date() -> None:
    """``docs/hooks.md`` is what the specifications say now."""
    assert PAGE.read_text(encoding="utf-8") == text()


@pytest.mark.parametrize(("group", "hook"), HOOKS)
def test_every_hook_says_what_a_plugin_must_know(group: str, hook: str) -> None:
    """When, in which thread, what it may return, what a failure does, since when."""
    documentation = inspect.getdoc(getattr(GROUPS[group][0], hook)) or ""
    said = [line.split(":")[1] for line in documentation.splitlines() if line.startswith(":")]
    assert tuple(said) == FIELDS


@pytest.mark.parametrize(("group", "hook"), HOOKS)
def test_every_hook_has_a_user_of_ours(group: str, hook: str) -> None:
    """A hook that no built-in plugin and not the example uses is not there."""
    _, modules, example = GROUPS[group]
    assert list(users_of(hook, modules, example))


def test_every_hook_has_exactly_one_test_of_its_name() -> None:
    """``test_hook_<name>`` is there once for every hook, and for nothing else."""
    found = Counter(
        node.name.removeprefix("test_hook_")
        for file in (ROOT / "tests").rglob("test_*.py")
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8")))
        if isinstance(node, ast.FunctionDef) and node.name.startswith("test_hook_")
    )
    assert found == Counter(hook for _, hook in HOOKS)
