"""Messages that are put together of names, rightly in each language."""

from __future__ import annotations

from collections.abc import Iterable

from ..i18n import Message

OR = Message("or")
AND = Message("and")


class Listed(Message):
    """``“a”, “b” or “c”``: names in quotation marks."""

    __slots__ = ()

    def __init__(self, names: Iterable[str], word: Message = OR) -> None:
        super().__init__("", names=tuple(names), word=word)

    def in_language(self, language: str) -> str:
        names, word = self.args["names"], self.args["word"]
        assert isinstance(names, tuple)
        shown = [Message("“%(name)s”", name=name).in_language(language) for name in names]
        if len(shown) < 2:
            return "".join(shown)
        assert isinstance(word, Message)
        return f"{', '.join(shown[:-1])} {word.in_language(language)} {shown[-1]}"
