"""``oac-bridge``: run and look after the bridge."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import click

from bridge.cli_checks import audit, doctor, procedures
from bridge.cli_data import backup, init, migrate, restore
from bridge.cli_people import add_clerk, add_counter, pair
from bridge.cli_plugins import plugins
from bridge.cli_support import settings_apart


def _say_version(context: click.Context, _option: click.Parameter, value: bool) -> None:
    if value and not context.resilient_parsing:
        # Imported here: it would cost the server's parent process 10 MiB.
        from jitsi_oac_plugin import __version__

        click.echo(f"oac-bridge, version {__version__}")
        context.exit()


@click.group(context_settings={"help_option_names": ["-h", "--help"]})
@click.option(
    "--config",
    type=click.Path(path_type=Path, dir_okay=False),
    help="Configuration file; without it /etc/oac/bridge.toml, if there is one.",
)
@click.option(
    "--version",
    is_flag=True,
    is_eager=True,
    expose_value=False,
    callback=_say_version,
    help="Show the version and exit.",
)
def main(config: Path | None) -> None:
    """Run and look after the bridge of a video counter.

    Every setting can be given in the environment too: data_dir is OAC_DATA_DIR.
    """


@main.command()
@click.option("--safe", is_flag=True, help="Use the built-in plugins alone.")
def serve(safe: bool) -> None:
    """Serve until stopped by SIGTERM or Ctrl-C."""
    from bridge import serve as server

    found = settings_apart()
    chosen = replace(found, safe_mode=found.safe_mode or safe)
    code = server.serve(chosen, lambda url: click.echo(f"The bridge is ready at {url}"))
    raise SystemExit(code)


for _verb in (
    init,
    migrate,
    add_clerk,
    add_counter,
    pair,
    plugins,
    procedures,
    audit,
    backup,
    restore,
    doctor,
):
    main.add_command(_verb)
