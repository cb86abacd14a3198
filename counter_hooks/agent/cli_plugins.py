"""``oac-agent plugins``: list, explain, make a new one."""

from __future__ import annotations

from pathlib import Path

import click

from counter_hooks import kit
from counter_hooks.agent.cli_support import config_option, json_option, print_json, verb
from counter_hooks.agent.config import Settings
from counter_hooks.agent.offers import loaded
from counter_hooks.registry import AgentRegistry


@click.group(invoke_without_command=True)
@config_option
@json_option
@click.pass_context
def plugins(context: click.Context, config_file: Path | None, *, as_json: bool) -> None:
    """List the plugins, what they bring, and why some are left out."""
    context.obj = config_file or context.obj
    if context.invoked_subcommand is None:
        context.invoke(_listed, config_file=config_file, as_json=as_json)


@click.command()
@json_option
@verb
def _listed(settings: Settings, *, as_json: bool) -> None:
    found = kit.told(_asked(settings), settings.state_directory)
    if as_json:
        print_json(found)
    for facts in found if not as_json else ():
        click.echo(kit.line(facts))


@plugins.command()
@click.argument("name")
@json_option
@verb
def explain(settings: Settings, *, name: str, as_json: bool) -> None:
    """Tell all there is to know about the plugin NAME."""
    facts = kit.explained(_asked(settings), name, settings.state_directory)
    if as_json:
        print_json(facts)
    else:
        click.echo(kit.text_of(facts))


@plugins.command()
@click.argument("name")
@click.option(
    "--in",
    "folder",
    type=click.Path(path_type=Path, file_okay=False),
    default=Path(),
    help="Folder to make it in; this one if left out.",
)
@verb
def new(_settings: Settings, *, name: str, folder: Path) -> None:
    """Make a plugin called NAME, as a copy of the example."""
    click.echo(f"{kit.make_new(name, folder)} is made; read its README.md")


def _asked(settings: Settings) -> AgentRegistry:
    registry = loaded(settings, is_safe=settings.safe_mode)
    registry.register_drivers()
    registry.register_page_filters()
    registry.register_actions()
    return registry
