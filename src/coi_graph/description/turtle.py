"""A description as Turtle, byte for byte what `document.serialize` makes of its triples.

That goes by way of a set of triples, their sorting and Oxigraph's writer, and takes most of the
time of a document. Here a thing that is only mentioned is a text that is made once a release, as
names never change within one; what the document is about is read and written each time.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from functools import lru_cache

import pyoxigraph as ox

from ..namespaces import BASE, FOAF, GENID, PREFIXES, RDF
from ..publishing.metadata import release_iri
from ..store import Term
from .document import (
    Description,
    about_document,
    about_release,
    is_named,
    prefix_of,
    unskolemized,
)
from .lookup import Lookup

Prefix = tuple[str, str]  # name, namespace
#: As N-Triples has it (by which statements are sorted), as Turtle has it, the prefix that needs,
#: and the IRI where the document says its name. Turtle's is "" where it depends on the document: a
#: prefix that is there for something else may fit.
Written = tuple[str, str, Prefix | None, str | None]
_Statement = tuple[str, str, str, str]  # predicate and object by N-Triples, and by Turtle

_Subject = tuple[str, str]  # by N-Triples, and by Turtle

_FIRST, _NEXT, _ALSO = " ", " ;\n\t", " , "
_NAMES = 20_000  # things whose names are kept as text
_TERMS = 50_000
_PLAIN = re.compile(r"[A-Za-z0-9_][A-Za-z0-9_\-]*")
_TOPIC = (f"<{FOAF}primaryTopic>", "foaf:primaryTopic")
_TYPE = RDF + "type"
_SHORT = tuple(PREFIXES.values())
_KIND = re.compile(re.escape(BASE) + r"(?:id|doc)/[^/]+/")


class Turtle:
    """Writes the documents of one release. Thread-safe."""

    def __init__(self, lookup: Lookup) -> None:
        self._lookup = lookup
        self._names = lru_cache(_NAMES)(self._find_names)

    def write(self, description: Description) -> bytes:
        blocks: dict[_Subject, set[_Statement]] = {}
        prefixes: set[Prefix | None] = set()
        mentioned: set[str | None] = set()
        last: object = None
        block: set[_Statement] = set()
        for quad in description.quads:
            subject, predicate, value = quad.subject, quad.predicate, quad.object
            if subject != last:
                by, text, prefix, named = _node(subject)
                prefixes.add(prefix)
                mentioned.add(named)
                last, block = subject, blocks.setdefault((by, text), set())
            one, predicate_text, prefix, named = _predicate(predicate.value)
            prefixes.add(prefix)
            mentioned.add(named)
            if isinstance(value, ox.Literal):
                two, object_text, prefix, _ = _literal(value)
            else:
                two, object_text, prefix, named = _node(value)
                mentioned.add(named)
            prefixes.add(prefix)
            block.add((one, two, predicate_text, object_text))
        by, text, prefix, _ = _iri(release_iri(description.release))
        statements, needed = _of_release(description.release)
        blocks.setdefault((by, text), set()).update(statements)
        prefixes |= needed
        if description.document != description.iri:
            by, text, prefix, _ = _iri(description.document)
            statements, needed = _of_document(description.release)
            topic, topic_text, topic_prefix, _ = _iri(description.iri)
            blocks.setdefault((by, text), set()).update(
                statements, [(_TOPIC[0], topic, _TOPIC[1], topic_text)]
            )
            prefixes |= {*needed, prefix, topic_prefix}
        mentioned -= {None, description.iri}
        texts: dict[_Subject, str] = {}
        for iri in mentioned:
            assert iri is not None
            key, statements, needed, block_text = self._names(iri)
            if not statements:
                continue
            prefixes |= needed
            if key not in blocks and block_text:
                texts[key] = block_text
            else:
                blocks.setdefault(key, set()).update(statements)
        ordered = _ordered(frozenset(prefix for prefix in prefixes if prefix))
        for key, all_statements in blocks.items():
            texts[key] = _block(key, all_statements, ordered)
        return (_head(ordered) + "".join(texts[key] for key in sorted(texts))).encode()

    def _find_names(
        self, iri: str
    ) -> tuple[_Subject, frozenset[_Statement], frozenset[Prefix], str]:
        """What says its name: the statements, the prefixes that they need, and their text; that is
        "" where it depends on the document."""
        by, text, prefix, _ = _iri(iri)
        statements, prefixes = _written(self._lookup.label_quads([iri]))
        if prefix:
            prefixes.add(prefix)
        key = (by, text)
        is_fixed = text and all(predicate and value for _, _, predicate, value in statements)
        block = _block(key, statements, ()) if is_fixed else ""
        return key, frozenset(statements), frozenset(prefixes), block


def _written(triples: Iterable[ox.Triple]) -> tuple[set[_Statement], set[Prefix]]:
    """Statements about one subject, with the prefixes that they need."""
    statements: set[_Statement] = set()
    prefixes: set[Prefix | None] = set()
    for _, predicate, value in triples:
        one, predicate_text, prefix, _ = _predicate(predicate.value)
        two, object_text, needed, _ = (
            _literal(value) if isinstance(value, ox.Literal) else _node(value)
        )
        prefixes |= {prefix, needed}
        statements.add((one, two, predicate_text, object_text))
    return statements, {prefix for prefix in prefixes if prefix}


@lru_cache(100)
def _of_document(release: int) -> tuple[frozenset[_Statement], frozenset[Prefix]]:
    """What every document of a release says of itself."""
    statements, prefixes = _written(about_document("urn:any", release))
    return frozenset(statements), frozenset(prefixes)


@lru_cache(100)
def _of_release(release: int) -> tuple[frozenset[_Statement], frozenset[Prefix]]:
    statements, prefixes = _written(about_release(release))
    return frozenset(statements), frozenset(prefixes)


def _block(
    subject: _Subject, statements: Iterable[_Statement], prefixes: tuple[Prefix, ...]
) -> str:
    """All statements of one subject, in a document with ``prefixes``."""
    parts = [subject[1] or _fitted(subject[0], prefixes)]
    last = None
    for one, two, predicate, value in sorted(statements):
        if one != last:
            parts += (_FIRST if last is None else _NEXT, predicate or _fitted(one, prefixes), " ")
            last = one
        else:
            parts.append(_ALSO)
        parts.append(value or _fitted(two, prefixes))
    parts.append(" .\n")
    return "".join(parts)


def _fitted(by: str, prefixes: tuple[Prefix, ...]) -> str:
    """An IRI without a prefix of its own, where another's may fit; or a literal of such a type."""
    text, carets, iri = by.rpartition("^^<")
    if carets and text.startswith('"'):
        return f"{text}^^{_fitted(f'<{iri}', prefixes)}"
    iri = by[1:-1]
    return _as_object(
        ox.NamedNode(iri), tuple(prefix for prefix in prefixes if iri.startswith(prefix[1]))
    )


