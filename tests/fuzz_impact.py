"""Edits made at random, and what full pySHACL says of them beside what the impact analysis says.

    python tests/fuzz_impact.py --edits 10000 --seed 2017

Small graphs hold what the fixtures and the invented examples hold, a few records at a time, with
the whole class hierarchy, so that every shape has something to look at and a full run takes little.
``--shipped N``: so many edits of the whole graph that is published, as well.

The reference is pySHACL's own `Validator`, run over the whole graph. Where it raises, or where it
differs, the corrected comparison of `coi_graph.validation.queries` is the reference instead, and
the difference is printed: only rdflib's comparison of unlike datatypes may explain it.
"""

from __future__ import annotations

import argparse
import logging
import random
import sys
import time
import warnings
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pyoxigraph as ox
from pyshacl.graph_abstraction import DataGraph
from pyshacl.shapes_graph import ShapesGraph
from pyshacl.validator import Validator
from rdflib import Graph, Literal, URIRef
from rdflib.namespace import RDF, RDFS, SKOS, XSD
from rdflib.term import BNode, Node

from coi_graph.intake import sources
from coi_graph.namespaces import DEF, GRAPH, ID
from coi_graph.store import Store
from coi_graph.validation import impact, read_paths, report
from coi_graph.validation.engine import PreparingGraph
from coi_graph.validation.guarded import FixedGraph
from coi_graph.validation.impact import Checked, Checker, Full
from coi_graph.validation.judge import Judge
from coi_graph.validation.report import Result
from coi_graph.validation.terms import to_graph, to_oxigraph
from environment import ROOT
from shapes import shape_files

HERE, THERE = GRAPH + "fuzz/here", GRAPH + "fuzz/there"
Triple = tuple[Node, Node, Node]

LITERALS = [
    Literal("møde", lang="da"), Literal("meeting", lang="en"), Literal("Sitzung", lang="de"),
    Literal("plain"), Literal(""), Literal("skriv til navn@example.org", lang="da"),
    Literal("010170-1234"), Literal("10150817"), Literal("29190623"), Literal("0101"),
    Literal("2017-05-01", datatype=XSD.date), Literal("2017-13-45", datatype=XSD.date),
    Literal("2017-05-01T09:00:00+02:00", datatype=XSD.dateTime),
    Literal("2016-05-01T09:00:00", datatype=XSD.dateTime),
    Literal("2017", datatype=XSD.gYear), Literal("12", datatype=XSD.integer),
    Literal("-3", datatype=XSD.integer), Literal("12.5", datatype=XSD.decimal),
    Literal("150", datatype=XSD.decimal), Literal("true", datatype=XSD.boolean),
    Literal("many", datatype=XSD.integer),
]  # fmt: skip


@dataclass
class Material:
    """What edits are made of."""

    records: list[list[Triple]]
    hierarchy: list[Triple]
    about: dict[Node, list[Triple]]
    predicates: list[Node]
    classes: list[Node]
    codes: list[Node]


def material() -> Material:
    shipped = list(sources.find(ROOT, examples=True))
    data = Graph()
    for source in shipped:
        if not source.graph.startswith(GRAPH + "shapes/"):
            to_graph(sources.read(source), data)
    records = [_record(path) for path in sorted(shape_files.FIXTURES.rglob("*.ttl"))]
    about: dict[Node, list[Triple]] = {}
    for triple in sorted(data):
        about.setdefault(triple[0], []).append(triple)
    for subject, triples in about.items():
        if str(subject).startswith(ID) and len(triples) < 40:
            nested = [t for _, _, o in triples if isinstance(o, BNode) for t in about.get(o, ())]
            records.append(triples + nested)
    shapes = shape_files.shapes()
    classes = sorted(
        {o for o in shapes.objects(None, None) if str(o).startswith(DEF)}
        | set(data.subjects(RDFS.subClassOf)),
        key=str,
    )
    read = {p for t in records for _, p, _ in t} | {SKOS.broader, RDF.first, RDF.rest}
    read |= {link for link in read_paths.derive(Judge(shapes)).links if link is not None}
    return Material(
        records=[one for one in records if one],
        hierarchy=sorted(data.triples((None, RDFS.subClassOf, None))),
        about=about,
        predicates=sorted(read - {RDFS.subClassOf}, key=str),
        classes=classes,
        codes=sorted({s for s in about if str(s).startswith(ID)}, key=str),
    )


