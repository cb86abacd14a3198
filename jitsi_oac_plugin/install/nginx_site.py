"""nginx's site of the Jitsi host: what it says, and where our lines go."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from jitsi_oac_plugin import server_texts as texts
from jitsi_oac_plugin.errors import LayoutUnknown
from jitsi_oac_plugin.install import edits, nginx_text
from jitsi_oac_plugin.install.nginx_text import Directive
from jitsi_oac_plugin.install.plan import Change
from jitsi_oac_plugin.install.reading import read
from jitsi_oac_plugin.server_texts import Server

MAIN = Path("etc/nginx/nginx.conf")
HEAD = Path("usr/share/jitsi-meet/plugin.head.html")
# Newer packages include this folder in their server block, for files of others.
HOOK = "/etc/jitsi/meet/jaas/*.conf"
HOOKED = Path("etc/jitsi/meet/jaas/oac-jitsi.conf")
UNHOOKED = Path("etc/jitsi/meet/oac-jitsi.conf")
_OUR_PLACES = ("/plugin.head.html", "/oac", "/oac/")


@dataclass(frozen=True, slots=True)
class Site:
    """The site as it is now, where an include may be put, and what our lines are."""

    path: Path
    text: str
    bare: str
    is_hooked: bool
    position: int
    lines: str

    def own_files(self) -> Iterator[Change]:
        """Yield the file that the server block includes."""
        path = HOOKED if self.is_hooked else UNHOOKED
        head = "# Written by `oac-jitsi install`, which replaces it; it is never edited.\n"
        yield Change(path=path, after=f"{head}{self.lines}\n".encode())

    def edits(self) -> Iterator[Change]:
        """Yield the site with the include, where the package has no place for it."""
        if not self.is_hooked:
            line = f"    include /{UNHOOKED};"
            after = edits.insert_block(self.bare, self.position, line, comment="#")
            yield Change(path=self.path, before=self.text.encode(), after=after.encode())


def look_at(root: Path, server: Server) -> Site:
    """Read the site of ``server``; refuse what our lines would clash with."""
    path = Path(f"etc/nginx/sites-available/{server.domain}.conf")
    if not (root / path).exists() and (root / "etc/apache2/sites-available").exists():
        raise LayoutUnknown(
            "This server's pages are served by Apache: please see `oac-jitsi config` for what nginx "
            "would be told, and tell Apache the same."
        )
    text = read(root, path, "jitsi-meet-web-config with nginx")
    bare = edits.strip(text, name=f"/{path}").text
    block = _server(nginx_text.read(bare, name=f"/{path}"), server.domain, path)
    _check_main(root, read(root, MAIN, "nginx"))
    _check(block, server, path)
    _check_head(root)
    hooked = any(one.words[1:] == [HOOK] for one in block.of("include"))
    lines = texts.site_lines(server)
    if not any(block.of("access_log")):
        lines = f"{texts.log_lines()}\n\n{lines}"
    return Site(path, text, bare, hooked, _after_names(bare, block), lines)


def _server(whole: Directive, domain: str, path: Path) -> Directive:
    for block in whole.of("server"):
        names = [word for one in block.of("server_name") for word in one.words[1:]]
        if domain in names and block.of("ssl_certificate"):
            return block
    raise LayoutUnknown(f"/{path} has no server block with TLS for {domain}: please add one.")


def _after_names(bare: str, block: Directive) -> int:
    end = block.of("server_name")[-1].end
    return bare.index("\n", end) + 1 if "\n" in bare[end:] else len(bare)


def _check_main(root: Path, text: str) -> None:
    whole = nginx_text.read(text, name=f"/{MAIN}")
    includes = {
        one.words[1] for block in whole.of("http") for one in block.of("include") if one.words[1:]
    }
    if "/etc/nginx/conf.d/*.conf" not in includes:
        raise LayoutUnknown(f"/{MAIN} does not include conf.d/*.conf: please add it inside http.")


def _check(block: Directive, server: Server, path: Path) -> None:
    for one in block.of("location"):
        if one.words[-1] in _OUR_PLACES:
            raise LayoutUnknown(
                f"/{path} answers {one.words[-1]} already, which is ours: please take it out."
            )
    for one in block.everything():
        if one.name != "add_header" or len(one.words) < 3:
            continue
        header = one.words[1].lower()
        if header == "x-frame-options":
            raise LayoutUnknown(
                f"/{path} sends X-Frame-Options, which keeps the desk from showing a meeting: "
                "please take it out; frame-ancestors takes its place."
            )
        is_policy = header == "content-security-policy" and "frame-ancestors" in one.words[2]
        if is_policy and server.bridge not in one.words[2]:
            raise LayoutUnknown(
                f"/{path} has frame-ancestors without {server.bridge}: please add it there."
            )
    for one in block.of("access_log"):
        if "oac_redacted" not in one.words[2:] and one.words[1:] != ["off"]:
            raise LayoutUnknown(
                f"/{path} writes a log of its own, which would hold tokens: please give that "
                "access_log the format oac_redacted, or take it out."
            )


def _check_head(root: Path) -> None:
    where = root / HEAD
    if where.exists() and re.sub(r"<!--.*?-->|\s", "", where.read_text(), flags=re.DOTALL):
        raise LayoutUnknown(
            f"/{HEAD} has content that ours would hide: please move it to head.html or body.html."
        )
