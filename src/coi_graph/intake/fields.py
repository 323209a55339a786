"""Shapes → the fields of each kind of record (https://www.w3.org/TR/shacl/).

A property shape with a `sh:group` describes a field of a form; one without is a further rule on a
field: a Warning or an Info that asks for a value makes the field *wanted*, and a rule in SPARQL
that reports a path is a note on that field.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import replace

import pyoxigraph as ox

from ..namespaces import DEF, GRAPH, ID, ORG, PREFIXES, QB, RDF, RDFS, SH, SHAPES, SKOS, XSD
from ..store import Store
from . import known
from .names import Choice, Field, Kind, Labels, Names, ValueKind
from .shape_graph import ShapeGraph

#: Kinds of contribution: key, class, path of the IRIs below ``id/``; in the order of a menu.
KINDS = (
    ("activity", DEF + "Activity", "activity"),
    ("collaboration", DEF + "Collaboration", "activity"),
    ("innovation", DEF + "Innovation", "innovation"),
    ("initiative", DEF + "InnovativeInitiative", "initiative"),
    ("spread-case", DEF + "SpreadCase", "spread-case"),
    ("evaluation", DEF + "Evaluation", "evaluation"),
    ("internship", DEF + "InternshipStay", "internship"),
    ("change-claim", DEF + "ChangeClaim", "change-claim"),
    ("observation", QB + "Observation", "observation"),
    ("workplace", DEF + "Workplace", "workplace"),
    ("organisation", ORG + "FormalOrganization", "organisation"),
)
#: Records that belong to one other record and hang below its IRI. No shape says so.
PARTS = (("continuation", DEF + "Continuation"), ("learning-sharing", DEF + "LearningSharing"))
#: Fields that are records of their own which no shape describes: not for a table.
_LEFT_OUT = {PREFIXES["adms"] + "Identifier"}
#: What a rule looks at, but no shape describes: the country tells whether a participant is Danish.
_BORROWED = {"organisation": (SHAPES + "Workplace-country",)}
_HOSTS = {"co-pi.dk": "CO-PI", "coi.dk": "COI", "data.europa.eu": "EU", "w3.org": "W3C"}
_EVERY_KIND = DEF + "Activity"  # a shape that aims at this and at most others is for all of them
_DATATYPES = {
    XSD + "integer": ValueKind.INTEGER,
    XSD + "nonNegativeInteger": ValueKind.INTEGER,
    XSD + "decimal": ValueKind.DECIMAL,
    XSD + "date": ValueKind.DATE,
    XSD + "dateTime": ValueKind.DATETIME,
    XSD + "gYear": ValueKind.YEAR,
    XSD + "boolean": ValueKind.BOOLEAN,
    XSD + "string": ValueKind.STRING,
}
_REPORTED = re.compile(r"(?:\(|BIND\s*\(\s*)\s*([\w-]+:[\w-]+)\s+AS\s+\?path\b")
_MANY_EXAMPLES = 2


def names_of(store: Store) -> Names:
    """All that can be known of the release in ``store`` for tables and forms."""
    return _Reading(store).names()


class _Reading:
    """One pass over a release."""

    def __init__(self, store: Store) -> None:
        self.store = store
        self.shapes = ShapeGraph(store)
        self.lists = known.Lists(store)
        shown = (GRAPH + "data/examples/", GRAPH + "data/barometer/")
        self.graphs = [name for name in store.graph_names() if name.startswith(shown)]
        self.parts = {iri: key for key, iri in PARTS}
        self.own = {iri for _, iri, _ in KINDS}

    def names(self) -> Names:
        records: dict[str, Kind] = {}
        for key, iri, path in KINDS:
            kind = self._kind(key, iri, path)
            if kind.fields:
                records[key] = kind
                self.lists.of_classes([iri])
        for key, iri in PARTS:
            if any(field.part == key for kind in records.values() for field in kind.fields):
                records[key] = self._kind(key, iri, "")
        return Names(records, self.lists)

    def _kind(self, key: str, iri: str, path: str) -> Kind:
        below = [one for one in self.shapes.subclasses(iri) if one not in self.own]
        types = [iri, *below] if below and iri.startswith(DEF) else []
        fields: dict[str, Field] = {}
        for shape in self.shapes.property_shapes([iri, *self.shapes.superclasses(iri)]):
            self._add(fields, shape, ())
        for one in types[1:]:
            for shape in self.shapes.property_shapes([one]):
                self._add(fields, shape, (one,))
        if iri in self.shapes.all_targets_with(_EVERY_KIND):
            for shape in self.shapes.for_any_subject():
                self._add(fields, shape, ())
        for shape in _BORROWED.get(key, ()):
            path_ = self.shapes.iri(shape, SH + "path")
            if path_ is not None:
                field = self._field(shape, path_, required=False, only_for=())
                fields[path_] = replace(field, wanted=True)
        for path_, notes in self._notes(iri, types).items():
            if path_ in fields:
                fields[path_] = replace(fields[path_], notes=notes)
        labels, description = self.shapes.heading(iri)
        return Kind(
            key,
            iri,
            path,
            labels or known.labels_of(self.store, iri),
            description,
            tuple(sorted(fields.values(), key=lambda one: (one.order, one.path))),
            tuple(Choice(one, known.labels_of(self.store, one)) for one in types),
            self._examples([*types[1:], iri]) if fields else (),
        )

    def _add(self, fields: dict[str, Field], shape: str, only_for: tuple[str, ...]) -> None:
        path = self.shapes.iri(shape, SH + "path")
        if path is None or self.shapes.iri(shape, SH + "class") in _LEFT_OUT:
            return
        if self.shapes.number(shape, SH + "maxCount") == 0:
            return  # a field that must not be
        asks = max(
            self.shapes.number(shape, SH + "minCount") or 0,
            self.shapes.number(shape, SH + "qualifiedMinCount") or 0,
        )
        blocks = self.shapes.iri(shape, SH + "severity") in (None, SH + "Violation")
        if path in fields:
            if asks and not blocks:
                fields[path] = replace(fields[path], wanted=True)
            elif asks and not only_for:
                fields[path] = replace(fields[path], required=True)
        elif self.shapes.iri(shape, SH + "group") is not None:
            fields[path] = self._field(
                shape, path, required=bool(asks and blocks), only_for=only_for
            )

    def _field(self, shape: str, path: str, *, required: bool, only_for: tuple[str, ...]) -> Field:
        value, lists, part = self._value(shape, path)
        group = self.shapes.iri(shape, SH + "group") or ""
        order = (self.shapes.number(group, SH + "order"), self.shapes.number(shape, SH + "order"))
        most = self.shapes.number(shape, SH + "maxCount")
        return Field(
            path=path,
            shape=shape,
            labels=self.shapes.texts(shape, SH + "name"),
            description=self.shapes.texts(shape, SH + "description"),
            value=value,
            required=required and not only_for,
            least=int(self.shapes.number(shape, SH + "minCount") or 0) if required else 0,
            required_for=only_for if required else (),
            many=value in (ValueKind.THING, ValueKind.LINK, ValueKind.PART) and most != 1,
            languages=self.shapes.languages(shape) if value is ValueKind.TEXT else (),
            lists=lists,
            part=part,
            group=self.shapes.texts(group, RDFS + "label"),
            order=(int(order[0] or 99), int(order[1] or 99)),
            minimum=self.shapes.number(shape, SH + "minInclusive"),
            maximum=self.shapes.number(shape, SH + "maxInclusive"),
            asked_by=self._asked_by(self.shapes.iri(shape, PREFIXES["dct"] + "source")),
        )

    def _value(self, shape: str, path: str) -> tuple[ValueKind, tuple[str, ...], str | None]:
        """(what the values are, the lists they come from, the part's kind)"""
        if self.shapes.one(shape, SH + "languageIn") is not None:
            return ValueKind.TEXT, (), None
        datatype = self.shapes.iri(shape, SH + "datatype")
        if datatype is not None:
            return _DATATYPES.get(datatype, ValueKind.STRING), (), None
        one_class = self.shapes.iri(shape, SH + "class")
        if one_class in self.parts:
            return ValueKind.PART, (), self.parts[one_class]
        lists = tuple(dict.fromkeys(self._lists(shape, path)))
        if self.shapes.iri(shape, SH + "nodeKind") == SH + "IRI" and not lists:
            return ValueKind.LINK, self._documents(), None
        if not lists:
            lists = (self.lists.in_use(path),)
        return ValueKind.THING, lists, None

    def _lists(self, shape: str, path: str) -> Iterator[str]:
        members = self.shapes.members(shape, SH + "in")
        if members:
            iris = [m.value for m in members if isinstance(m, ox.NamedNode)]
            yield self.lists.of_members(iris, f"in:{path}")
        one_class = self.shapes.iri(shape, SH + "class")
        if one_class == SKOS + "Concept":  # every concept there is: no list to choose from
            yield self.lists.in_use(path)
        elif one_class is not None:
            yield self.lists.of_classes([one_class])
        node = self.shapes.iri(shape, SH + "node")
        if node is not None:
            yield from self._node_lists(node)
        classes = []
        for member in self.shapes.members(shape, SH + "or"):
            inner = self.shapes.iri(member, SH + "class")
            inner_node = self.shapes.iri(member, SH + "node")
            if inner is not None:
                classes.append(inner)
            elif inner_node is not None:
                yield from self._node_lists(inner_node)
        for one in classes:
            yield self.lists.of_classes([one])

    def _node_lists(self, node: str) -> Iterator[str]:
        """The lists behind `sh:node`: a scheme's codes, or the things of some classes."""
        for prop in self.shapes.iris(node, SH + "property"):
            scheme = self.shapes.iri(prop, SH + "hasValue")
            if self.shapes.iri(prop, SH + "path") == SKOS + "inScheme" and scheme is not None:
                yield self.lists.of_scheme(scheme)
        classes = [
            inner
            for member in self.shapes.members(node, SH + "or")
            if (inner := self.shapes.iri(member, SH + "class")) is not None
        ]
        if classes:
            yield self.lists.of_classes(classes)

    def _documents(self) -> tuple[str, ...]:
        """What a link may name by its title: documents, and the records that others cite."""
        classes = (PREFIXES["foaf"] + "Document", DEF + "Evaluation", DEF + "SpreadCase")
        return tuple(self.lists.of_classes([one]) for one in classes)

    def _notes(self, iri: str, types: Iterable[str]) -> dict[str, tuple[Labels, ...]]:
        """Path → what rules in SPARQL say of it under a condition."""
        found: dict[str, tuple[Labels, ...]] = {}
        classes = {iri, *self.shapes.superclasses(iri), *types}
        for shape in self.shapes.node_shapes(classes):
            for constraint in self.shapes.objects(shape, SH + "sparql"):
                select = self.shapes.literal(constraint, SH + "select") or ""
                for name in dict.fromkeys(_REPORTED.findall(select)):
                    prefix, _, local = name.partition(":")
                    note = self.shapes.texts(shape, RDFS + "comment")
                    if prefix in PREFIXES and note:
                        path = PREFIXES[prefix] + local
                        found[path] = (*found.get(path, ()), note)
        return found

    def _asked_by(self, source: str | None) -> Labels:
        if source is None:
            return {}
        if source == DEF:
            return {"da": "coi-graph", "en": "coi-graph"}
        if source.startswith(ID + "passage/"):  # a sentence of the framework
            source = ID + "framework/strategic-framework-2017"
        labels = known.labels_of(self.store, source)
        host = re.match(r"https?://(?:www\.)?([^/]+)", source)
        name = _HOSTS.get(host[1], host[1]) if host else ""
        return labels or ({"da": name, "en": name} if name else {})

    def _examples(self, classes: list[str]) -> tuple[dict[str, tuple[object, ...]], ...]:
        """Invented records of just these classes, if the release has its examples; of the
        barometer, published figures. Their own IRI stands under ""."""
        found = []
        subjects = sorted(
            quad.subject.value
            for iri in classes
            for graph in self.graphs
            for quad in self.store.quads(None, ox.NamedNode(RDF + "type"), ox.NamedNode(iri), graph)
            if isinstance(quad.subject, ox.NamedNode)
        )
        for subject in subjects[:_MANY_EXAMPLES]:
            record: dict[str, tuple[object, ...]] = {"": (subject,)}
            for quad in sorted(self.store.quads(ox.NamedNode(subject)), key=str):
                path = quad.predicate.value
                record[path] = (*record.get(path, ()), quad.object)
            found.append(record)
        return tuple(found)
