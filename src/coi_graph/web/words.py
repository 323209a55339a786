"""Words for properties and things that are not ours (words.html), once for each language."""

from __future__ import annotations

from flask import Flask

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
    Flask-Babel's asks the context six times for each sentence, which took two thirds of a page."""
    app.extensions["coi-vocabulary"] = Vocabulary(app)
    app.jinja_env.install_gettext_callables(  # type: ignore[attr-defined]
        gettext=lambda text: catalogue(language()).gettext(text),
        ngettext=lambda one, many, count: catalogue(language()).ngettext(one, many, count),
        newstyle=True,
    )
