"""Names, fields and lists of a release, for reports."""

from __future__ import annotations

import difflib
import re
from typing import Any

from rdflib import Graph
from rdflib.namespace import RDFS, SH, SKOS
from rdflib.term import Literal, Node, URIRef

from ..i18n import LANGUAGES
from ..namespaces import OA
from . import field as fields
from .field import Choice, Field
from .report import name_of


class Vocabulary:
    """Names, fields and lists of one release; looked up once, so that the next report is quick.

    Reads published data only: what one contributor sends must not reach another's report.
    """

    def __init__(self, shapes: Graph, published: Graph) -> None:
        self.shapes = shapes
        self.published = published
        self._fields: dict[Node, Field] = {}
        self._members: dict[Choice, list[Node]] = {}
        self._names: dict[Node, dict[str, str]] = {}
        self._sources: dict[Node, dict[str, Any]] = {}

    def field(self, shape: Node) -> Field:
        if shape not in self._fields:
            self._fields[shape] = fields.read(self.shapes, shape)
        return self._fields[shape]

    def members(self, choice: Choice) -> list[Node]:
        if choice not in self._members:
            self._members[choice] = fields.members(choice, self.published)
        return self._members[choice]

    def values(self, field: Field) -> list[Node]:
        """All values to choose from, over the alternatives."""
        found = dict.fromkeys(one for choice in field.choices for one in self.members(choice))
        return [one for one in found if one not in field.excluded]

    def names(self, node: Node) -> dict[str, str]:
        """What a published thing, a class or a shape is called, in each language."""
        if node not in self._names:
            graph = self.shapes if (node, RDFS.label, None) in self.shapes else self.published
            self._names[node] = {lang: name_of(graph, node, lang) for lang in LANGUAGES}
        return self._names[node]

    def field_names(self, shape: Node) -> dict[str, str]:
        """What the shape, or the ontology, calls its field; the shape's own label without one."""
        named = {
            name.language: str(name)
            for name in self.shapes.objects(shape, SH.name)
            if isinstance(name, Literal) and name.language
        }
        path = self.shapes.value(shape, SH.path)
        others = self.names(path if isinstance(path, URIRef) else shape)
        return {lang: named.get(lang) or others[lang] for lang in LANGUAGES}

    def rule_names(self, shape: Node) -> dict[str, str]:
        """The shape's label; what it calls its field where it has none."""
        names = self.names(shape)
        return self.field_names(shape) if names["en"] == str(shape) else names

    def example(self, shape: Node) -> dict[str, str] | None:
        """What the shape itself gives as an example (`skos:example`), for people."""
        given = {
            str(text.language): str(text)
            for text in self.shapes.objects(shape, SKOS.example)
            if isinstance(text, Literal)
        }
        if not given:
            return None
        other = given.get("en") or next(iter(given.values()))
        return {lang: given.get(lang) or other for lang in LANGUAGES}

    def because(self, source: Node) -> dict[str, Any]:
        """What asks for a constraint: a sentence of the framework with its own words
        (`oa:Annotation`), or another document."""
        if source not in self._sources:
            names = self.names(source)
            self._sources[source] = {
                "iri": str(source),
                "title": None if names["en"] == str(source) else names,
                "quote": self._quote(source),
            }
        return self._sources[source]

    def _quote(self, source: Node) -> str | None:
        for target in self.published.objects(source, URIRef(OA + "hasTarget")):
            for selector in self.published.objects(target, URIRef(OA + "hasSelector")):
                exact = self.published.value(selector, URIRef(OA + "exact"))
                if exact is not None:
                    return str(exact)
        return None

    def nearest(self, field: Field, found: Node | None) -> Node | None:
        """The value that was probably meant: “did you mean”."""
        if found is None:
            return None
        wanted = _plain(_last_part(str(found)))
        spelled: dict[str, Node] = {}
        for value in self.values(field):
            names = list(self.names(value).values())
            names += map(str, self.published.objects(value, SKOS.notation))
            names += map(str, self.published.objects(value, SKOS.altLabel))
            for name in (*names, _last_part(str(value))):
                spelled.setdefault(_plain(name), value)
        if wanted in spelled:
            return spelled[wanted]
        close = difflib.get_close_matches(wanted, spelled, n=1, cutoff=0.75)
        return spelled[close[0]] if close else None


def _last_part(text: str) -> str:
    return re.split(r"[/#]", text.rstrip("/#"))[-1] if "://" in text else text


def _plain(text: str) -> str:
    return re.sub(r"[\W_]+", " ", text).strip().lower()
