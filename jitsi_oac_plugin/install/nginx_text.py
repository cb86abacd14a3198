"""Reads an nginx configuration into directives, each with its words and where it stands."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field

from jitsi_oac_plugin.errors import LayoutUnknown

_TOKEN = re.compile(
    r"""(?P<space>(?:\s|\#[^\n]*)+)
    |(?P<sign>[{};])
    |(?P<quoted>"(?:\\.|[^"\\])*"|'(?:\\.|[^'\\])*')
    |(?P<word>(?:\$\{[^}\s]*\}|\\.|[^\s{};])+)""",
    re.VERBOSE | re.DOTALL,
)


@dataclass(slots=True)
class Directive:
    """A directive: its words, the directives in its block, and its place in the text."""

    words: list[str]
    start: int
    end: int = 0
    inside: list[Directive] = field(default_factory=list)

    @property
    def name(self) -> str:
        """The first word."""
        return self.words[0]

    def of(self, name: str) -> list[Directive]:
        """Return the directives called ``name`` directly inside."""
        return [one for one in self.inside if one.name == name]

    def everything(self) -> Iterator[Directive]:
        """Yield every directive below this one."""
        for one in self.inside:
            yield one
            yield from one.everything()


def read(text: str, *, name: str) -> Directive:
    """Return the file's directives inside one that stands for the file."""
    whole = Directive(["file"], 0, len(text))
    open_blocks = [whole]
    words: list[str] = []
    begin = place = 0
    while place < len(text):
        match = _TOKEN.match(text, place)
        if match is None:
            raise _unread(text, place, name)
        sign = match["sign"]
        if sign in ("{", ";") and not words:
            raise _unread(text, place, name)
        if sign == "{":
            made = Directive(words, begin)
            open_blocks[-1].inside.append(made)
            open_blocks.append(made)
            words = []
        elif sign == ";":
            open_blocks[-1].inside.append(Directive(words, begin, match.end()))
            words = []
        elif sign == "}":
            if words or len(open_blocks) == 1:
                raise _unread(text, place, name)
            open_blocks.pop().end = match.end()
        elif not match["space"]:
            begin = begin if words else match.start()
            words.append(match.group().strip("\"'") if match["quoted"] else match.group())
        place = match.end()
    if words or len(open_blocks) > 1:
        raise _unread(text, place, name)
    return whole


def _unread(text: str, place: int, name: str) -> LayoutUnknown:
    line = text.count("\n", 0, place) + 1
    return LayoutUnknown(
        f"{name} cannot be understood at line {line}: please see what `nginx -t` says of it first."
    )
