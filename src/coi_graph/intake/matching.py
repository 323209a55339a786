"""Finding what somebody means by a name: exactly, but for spelling; else what is close to it."""

from __future__ import annotations

import difflib
import unicodedata
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Generic, TypeVar

T = TypeVar("T")

_SAME = str.maketrans(
    {
        "’": "'", "‘": "'", "´": "'", "`": "'", "“": '"', "”": '"', "„": '"', "»": '"', "«": '"',
        "–": "-", "—": "-", "‑": "-", "−": "-", "…": "...",
    }
)  # fmt: skip
_LETTERS = str.maketrans({"æ": "ae", "ø": "oe", "å": "aa"})
_NOTHING = dict.fromkeys(map(ord, "\N{ZERO WIDTH SPACE}\N{ZERO WIDTH NON-JOINER}"
                                  "\N{ZERO WIDTH JOINER}\N{WORD JOINER}\N{SOFT HYPHEN}"
                                  "\N{ZERO WIDTH NO-BREAK SPACE}"))  # fmt: skip
_CLOSE = 0.75
_MOST = 5
_LOOKED_AT = 5000  # names, for likeness: a thousand take some milliseconds


def clean(text: str) -> str:
    """Without invisible characters, each run of white space (no-break spaces too) one space."""
    if not text.isascii():
        text = unicodedata.normalize("NFC", text).translate(_NOTHING)
    return " ".join(text.split())


@lru_cache(maxsize=32768)
def fold(text: str) -> str:
    """What two spellings of the same name have in common: case, white space, kinds of quotation
    marks and dashes, and æ/ø/å written as ae/oe/aa do not count."""
    if text.isascii():
        return clean(text).replace("`", "'").casefold()
    return clean(text).translate(_SAME).casefold().translate(_LETTERS)


@dataclass
class Index(Generic[T]):
    """Names → things. Several things may have the same name."""

    names: dict[str, dict[T, None]] = field(default_factory=dict)  # things in their order
    spellings: dict[str, str] = field(default_factory=dict)

    def add(self, name: str, thing: T) -> None:
        folded = fold(name)
        if not folded:
            return
        self.names.setdefault(folded, {})[thing] = None
        self.spellings.setdefault(folded, name)

    def find(self, name: str) -> list[T]:
        return list(self.names.get(fold(name), ()))

    def close_to(self, name: str) -> list[str]:
        """Names that ``name`` may be a slip for, the closest first."""
        folded = fold(name)
        if len(folded) > 200:  # a text, not a name
            return []
        length = len(folded)
        alike = [one for one in self.names if abs(len(one) - length) <= max(2, length // 3)]
        found = difflib.get_close_matches(folded, alike[:_LOOKED_AT], _MOST, _CLOSE)
        if len(folded) > 3:
            found += [known for known in self.names if folded in known.split() and len(known) < 80]
            found += [known for known in self.names if known.startswith(folded)]
        return [self.spellings[one] for one in dict.fromkeys(found)][:_MOST]