def _record(path: Path) -> list[Triple]:
    """A fixture's data, without what it says of itself."""
    graph = shape_files.read(path)
    waiting: list[Node] = [URIRef(path.as_uri())]
    while waiting:
        node = waiting.pop()
        for triple in list(graph.triples((node, None, None))):
            graph.remove(triple)
            if isinstance(triple[2], BNode):
                waiting.append(triple[2])
    graph.remove((None, RDFS.subClassOf, None))
    return sorted(graph)


def small_graph(random_: random.Random, of: Material) -> set[Triple]:
    """A few records, what they refer to, and the class hierarchy."""
    graph = {triple for one in random_.sample(of.records, 5) for triple in one}
    for _, _, value in list(graph):
        known = of.about.get(value, ())
        graph.update(known if len(known) < 10 else [t for t in known if t[1] == RDF.type])
    return graph | set(of.hierarchy)


@dataclass
class Edit:
    """An edit of a graph: what it adds and takes away."""

    random: random.Random
    of: Material
    graph: set[Triple]
    subjects: list[Node]
    added: set[Triple] = field(default_factory=set)
    removed: set[Triple] = field(default_factory=set)
    count: int = 0

    def make(self) -> None:
        kinds = [
            self.add, self.add, self.delete, self.delete, self.replace, self.retype, self.copy,
            self.drop, self.record, self.list, self.blank, self.link,
        ]  # fmt: skip
        for _ in range(self.random.choice((1, 1, 1, 2, 3, 6))):
            self.random.choice(kinds)()
        self.removed -= self.added
        self.added -= self.graph
        # A changed hierarchy is a whole run, which is tested elsewhere.
        self.added = {one for one in self.added if one[1] != RDFS.subClassOf}

    def subject(self) -> Node:
        return self.random.choice(self.subjects)

    def any(self) -> Triple:
        return self.random.choice(self.triples)

    @property
    def triples(self) -> list[Triple]:
        return self.choices

    choices: list[Triple] = field(default_factory=list)

    def value(self) -> Node:
        return self.random.choice(
            (
                self.random.choice(LITERALS), self.subject(), self.random.choice(self.of.codes),
                self.any()[2],
            )
        )  # fmt: skip

    def new(self) -> Node:
        self.count += 1
        return URIRef(f"https://example.org/new-{self.count}")

    def add(self) -> None:
        predicate = self.random.choice((self.any()[1], self.random.choice(self.of.predicates)))
        self.added.add((self.subject(), predicate, self.value()))

    def delete(self) -> None:
        self.removed.add(self.any())

    def replace(self) -> None:
        subject, predicate, value = self.any()
        self.removed.add((subject, predicate, value))
        self.added.add((subject, predicate, self.value()))

    def retype(self) -> None:
        subject = self.subject()
        for triple in self.triples:
            if triple[0] == subject and triple[1] == RDF.type and self.random.random() < 0.7:
                self.removed.add(triple)
        self.added.add((subject, RDF.type, self.random.choice(self.of.classes)))

    def copy(self) -> None:
        """The same under another name: a repeated identifier, for one."""
        subject, new = self.subject(), self.new()
        for _, predicate, value in [t for t in self.triples if t[0] == subject]:
            self.added.add((new, predicate, value))

    def drop(self) -> None:
        subject = self.subject()
        self.removed.update(t for t in self.triples if subject in (t[0], t[2]))

    def record(self) -> None:
        self.added.update(self.random.choice(self.of.records))

    def list(self) -> None:
        nodes: list[Node] = [BNode(f"list{self.count}x{i}") for i in range(2)]
        self.count += 1
        self.added.add((self.subject(), self.random.choice(self.of.predicates), nodes[0]))
        for node, rest in zip(nodes, [*nodes[1:], RDF.nil], strict=True):
            self.added.add((node, RDF.first, self.value()))
            self.added.add((node, RDF.rest, rest))

    def blank(self) -> None:
        node = BNode(f"blank{self.count}")
        self.count += 1
        _, predicate, _ = self.any()
        self.added.add((self.subject(), predicate, node))
        self.added.add((node, RDF.type, self.random.choice(self.of.classes)))
        self.added.add((node, self.random.choice(self.of.predicates), self.value()))

    def link(self) -> None:
        """From one record to another, along a predicate that links."""
        links = [t for t in self.triples if isinstance(t[2], URIRef)]
        self.added.add((self.subject(), self.random.choice(links)[1], self.subject()))


