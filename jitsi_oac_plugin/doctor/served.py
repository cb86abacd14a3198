"""What a meeting page says, read from its text: scripts, settings, hosts, who may frame it."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from html.parser import HTMLParser
from typing import Any
from urllib.parse import urlsplit

_HOST = re.compile(
    r"(?:https?|wss?|ftp)://([^/\s'\"?#]+)|\b(?:stuns?|turns?):(?://)?([^\s?'\"]+)", re.IGNORECASE
)
_VERSION = re.compile(r"app\.bundle(?:\.min)?\.js\?v=([\w.-]{1,40})")
_SETTINGS = re.compile(r"\bconfig\b\s*(?:=|\.\w+\s*=)")
_LOADED = {"script": "src", "img": "src", "iframe": "src", "audio": "src", "video": "src"}
_LOADING_LINKS = {"stylesheet", "icon", "preload", "modulepreload", "preconnect", "dns-prefetch",
                  "manifest", "apple-touch-icon"}  # fmt: skip
# Addresses that a person has to follow or an administrator to allow: nothing is asked by itself.
_FOLLOWED = {"downloadAppsUrl", "helpCentreURL", "termsLink", "dataPrivacyLink", "privacyPolicyURL",
             "liveStreaming", "deploymentUrls", "mobileDownloadUrl", "$schema",
             "feedbackUrl"}  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class ServedPage:
    """A meeting page: addresses it loads by itself, its inline scripts, the web files' version."""

    loads: tuple[str, ...]
    modules: tuple[str, ...]
    scripts: tuple[str, ...]
    version: str | None
    has_open_includes: bool

    @property
    def settings_script(self) -> str:
        """The inline scripts that make the settings, as one."""
        return "\n".join(one for one in self.scripts if _SETTINGS.search(one))


def read_page(text: str) -> ServedPage:
    """Return what a page says; whatever is not HTML says nothing."""
    parser = _Parser()
    parser.feed(text)
    parser.close()
    version = _VERSION.search(text)
    return ServedPage(
        loads=tuple(parser.loads),
        modules=tuple(parser.modules),
        scripts=tuple(parser.scripts),
        version=version[1] if version else None,
        # Includes that the web server was to fill in: its ssi is off.
        has_open_includes="<!--#include" in text,
    )


class _Parser(HTMLParser):
    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.loads: list[str] = []
        self.modules: list[str] = []
        self.scripts: list[str] = []
        self._is_in_script = False

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        plain = {name: value or "" for name, value in attrs}
        self._is_in_script = tag == "script"
        if self._is_in_script:
            self.scripts.append("")
        address = plain.get(_LOADED.get(tag, ""), "")
        if tag == "link" and _LOADING_LINKS & set(plain.get("rel", "").lower().split()):
            address = plain.get("href", "")
        if address:
            self.loads.append(address)
            if tag == "script" and plain.get("type") == "module":
                self.modules.append(address)

    def handle_endtag(self, tag: str) -> None:
        if tag == "script":
            self._is_in_script = False

    def handle_data(self, data: str) -> None:
        if self._is_in_script and self.scripts:
            self.scripts[-1] += data


def hosts_in(value: Any, path: str = "") -> Iterator[tuple[str, str]]:
    """Yield ``(where, host)`` of every address in a setting that a page asks by itself."""
    if isinstance(value, Mapping):
        for name, inner in value.items():
            if name not in _FOLLOWED:
                yield from hosts_in(inner, f"{path}.{name}" if path else str(name))
    elif isinstance(value, list):
        for inner in value:
            yield from hosts_in(inner, path)
    elif isinstance(value, str):
        for match in _HOST.finditer(value):
            yield path, host_of(match[1] or match[2])


def host_of(place: str) -> str:
    """Return the host of ``user@host:port`` in small letters."""
    try:
        return (urlsplit(f"//{place}").hostname or "").lower()
    except ValueError:
        return place.lower()


def is_ours(host: str, ours: tuple[str, ...]) -> bool:
    """Say whether ``host`` is one of ours, below one, or beside one under the same domain."""
    for one in ours:
        if host == one or host.endswith("." + one):
            return True
        parent = one.partition(".")[2]
        if "." in parent and not one.replace(".", "").isdigit() and host.endswith("." + parent):
            return True
    return False


def framing(headers: Mapping[str, str]) -> tuple[str, ...] | None:
    """Return who may frame a page by ``frame-ancestors``; None where it does not say."""
    for policy in headers.get("content-security-policy", "").split(","):
        for directive in policy.split(";"):
            name, *sources = directive.split()[:50] or [""]
            if name.lower() == "frame-ancestors":
                return tuple(sources)
    return None


def allows(sources: tuple[str, ...], origin: str) -> bool:
    """Say whether a source list lets ``origin`` in (CSP 3, 6.7.2; without paths)."""
    wanted = urlsplit(origin)
    for source in sources:
        if source == "*" or source.rstrip("/").lower() == origin.lower():
            return True
        if source.lower() == f"{wanted.scheme}:":
            return True
        scheme, _, place = source.rpartition("://")
        host, _, port = place.partition(":")
        if scheme and scheme.lower() != wanted.scheme:
            continue
        if port not in ("", "*", str(wanted.port or "")):
            continue
        has_port = not port and wanted.port not in (None, 80, 443)
        if has_port:
            continue
        name = wanted.hostname or ""
        if name == host.lower() or (host.startswith("*.") and name.endswith(host[1:].lower())):
            return True
    return False
