"""Messages that exist in Danish and English.

A message is written once, in English, where it is used; its Danish stands in
``translations/da/LC_MESSAGES/messages.po``. The web's templates (Flask-Babel) and the command
line read the same catalogue, so a sentence is translated in one place.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import cache
from gettext import NullTranslations
from pathlib import Path

LANGUAGES = ("da", "en")
DEFAULT_LANGUAGE = "da"
TRANSLATIONS = Path(__file__).parent / "translations"


class Message:
    """A sentence with named places, rendered when a reader's language is known.

    ``Message("no such file: %(path)s", path=p)``; ``str()`` gives English.
    """

    __slots__ = ("args", "msgid")

    def __init__(self, msgid: str, **args: object) -> None:
        self.msgid = msgid
        self.args: Mapping[str, object] = args

    def in_language(self, language: str) -> str:
        """The sentence in ``language``; places that are messages themselves are rendered too."""
        text = catalogue(language).gettext(self.msgid) if self.msgid else ""
        if not self.args:
            return text.replace("%%", "%")
        return text % {
            name: value.in_language(language) if isinstance(value, Message) else value
            for name, value in self.args.items()
        }

    def __str__(self) -> str:
        return self.in_language("en")

    def __repr__(self) -> str:
        return f"Message({self.msgid!r})"

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Message) and (self.msgid, self.args) == (other.msgid, other.args)

    def __hash__(self) -> int:
        return hash((self.msgid, tuple(sorted(self.args.items(), key=lambda item: item[0]))))


_DAY = re.compile(r"\d{4}-(?:0[1-9]|1[0-2])-\d\d", re.ASCII)


class Number(Message):
    """A whole number with the thousands marked as its reader marks them."""

    __slots__ = ()

    def __init__(self, number: int) -> None:
        super().__init__("", number=number)

    def in_language(self, language: str) -> str:
        text = f"{self.args['number']:,}"
        return text.replace(",", ".") if language == "da" else text


MONTHS = (
    Message("January"), Message("February"), Message("March"), Message("April"), Message("May"),
    Message("June"), Message("July"), Message("August"), Message("September"), Message("October"),
    Message("November"), Message("December"),
)  # fmt: skip


def day(text: str) -> Message | str:
    """As a person writes it: 2015-04-21T09:00:00+02:00 → 21 April 2015. What is none stays."""
    if not _DAY.match(text):
        return text
    return Message(
        "%(day)s %(month)s %(year)s",
        day=int(text[8:10]),
        month=MONTHS[int(text[5:7]) - 1],
        year=text[:4],
    )


@cache
def catalogue(language: str) -> NullTranslations:
    """The catalogue of ``language``; English is the language of the source."""
    # Imported here: query workers raise errors too, and must start fast.
    from babel.support import Translations

    return Translations.load(str(TRANSLATIONS), [language])


def both(message: Message) -> dict[str, str]:
    """``{"da": …, "en": …}``, for reports that carry both languages."""
    return {language: message.in_language(language) for language in LANGUAGES}