class Reference:
    """pySHACL over the whole graph; its shapes are read once."""

    def __init__(self, shapes: Graph, judge: Judge) -> None:
        logging.getLogger("pyshacl").setLevel(logging.CRITICAL)
        self._shapes = shapes
        self._judge = judge
        # `FixedGraph` looks each thing up once; all else is pySHACL's own way.
        self._parsed = ShapesGraph(FixedGraph(shapes))
        self.explained: Counter[str] = Counter()

    def results(self, data: Graph) -> set[Result] | None:
        """None where pySHACL gives up."""
        run = Validator(DataGraph.from_rdflib(data), shacl_graph=Graph(), options={"inplace": True})
        run.shacl_graph = self._parsed
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            try:
                _, graph, _ = run.run()
            except Exception:
                return None
        assert isinstance(graph, Graph)
        return set(report.from_pyshacl(graph, self._shapes, data).results)

    def corrected(self, data: Graph) -> set[Result]:
        return set(report.from_pyshacl(self._judge.whole(data), self._shapes, data).results)


@dataclass
class Tally:
    edits: int = 0
    full: int = 0
    with_new: int = 0
    with_mended: int = 0
    new: int = 0
    mended: int = 0
    shapes: set[Node] = field(default_factory=set)
    wrong: list[str] = field(default_factory=list)
    gave_up: int = 0
    comparisons: int = 0


