"""``oac-bridge plugins``: list, explain, make a new one."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING

import click

from bridge.cli_support import Failed, as_json, settings
from counter_hooks.errors import PluginRefused

if TYPE_CHECKING:
    from counter_hooks.registry import BridgeRegistry


@click.group(invoke_without_command=True)
@as_json
@click.pass_context
def plugins(context: click.Context, as_json: bool) -> None:
    """List the plugins that were found, and why one is not used."""
    if context.invoked_subcommand is not None:
        return
    from counter_hooks import kit

    found = kit.told(_asked(), settings().data_dir)
    if as_json:
        click.echo(json.dumps({"plugins": found}, ensure_ascii=False))
    for facts in found if not as_json else ():
        click.echo(kit.line(facts))


@plugins.command()
@click.argument("name")
@as_json
def explain(name: str, as_json: bool) -> None:
    """Tell all there is to know about the plugin NAME."""
    from counter_hooks import kit

    try:
        facts = kit.explained(_asked(), name, settings().data_dir)
    except PluginRefused as error:
        raise Failed(f"{error}.") from error
    click.echo(json.dumps(facts, ensure_ascii=False) if as_json else kit.text_of(facts))


@plugins.command()
@click.argument("name")
@click.option(
    "--in",
    "folder",
    type=click.Path(path_type=Path, file_okay=False),
    default=Path(),
    help="Folder to make it in; this one if left out.",
)
def new(name: str, folder: Path) -> None:
    """Make a plugin called NAME, as a copy of the example."""
    from counter_hooks import kit

    try:
        made = kit.make_new(name, folder)
    except PluginRefused as error:
        raise Failed(f"{error}.") from error
    click.echo(f"{made} is made; read its README.md")


def _asked() -> BridgeRegistry:
    from bridge.plugging import load

    registry = load(settings())
    registry.register_step_kinds()
    registry.register_procedures()
    return registry
