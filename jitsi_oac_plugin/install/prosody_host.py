"""Prosody's file of the Jitsi host: what it says, and which pieces it gets."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from jitsi_oac_plugin import server_texts as texts
from jitsi_oac_plugin.errors import LayoutUnknown
from jitsi_oac_plugin.install import edits, lua_text
from jitsi_oac_plugin.install.lua_text import Section
from jitsi_oac_plugin.install.plan import Change
from jitsi_oac_plugin.install.reading import read
from jitsi_oac_plugin.server_texts import Server

MAIN = Path("etc/prosody/prosody.cfg.lua")
PLUGINS = Path("usr/share/jitsi-meet/prosody-plugins")
_HTTP_PORT = 5280
_OURS = ("anonymous", "jitsi-anonymous", "token")
# With these everybody, or everybody with a token, becomes a moderator.
_TOO_MANY_OWNERS = ("muc_allowners", "muc_wait_for_host")


@dataclass(frozen=True, slots=True)
class Host:
    """The file as it is now, without our pieces, and the sections that get some."""

    path: Path
    text: str
    bare: str
    everywhere: Section
    main: Section
    rooms: Section
    plugins: frozenset[str]
    port: int
    remarks: tuple[str, ...]

    @property
    def muc(self) -> str:
        """The name of the component of the rooms."""
        return self.rooms.name

    def secrets(self, server: Server) -> dict[str, str]:
        """Return the secret that this server takes tokens with already, if it is for ``server``.

        Raises ``LayoutUnknown`` for a server that takes other tokens.
        """
        theirs = _plain(self.main, "app_id")
        if not theirs or self.main.options["authentication"].strings != ("token",):
            return {}
        if theirs != server.app_id:
            raise LayoutUnknown(
                f'This server takes tokens of "{theirs}" already: please let the bridge use that name '
                "(meeting.app_id), or take app_id and app_secret out of "
                f"/{self.path} if nobody needs them."
            )
        for name in ("asap_key_server", "cache_keys_url"):
            if name in self.main.options:
                raise LayoutUnknown(
                    f"This server has its public keys from elsewhere already: please take {name} out "
                    f"of /{self.path} if nobody needs it, or use a server of its own for the counters."
                )
        secret = _plain(self.main, "app_secret")
        if secret and server.algorithm == "RS256":
            raise LayoutUnknown(
                "This server takes tokens of a shared secret, and would refuse them with RS256: please "
                f"take app_id and app_secret out of /{self.path} if nobody needs them."
            )
        return {"app_secret": secret} if secret else {}

    def edits(self, fragment: Path) -> Iterator[Change]:
        """Yield the file with our module in its lists and our fragment included at its end."""
        lists = [
            (self.everywhere.options["plugin_paths"], (texts.PLUGIN_DIR,)),
            (self.rooms.options["modules_enabled"], self._room_modules()),
        ]
        after = self.bare
        for value, items in sorted(lists, key=lambda one: -one[0].tokens[0].start):
            after = edits.insert_in_list(after, value.tokens[0].start, items)
        after = edits.block(after, f'Include "/{fragment}"', comment="--")
        yield Change(path=self.path, before=self.text.encode(), after=after.encode())

    def _room_modules(self) -> tuple[str, ...]:
        present = self.rooms.options["modules_enabled"].strings
        return tuple(
            name
            for name in texts.ROOM_MODULES
            if name not in present and (name in self.plugins or name.startswith("oac_"))
        )


def look_at(root: Path, domain: str) -> Host:
    """Read the Prosody configuration of ``domain``; refuse what is not as Jitsi's package made it."""
    path = Path(f"etc/prosody/conf.avail/{domain}.cfg.lua")
    text = read(root, path, "jitsi-meet-prosody")
    link = root / "etc/prosody/conf.d" / path.name
    if not link.exists() and not link.is_symlink():
        raise LayoutUnknown(
            f"Prosody does not read /{path}: please link it into /etc/prosody/conf.d."
        )
    bare = edits.strip(text, name=f"/{path}").text
    sections = lua_text.read(bare, name=f"/{path}")
    main, rooms = _main(sections, domain, path), _rooms(sections, path)
    _check(sections, main, rooms, path)
    plugins = frozenset(
        file.stem.removeprefix("mod_") for file in (root / PLUGINS).glob("mod_*.lua")
    )
    if not {"auth_token", "token_verification"} <= plugins:
        raise LayoutUnknown(
            f"Jitsi's modules for tokens are not in /{PLUGINS}: please install jitsi-meet-prosody."
        )
    everywhere = _everywhere(root, sections)
    remarks = tuple(_remarks(everywhere))
    port = _port(everywhere)
    return Host(path, text, bare, sections[0], main, rooms, plugins, port, remarks)


