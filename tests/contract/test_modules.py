"""Without a bundler, nobody else notices a module that is not there."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

STATIC = Path(__file__).resolve().parents[2] / "bridge" / "static"
TEMPLATES = STATIC.parent / "templates"
IMPORTED = re.compile(r"""(?:from|import|import\()\s*["']([^"']+)["']""")
LINKED = re.compile(r"""(?:static_url\(|filename=)['"]([\w./-]+\.(?:css|js|svg))['"]""")
ROOT = STATIC.parents[1]
PLUGIN = ROOT / "jitsi_oac_plugin" / "web"
# What an installation writes beside the plugin's files.
WRITTEN = {"./settings.json"}
OURS = sorted(
    path
    for folder in (STATIC, PLUGIN)
    for path in folder.rglob("*.js")
    if "vendor" not in path.parts
)


@pytest.mark.parametrize("module", OURS, ids=lambda path: str(path.relative_to(ROOT)))
def test_every_import_is_there(module: Path) -> None:
    """An import names a file beside it, with its suffix: browsers look nowhere else."""
    names = IMPORTED.findall(module.read_text())
    there = {name for name in names if (module.parent / name).is_file()}
    missing = set(names) - there - (WRITTEN if PLUGIN in module.parents else set())
    assert missing == set()


@pytest.mark.parametrize("template", sorted(TEMPLATES.glob("*.html")), ids=lambda path: path.name)
def test_every_file_that_a_page_links_is_there(template: Path) -> None:
    """A page links only what is served."""
    names = LINKED.findall(template.read_text())
    assert [name for name in names if not (STATIC / name).is_file()] == []
