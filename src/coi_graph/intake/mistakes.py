"""Syntax errors in the RDF text formats: what is wrong, where, and how to mend it.

The parser says what it expected; people want to know which mistake they made. The commonest ones
are recognised from the parser's words and from the text around the place.
"""

from __future__ import annotations

import difflib
import re

from ..i18n import Message
from ..namespaces import PREFIXES
from . import mistaken_values as values
from .lines import Lines
from .mistaken_values import Mistake, short, word_at
from .syntax import printable

__all__ = ["Mistake", "explain"]

_PREFIX = re.compile(r"^\s*(?:@prefix|PREFIX)\s+([^\s:]*):\s*<([^>]*)>", re.M | re.I)
_LOOKED_AT = 500  # characters of what was found, which may be a file
_QUOTES = "“”„‟«»‘’‚‹›"
# Texts, IRIs and words, and in the group comments.
_PARTS = re.compile(r"(#[^\r\n]*)|\"[^\"\r\n]*\"|'[^'\r\n]*'|<[^>\s]*>|[^\s#]")
_UNSEEN = {
    "\u00a0": Message("a non-breaking space"),
    "\u202f": Message("a non-breaking space"),
    "\u200b": Message("a space of no width"),
    "\ufeff": Message("a byte order mark"),
    "\u2013": Message("a dash"),
    "\u2014": Message("a dash"),
}


def explain(lines: Lines, start: int, end: int, words: str) -> Mistake:
    """What the parser's ``words`` mean for the text from ``start`` to ``end``."""
    text = lines.text
    found = text[start : min(end, start + _LOOKED_AT)]
    words = words[:_LOOKED_AT]
    for rule in (_unseen, _quotes, _prefix, values.iri, values.literal, _end, _term):
        mistake = rule(text, start, found, words)
        if mistake is not None:
            return mistake
    return Mistake(start, Message("the parser says: %(words)s", words=printable(words)), None)


def _unseen(text: str, start: int, found: str, words: str) -> Mistake | None:
    for at, letter in enumerate(found[:1] + text[start - 1 : start]):
        if letter in _UNSEEN:
            return Mistake(
                start - at,
                Message("%(what)s, which cannot stand here", what=_UNSEEN[letter]),
                Message("It comes from a word processor. Write a common space, or a hyphen."),
            )
    return None


def _quotes(text: str, start: int, found: str, words: str) -> Mistake | None:
    if found[:1] and found[0] in _QUOTES:
        return Mistake(
            start,
            Message("“%(found)s” is a typographic quotation mark", found=found[0]),
            Message('Write straight quotation marks: "text". Word processors replace them.'),
        )
    return None


def _prefix(text: str, start: int, found: str, words: str) -> Mistake | None:
    match = re.search(r"The prefix (.*?): has not been declared", words)
    if match is None:
        if "PREFIX keyword should be followed" in words:
            return Mistake(
                start,
                Message("a prefix ends with a colon"),
                Message("Write “@prefix %(name)s: <…> .”", name=word_at(text, start)),
            )
        if "PREFIX declaration should be followed" in words:
            return Mistake(
                start,
                Message("the IRI that the prefix stands for is missing its angle brackets"),
                Message("Write the IRI between “<” and “>”."),
            )
        return None
    name = match[1]
    message = Message("the prefix “%(name)s:” is not declared", name=name)
    if name in ("http", "https", "urn", "mailto"):
        message = Message("an IRI stands without angle brackets")
        return Mistake(
            start,
            message,
            Message("Write it between “<” and “>”: <%(iri)s>", iri=printable(word_at(text, start))),
        )
    declared = dict(_PREFIX.findall(text))
    if name in PREFIXES:
        line = f"@prefix {name}: <{PREFIXES[name]}> ."
        return Mistake(start, message, Message("Add this line at the top: %(line)s", line=line))
    near = difflib.get_close_matches(name, [*declared, *PREFIXES], 1)
    if near:
        remedy = Message("Is “%(near)s:” meant? Otherwise declare it at the top.", near=near[0])
    else:
        remedy = Message("Declare it at the top: @prefix %(name)s: <…> .", name=name)
    return Mistake(start, message, remedy)


