"""What the programs say of themselves is whole and plain."""

from __future__ import annotations

from collections.abc import Iterator

import click
import pytest
from click.testing import CliRunner

from bridge.cli import main as bridge
from counter_hooks.agent.cli import main as agent
from jitsi_oac_plugin.cli import main as jitsi

PROGRAMS = {"oac-bridge": bridge, "oac-agent": agent, "oac-jitsi": jitsi}


def _verbs(program: click.Command, path: tuple[str, ...] = ()) -> Iterator[tuple[str, ...]]:
    yield path
    if isinstance(program, click.Group):
        for name, verb in program.commands.items():
            yield from _verbs(verb, (*path, name))


@pytest.mark.parametrize("name", PROGRAMS)
def test_every_verb_says_what_it_is_for(name: str) -> None:
    """No help of 80 columns is cut off, lacks a sentence, or sends the reader to another page."""
    for verb in _verbs(PROGRAMS[name]):
        told = CliRunner().invoke(PROGRAMS[name], [*verb, "--help"], terminal_width=80)
        assert told.exit_code == 0
        cut = [line for line in told.output.splitlines()[1:] if line.endswith("...")]
        assert cut == [], f"{name} {' '.join(verb)}"
        assert "as above" not in told.output.lower()
        assert told.output.split("\n\n")[1].strip().endswith("."), f"{name} {' '.join(verb)}"


@pytest.mark.parametrize("name", PROGRAMS)
def test_every_option_says_what_it_is_for(name: str) -> None:
    """Each option that is shown has a sentence, on every verb."""
    for verb in _verbs(PROGRAMS[name]):
        command: click.Command = PROGRAMS[name]
        for one in verb:
            assert isinstance(command, click.Group)
            command = command.commands[one]
        options = [one for one in command.params if isinstance(one, click.Option)]
        silent = [one.opts[0] for one in options if not one.hidden and not one.help]
        assert silent == [], f"{name} {' '.join(verb)}"
