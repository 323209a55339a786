"""JSON-LD contexts: the one that is bundled, and enough of an understanding of a file's own.

Nothing is ever fetched. A context by address is taken from here, or refused. A file's own contexts
are the parser's to apply (https://www.w3.org/TR/json-ld11-api/); what is followed here, to tell
places and what would be lost in silence, is `@vocab`, `@base`, terms, prefixes, type coercion and
aliases of keywords.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from functools import cache
from pathlib import Path
from typing import Any
from urllib.parse import urljoin

import pyoxigraph as ox

from ..errors import UnreadableInput
from ..i18n import Message
from ..namespaces import BASE, DEF, OWL, PREFIXES, RDF, RDFS, XSD
from . import encoding
from .json_scan import Value
from .lines import Lines
from .syntax import printable

#: The address of the bundled context. It maps coi-graph's prefixes, and its terms by their names.
CONTEXT = BASE + "context.jsonld"
_FILE = Path(__file__).parent / "contexts" / "coi.jsonld"
# Containers, and what else makes a value stand elsewhere than under its key.
_FOLLOWED = {"@set", "@list", "@language"}


@cache
def bundled(address: str) -> str | None:
    """The context at ``address`` as JSON, None where it is not bundled."""
    return json.dumps(json.loads(document())["@context"]) if address == CONTEXT else None


def document() -> str:
    """The document that is bundled, as JSON-LD processors elsewhere read it."""
    return _FILE.read_text(encoding="utf-8")


def make(ontology: Iterable[ox.Triple]) -> dict[str, Any]:
    """The bundled context, from the ontology's statements: prefixes, classes and properties.

    A property with `owl:ObjectProperty` takes IRIs, one with a range of XML Schema its datatype.
    """
    kinds: dict[str, set[str]] = {}
    ranges: dict[str, str] = {}
    for subject, predicate, value in ontology:
        if not isinstance(subject, ox.NamedNode) or not subject.value.startswith(DEF):
            continue
        if predicate.value == RDF + "type" and isinstance(value, ox.NamedNode):
            kinds.setdefault(subject.value, set()).add(value.value)
        if predicate.value == RDFS + "range" and isinstance(value, ox.NamedNode):
            ranges[subject.value] = value.value
    terms: dict[str, Any] = {}
    for iri in sorted(kinds):
        name = iri.removeprefix(DEF)
        if OWL + "ObjectProperty" in kinds[iri]:
            terms[name] = {"@id": f"coi:{name}", "@type": "@id"}
        elif OWL + "DatatypeProperty" in kinds[iri] and _is_datatype(ranges.get(iri, "")):
            terms[name] = {"@id": f"coi:{name}", "@type": f"xsd:{ranges[iri][len(XSD) :]}"}
        elif kinds[iri] & {OWL + "Class", OWL + "DatatypeProperty", RDFS + "Class"}:
            terms[name] = f"coi:{name}"
    return {"@context": {"id": "@id", "type": "@type", **PREFIXES, **terms}}


def _is_datatype(iri: str) -> bool:
    return iri.startswith(XSD) and iri != XSD + "string"


def with_contexts(lines: Lines, root: Value) -> str:
    """The text with bundled contexts in the place of their addresses.

    Raises `UnreadableInput` at the first context that would have to be fetched.
    """
    text, parts, done = lines.text, [], 0
    for value in _addresses(root):
        content = bundled(value.text or "")
        if content is None:
            place = lines.place(value.start)
            raise UnreadableInput(
                Message(
                    "%(file)s, line %(line)s, column %(column)s: the context “%(address)s” is"
                    " elsewhere, and nothing is fetched",
                    file=lines.file,
                    line=place.line,
                    column=place.column,
                    address=printable(value.text or "")[:200],
                ),
                remedy=Message(
                    "Write the context itself into the file, or name the one that is known here:"
                    " %(context)s",
                    context=CONTEXT,
                ),
                excerpt=lines.excerpt(value.start),
                **encoding.where(place),
            )
        parts += [text[done : value.start], content]
        done = value.end
    return "".join([*parts, text[done:]]) if parts else text


def _addresses(root: Value) -> list[Value]:
    """Each text that stands for a context, in the order of the file."""
    texts: dict[int, Value] = {}
    waiting = [root]
    while waiting:
        value = waiting.pop()
        waiting += [member for _, _, member in value.members or ()]
        waiting += value.items or []
        for key, _, member in value.members or ():
            if key in ("@context", "@import"):
                texts |= {one.start: one for one in member.flat() if one.text is not None}
    return [texts[start] for start in sorted(texts)]


@dataclass(frozen=True, slots=True)
class Context:
    """What is in force at one place of a file."""

    terms: dict[str, str | None] = field(default_factory=dict)
    iri_typed: frozenset[str] = frozenset()  # terms whose texts are IRIs
    language_maps: frozenset[str] = frozenset()
    reverse: frozenset[str] = frozenset()
    vocab: str | None = None
    base: str | None = None
    exotic: bool = False  # has something that is not followed here

    def extended(self, given: Value | None) -> Context:
        """With a value of `@context` laid over it."""
        context = self
        for one in () if given is None else given.flat():
            if one.text is not None:
                inlined = bundled(one.text)
                members = json.loads(inlined) if inlined else {}
            elif one.word == "null":
                context, members = Context(base=self.base), {}
            else:
                members = _plain(one)
            context = context._over(members)
        return context

    def _over(self, members: dict[str, Any]) -> Context:
        terms, iri_typed = {**self.terms}, set(self.iri_typed)
        maps, reverse = set(self.language_maps), set(self.reverse)
        vocab, base, exotic = self.vocab, self.base, self.exotic
        for name, value in members.items():
            if name == "@vocab":
                vocab = value if isinstance(value, str) else None
            elif name == "@base":
                base = value if isinstance(value, str) else None
            elif name.startswith("@"):
                exotic = exotic or name in ("@import", "@propagate")
            elif isinstance(value, dict):
                terms[name] = value.get("@reverse", value.get("@id", name))
                container = value.get("@container", [])
                containers = {container} if isinstance(container, str) else {*container}
                exotic = exotic or bool(containers - _FOLLOWED or "@context" in value)
                for has, names in (
                    (value.get("@type") in ("@id", "@vocab"), iri_typed),
                    ("@language" in containers, maps),
                    ("@reverse" in value, reverse),
                ):
                    (names.add if has else names.discard)(name)
            else:
                terms[name] = value if isinstance(value, str) else None
                iri_typed.discard(name)
        return replace(
            self,
            terms=terms,
            iri_typed=frozenset(iri_typed),
            language_maps=frozenset(maps),
            reverse=frozenset(reverse),
            vocab=vocab,
            base=base,
            exotic=exotic,
        )

    def keyword(self, key: str) -> str:
        """The keyword that ``key`` is an alias of; else ``key``."""
        meant = self.terms.get(key)
        return meant if meant is not None and meant.startswith("@") else key

    def expand(self, name: str, *, vocab: bool, hops: int = 10) -> str | None:
        """The IRI that ``name`` means, as a key or a type (``vocab``) or as an `@id`; it may be
        none that is valid. None where it means nothing."""
        if vocab and name in self.terms:
            meant = self.terms[name]
            if meant is None or meant == name or hops == 0:
                return meant if meant is not None and ":" in meant else self._in_vocab(name)
            return self.expand(meant, vocab=True, hops=hops - 1)
        prefix, colon, local = name.partition(":")
        if colon:
            if not local.startswith("//") and self.terms.get(prefix) and hops:
                start = self.expand(prefix, vocab=True, hops=hops - 1)
                return None if start is None else start + local
            return name
        if vocab:
            return self._in_vocab(name)
        return urljoin(self.base, name) if self.base else name

    def _in_vocab(self, name: str) -> str | None:
        return None if self.vocab is None else self.vocab + name


def _plain(value: Value) -> Any:
    """The same as Python's own values; a context is small and not deep."""
    if value.members is not None:
        return {key: _plain(member) for key, _, member in value.members}
    if value.items is not None:
        return [_plain(item) for item in value.items]
    return value.text if value.text is not None else value.word == "true"
