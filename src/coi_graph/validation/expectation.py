"""What a field expects, in words: derived from its shape, in Danish or English."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from rdflib.namespace import SH, XSD
from rdflib.term import Node, URIRef

from ..i18n import Message
from .field import Choice, Field
from .vocabulary import Vocabulary

_DATATYPES: dict[Node, Message] = {
    XSD.date: Message("a date such as 2019-03-01"),
    XSD.dateTime: Message("a date and time such as 2019-03-01T09:00:00+01:00"),
    XSD.gYear: Message("a year such as 2019"),
    XSD.gYearMonth: Message("a month such as 2019-03"),
    XSD.integer: Message("a whole number"),
    XSD.nonNegativeInteger: Message("a whole number, 0 or more"),
    XSD.positiveInteger: Message("a whole number, 1 or more"),
    XSD.decimal: Message("a number such as 12.5"),
    XSD.double: Message("a number such as 12.5"),
    XSD.boolean: Message("true or false"),
    XSD.anyURI: Message("a web address"),
    XSD.string: Message("a text"),
    URIRef("http://www.w3.org/1999/02/22-rdf-syntax-ns#langString"): Message(
        "a text that says its language"
    ),
}
_NODE_KINDS: dict[Node, Message] = {
    SH.IRI: Message("a web address or another record, not a plain text"),
    SH.Literal: Message("a text or a number, not a reference"),
    SH.BlankNode: Message("a record without an address of its own"),
    SH.BlankNodeOrIRI: Message("another record, not a plain text"),
}
# Regular expressions of our shapes in words; another one is shown as it stands.
_PATTERNS = {
    "(Z|[+-][0-9]{2}:[0-9]{2})$": Message("with its time zone at the end, such as +01:00 or Z"),
    "^[0-9]{8}$": Message("eight digits"),
    "^http://publications[.]europa[.]eu/resource/authority/country/[A-Z0-9]{3}$": Message(
        "a country of the EU’s list: "
        "http://publications.europa.eu/resource/authority/country/ and three letters"
    ),
    "^http://publications[.]europa[.]eu/resource/authority/language/[A-Z0-9]{3}$": Message(
        "a language of the EU’s list: "
        "http://publications.europa.eu/resource/authority/language/ and three letters"
    ),
}
_OTHERS: dict[Node, Message] = {
    SH.EqualsConstraintComponent: Message("the same as in the field “%(field)s”"),
    SH.DisjointConstraintComponent: Message("something else than in the field “%(field)s”"),
    SH.LessThanConstraintComponent: Message("less than in the field “%(field)s”"),
    SH.LessThanOrEqualsConstraintComponent: Message("at most what stands in “%(field)s”"),
}
_PAIRS: dict[Node, Node] = {
    SH.EqualsConstraintComponent: SH["equals"],
    SH.DisjointConstraintComponent: SH.disjoint,
    SH.LessThanConstraintComponent: SH.lessThan,
    SH.LessThanOrEqualsConstraintComponent: SH.lessThanOrEquals,
}


def in_words(
    vocabulary: Vocabulary, shape: Node, component: Node, language: str
) -> tuple[str, list[Node]]:
    """One sentence on what the field takes, and the values of its list; empty where the shape
    says it in no way that can be derived (the message of the shape always says the mend)."""
    field = vocabulary.field(shape)

    def say(message: Message) -> str:
        return message.in_language(language)

    if component in _PAIRS:
        other = vocabulary.shapes.value(shape, _PAIRS[component])
        if other is None:
            return "", []
        name = path_names(vocabulary, other)[language]
        return say(Message(_OTHERS[component].msgid, field=name)), []
    if component == SH.SPARQLConstraintComponent or component == SH.XoneConstraintComponent:
        return "", []
    parts = [_count(field, say), *_kinds(vocabulary, field, language)]
    parts += [say(one) for one in _limits(field)]
    return ", ".join(part for part in parts if part), vocabulary.values(field)


def _count(field: Field, say: Callable[[Message], str]) -> str:
    least, most = field.at_least or 0, field.at_most
    if most == 0:
        return say(Message("nothing"))
    if least and least == most:
        return say(Message("exactly one") if least == 1 else Message("exactly %(n)s", n=least))
    if least and most:
        return say(Message("from %(least)s to %(most)s", least=least, most=most))
    if least:
        return say(Message("at least one") if least == 1 else Message("at least %(n)s", n=least))
    if most:
        return say(Message("at most one") if most == 1 else Message("at most %(n)s", n=most))
    return ""


def _kinds(vocabulary: Vocabulary, field: Field, language: str) -> Iterator[str]:
    either = Message(" or ").in_language(language)
    kinds = dict.fromkeys(_kind(vocabulary, choice, language) for choice in field.choices)
    if not kinds:
        return
    yield either.join(kinds)
    if any(choice.kind in ("class", "node") for choice in field.choices):
        yield Message("described in the data").in_language(language)


def _kind(vocabulary: Vocabulary, choice: Choice, language: str) -> str:
    if choice.kind == "datatype":
        known = _DATATYPES.get(choice.of)
        if known is not None:
            return known.in_language(language)
        name = vocabulary.names(choice.of)[language]
        return Message("a value of the kind “%(name)s”", name=name).in_language(language)
    if choice.kind == "in":
        return Message("one of the list").in_language(language)
    name = vocabulary.names(choice.of)[language]
    if choice.kind == "scheme":
        return Message("a code from the list “%(name)s”", name=name).in_language(language)
    return Message("“%(text)s”", text=name).in_language(language)


def _limits(field: Field) -> Iterator[Message]:
    if field.languages:
        names = [str(one) for one in field.languages]
        if names == ["da", "en"]:
            yield Message("a text in Danish or English")
        else:
            yield Message("a text in one of these languages: %(codes)s", codes=", ".join(names))
    if field.unique_language:
        yield Message("at most one in each language")
    if field.lowest is not None and field.highest is not None:
        yield Message("from %(least)s to %(most)s", least=field.lowest, most=field.highest)
    elif field.lowest is not None:
        yield Message("at least %(n)s", n=field.lowest)
    elif field.highest is not None:
        yield Message("at most %(n)s", n=field.highest)
    if field.pattern is not None:
        yield _PATTERNS.get(field.pattern) or Message(
            "written after the pattern %(pattern)s", pattern=field.pattern
        )
    elif field.node_kind in _NODE_KINDS:
        yield _NODE_KINDS[field.node_kind]
    if field.excluded:
        yield Message("some values are excepted")


def path_names(vocabulary: Vocabulary, path: Node) -> dict[str, str]:
    """What a field is called where no shape of its own is at hand: by the shapes if one of them
    names it, else by the ontology."""
    for shape in sorted(vocabulary.shapes.subjects(SH.path, path), key=str):
        if (shape, SH.name, None) in vocabulary.shapes:
            return vocabulary.field_names(shape)
    return vocabulary.names(path)
