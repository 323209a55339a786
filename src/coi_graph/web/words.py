"""Words for properties and things that are not ours (words.html), once for each language."""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache

from flask import Flask
from markupsafe import Markup

from ..i18n import catalogue
from .negotiation import language

Words = dict[str, str]


class Vocabulary:
    """The tables of words.html: some 300 sentences, which no page should translate anew."""

    def __init__(self, app: Flask) -> None:
        self._app = app
        self._known: dict[str, tuple[Words, Words]] = {}

    def in_the_readers_language(self) -> tuple[Words, Words]:
        """Words for properties, and for well-known things, by prefixed name."""
        lang = language()
        if lang not in self._known:
            module = self._app.jinja_env.get_template("words.html").make_module()
            self._known[lang] = (module.words, module.known)  # type: ignore[attr-defined]
        return self._known[lang]


def install(app: Flask) -> None:
    """Gives the templates their words, and a `gettext` that looks up and does nothing else:
    Flask-Babel's asks the context six times for each sentence, and Jinja's makes markup of it anew;
    together they took most of a page."""
    app.extensions["coi-vocabulary"] = Vocabulary(app)
    app.jinja_env.install_gettext_callables(_gettext, _ngettext, newstyle=True)  # type: ignore[attr-defined]
    app.jinja_env.globals.update({"gettext": _gettext, "_": _gettext, "ngettext": _ngettext})


def gettext_in(lang: str) -> Callable[..., Markup]:
    """`gettext` for a page in ``lang``, which is asked for its language once and not 40 times."""

    def gettext(text: str, /, **values: object) -> Markup:
        return _marked(lang, text) % values if values else _whole(lang, text)

    return gettext


def _gettext(text: str, /, **values: object) -> Markup:
    return gettext_in(language())(text, **values)


def _ngettext(one: str, many: str, count: int, /, **values: object) -> Markup:
    found = Markup(catalogue(language()).ngettext(one, many, count))
    return found % {"num": count, **values}


@lru_cache(4_096)
def _whole(lang: str, text: str) -> Markup:
    return _marked(lang, text) % {}  # of “%%” one is left


@lru_cache(4_096)
def _marked(lang: str, text: str) -> Markup:
    return Markup(catalogue(lang).gettext(text))
