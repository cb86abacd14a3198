"""Reads what a Prosody configuration says, as far as an installer has to know: sections and lists.

Prosody's configuration is a Lua program. Ours is read as what it nearly always is, a row of
assignments below ``VirtualHost`` and ``Component``; anything else is refused rather than guessed.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import NamedTuple

from jitsi_oac_plugin.errors import LayoutUnknown

_TOKEN = re.compile(
    r"""(?P<comment>--\[(?P<c>=*)\[.*?\](?P=c)\]|--[^\n]*)
    |(?P<long>\[(?P<l>=*)\[.*?\](?P=l)\])
    |(?P<string>"(?:\\.|[^"\\\n])*"|'(?:\\.|[^'\\\n])*')
    |(?P<name>[A-Za-z_]\w*)
    |(?P<number>\d[\w.]*)
    |(?P<sign>\.\.|[=~<>]=|[{}()\[\];,=.:+\-*/%^\#<>])
    |(?P<space>\s+)""",
    re.VERBOSE | re.DOTALL,
)
_OPENERS = {"{": "}", "(": ")", "[": "]"}
_PROGRAM = {"if", "for", "while", "repeat", "function", "goto", "return", "do"}


class Token(NamedTuple):
    """A word of Lua: its kind, its text (of a string: what it says), and where it stands."""

    kind: str
    text: str
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Value:
    """What an option was set to: the tokens of it, and the strings of a list."""

    tokens: tuple[Token, ...]

    @property
    def text(self) -> str:
        """The text of a plain value; empty for a list."""
        return self.tokens[0].text if len(self.tokens) == 1 else ""

    @property
    def is_list(self) -> bool:
        """Whether it is a table, in braces."""
        return len(self.tokens) > 1 and self.tokens[0].text == "{"

    @property
    def strings(self) -> tuple[str, ...]:
        """The strings in it."""
        return tuple(token.text for token in self.tokens if token.kind == "string")


@dataclass(slots=True)
class Section:
    """One part of a configuration: global (``kind`` empty), a virtual host, or a component."""

    kind: str
    name: str
    module: str = ""
    options: dict[str, Value] = field(default_factory=dict)


def read(text: str, *, name: str) -> list[Section]:
    """Return the sections of ``text``, the global one first; ``name`` is the file's, for errors."""
    return _Reader(_tokens(text, name), name, text).sections()


def _tokens(text: str, name: str) -> list[Token]:
    found: list[Token] = []
    place = 0
    while place < len(text):
        match = _TOKEN.match(text, place)
        if match is None:
            raise _unread(text, place, name)
        kind = match.lastgroup or ""
        kind = "comment" if match["comment"] else "string" if match["long"] else kind
        if kind == "string":
            said = match.group()
            said = re.sub(r"^\[=*\[|\]=*\]$", "", said) if match["long"] else said[1:-1]
            found.append(Token(kind, said, match.start(), match.end()))
        elif kind not in ("comment", "space"):
            found.append(Token(kind, match.group(), match.start(), match.end()))
        place = match.end()
    return found


def _unread(text: str, place: int, name: str) -> LayoutUnknown:
    line = text.count("\n", 0, place) + 1
    return LayoutUnknown(
        f"{name} cannot be understood at line {line}: please make it plain assignments below "
        "VirtualHost and Component, or set the server up by hand with what `oac-jitsi config` says."
    )


class _Reader:
    def __init__(self, tokens: list[Token], name: str, text: str) -> None:
        self._tokens = tokens
        self._name = name
        self._text = text
        self._at = 0
        self._found = [Section("", "")]

    def sections(self) -> list[Section]:
        while self._at < len(self._tokens):
            token = self._tokens[self._at]
            if token.text == ";" and token.kind == "sign":
                self._at += 1
            elif token.kind == "name" and token.text in ("VirtualHost", "Host", "Component"):
                self._section(token)
            elif token.kind == "name" and token.text == "Include":
                self._at += 2
            elif token.kind == "name" and token.text not in _PROGRAM and self._sign(1) == "=":
                self._option(token)
            else:
                raise self._error()
        return self._found

    def _sign(self, ahead: int) -> str:
        at = self._at + ahead
        if at < len(self._tokens) and self._tokens[at].kind == "sign":
            return self._tokens[at].text
        return ""

    def _section(self, token: Token) -> None:
        names = []
        self._at += 1
        while self._at < len(self._tokens) and self._tokens[self._at].kind == "string":
            names.append(self._tokens[self._at].text)
            self._at += 1
        if not names or self._sign(0) in ("{", "("):
            raise self._error()
        kind = "Component" if token.text == "Component" else "VirtualHost"
        self._found.append(Section(kind, names[0], names[1] if len(names) > 1 else ""))

    def _option(self, token: Token) -> None:
        first = self._at = self._at + 2
        depth: list[str] = []
        while self._at < len(self._tokens):
            here = self._tokens[self._at]
            if here.kind == "sign" and here.text in _OPENERS:
                depth.append(_OPENERS[here.text])
            elif depth and here.kind == "sign" and here.text == depth[-1]:
                depth.pop()
            self._at += 1
            if not depth and not self._goes_on(here):
                break
        if depth or first == self._at:
            raise self._error()
        self._found[-1].options[token.text] = Value(tuple(self._tokens[first : self._at]))

    def _goes_on(self, here: Token) -> bool:
        """Whether the expression that ``here`` belongs to has another token."""
        joins = {"..", ".", ":", "+", "-", "*", "/", "("}
        return self._sign(0) in joins or (here.kind == "sign" and here.text in joins - {"("})

    def _error(self) -> LayoutUnknown:
        at = min(self._at, len(self._tokens) - 1)
        return _unread(self._text, self._tokens[at].start, self._name)
