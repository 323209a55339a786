"""A finding in words that a person can act on: which record, which field, what was found, what is
expected, how to mend it, who asks for it, and where it stands.

A finding is plain data (docs/reference/reports.md); `explain` makes one of a result, `remarked` of
what reading a file had to say.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping, Sequence
from typing import Any

from rdflib import Graph
from rdflib.namespace import RDF, SH
from rdflib.term import BNode, Literal, Node, URIRef

from ..i18n import LANGUAGES, Message, both
from ..intake.places import Place, Remark, Sent, Severity
from ..namespaces import XSD
from . import asked_by, example, expectation, problems
from .excerpt import Excerpts
from .json_terms import as_json
from .report import Result, name_of
from .terms import to_oxigraph
from .vocabulary import Vocabulary

Finding = dict[str, Any]
SHOWN = 8  # values of a list that a report writes out
_LONGEST = 500  # characters of a value that a report repeats


class Explainer:
    """Explains the findings of one check. ``data`` is the published data with the files."""

    def __init__(
        self, vocabulary: Vocabulary, data: Graph, sent: Sequence[Sent], files: Mapping[str, bytes]
    ) -> None:
        self._words = vocabulary
        self._data = data
        self._sent = sent
        self._excerpts = Excerpts(files)

    def explain(self, result: Result) -> Finding:
        """A result of a shape."""
        place = self.place_of(result)
        in_table = place is not None and place.line is None
        wanted = {
            lang: expectation.in_words(self._words, result.shape, result.component, lang)
            for lang in LANGUAGES
        }
        choices = wanted["en"][1]
        return {
            "key": result.key,
            "about": _digest(result.focus, result.path_text, result.shape, result.component),
            "severity": result.severity.name.lower(),
            "record": self._record(result.focus),
            "field": self._field(result),
            "problem": both(self._problem(result)),
            "found": self._found(result),
            "expected": {
                "text": {lang: text for lang, (text, _) in wanted.items()},
                "choices": [self._choice(one) for one in choices[:SHOWN]],
                "more": max(0, len(choices) - SHOWN),
            },
            "mend": _mend(result),
            "example": self._example(result, place, in_table=in_table),
            "because": self._because(result.source),
            "place": self._excerpts.describe(place),
            "rule": {"iri": str(result.shape), "name": self._words.rule_names(result.shape)},
            "component": str(result.component),
            "also": [],
        }

    def place_of(self, result: Result) -> Place | None:
        """Where it stands in what was sent; None for a record that the files do not speak of."""
        subject = to_oxigraph(result.focus)
        path = to_oxigraph(result.path) if isinstance(result.path, URIRef) else None
        value = None
        if path is not None and result.value is not None and result.value != result.focus:
            value = to_oxigraph(result.value)
        for one in self._sent:
            place = one.places.of(subject, path, value)
            if place is not None:
                return place
        return None

    def _record(self, focus: Node) -> dict[str, Any]:
        kind = None
        for one in sorted(self._data.objects(focus, RDF.type), key=str):
            names = self._words.names(one)
            if names["en"] != str(one):
                kind = names
                break
        return {
            "iri": str(to_oxigraph(focus).value),
            "name": self._name(focus),
            "kind": kind,
            "term": as_json(focus),
        }

    def _name(self, node: Node) -> dict[str, str]:
        """The name of a record; of one without an address what it is a part of."""
        if isinstance(node, BNode) and name_of(self._data, node, "en").startswith("_:"):
            for owner, path in self._data.subject_predicates(node):
                if isinstance(owner, URIRef):
                    part = _Words(self._words.names(path))
                    whole = _Words({lang: name_of(self._data, owner, lang) for lang in LANGUAGES})
                    return both(Message("“%(part)s” of “%(whole)s”", part=part, whole=whole))
            return both(Message("a record without a name"))
        return {lang: name_of(self._data, node, lang) for lang in LANGUAGES}

    def _field(self, result: Result) -> dict[str, Any] | None:
        if result.path is None:
            return None
        names = result.field_names
        if set(names) < set(LANGUAGES) and isinstance(result.path, URIRef):
            # A rule on whole records that points at a field.
            named = expectation.path_names(self._words, result.path)
            names = {**named, **names}
        if set(names) < set(LANGUAGES):
            names = {**self._words.field_names(result.shape), **names}
        return {"path": result.path_text, "name": {lang: names[lang] for lang in LANGUAGES}}

    def _problem(self, result: Result) -> Message:
        known = problems.PROBLEMS.get(result.component)
        field = self._field(result)
        if result.component == SH.LanguageInConstraintComponent:
            spoken = getattr(result.value, "language", None)
            known = problems.OTHER_LANGUAGE if spoken else problems.NO_LANGUAGE
        if known is None or field is None:
            return Message(problems.RULE.msgid, rule=_Words(self._words.rule_names(result.shape)))
        if result.component == SH.MinCountConstraintComponent and isinstance(result.path, URIRef):
            there = next(self._data.objects(result.focus, result.path), None)
            known = known if there is None else problems.FEWER
        return Message(known.msgid, field=_Words(field["name"]))

    def _found(self, result: Result) -> dict[str, Any] | None:
        value = result.value
        if value is None or value == result.focus:
            return None
        if isinstance(value, Literal):
            text = str(value)
            shown = text[:_LONGEST] + ("…" if len(text) > _LONGEST else "")
            return {"text": shown, "name": None, "term": as_json(value)}
        name = self._name(value)
        iri = str(to_oxigraph(value).value)
        return {
            "text": iri[:_LONGEST],
            "name": name if name["en"] != iri else None,
            "term": as_json(value),
        }

    def _choice(self, value: Node) -> dict[str, Any]:
        text = dict.fromkeys(LANGUAGES, str(value))
        name = text if isinstance(value, Literal) else self._words.names(value)
        return {"written": example.as_term(value, prefixed=True), "name": name}

    def _example(
        self, result: Result, place: Place | None, *, in_table: bool
    ) -> dict[str, Any] | None:
        made = example.of(self._words, result, self._data)
        if made is None:
            return _in_words(self._words.example(result.shape))
        if in_table:
            return {
                "kind": "cell",
                "cell": place.cell if place else None,
                "write": {
                    lang: "; ".join(self._cell_text(value, lang) for _, _, value in made.write)
                    for lang in LANGUAGES
                },
                "instead_of": None,
                "values": [self._choice(value) for _, _, value in made.write],
                "guess": made.guess,
            }
        prefixed = place is None or not place.file.lower().endswith((".nt", ".nq"))
        gone = [one for one in made.remove if one not in made.write]
        return {
            "kind": "turtle",
            "cell": None,
            "write": dict.fromkeys(LANGUAGES, example.as_turtle(made.write, prefixed=prefixed)),
            "instead_of": example.as_turtle(gone, prefixed=False) if gone else None,
            "values": [self._choice(value) for _, _, value in made.write],
            "guess": made.guess,
        }

    def _cell_text(self, value: Node, language: str) -> str:
        if isinstance(value, Literal):
            if value.language in LANGUAGES and value.language != language:
                return str(value)
            if language == "da" and str(value.datatype) == XSD + "decimal":
                return str(value).replace(".", ",")
            return str(value)
        return self._words.names(value)[language]

    def _because(self, source: Node | None) -> dict[str, Any] | None:
        """The sentence of the framework, or the document, that asks for it."""
        if source is None:
            return None
        return self._words.because(source)

    def remarked(self, remark: Remark, result: Result | None = None) -> Finding:
        """What reading had to say; ``result`` is what follows from it: the value that could not
        be read is missing."""
        follows = self.explain(result) if result is not None else {}
        shared = ("record", "field", "expected", "because", "rule", "component")
        made = self._remarked(remark)
        made |= {name: follows[name] for name in shared if follows and follows[name]}
        if follows and remark.remedy is None:
            made |= {name: follows[name] for name in ("mend", "example")}
        return made

    def _remarked(self, remark: Remark) -> Finding:
        return {
            **_reading(remark.severity, remark.message, remark.remedy),
            "because": asked_by.of(remark.place.file),
            "key": _digest(remark.place, remark.message, remark.found),
            "about": _digest(remark.place, remark.message),
            "found": None
            if remark.found is None
            else {"text": remark.found[:_LONGEST], "name": None, "term": None},
            "place": self._excerpts.describe(remark.place),
        }


def _in_words(text: dict[str, str] | None) -> dict[str, Any] | None:
    """The shape's own example: a query does not tell what would be right."""
    if text is None:
        return None
    return {
        "kind": "words", "cell": None, "write": text, "instead_of": None, "values": [],
        "guess": False,
    }  # fmt: skip


