"""Where Debian's packages of Jitsi Meet put things, and what has to be changed there.

A file that a package made once and an administrator owns since gets marked pieces; everything else
is a file of our own in a folder made for that. Whatever is not as expected is refused.
"""

from __future__ import annotations

import json
import re
import secrets as random_secrets
import sys
import tomllib
from collections.abc import Iterator
from dataclasses import replace
from importlib import resources
from importlib.resources.abc import Traversable
from pathlib import Path

from jitsi_oac_plugin import server_texts as texts
from jitsi_oac_plugin.errors import LayoutUnknown
from jitsi_oac_plugin.install import edits, hocon_text, keys, nginx_site, prosody_host
from jitsi_oac_plugin.install.plan import Change, Plan, group_id, read_record
from jitsi_oac_plugin.install.reading import read
from jitsi_oac_plugin.server_texts import Server

FRAGMENT = Path("etc/prosody/oac-jitsi.cfg.lua")
LOG_FORMAT = Path("etc/nginx/conf.d/oac-jitsi.conf")
APT = Path("etc/apt/apt.conf.d/80oac-jitsi")
JICOFO = Path("etc/jitsi/jicofo/jicofo.conf")
VIDEOBRIDGE = Path("etc/jitsi/videobridge/jvb.conf")
OLD_VIDEOBRIDGE = Path("etc/jitsi/videobridge/sip-communicator.properties")
_PLAIN_PATH = re.compile(r"[A-Za-z0-9/._+-]+")
_OLD_STUN = re.compile(r"^org\.ice4j\.ice\.harvest\.STUN_MAPPING_HARVESTER_ADDRESSES=.*$", re.M)


def find_domain(root: Path) -> str:
    """Return the host name that Jitsi was installed with."""
    found = sorted((root / "etc/jitsi/meet").glob("*-config.js"))
    names = [path.name.removesuffix("-config.js") for path in found]
    if len(names) == 1:
        return names[0]
    if names:
        raise LayoutUnknown(f"Several servers are set up here ({', '.join(names)}): --domain NAME.")
    raise LayoutUnknown(
        "No Jitsi Meet of Debian's packages is here (/etc/jitsi/meet/*-config.js): please install "
        "jitsi-meet first, or set the server up with what `oac-jitsi config` says."
    )


def make_plan(
    root: Path, server: Server, given: dict[str, str], pair: keys.Pair | None = None
) -> Plan:
    """Look at the server below ``root`` and return what has to change; nothing is changed yet.

    ``given`` are secrets that are already in use; the others stay as they are, or are made. ``pair``
    are the keys of RS256. Raises ``LayoutUnknown`` for whatever cannot be understood.
    """
    group_id(root, "prosody")
    host = prosody_host.look_at(root, server.domain)
    given = {**host.secrets(server), **given}
    server = replace(server, muc=host.muc, port=host.port)
    site = nginx_site.look_at(root, server)
    values = _secrets(root, server, given)
    changes = [
        Change(
            path=Path(texts.SECRETS_FILE.lstrip("/")),
            after=texts.secret_lines(values).encode(),
            mode=0o640,
            group="prosody",
            is_secret=True,
        ),
        *(pair.changes(root) if pair else keys.leavings(root)),
        _own(FRAGMENT, texts.prosody_lines(server)),
        _own(LOG_FORMAT, texts.log_format_lines()),
        _own(APT, texts.apt_lines(_program())),
        *_package_files(server),
        *site.own_files(),
        *host.edits(FRAGMENT),
        *site.edits(),
        _edit(root, Path(f"etc/jitsi/meet/{server.domain}-config.js"), texts.meet_lines(), "//"),
        _jicofo(root),
        *_videobridge(root, server),
    ]
    _refuse_foreign(root, changes)
    return Plan(root, tuple(changes), host.remarks)


def _program() -> str:
    """Return where this program is, for apt to find it again."""
    path = str(Path(sys.prefix) / "bin" / "oac-jitsi")
    if not _PLAIN_PATH.fullmatch(path):
        raise LayoutUnknown(
            f"apt cannot call {path}: please install jitsi-oac in a folder with a plain name, "
            "such as /opt/oac."
        )
    return path


def _own(path: Path, text: str) -> Change:
    comment = {".lua": "--", "": "//"}.get(path.suffix, "#")
    head = f"{comment} Written by `oac-jitsi install`, which replaces it; it is never edited.\n"
    return Change(path=path, after=f"{head}{text.rstrip()}\n".encode())