def _main(sections: list[Section], domain: str, path: Path) -> Section:
    for section in sections:
        if section.kind == "VirtualHost" and section.name == domain:
            return section
    raise LayoutUnknown(f'/{path} has no VirtualHost "{domain}": please see which host it is for.')


def _rooms(sections: list[Section], path: Path) -> Section:
    for section in sections:
        is_rooms = section.kind == "Component" and section.module == "muc"
        if is_rooms and section.name.startswith(("conference.", "muc.")):
            return section
    raise LayoutUnknown(f"/{path} has no component for rooms (conference.…): please add it.")


def _check(sections: list[Section], main: Section, rooms: Section, path: Path) -> None:
    for section, name in ((sections[0], "plugin_paths"), (rooms, "modules_enabled")):
        if name not in section.options or not section.options[name].is_list:
            where = f'{section.kind} "{section.name}"' if section.kind else "its global part"
            raise LayoutUnknown(f"/{path} has no list {name} in {where}: please write one there.")
    kind = _plain(main, "authentication")
    if kind not in _OURS:
        raise LayoutUnknown(
            f'This server signs people in by "{kind or "nothing plain"}"; the counters need tokens. '
            "Please use a server of its own for them."
        )
    enabled = rooms.options["modules_enabled"].strings
    for name in _TOO_MANY_OWNERS:
        if name in enabled:
            raise LayoutUnknown(
                f"/{path} enables {name}, which makes citizens moderators: please take it out."
            )
    for section in sections:
        if section.kind == "VirtualHost" and section.name == f"guest.{main.name}":
            raise LayoutUnknown(
                f"/{path} lets guests in without a token ({section.name}): please take that "
                "VirtualHost out, and anonymousdomain in the page's config.js."
            )


def _everywhere(root: Path, sections: list[Section]) -> list[Section]:
    """Return the global parts of the host's file and of Prosody's own."""
    if not (root / MAIN).exists():
        return sections[:1]
    return [sections[0], lua_text.read((root / MAIN).read_text(), name=f"/{MAIN}")[0]]


def _remarks(everywhere: list[Section]) -> Iterator[str]:
    for section in everywhere:
        value = section.options.get("http_interfaces")
        if value and set(value.strings) - {"127.0.0.1", "::1"}:
            yield (
                "Prosody's HTTP port listens beyond this machine (http_interfaces): please close "
                "5280 and 5281 in the firewall, /oac controls the rooms."
            )


def _port(everywhere: list[Section]) -> int:
    """Return Prosody's first port for HTTP."""
    for section in everywhere:
        if value := section.options.get("http_ports"):
            numbers = [one.text for one in value.tokens if one.kind == "number"]
            if not numbers or not numbers[0].isdigit():
                raise LayoutUnknown(
                    "Prosody has no port for HTTP (http_ports), which the rooms are controlled by: "
                    "please give it 5280."
                )
            return int(numbers[0])
    return _HTTP_PORT


def _plain(section: Section, name: str) -> str:
    value = section.options.get(name)
    return value.strings[0] if value and len(value.tokens) == 1 and value.strings else ""
