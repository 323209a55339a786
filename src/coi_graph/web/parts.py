"""Parts that occur on a page by the dozen: links, values, relations, icons.

They are functions and no macros of Jinja's, a call of which takes 10 to 50 µs; macros.html hands
them on under its own names. What they give is markup: everything from the data is escaped.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from flask import Flask
from markupsafe import Markup

from ..description.neighbourhood import Picture
from ..description.view import Link, Relation, Value
from ..i18n import MONTHS
from ..namespaces import ID, XSD, shorten
from . import drawing, words
from .escaping import escape
from .words import Words

_WHOLE = ("integer", "int", "nonNegativeInteger", "positiveInteger")
_WEB = ("https://", "http://")
_MANY = 8  # links, from which on they stand in columns
_LONGEST_NAME = 60


class Parts:
    """For one page: its language, what its links keep (`kept`), and the words for what is not
    ours (words.html)."""

    def __init__(self, app: Flask, lang: str, kept: str, properties: Words, known: Words) -> None:
        self.lang = lang
        self._kept = escape(kept)
        self._properties = properties
        self._known = known
        self.gettext = words.gettext_in(lang)
        self._filters = app.jinja_env.filters
        self._env = app.jinja_env
        self._static = app.static_url_path

    def to(self, path: str) -> Markup:
        """A path of this site that keeps what the reader has chosen."""
        if not self._kept:
            return escape(path)
        return escape(path) + Markup("&amp;" if "?" in path else "?") + self._kept

    def static(self, name: str) -> Markup:
        return Markup(f"{self._static}/{name}")

    def icon(self, name: str, classes: str = "icon-svg") -> Markup:
        return Markup(
            f'<svg class="{escape(classes)}" focusable="false" aria-hidden="true"><use href="'
            f'{self._static}/vendor/icons.svg#{escape(name)}"></use></svg>'
        )

    def link(self, link: Link, text: str | None = None) -> Markup:
        """A link to a thing; only http(s) addresses are followed, data is not trusted with
        others."""
        word = None if link.labels else self._known.get(shorten(link.iri))
        other = link.label_language(self.lang) if text is None else None
        shown = escape(text if text is not None else word or _whole(link.label(self.lang)))
        language = f' lang="{escape(other)}"' if other else ""
        if link.path:
            classes = "" if link.labels else ' class="code"'
            return Markup(f'<a href="{self.to(link.path)}"{language}{classes}>{shown}</a>')
        # A record of ours without a page is not public yet: its address leads nowhere.
        if link.iri.startswith(_WEB) and not link.iri.startswith(ID):
            address = escape(link.iri)
            classes = "foreign" if link.labels or word else "foreign code"
            return Markup(
                f'<a href="{address}" rel="external noopener" title="{address}" class="{classes}"'
                f"{language}>{shown}</a>"
            )
        classes = "" if link.labels or word else ' class="code"'
        return Markup(f"<span{classes}{language}>{shown}</span>")

    def date(self, text: str) -> Markup:
        """As a person writes it: 2015-04-21T09:00:00+02:00 → 21 April 2015."""
        month = int(text[5:7]) if text[5:7].isdecimal() else 0
        if not 0 < month <= 12 or not (len(text) >= 10 or len(text) == 7):
            return escape(text)
        name = escape(MONTHS[month - 1].in_language(self.lang))
        if len(text) == 7:
            shown = name + " " + text[:4]
        else:
            day = int(text[8:10]) if text[8:10].isdecimal() else 0
            shown = self.gettext("%(day)s %(month)s %(year)s", day=day, month=name, year=text[:4])
        return Markup(f'<time datetime="{escape(text)}">{shown}</time>')

    def clock(self, text: str) -> Markup:
        if text[11:16] in ("", "00:00"):
            return self.date(text)
        at = self.gettext("at %(hour)s:%(minute)s", hour=text[11:13], minute=text[14:16])
        return self.date(text) + " " + at

    def value(self, value: Value) -> Markup:
        """A text with its language, a number or a date in the reader's way, or a link."""
        if value.link:
            return self.link(value.link)
        text = value.text
        if value.language:
            language = "" if value.language == self.lang else f' lang="{escape(value.language)}"'
            return Markup(f"<span{language}>{escape(text)}</span>")
        kind = value.datatype.removeprefix(XSD) if value.datatype.startswith(XSD) else ""
        if kind in ("date", "gYearMonth"):
            return self.date(text)
        if kind == "dateTime":
            return self.clock(text)
        if kind in _WHOLE and _int(text) >= 0:
            return escape(self._number(_int(text)))
        if kind == "decimal" and len(text) < 15 and (number := _float(text)) is not None:
            return escape(self._number(number))
        if kind == "boolean" and text in ("true", "false", "1", "0"):
            return self.gettext("yes") if text in ("true", "1") else self.gettext("no")
        if kind == "anyURI" and text.startswith(_WEB):
            address = escape(text)
            return Markup(
                f'<a href="{address}" rel="external noopener" class="foreign">{address}</a>'
            )
        return escape(text)

    def values(self, values: Sequence[Value], more: int = 0) -> Markup:
        """With the page's language first; short ones in a row, long texts as paragraphs."""
        links = [one.link for one in values if one.link]
        texts = [one for one in values if not one.link]
        plain = [one for one in texts if one.language not in ("da", "en")]
        own = plain + [one for one in texts if one.language == self.lang]
        foreign = [
            one for one in texts if one.language in ("da", "en") and one.language != self.lang
        ]
        parts = []
        if links:
            many = " links--many" if len(links) > _MANY else ""
            parts.append(f'\n        <ul class="links{many}">')
            parts += (f"\n          <li>{self.link(link)}</li>" for link in links)
            if more:
                parts.append(f'\n          <li class="more">{self.and_more(more)}</li>')
            parts.append("\n        </ul>")
        for one in own:
            if "\n" in one.text:
                lines = one.text.strip().replace("\n\n\n\n", "\n\n").replace("\n\n\n", "\n\n")
                language = escape(one.language or "da")
                parts.append(f'\n        <p class="lines" lang="{language}">{escape(lines)}</p>')
            else:
                parts.append(f"\n        <p>{self.value(one)}</p>")
        for one in foreign:
            parts.append(
                f'\n        <p class="other-language" lang="{one.language}">{escape(one.text)}</p>'
            )
        if more and not links:
            parts.append(f'\n        <p class="more">{self.and_more(more)}</p>')
        return Markup("".join(parts))

    def relation_name(self, name: Link) -> Markup:
        """A property as words that stand between a thing and its value."""
        if not name.labels and (word := self._properties.get(shorten(name.iri))):
            return escape(word)
        other = name.label_language(self.lang)
        mark = (f' lang="{escape(other)}"' if other else "") if name.labels else ' class="code"'
        return Markup(f"<span{mark}>{escape(name.label(self.lang))}</span>")

    def relations(self, relations: Iterable[Relation], of: Link | None = None) -> Markup:
        """Each name once, with all its values. Incoming ones end with the name of ``of``."""
        parts = ['\n      <dl class="relations">']
        for one in relations:
            name = self.relation_name(one.name)
            if one.incoming and of is not None:
                other = of.label_language(self.lang)
                language = f' lang="{escape(other)}"' if other else ""
                shown = self._filters["truncate"](
                    self._env, of.label(self.lang), _LONGEST_NAME, end=" …"
                )
                name = Markup(
                    f'<span aria-hidden="true">… </span>{name} '
                    f'<span class="this"{language}>{escape(_whole(shown))}</span>'
                )
            elif one.name.path:
                name = Markup(f'<a href="{self.to(one.name.path)}">{name}</a>')
            parts.append(
                f"\n        <div>\n          <dt>{name}</dt>\n          <dd>"
                f"{self.values(one.values, one.more)}\n          </dd>\n        </div>"
            )
        parts.append("\n      </dl>")
        return Markup("".join(parts))

    def neighbours(self, picture: Picture, size: str) -> Markup:
        """A thing among its neighbours. The lists below it say the same in words, and all of it."""
        return drawing.neighbours(self, picture, size)

    def and_more(self, count: int) -> Markup:
        return self.gettext("and %(count)s more", count=self._number(count))

    def _number(self, number: float) -> Any:
        return self._filters["numberformat"](number)


def _whole(text: str) -> str:
    """With each number on one line with its sign."""
    return text.replace(" %", "\u00a0%")


def _int(text: str) -> int:
    """-1 for what is none."""
    try:
        return int(text)
    except ValueError:
        number = _float(text)
        return (
            -1 if number is None or number != number or abs(number) == float("inf") else int(number)
        )


def _float(text: str) -> float | None:
    try:
        return float(text)
    except ValueError:
        return None
