"""Reads the settings out of a Jitsi ``config.js`` without running it.

Such a file is a few variables, one object literal and assignments to parts of it. Literals,
variables and joined texts are understood; what is anything else becomes ``UNKNOWN``.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any, Final

# What is never closed goes to the end, so that hostile text costs no more than its length.
_TOKEN = re.compile(
    r"""(?P<space>(?:\s+|//[^\n]*|/\*(?:.*?\*/|.*\Z)|<!--[^\n]*)+)
      |(?P<text>'(?:[^'\\\n]|\\.)*(?:'|(?=\n)|\Z)|"(?:[^"\\\n]|\\.)*(?:"|(?=\n)|\Z)|`(?:[^`\\]|\\.)*(?:`|\Z))
      |(?P<number>-?\d+(?:\.\d+)?)
      |(?P<name>[A-Za-z_$][\w$]*)
      |(?P<sign>===|!==|==|!=|=>|&&|\|\||.)""",
    re.VERBOSE | re.DOTALL,
)
_ESCAPE = re.compile(r"\\(?:u([0-9a-fA-F]{4})|x([0-9a-fA-F]{2})|(.))", re.DOTALL)
_PLAIN = {"n": "\n", "t": "\t", "r": "\r"}
_WORDS = {"true": True, "false": False, "null": None, "undefined": None}
_OPENING = {"{": "}", "[": "]", "(": ")"}
_DEEPEST = 40
MOST_TOKENS = 200_000


class _Unknown:
    """What only a browser could tell."""

    def __repr__(self) -> str:
        return "UNKNOWN"

    def __bool__(self) -> bool:
        return False


UNKNOWN: Final = _Unknown()


class ScriptUnsound(ValueError):
    """The text has no settings that could be read."""


@dataclass(frozen=True, slots=True)
class _Token:
    kind: str
    text: str
    is_first: bool


def read_config(script: str) -> dict[str, Any]:
    """Return the object that ``script`` leaves in ``config``. Raises ``ScriptUnsound``."""
    reader = _Reader(_tokens(script))
    reader.run()
    config = reader.variables.get("config")
    if not isinstance(config, dict):
        raise ScriptUnsound("there is no object called config in it")
    return config


def setting(config: dict[str, Any], path: str) -> Any:
    """Return what is at ``a.b.c``; None where it is not set."""
    found: Any = config
    for part in path.split("."):
        if found is UNKNOWN:
            return UNKNOWN
        found = found.get(part) if isinstance(found, dict) else None
    return found


def _tokens(script: str) -> list[_Token]:
    tokens: list[_Token] = []
    is_first = True
    for match in _TOKEN.finditer(script):
        if match.lastgroup == "space":
            is_first = is_first or "\n" in match.group()
            continue
        tokens.append(_Token(str(match.lastgroup), match.group(), is_first))
        is_first = False
        if len(tokens) > MOST_TOKENS:
            raise ScriptUnsound("it is too long to be settings")
    tokens.append(_Token("end", "", True))
    return tokens


def _plain(literal: str) -> Any:
    if literal[0] == "`" and "${" in literal:
        return UNKNOWN
    return _ESCAPE.sub(
        lambda found: (
            chr(int(found[1] or found[2], 16))
            if found[1] or found[2]
            else _PLAIN.get(found[3], found[3])
        ),
        literal[1:-1],
    )


class _Reader:
    """Goes over the tokens once, keeping what is assigned."""

    def __init__(self, tokens: list[_Token]) -> None:
        self.variables: dict[str, Any] = {}
        self._tokens = tokens
        self._at = 0

    def run(self) -> None:
        while self._here.kind != "end":
            path = self._path() if self._here.kind == "name" else []
            if path == ["delete"]:
                self._remove(self._path() if self._here.kind == "name" else [])
            elif path and self._here.text == "=":
                self._at += 1
                self._assign(path, self._value(0))
            elif not path:
                self._at += 1

    @property
    def _here(self) -> _Token:
        return self._tokens[self._at]

    def _next(self) -> _Token:
        token = self._here
        if token.kind != "end":
            self._at += 1
        return token

    def _path(self) -> list[str]:
        """Read ``a.b['c']``."""
        path = [self._next().text]
        while True:
            here, after = self._here, self._tokens[min(self._at + 1, len(self._tokens) - 1)]
            if here.text == "." and after.kind == "name":
                self._at += 2
                path.append(after.text)
            elif here.text == "[" and after.kind == "text":
                self._at += 3
                self._at = min(self._at, len(self._tokens) - 1)
                path.append(str(_plain(after.text)))
            else:
                return path

    def _assign(self, path: list[str], value: Any) -> None:
        *parents, last = path
        place = self.variables
        for part in parents:
            inner = place.get(part)
            if not isinstance(inner, dict):
                inner = place[part] = {}
            place = inner
        # "if (subdomain) { subdomain = subdomain.substr(…" stands in every Debian installation.
        if value is UNKNOWN and not parents and path[0] in self.variables:
            return
        # "if (!config.hasOwnProperty('p2p')) config.p2p = {};" keeps what is there.
        if not (value == {} and isinstance(place.get(last), dict)):
            place[last] = value

    def _remove(self, path: list[str]) -> None:
        place = setting(self.variables, ".".join(path[:-1]))
        if isinstance(place, dict):
            place.pop(path[-1], None)

    def _value(self, depth: int) -> Any:
        if depth > _DEEPEST:
            raise ScriptUnsound("it is nested too deeply to be settings")
        value = self._operand(depth)
        while self._here.text == "+":
            self._at += 1
            more = self._operand(depth)
            are_texts = isinstance(value, str) and isinstance(more, str)
            value = value + more if are_texts else UNKNOWN
        if self._here.text in ",;)}]" or self._here.is_first:
            return value
        self._skip()
        return UNKNOWN

    def _operand(self, depth: int) -> Any:
        token = self._here
        if token.kind == "text":
            return _plain(self._next().text)
        if token.kind == "number":
            number = self._next().text
            return float(number) if "." in number else int(number)
        if token.text == "{":
            return self._object(depth)
        if token.text == "[":
            return self._listed(depth, "]")
        if token.kind == "name" and token.text not in ("function", "new", "typeof"):
            path = self._path()
            if len(path) == 1 and path[0] in _WORDS:
                return _WORDS[path[0]]
            if path == ["Object", "assign"] and self._here.text == "(":
                return self._joined(depth)
            found = setting(self.variables, ".".join(path))
            return UNKNOWN if found is None else found
        self._skip()
        return UNKNOWN

    def _joined(self, depth: int) -> Any:
        """Read the arguments of ``Object.assign``: later objects win."""
        parts = self._listed(depth, ")")
        if any(not isinstance(one, dict) and one is not UNKNOWN for one in parts):
            return UNKNOWN
        # An argument that is not there yet adds nothing.
        return {name: value for one in parts if one for name, value in one.items()}

    def _object(self, depth: int) -> dict[str, Any]:
        self._at += 1
        found: dict[str, Any] = {}
        while self._here.text != "}" and self._here.kind != "end":
            key = self._next()
            name = str(_plain(key.text)) if key.kind == "text" else key.text
            if self._here.text == ":":
                self._at += 1
                found[name] = self._value(depth + 1)
            if self._here.text not in (",", "}"):
                self._skip()
            if self._here.text == ",":
                self._at += 1
            elif self._here.text != "}":
                self._next()
        self._next()
        return found

    def _listed(self, depth: int, closing: str) -> list[Any]:
        self._at += 1
        found: list[Any] = []
        while self._here.text != closing and self._here.kind != "end":
            found.append(self._value(depth + 1))
            if self._here.text != closing:
                self._next()
        self._next()
        return found

    def _skip(self) -> None:
        """Go on to the end of what cannot be told."""
        waiting: list[str] = []
        while (token := self._here).kind != "end":
            if not waiting and (token.text in ",;)}]"):
                return
            if token.kind == "sign" and token.text in _OPENING:
                waiting.append(_OPENING[token.text])
            elif waiting and token.text == waiting[-1]:
                waiting.pop()
            self._at += 1