def _node(term: Term) -> Written:
    if not isinstance(term, ox.NamedNode):  # a release has none; another engine may
        return str(term), str(term), None, None
    return _iri(term.value)


@lru_cache(_TERMS)
def _iri(iri: str) -> Written:
    if iri.startswith(GENID):
        name = str(unskolemized(ox.NamedNode(iri)))
        return name, name, None, None
    named = iri if is_named(iri) else None
    prefix = prefix_of(iri)
    return f"<{iri}>", _turtle(iri, prefix), prefix, named


@lru_cache(_TERMS)
def _predicate(iri: str) -> Written:
    prefix = prefix_of(iri)
    text = "a" if iri == _TYPE else _turtle(iri, prefix)
    return f"<{iri}>", text, prefix, iri if is_named(iri) else None


def _turtle(iri: str, prefix: Prefix | None) -> str:
    if prefix is None:
        is_open = _KIND.match(iri) or iri.startswith(_SHORT)
        return "" if is_open else f"<{iri}>"
    name, namespace = prefix
    local = iri[len(namespace) :]
    if _PLAIN.fullmatch(local):
        return f"{name}:{local}"
    return _as_object(ox.NamedNode(iri), (prefix,))


@lru_cache(_TERMS)
def _literal(literal: ox.Literal) -> Written:
    by = str(literal)
    datatype = literal.datatype.value
    prefix = prefix_of(datatype)
    if not by.endswith(">"):
        return by, by, prefix, None
    text = _as_object(literal, (prefix,) if prefix else ())
    return by, text if _turtle(datatype, prefix) else "", prefix, None


@lru_cache(_TERMS)
def _as_object(term: ox.NamedNode | ox.Literal, prefixes: tuple[Prefix, ...]) -> str:
    """How Oxigraph writes ``term``."""
    written = ox.serialize(
        [ox.Triple(ox.BlankNode("s"), ox.NamedNode("p:p"), term)],
        format=ox.RdfFormat.TURTLE,
        prefixes=dict(prefixes),
    )
    assert written is not None
    return written.decode().rpartition("_:s <p:p> ")[2].removesuffix(" .\n")


@lru_cache(1_000)
def _ordered(prefixes: frozenset[Prefix]) -> tuple[Prefix, ...]:
    """The longest namespace first, as Oxigraph has it, so that the longest that fits is taken."""
    return tuple(sorted(prefixes, key=lambda one: (-len(one[1]), one[0])))


@lru_cache(1_000)
def _head(prefixes: tuple[Prefix, ...]) -> str:
    return "".join(f"@prefix {name}: <{namespace}> .\n" for name, namespace in prefixes)