class Fuzz:
    def __init__(self, seed: int) -> None:
        self.random = random.Random(seed)
        self.of = material()
        self.shapes = shape_files.shapes()
        self.data = PreparingGraph()
        self.checker = Checker(Store.in_memory(), self.shapes)
        self.judge = Judge(self.shapes)
        self.reference = Reference(self.shapes, self.judge)
        self.tally = Tally()

    def run(self, edits: int, each: int = 100) -> Iterator[Tally]:
        """``each`` edits of one graph, then another graph."""
        while self.tally.edits < edits:
            graph = small_graph(self.random, self.of)
            self.edit(graph, min(each, edits - self.tally.edits), self.random.random() < 0.5)
            yield self.tally

    def shipped(self, edits: int, together: int = 1) -> None:
        """``together``: so many edits make one change, as a full run takes half a minute."""
        graph = set(self.of.hierarchy)
        for triples in self.of.about.values():
            graph.update(triples)
        self.edit(graph, edits, split=False, together=together)

    def edit(self, triples: set[Triple], edits: int, split: bool, together: int = 1) -> None:
        """``split``: the triples are in two named graphs, some in both."""
        held = [(triple, HERE) for triple in sorted(triples)]
        if split:
            held = [(t, self.random.choice((HERE, THERE))) for t, _ in held]
            held += [(t, HERE) for t, g in held if g == THERE and self.random.random() < 0.2]
        store = Store.in_memory(_quad(t, g) for t, g in held)
        data = self.data
        for triple in set(data):
            data.remove(triple)
        to_graph(store.quads(), data)
        base = set(data)
        # Every other graph's pairs are screened, as a large contribution's are.
        screened_from = self.random.choice((0, impact.SCREENED_FROM))
        checker = Checker(store, rules=self.checker.rules, screened_from=screened_from)
        was, was_corrected = self.reference.results(data), self.reference.corrected(data)
        subjects = sorted({s for s, p, _ in base if p != RDFS.subClassOf}, key=str)
        choices = sorted(t for t in base if t[1] != RDFS.subClassOf)
        for _ in range(edits // together):
            edit = Edit(self.random, self.of, base, subjects, choices=choices)
            for _ in range(together):
                edit.make()
            self.tally.edits += together
            removed = [_quad(t, g) for t in sorted(edit.removed) for g in (HERE, THERE)]
            checked = checker.check([_quad(t, HERE) for t in sorted(edit.added)], removed)
            for triple in edit.removed:
                data.remove(triple)
            for triple in edit.added:
                data.add(triple)
            now = self.reference.results(data)
            self.compare(edit, checked, was, now, was_corrected, data)
            for triple in edit.added:
                data.remove(triple)
            for triple in edit.removed & base:
                data.add(triple)

    def compare(
        self, edit: Edit, checked: Checked, was: set[Result] | None, now: set[Result] | None,
        was_corrected: set[Result], data: Graph,
    ) -> None:  # fmt: skip
        tally = self.tally
        tally.full += isinstance(checked.scope, Full)
        new, mended = set(checked.report.results), set(checked.mended.results)
        if was is None or now is None or new != now - was or mended != was - now:
            corrected = self.reference.corrected(data)
            if new != corrected - was_corrected or mended != was_corrected - corrected:
                tally.wrong.append(
                    _told(edit, checked, corrected - was_corrected, was_corrected - corrected)
                )
            elif was is None or now is None:
                tally.gave_up += 1
            else:
                tally.comparisons += 1
                for one in now ^ corrected:
                    self.reference.explained[f"{one.shape} {one.component}"] += 1
        tally.with_new += bool(new)
        tally.with_mended += bool(mended)
        tally.new += len(new)
        tally.mended += len(mended)
        tally.shapes.update(one.shape for one in new | mended)


def _told(edit: Edit, checked: Checked, new: set[Result], mended: set[Result]) -> str:
    lines = [f"+ {' '.join(t.n3() for t in triple)}" for triple in sorted(edit.added)]
    lines += [f"- {' '.join(t.n3() for t in triple)}" for triple in sorted(edit.removed)]
    for name, ours, theirs in (
        ("new", set(checked.report.results), new), ("mended", set(checked.mended.results), mended),
    ):  # fmt: skip
        lines += [f"{name} missed: {one}" for one in theirs - ours]
        lines += [f"{name} made up: {one}" for one in ours - theirs]
    return "\n".join(lines)


def _quad(triple: Triple, graph: str) -> ox.Quad:
    subject, predicate, value = (to_oxigraph(term) for term in triple)
    return ox.Quad(subject, predicate, value, ox.NamedNode(graph))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--edits", type=int, default=10_000)
    parser.add_argument("--shipped", type=int, default=0)
    parser.add_argument("--together", type=int, default=1, help="of these so many in one change")
    parser.add_argument("--seed", type=int, default=2017)
    arguments = parser.parse_args()
    started = time.monotonic()
    fuzz = Fuzz(arguments.seed)
    if arguments.shipped:
        fuzz.shipped(arguments.shipped, arguments.together)
    for tally in fuzz.run(arguments.edits + fuzz.tally.edits):
        print(f"{tally.edits} edits, {len(tally.wrong)} wrong, {time.monotonic() - started:.0f} s",
              flush=True)  # fmt: skip
    tally = fuzz.tally
    shipped = f"{arguments.shipped} of the shipped graph, {arguments.together} at a time"
    print(f"seed {arguments.seed}: {tally.edits} edits ({shipped})")
    print(f"whole runs: {tally.full}")
    print(f"edits with new results: {tally.with_new}, with mended ones: {tally.with_mended}")
    print(f"new results: {tally.new}, mended: {tally.mended}, of {len(tally.shapes)} shapes")
    print(f"pySHACL gave up, judged one by one: {tally.gave_up}")
    print(f"unlike because of rdflib's comparison: {tally.comparisons}")
    for what, count in fuzz.reference.explained.most_common():
        print(f"    {count:5} {what}")
    print(f"wrong: {len(tally.wrong)}")
    for one in tally.wrong[:20]:
        print("---")
        print(one)
    sys.exit(1 if tally.wrong else 0)


if __name__ == "__main__":
    main()
