"""What every verb of ``oac-agent`` shares: settings, printing of facts, errors."""

from __future__ import annotations

import functools
import json
import logging
from collections.abc import Callable
from pathlib import Path
from typing import Any

import click

from counter_hooks.agent import config
from counter_hooks.agent.errors import NotPaired, SettingsUnsound, TokenRevoked
from counter_hooks.errors import HookError

FOR_A_PERSON = (NotPaired, SettingsUnsound, TokenRevoked)

config_option = click.option(
    "--config",
    "config_file",
    type=click.Path(path_type=Path),
    help=f"Configuration file (default {config.DEFAULT_FILE}).",
)
json_option = click.option("--json", "as_json", is_flag=True, help="Print JSON.")


def verb(function: Callable[..., None]) -> Callable[..., None]:
    """Let a verb take ``--config`` too, give it the settings, and turn errors into one sentence."""

    @config_option
    @functools.wraps(function)
    def called(*, config_file: Path | None, **values: Any) -> None:
        context = click.get_current_context()
        try:
            settings = config.load(config_file or context.obj, config.environment())
            # What the other verbs find, they print; their log is for what goes wrong, of which the
            # doctor prints all but what is broken in itself.
            levels = {"run": settings.log_level, "doctor": "ERROR"}
            level = levels.get(function.__name__, "WARNING")
            logging.basicConfig(level=level, format="%(levelname)s %(name)s %(message)s")
            function(settings, **values)
        except HookError as error:
            click.echo(f"oac-agent: {error}", err=True)
            context.exit(2 if isinstance(error, FOR_A_PERSON) else 1)

    return called


def print_json(value: object) -> None:
    """Print ``value`` as JSON."""
    click.echo(json.dumps(value, indent=2))
