"""A worked example of how to mend a finding: what to write instead, valid as it stands.

`tests/validation/test_example.py` writes each example into the data and asks pySHACL again.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from itertools import islice

from rdflib import Graph
from rdflib.namespace import RDF, SH
from rdflib.term import BNode, Literal, Node, URIRef

from ..i18n import LANGUAGES, Message
from ..namespaces import PREFIXES, shorten
from . import repair
from .field import Field
from .report import Result
from .vocabulary import Vocabulary

Statement = tuple[Node, URIRef, Node]
_MOST = 50  # values of one property that are looked at
_MANY = 20  # values of a list; of a longer one, those that are in use come first

#: A value is not what it should be: another one in its place.
_WRONG_VALUE = {
    SH.ClassConstraintComponent, SH.DatatypeConstraintComponent, SH.InConstraintComponent,
    SH.LanguageInConstraintComponent, SH.MaxInclusiveConstraintComponent,
    SH.MinInclusiveConstraintComponent, SH.NodeConstraintComponent,
    SH.NodeKindConstraintComponent, SH.NotConstraintComponent, SH.OrConstraintComponent,
    SH.PatternConstraintComponent,
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Example:
    """Statements to take away and to write; ``guess`` is True for “did you mean”."""

    remove: tuple[Statement, ...]
    write: tuple[Statement, ...]
    guess: bool = False


def of(vocabulary: Vocabulary, result: Result, data: Graph) -> Example | None:
    """How to mend ``result``; None where the shape does not say enough to tell."""
    path, focus = result.path, result.focus
    if not isinstance(path, URIRef):
        return None
    field = vocabulary.field(result.shape)
    if (result.shape, SH["equals"], None) in vocabulary.shapes:
        return None  # what stands here must stand in another field, too
    there = list(islice(data.objects(focus, path), _MOST))
    if result.component == SH.MinCountConstraintComponent:
        missing = (field.at_least or 1) - len(there)
        values = _samples(vocabulary, field, there + _other_side(vocabulary, result, data), missing)
        if len(values) < missing:
            return None
        return Example((), tuple((focus, path, value) for value in values))
    if result.component == SH.MaxCountConstraintComponent:
        known = set(vocabulary.values(field))
        kept_first = sorted(there, key=lambda value: (value not in known, str(value)))
        return _fewer(focus, path, kept_first, field.at_most or 0)
    if result.component == SH.UniqueLangConstraintComponent:
        return _one_each(vocabulary, field, (focus, path), there)
    if result.component == SH.QualifiedMinCountConstraintComponent:
        return _qualified(vocabulary, (focus, path), result.shape, data, there)
    if result.component in _WRONG_VALUE and result.value is not None:
        not_again = there + _other_side(vocabulary, result, data)
        return _instead(vocabulary, field, (focus, path, result.value), not_again)
    return None


def _qualified(
    vocabulary: Vocabulary, where: tuple[Node, URIRef], shape: Node, data: Graph, there: list[Node]
) -> Example | None:
    """Values that a shape asks for some of: instances of a class, or anything but some values."""
    shapes = vocabulary.shapes
    inner = shapes.value(shape, SH.qualifiedValueShape)
    wanted = shapes.value(shape, SH.qualifiedMinCount)
    said = dict(shapes.predicate_objects(inner))
    said.pop(RDF.type, None)
    if len(said) != 1 or not isinstance(wanted, Literal):
        return None
    ((parameter, value),) = said.items()
    if parameter == SH["class"]:
        found = data.subjects(RDF.type, value)
    elif parameter == SH["not"] and (listed := shapes.value(value, SH["in"])) is not None:
        excepted = set(shapes.items(listed))
        used = vocabulary.published.objects(None, where[1])
        found = (one for one in used if one not in excepted)
    else:
        return None
    known = sorted({one for one in islice(found, _MOST) if isinstance(one, URIRef)} - set(there))
    missing = int(wanted)
    if len(known) < missing:
        return None
    return Example((), tuple((*where, one) for one in known[:missing]))


def _other_side(vocabulary: Vocabulary, result: Result, data: Graph) -> list[Node]:
    """Values of fields that must not hold the same (`sh:disjoint`)."""
    others = vocabulary.shapes.objects(result.shape, SH.disjoint)
    return [v for other in others for v in islice(data.objects(result.focus, other), _MOST)]


def _fewer(focus: Node, path: URIRef, there: list[Node], most: int) -> Example | None:
    if len(there) <= most:
        return None
    return Example(
        tuple((focus, path, value) for value in there[most:]),
        tuple((focus, path, value) for value in there[:most]),
    )


def _one_each(
    vocabulary: Vocabulary, field: Field, where: tuple[Node, URIRef], there: list[Node]
) -> Example | None:
    seen: dict[str, Node] = {}
    extra = []
    for value in there:
        code = (getattr(value, "language", None) or "").lower()
        if code and code in seen:
            extra.append(value)
        else:
            seen[code] = value
    if not extra:
        return None
    kept = [value for value in there if value not in extra]
    kept += _samples(vocabulary, field, kept, (field.at_least or 0) - len(kept))
    return Example(
        tuple((*where, value) for value in extra), tuple((*where, value) for value in kept)
    )


def _instead(
    vocabulary: Vocabulary, field: Field, wrong: Statement, there: list[Node]
) -> Example | None:
    focus, path, found = wrong
    others = [value for value in there if value != found]
    better = _repaired(vocabulary, field, found, others)
    guess = better is not None
    if better is None:
        samples = _samples(vocabulary, field, there, 1)
        right = set(vocabulary.values(field))
        better = samples[0] if samples else next((v for v in others if v in right), None)
    if better is None or better == found:
        return None
    return Example((wrong,), ((focus, path, better),), guess)


def _repaired(vocabulary: Vocabulary, field: Field, found: Node, others: list[Node]) -> Node | None:
    """What was probably meant by ``found``."""
    if field.languages:
        taken = {str(getattr(value, "language", None)) for value in others}
        if isinstance(found, Literal):
            return repair.in_language(found, field.languages, taken)
        return None
    for choice in field.choices:
        if choice.kind == "datatype" and isinstance(found, Literal):
            better = repair.typed(str(found), choice.of)
            if better is not None and (better != found or better.datatype != found.datatype):
                return repair.within(field, better)
            if better is not None and field.lowest is None and field.highest is None:
                continue
            if better is not None:
                return repair.within(field, better)
    if field.pattern is not None and isinstance(found, Literal):
        zoned = Literal(repair.with_zone(str(found)), datatype=found.datatype, normalize=False)
        if field.pattern.startswith("(Z|") and str(zoned) != str(found):
            return zoned
    return vocabulary.nearest(field, found)


def _samples(vocabulary: Vocabulary, field: Field, there: list[Node], wanted: int) -> list[Node]:
    """Values that the field takes and the record does not have yet."""
    found: list[Node] = []
    spoken = {getattr(value, "language", None) for value in there}
    if field.languages or (not field.choices and not field.node_kind and spoken - {None}):
        codes = field.languages or LANGUAGES
        for code in codes:
            if code not in spoken and len(found) < wanted:
                found.append(Literal(placeholder(vocabulary, field, code), lang=code))
        return found
    for choice in field.choices:
        if choice.kind == "datatype":
            value = repair.sample(field, choice.of)
            if value is not None:
                found.append(value)
    listed = [value for value in vocabulary.values(field) if value not in there]
    if len(listed) > _MANY or not field.choices:
        # “A concept”, or whatever the shape leaves open: what others have written there.
        used = [value for value in _in_use(vocabulary.published, field) if value not in there]
        listed = [value for value in used if value in listed or not field.choices] or listed
        first = listed[0] if listed and not field.choices else None
        if isinstance(first, Literal) and first.language:
            words = placeholder(vocabulary, field, first.language)
            listed = [Literal(words, lang=first.language)]
    return (found + listed)[: max(wanted, 0)]


def _in_use(published: Graph, field: Field) -> list[Node]:
    """What published records say in the field."""
    if not isinstance(field.path, URIRef):
        return []
    used = set(islice(published.objects(None, field.path), _MOST))
    if field.node_kind == SH.IRI:
        used = {value for value in used if isinstance(value, URIRef)}
    used -= set(field.excluded)
    return sorted((value for value in used if not isinstance(value, BNode)), key=str)


def placeholder(vocabulary: Vocabulary, field: Field, language: str) -> str:
    """“Skriv titel her”: a text that its reader replaces."""
    code = language if language in LANGUAGES else "en"
    name = vocabulary.field_names(field.shape)[code]
    return Message("Write here: %(name)s", name=name).in_language(code)


def as_turtle(statements: Iterable[Statement], *, prefixed: bool = True) -> str:
    """Statements to paste at the end of a Turtle file: with the prefixes that they use, or with
    whole IRIs (as N-Triples want them)."""
    lines, used = [], set()
    for subject, predicate, value in statements:
        words = [as_term(subject, prefixed), as_term(predicate, prefixed), as_term(value, prefixed)]
        if prefixed:
            used |= {
                short.partition(":")[0]
                for short in (words[1], words[2].rpartition("^^")[2])
                if not short.startswith(("<", '"'))
            }
        lines.append(" ".join(words) + " .")
    heads = [f"@prefix {name}: <{PREFIXES[name]}> ." for name in sorted(used) if name in PREFIXES]
    return "\n".join([*heads, *lines])


def as_term(term: Node, prefixed: bool) -> str:
    if isinstance(term, BNode):
        return "[]"
    if isinstance(term, URIRef):
        short = shorten(str(term)) if prefixed else str(term)
        plain = short.partition(":")[2].replace("-", "").replace("_", "").isalnum()
        return short if short != str(term) and plain else f"<{term}>"
    if isinstance(term, Literal):
        text = str(term).replace("\\", "\\\\").replace('"', '\\"')
        text = text.replace("\n", "\\n").replace("\r", "\\r")
        if term.language:
            return f'"{text}"@{term.language}'
        if term.datatype is not None:
            return f'"{text}"^^{as_term(term.datatype, prefixed)}'
        return f'"{text}"'
    raise TypeError(f"no Turtle for {term!r}")
