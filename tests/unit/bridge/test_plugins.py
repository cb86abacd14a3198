"""Plugins in a bridge: named where staff look, told of calls, left out in safe mode."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from click.testing import CliRunner

from bridge.cli import main
from bridge.core.config import Settings, load
from counter_hooks.guard import MOST_FAILURES
from tests.makers import House, make_house
from tests.plugins import Install, installer
from tests.unit.bridge.visit_world import World, ask

BELL = """
from pathlib import Path

@hookimpl
def ticket_called(ticket, desk, settings):
    with Path(settings["file"]).open("a") as file:
        file.write(f"{ticket.number} {desk.office_key}\\n")

@hookimpl
def register_step_kinds():
    return [StepKind(key="witness", title=Text(ca="c", es="e", en="n"))]
"""


@pytest.fixture
def install(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Install:
    """Return a maker of installed plugins."""
    (tmp_path / "site").mkdir()
    monkeypatch.syspath_prepend(tmp_path / "site")
    return installer(tmp_path / "site")


def settings_with(tmp_path: Path, file: str) -> Settings:
    """Return settings with a table for the bell."""
    config = tmp_path / "bridge.toml"
    config.write_text(f'data_dir = "{tmp_path}/data"\n[plugins.bell]\nfile = "{file}"\n')
    return load(config, {})


def call_somebody(house: House) -> None:
    """Let a citizen take a ticket and a clerk call it, and wait until plugins were told."""
    world = World(house)
    citizen, clerk = world.citizen(), world.clerk()
    assert citizen.takes_ticket().status == 201
    assert clerk.calls().status == 201
    assert house.app.plugins.wait_until_told(30)


def test_a_plugin_hears_of_calls(install: Install, tmp_path: Path) -> None:
    """With its own settings, after the call is committed."""
    install("bell", BELL)
    house = make_house(settings_with(tmp_path, str(tmp_path / "calls")))
    call_somebody(house)
    assert (tmp_path / "calls").read_text().splitlines() == ["A001 office"]
    house.close()


def test_a_plugin_that_cannot_is_named_and_the_visit_goes_on(
    install: Install, tmp_path: Path
) -> None:
    """Switched off, it is named in readiness and in the figures; calls go on."""
    install("bell", BELL)
    house = make_house(settings_with(tmp_path, str(tmp_path)))
    call_somebody(house)
    for _ in range(MOST_FAILURES - 1):
        house.app.plugins.ticket_called(None, None)  # type: ignore[arg-type]
        assert house.app.plugins.wait_until_told(30)
    browser = house.browser()
    assert ask(browser, "GET", "/readyz").json["plugins"] == {"is_safe": False, "off": ["bell"]}
    figures = browser.get("/metrics").get_data(as_text=True)
    assert 'oac_plugins{plugin="bell",state="off"} 1.0' in figures
    assert "oac_plugin_threads_lost 0.0" in figures
    house.close()


def test_safe_mode_is_said_in_readiness(install: Install, tmp_path: Path) -> None:
    """In safe mode the bridge serves, without the plugins of others."""
    install("bell", "raise SystemExit")
    config = tmp_path / "bridge.toml"
    config.write_text(f'data_dir = "{tmp_path}/data"\n')
    house = make_house(load(config, {"OAC_SAFE_MODE": "true"}))
    told = ask(house.browser(), "GET", "/readyz").json["plugins"]
    assert told == {"is_safe": True, "off": []}
    house.close()


def test_a_disabled_plugin_is_not_even_imported(install: Install, tmp_path: Path) -> None:
    """What is switched off by the settings does nothing at all."""
    install("bell", f"from pathlib import Path\nPath({str(tmp_path / 'ran')!r}).touch()")
    config = tmp_path / "bridge.toml"
    config.write_text(f'data_dir = "{tmp_path}/data"\ndisabled_plugins = ["bell"]\n')
    make_house(load(config, {})).close()
    assert not (tmp_path / "ran").exists()


def test_the_verbs_list_explain_and_make(install: Install, tmp_path: Path) -> None:
    """``plugins`` tells what there is; ``explain`` all about one; ``new`` makes another."""
    install("bell", BELL)
    install("broken", "@hookimpl\ndef ticket_caled(): pass")
    settings_with(tmp_path, "x")
    runner = CliRunner()
    config = ["--config", str(tmp_path / "bridge.toml"), "plugins"]
    listed = runner.invoke(main, config)
    assert "bell\t1.2\tregister_step_kinds, ticket_called" in listed.output
    assert "broken\t1.2\tleft out:" in listed.output
    assert "ticket_caled" in listed.output
    rows = json.loads(runner.invoke(main, [*config, "--json"]).output)["plugins"]
    assert {row["name"] for row in rows} == {"basics", "bell", "broken", "fifo", "signature"}
    told = runner.invoke(main, [*config, "explain", "bell"])
    assert "step kinds: witness" in told.output
    assert "settings in [plugins.bell]: file" in told.output
    unknown = runner.invoke(main, [*config, "explain", "bel"])
    assert (unknown.exit_code, "there are: " in unknown.output) == (1, True)
    made = runner.invoke(main, [*config, "new", "gong", "--in", str(tmp_path)])
    assert made.exit_code == 0
    assert (tmp_path / "oac-plugin-gong" / "oac_gong" / "agent.py").is_file()


def test_procedures_are_checked_with_the_kinds_of_plugins(install: Install, tmp_path: Path) -> None:
    """A step may be of a kind that a plugin brings; without the plugin it is a mistake."""
    install("bell", BELL)
    text = '{ ca = "c", es = "e", en = "n" }'
    file = tmp_path / "one.toml"
    file.write_text(
        f'key = "one"\nicon = "home"\nminutes = 5\ntitle = {text}\nsummary = {text}\n'
        f'[[step]]\nkey = "see"\nkind = "witness"\ntitle = {text}\ntext = {text}\nprompt = {text}\n'
    )
    settings_with(tmp_path, "x")
    command = ["--config", str(tmp_path / "bridge.toml"), "procedures", "check", str(file)]
    assert CliRunner().invoke(main, command).exit_code == 0
    refused = CliRunner().invoke(main, command, env={"OAC_SAFE_MODE": "true"})
    assert "there is no kind witness" in refused.output
