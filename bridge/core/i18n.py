"""The reader's language, and texts in it; the catalogues are read from their sources at start."""

from __future__ import annotations

import hashlib
import io
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from babel.messages.catalog import Catalog
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po
from babel.support import NullTranslations, Translations
from flask import Flask, Response, abort, current_app, g, has_request_context, jsonify, request

LANGUAGES = ("ca", "es", "en")
# What browsers, screen readers and hyphenation need to know; the catalogue is Valencian.
HTML_LANGUAGES = {"ca": "ca-valencia", "es": "es", "en": "en"}


class Catalogues:
    """The texts of every language, by their English original."""

    def __init__(self, folder: Path, default: str) -> None:
        self.default = default
        self._texts: dict[str, dict[str, list[str]]] = {}
        self._translations = {}
        for language in LANGUAGES:
            catalogue = _read(folder, language)
            self._texts[language] = _texts(catalogue)
            self._translations[language] = _compile(catalogue)

    def gettext(self, language: str, text: str, facts: Mapping[str, object] | None = None) -> str:
        """Return ``text`` in ``language``, its placeholders filled from ``facts``."""
        translated: str = self._translations[language].gettext(text) if text else ""
        return translated % dict(facts) if facts else translated

    def ngettext(self, language: str, texts: tuple[str, str], number: int) -> str:
        """Return the singular or plural of ``texts`` that ``number`` needs in ``language``."""
        translated: str = self._translations[language].ngettext(*texts, number)
        return translated

    def choose(self, wanted: Iterable[str | None]) -> str:
        """Return the first of ``wanted`` (tags like ``ca-ES``) that there is, else the default."""
        for tag in wanted:
            primary = (tag or "").lower().split("-")[0].split("_")[0]
            if primary in LANGUAGES:
                return primary
        return self.default

    def as_json(self, language: str) -> dict[str, object]:
        """Return the catalogue for JavaScript: each original with its forms, singular first."""
        html_language = HTML_LANGUAGES[language]
        return {
            "language": language,
            "html_language": html_language,
            "texts": self._texts[language],
        }


def install(app: Flask, catalogues: Catalogues) -> None:
    """Give templates ``_``, ``ngettext`` and ``html_language``, scripts their catalogues."""
    app.extensions["oac_catalogues"] = catalogues
    app.jinja_env.add_extension("jinja2.ext.i18n")
    app.jinja_env.install_gettext_callables(  # type: ignore[attr-defined]  # added by the extension
        lambda text: catalogues.gettext(current_language(), text),
        lambda one, many, number: catalogues.ngettext(current_language(), (one, many), number),
        newstyle=True,
    )
    app.jinja_env.globals.update(
        current_language=current_language,
        html_language=lambda: HTML_LANGUAGES[current_language()],
        languages=LANGUAGES,
    )

    def catalogue(language: str) -> Response:
        if language not in LANGUAGES:
            abort(404)
        response = jsonify(catalogues.as_json(language))
        response.cache_control.no_cache = True
        response.set_etag(hashlib.sha256(response.get_data()).hexdigest()[:16])
        response.make_conditional(request)
        return response

    app.add_url_rule("/catalogue/<language>.json", "catalogue", catalogue)


def current_language() -> str:
    """Return the language of who asks: ``?language=``, then ``Accept-Language``."""
    catalogues = _catalogues()
    if not has_request_context():
        return catalogues.default
    if "language" not in g:
        wanted = [request.args.get("language"), *request.accept_languages.values()]
        g.language = catalogues.choose(wanted)
    chosen: str = g.language
    return chosen


def gettext(text: str, **facts: object) -> str:
    """Return ``text`` in the reader's language, its ``%(name)s`` filled from ``facts``."""
    return _catalogues().gettext(current_language(), text, facts)


def ngettext(one: str, many: str, number: int) -> str:
    """Return the form of the text that ``number`` needs, ``%(num)s`` filled with it."""
    return _catalogues().ngettext(current_language(), (one, many), number) % {"num": number}


def _catalogues() -> Catalogues:
    found: Catalogues = current_app.extensions["oac_catalogues"]
    return found


def _read(folder: Path, language: str) -> Catalog | None:
    file = folder / language / "LC_MESSAGES" / "messages.po"
    if not file.exists():
        return None
    with file.open("rb") as source:
        return read_po(source, locale=language)


def _texts(catalogue: Catalog | None) -> dict[str, list[str]]:
    texts: dict[str, list[str]] = {}
    for message in catalogue or ():
        if not message.id or message.fuzzy or not message.string:
            continue
        key = message.id if isinstance(message.id, str) else message.id[0]
        said = message.string
        forms = [said] if isinstance(said, str) else [str(form) for form in said]
        if all(forms):
            texts[key] = forms
    return texts


def _compile(catalogue: Catalog | None) -> Any:
    if catalogue is None:
        return NullTranslations()
    compiled = io.BytesIO()
    write_mo(compiled, catalogue)
    compiled.seek(0)
    return Translations(compiled)
