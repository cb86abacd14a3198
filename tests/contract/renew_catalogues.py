"""Bring the catalogues up to the sources: ``python -m tests.contract.renew_catalogues``.

New texts come in without a translation, texts that are gone go out, translations stay.
"""

from __future__ import annotations

import io
import sys
from pathlib import Path

from babel.messages.catalog import Catalog, Message
from babel.messages.extract import extract_from_dir
from babel.messages.pofile import read_po, write_po

BRIDGE = Path(__file__).resolve().parents[2] / "bridge"
LANGUAGES = ("ca", "es")
METHODS = [
    ("**.py", "python"),
    ("static/vendor/**.js", "ignore"),
    ("**.js", "javascript"),
    ("templates/**.html", "jinja2"),
]
KEYWORDS = {"_": None, "N_": None, "gettext": None, "ngettext": (1, 2)}
PLURALS = "nplurals=2; plural=(n != 1);"
HEADER = f"""\
msgid ""
msgstr ""
"Language: %s\\n"
"MIME-Version: 1.0\\n"
"Content-Type: text/plain; charset=utf-8\\n"
"Content-Transfer-Encoding: 8bit\\n"
"Plural-Forms: {PLURALS}\\n"

"""


def path_of(language: str) -> Path:
    """Return where the catalogue of ``language`` is kept."""
    return BRIDGE / "translations" / language / "LC_MESSAGES" / "messages.po"


def read(language: str) -> Catalog:
    """Return the catalogue of ``language``; an empty one when there is none yet."""
    path = path_of(language)
    return read_po(io.BytesIO(path.read_bytes() if path.exists() else b""), locale=language)


def from_sources() -> Catalog:
    """Return every text that the sources mark for translation, with the files it stands in."""
    catalogue = Catalog()
    for file, line, text, _, _ in sorted(extract_from_dir(BRIDGE, METHODS, keywords=KEYWORDS)):
        catalogue.add(text, locations=[(file, line)])
    return catalogue


def renewed(language: str) -> bytes:
    """Return the catalogue of ``language`` as it should stand in its file."""
    known, wanted = read(language), from_sources()
    for message in wanted:
        same = known.get(message.id) if message.id else None
        if same and isinstance(same.id, tuple) == isinstance(message.id, tuple):
            message.string = same.string
    written = io.BytesIO()
    write_po(written, wanted, width=100, omit_header=True, sort_by_file=True, include_lineno=False)
    return (HEADER % language).encode() + written.getvalue().strip() + b"\n"


def said(message: Message) -> bool:
    """Say whether every form of ``message`` has its translation, none of them a guess."""
    forms = message.string if isinstance(message.string, tuple) else (message.string,)
    return all(forms) and not message.fuzzy


def main() -> None:
    """Write every catalogue anew and say how many texts lack their translation."""
    for language in LANGUAGES:
        path = path_of(language)
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(renewed(language))
        lacking = [message for message in read(language) if message.id and not said(message)]
        sys.stdout.write(f"{language}: {len(lacking)} without a translation\n")


if __name__ == "__main__":
    main()