def unread(message: Message, remedy: Message | None, place: dict[str, Any] | None) -> Finding:
    """A file that cannot be read at all."""
    return {
        **_reading(Severity.VIOLATION, message, remedy),
        "problem": {lang: _without_place(text, place) for lang, text in both(message).items()},
        # Where in the file is known of what its format forbids; a limit is nobody's rule but ours.
        "because": asked_by.of(place["file"]) if place and place["line"] else None,
        "key": _digest(message, place),
        "about": _digest(message),
        "place": place,
    }


def _without_place(text: str, place: dict[str, Any] | None) -> str:
    """A report says the place beside the message, so the message need not begin with it."""
    if place is None or place["line"] is None or not text.startswith(place["file"] + ", "):
        return text
    return re.sub(r"^, \w+ \d+(, \w+ \d+)?: ", "", text.removeprefix(place["file"])) or text


def _reading(severity: Severity, message: Message, remedy: Message | None) -> Finding:
    return {
        "severity": severity.name.lower(),
        "record": None,
        "field": None,
        "problem": both(message),
        "found": None,
        "expected": None,
        "mend": None if remedy is None else both(remedy),
        "example": None,
        "because": None,
        "rule": None,
        "component": None,
        "also": [],
    }


class _Words(Message):
    """Words that exist in each language already, as a part of a message."""

    __slots__ = ("_texts",)

    def __init__(self, texts: Mapping[str, str]) -> None:
        super().__init__("")
        self._texts = texts

    def in_language(self, language: str) -> str:
        return self._texts.get(language) or next(iter(self._texts.values()), "")


def _mend(result: Result) -> dict[str, str] | None:
    said = result.messages
    if not said:
        return None
    other = said.get("en") or next(iter(said.values()))
    return {lang: said.get(lang) or other for lang in LANGUAGES}


def _digest(*parts: object) -> str:
    return hashlib.sha256("\x00".join(map(str, parts)).encode()).hexdigest()[:24]
