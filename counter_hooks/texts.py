"""Texts in the three languages of the counter."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, ClassVar

LANGUAGES = ("ca", "es", "en")


@dataclass(frozen=True, slots=True, kw_only=True)
class Text:
    """One text in Valencian, Spanish and English."""

    # Read by pydantic where texts come from files; nothing is imported for it here.
    __pydantic_config__: ClassVar[Mapping[str, Any]] = {
        "extra": "forbid",
        "str_strip_whitespace": True,
    }
    ca: str
    es: str
    en: str

    def plain(self) -> dict[str, str]:
        """Return the text by language, as screens get it."""
        return dataclasses.asdict(self)