def _edit(root: Path, path: Path, lines: str, comment: str) -> Change:
    text = read(root, path, "jitsi-meet")
    bare = edits.strip(text, name=f"/{path}").text
    return Change(
        path=path, before=text.encode(), after=edits.block(bare, lines, comment=comment).encode()
    )


def _jicofo(root: Path) -> Change:
    text = read(root, JICOFO, "jicofo")
    bare = edits.strip(text, name=f"/{JICOFO}").text
    found = hocon_text.read(bare, name=f"/{JICOFO}")
    if found.get("jicofo.authentication.enabled", "false") != "false":
        raise LayoutUnknown(
            f"/{JICOFO} has authentication.enabled, with which everybody becomes a moderator: "
            "please take the table `authentication` out."
        )
    if hocon_text.has_outer_braces(bare):
        raise LayoutUnknown(f"/{JICOFO} is one object in braces: please take the outer ones out.")
    wanted = found.get("jicofo.conference.enable-auto-owner") != "false"
    after = edits.block(bare, texts.jicofo_lines(), comment="#") if wanted else bare
    return Change(path=JICOFO, before=text.encode(), after=after.encode())


def _videobridge(root: Path, server: Server) -> Iterator[Change]:
    """Yield nothing where the videobridge is on another machine."""
    if (root / OLD_VIDEOBRIDGE).exists():
        text = read(root, OLD_VIDEOBRIDGE, "jitsi-videobridge2")
        bare = edits.strip(text, name=f"/{OLD_VIDEOBRIDGE}").text
        after = edits.line_out(bare, _OLD_STUN)
        yield Change(path=OLD_VIDEOBRIDGE, before=text.encode(), after=after.encode())
    if (root / VIDEOBRIDGE).exists():
        text = read(root, VIDEOBRIDGE, "jitsi-videobridge2")
        bare = edits.strip(text, name=f"/{VIDEOBRIDGE}").text
        hocon_text.read(bare, name=f"/{VIDEOBRIDGE}")
        after = edits.block(bare, texts.videobridge_lines(server), comment="#")
        yield Change(path=VIDEOBRIDGE, before=text.encode(), after=after.encode())


def _secrets(root: Path, server: Server, given: dict[str, str]) -> dict[str, str]:
    where = root / texts.SECRETS_FILE.lstrip("/")
    try:
        present = tomllib.loads(where.read_text()) if where.exists() else {}
    except (OSError, tomllib.TOMLDecodeError) as error:
        raise LayoutUnknown(f"{texts.SECRETS_FILE} cannot be read: {error}") from None
    values = {}
    for name in server.secret_names:
        value = given.get(name) or present.get(name) or random_secrets.token_urlsafe(48)
        if len(value) < 32 or re.search(r'["\\\n]', value):
            raise LayoutUnknown(
                f"The {name} has to be at least 32 characters without quotes and backslashes: "
                "please make a new one on the bridge and run this again."
            )
        values[name] = value
    return values


def _package_files(server: Server) -> Iterator[Change]:
    package = resources.files("jitsi_oac_plugin")
    for folder, place in (("prosody", texts.PLUGIN_DIR), ("web", texts.WEB_DIR)):
        for path, content in _walk(package / folder, Path(place.lstrip("/"))):
            yield Change(path=path, after=content)
    settings = json.dumps({"bridge": server.bridge}) + "\n"
    yield Change(path=Path(texts.WEB_DIR.lstrip("/")) / "settings.json", after=settings.encode())


def _walk(folder: Traversable, place: Path) -> Iterator[tuple[Path, bytes]]:
    if not folder.is_dir():
        return
    for one in sorted(folder.iterdir(), key=lambda entry: entry.name):
        if one.is_dir():
            yield from _walk(one, place / one.name)
        elif not one.name.endswith((".py", ".pyc")):
            yield place / one.name, one.read_bytes()


def _refuse_foreign(root: Path, changes: list[Change]) -> None:
    known = read_record(root)["files"]
    for one in changes:
        where = root / one.path
        # Secrets that somebody put there beforehand are meant to be used.
        if one.before is None and where.exists() and str(one.path) not in known:
            if one.is_secret and where.read_bytes() == one.after:
                continue
            raise LayoutUnknown(
                f"/{one.path} is there already and not from oac-jitsi: please move it."
            )
