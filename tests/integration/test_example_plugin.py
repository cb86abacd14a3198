"""The example plugin and the page about writing one, walked through in a fresh environment."""

from __future__ import annotations

import os
import re
import shlex
import shutil
import subprocess
import sys
import sysconfig
import venv
from dataclasses import dataclass
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
EXAMPLE = ROOT / "docs" / "examples" / "oac-plugin-bell"
PAGE = (ROOT / "docs" / "writing-a-plugin.md").read_text(encoding="utf-8")
QUOTED = re.compile(r"<!-- from (\S+) -->\n```\w+\n(.*?)```", re.DOTALL)
CONSOLE = re.compile(r"```console\n(.*?)```", re.DOTALL)
PATIENCE_S = 300


@dataclass(frozen=True)
class Environment:
    """A virtual environment with the product in it, and a folder to work in."""

    programs: Path
    folder: Path

    def run(self, command: str) -> str:
        """Run a command as somebody would type it; return what it printed, blanks as one."""
        environ = {
            "PATH": os.pathsep.join([str(self.programs), "/usr/bin", "/bin"]),
            "HOME": str(self.folder),
            # Nothing is fetched: what is needed to build and to run is there.
            "PIP_NO_INDEX": "1",
            "PIP_NO_DEPS": "1",
            "PIP_NO_BUILD_ISOLATION": "0",
            "PIP_DISABLE_PIP_VERSION_CHECK": "1",
            "PIP_ROOT_USER_ACTION": "ignore",
        }
        done = subprocess.run(
            shlex.split(command),
            cwd=self.folder,
            env=environ,
            capture_output=True,
            text=True,
            timeout=PATIENCE_S,
            check=False,
        )
        assert done.returncode == 0, f"{command}: {done.stdout} {done.stderr}"
        return " ".join(done.stdout.split())


@pytest.fixture(scope="module")
def fresh(tmp_path_factory: pytest.TempPathFactory) -> Environment:
    """Make an environment with the product, built from the sources as a release is."""
    folder = tmp_path_factory.mktemp("fresh")
    venv.create(folder / "venv", with_pip=False)
    programs = folder / "venv" / "bin"
    # Not the copy that comes with Python, which may be too old to build anything.
    (programs / "pip").write_text(f'#!/bin/sh\nexec {programs}/python -m pip "$@"\n')
    (programs / "pip").chmod(0o755)
    found = subprocess.run(
        [programs / "python", "-c", "import sysconfig; print(sysconfig.get_path('purelib'))"],
        capture_output=True,
        text=True,
        check=True,
    )
    # The libraries that the product stands on are those of the tests.
    (Path(found.stdout.strip()) / "libraries.pth").write_text(sysconfig.get_path("purelib"))
    environment = Environment(programs, folder)
    shutil.copytree(ROOT, folder / "source", ignore=_not_a_source)
    environment.run("pip install ./source")
    return environment


def _not_a_source(folder: str, names: list[str]) -> set[str]:
    ours = {"bridge", "counter_hooks", "jitsi_oac_plugin", "docs", "deploy"}
    files = {"setup.cfg", "pyproject.toml", "README.md", "LICENSE"}
    if Path(folder) == ROOT:
        return set(names) - ours - files
    return {
        name for name in names if name in {"__pycache__", "build"} or name.endswith(".egg-info")
    }


def test_the_example_passes_its_own_tests_where_it_is_installed(fresh: Environment) -> None:
    """Installed like any plugin, the example works, and both programs see it."""
    shutil.copytree(EXAMPLE, fresh.folder / "bell")
    fresh.run("pip install ./bell")
    assert "6 passed" in fresh.run("python -m pytest -q bell")
    assert "bell 1.0 register_procedures, ticket_called" in fresh.run("oac-bridge plugins")
    assert "actions: ring-bell" in fresh.run("oac-agent plugins explain bell")
    assert "sound" in fresh.run("oac-bridge procedures check bell/oac_bell/bell.toml")


def test_the_page_about_writing_a_plugin_is_true(fresh: Environment) -> None:
    """Every command on the page does what the page shows."""
    for block in CONSOLE.findall(PAGE):
        printed = ""
        for line in block.splitlines():
            if line.startswith("$ "):
                printed = fresh.run(line.removeprefix("$ "))
            else:
                assert " ".join(line.split()) in printed


@pytest.mark.parametrize(("name", "quoted"), QUOTED.findall(PAGE))
def test_what_the_page_quotes_is_in_the_example(name: str, quoted: str) -> None:
    """The page shows the example's own lines."""
    assert quoted in (EXAMPLE / name).read_text(encoding="utf-8")


def test_the_example_is_small() -> None:
    """Each of its modules fits on a screen or two."""
    lengths = [len(file.read_text().splitlines()) for file in (EXAMPLE / "oac_bell").glob("*.py")]
    assert max(lengths) <= 110
    assert sys.version_info >= (3, 11)
