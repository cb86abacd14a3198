"""Reads the settings of a HOCON file (jicofo, videobridge) into dotted names and their texts."""

from __future__ import annotations

import re

from jitsi_oac_plugin.errors import LayoutUnknown

_TOKEN = re.compile(
    r'''(?P<space>[ \t\r]+|(?:\#|//)[^\n]*)
    |(?P<end>[\n,])
    |(?P<string>"""(?:.*?)"""|"(?:\\.|[^"\\\n])*")
    |(?P<sign>[{}\[\]]|\+=|[=:])
    |(?P<plain>[^\s{}\[\]=:,"\#/]+|/)''',
    re.VERBOSE | re.DOTALL,
)


def read(text: str, *, name: str) -> dict[str, str]:
    """Return what each path is set to, the last one in force; a list is given as its text."""
    reader = _Reader()
    place = 0
    while place < len(text):
        match = _TOKEN.match(text, place)
        if match is None or not reader.takes(match.lastgroup or "", match.group()):
            raise _unread(text, place, name)
        place = match.end()
    if not reader.takes("end", "\n") or reader.is_open:
        raise _unread(text, place, name)
    return reader.found


def has_outer_braces(text: str) -> bool:
    """Whether the whole file is one object in braces, after which nothing may be added."""
    return re.sub(r"(?m)(#|//).*$", "", text).lstrip().startswith("{")


class _Reader:
    def __init__(self) -> None:
        self.found: dict[str, str] = {}
        self._path: list[str] = []
        self._lists = 0
        self._key = ""
        self._value: str | None = None

    @property
    def is_open(self) -> bool:
        return bool(self._path or self._lists)

    def takes(self, kind: str, word: str) -> bool:
        """Take the next token; False when it cannot stand here."""
        if kind == "space":
            return True
        if self._lists or word in ("[", "]"):
            self._lists += {"[": 1, "]": -1}.get(word, 0)
            self._value = (self._value or "") + word
        elif word == "{":
            self._path.append(self._key)
            self._key, self._value = "", None
        elif word == "}":
            self._settle()
            if not self._path:
                return False
            self._path.pop()
        elif kind == "end":
            # A key may be followed by its brace on the next line.
            if self._value is not None:
                self._settle()
        elif kind == "sign":
            self._value = ""
        elif self._value is None:
            self._key += word.strip('"')
        else:
            self._value += word.strip('"')
        return self._lists >= 0

    def _settle(self) -> None:
        if self._value:
            self.found[".".join(part for part in [*self._path, self._key] if part)] = self._value
        self._key, self._value = "", None


def _unread(text: str, place: int, name: str) -> LayoutUnknown:
    line = text.count("\n", 0, place) + 1
    return LayoutUnknown(
        f"{name} cannot be understood at line {line}: please mend it, the service would not start "
        "with it either."
    )