def _end(text: str, start: int, found: str, words: str) -> Mistake | None:
    if "Unexpected end" in words and "of file" in words:
        if text[start : start + 1] in ("'", '"'):
            return Mistake(
                start,
                Message("the text in quotation marks that begins here is not closed"),
                Message("Close it, or send the file again if it was cut off."),
            )
        if text[start : start + 1] == "<":
            return Mistake(
                start,
                Message("the IRI that begins here is not closed"),
                Message("Write “>” at its end, or send the file again if it was cut off."),
            )
    if "Unexpected end" in words:
        return Mistake(
            len(text.rstrip()),
            Message("the file ends in the middle of a statement"),
            Message(
                "End the statement with a full stop, or send the file again if it was cut off."
            ),
        )
    if "dot is expected" in words or "must be followed by a dot" in words:
        at = _token_before(text, start)
        return Mistake(
            at,
            Message("a full stop is missing at the end of the statement"),
            Message("Write “.” after the last value; “;” before a further property of the same."),
        )
    if "should end with a ']'" in words:
        return Mistake(
            start,
            Message("a “[” is not closed"),
            Message("Write “]” where the nested record ends."),
        )
    if "in the middle of triples" in words:
        return Mistake(
            len(text[:start].rstrip()),
            Message("a statement goes on over the end of the line"),
            Message("In N-Triples and N-Quads each statement stands on one line, ending in “.”."),
        )
    if "Only a single triple or quad" in words:
        return Mistake(
            start,
            Message("a second statement on the same line"),
            Message("In N-Triples and N-Quads each statement stands on one line, ending in “.”."),
        )
    return None


def _token_before(text: str, start: int) -> int:
    """The end of what stands before ``start``, without space and comments."""
    at = len(text[:start].rstrip())
    while True:
        begin = max(text.rfind("\n", 0, at), text.rfind("\r", 0, at)) + 1
        ends = [match.end() for match in _PARTS.finditer(text, begin, at) if match[1] is None]
        if ends or begin == 0:
            return ends[-1] if ends else at
        at = len(text[:begin].rstrip())


def _term(text: str, start: int, found: str, words: str) -> Mistake | None:
    match = re.search(r"is not a valid (RDF object|predicate|subject)", words)
    shown = short(found)
    if "at the beginning of a prefix name" in words:
        comment = text[start : start + 2] in ("//", "/*")
        return Mistake(
            start,
            Message("“%(found)s” cannot stand here", found=shown),
            Message("Comments begin with “#”.") if comment else None,
        )
    if match is None:
        return None
    role = match[1]
    if found.lower() in ("true", "false"):
        return Mistake(
            start,
            Message("“%(found)s” is not written right", found=shown),
            Message("Write “%(right)s”, in small letters.", right=found.lower()),
        )
    if found == "a" and role != "predicate":
        return Mistake(
            start,
            Message("“a” stands for rdf:type and is a property only"),
            Message("Write what is meant in full, or as a text in quotation marks."),
        )
    if role == "RDF object" and found in (".", ";", ",", "]", ")", "}"):
        return Mistake(
            start,
            Message("a value is missing before “%(found)s”", found=shown),
            Message("Write the value, or remove the “,”, “;” or property before it."),
        )
    if role == "predicate" and found[:1] in ("'", '"'):
        return Mistake(
            start,
            Message("a text stands where a property is expected"),
            Message("Write “,” between several values of one property, “;” before a new property."),
        )
    if found in ("]", ")", "}"):
        return Mistake(
            start,
            Message("“%(found)s” closes nothing that is open", found=shown),
            Message("Remove it, or open the bracket where it begins."),
        )
    if found == "{":
        return Mistake(
            start,
            Message("“{” begins a graph, and Turtle has none"),
            Message("Name the file .trig, or take the graph away."),
        )
    if found.lower().startswith("@prefix") or found.lower().startswith("@base"):
        return Mistake(
            start,
            Message("“%(found)s” is not written right", found=shown),
            Message("Write “%(right)s”, in small letters.", right=found.lower()),
        )
    if found == "." and role == "subject":
        return Mistake(
            start,
            Message("a full stop that ends nothing"),
            Message("Remove it. After PREFIX and BASE without “@” there is none."),
        )
    if re.fullmatch(r"[\w-]+", found):
        return Mistake(
            start,
            Message(
                "“%(found)s” is neither a name with a prefix, nor an IRI, nor a text", found=shown
            ),
            Message(
                'Write coi:%(found)s, <https://…> or "%(found)s", as it is meant.', found=shown
            ),
        )
    return Mistake(start, Message("“%(found)s” cannot stand here", found=shown), None)
