"""The only module that opens a pyoxigraph Store.

A release's store is written once, by one process, and afterwards only opened read-only:
`read_only` on a store that somebody writes is undefined (measured: it failed 17 opens of 60).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

import pyoxigraph as ox

from .errors import ReleaseCorrupt
from .i18n import Message
from .namespaces import XSD

_MOST_KNOWN = 100_000  # literals whose kept form is remembered

Subject = ox.NamedNode | ox.BlankNode | ox.Triple
Term = ox.NamedNode | ox.BlankNode | ox.Literal | ox.Triple


def graph_of(quad: ox.Quad) -> str:
    """The IRI of a quad's named graph; "" for the default graph, which releases leave empty."""
    name = quad.graph_name
    return "" if isinstance(name, ox.DefaultGraph) else name.value


def as_kept(quads: Iterable[ox.Quad]) -> Iterator[ox.Quad]:
    """The quads as a store gives them back.

    Oxigraph keeps numbers and times as values (measured with 0.5.13): "89.0"^^xsd:decimal comes
    back as "89", xsd:nonNegativeInteger as xsd:integer. What a change set or a checksum says must
    be what the store holds.
    """
    probe, known = ox.Store(), dict[ox.Literal, ox.Literal]()
    for quad in quads:
        value = quad.object
        if not isinstance(value, ox.Literal) or not _is_value(value):
            yield quad
            continue
        kept = known.get(value)
        if kept is None:
            if len(known) >= _MOST_KNOWN:
                probe, known = ox.Store(), {}
            # Each under a name of its own: to clear the store every time took ten times as long.
            name = ox.NamedNode(f"urn:x-coi:{len(known)}")
            probe.add(ox.Quad(name, quad.predicate, value))
            given_back = next(probe.quads_for_pattern(name, None, None)).object
            assert isinstance(given_back, ox.Literal)
            kept = known[value] = given_back
        yield (
            quad if kept == value else ox.Quad(quad.subject, quad.predicate, kept, quad.graph_name)
        )


def _is_value(literal: ox.Literal) -> bool:
    datatype = literal.datatype.value
    return datatype.startswith(XSD) and datatype != XSD + "string"


class Store:
    """A quad store on disk. Make one with `create`, `clone_to` or `open`."""

    def __init__(self, inner: ox.Store, path: Path) -> None:
        self._inner = inner
        self.path = path

    @classmethod
    def create(cls, path: Path) -> Store:
        """A new, empty store, open for writing."""
        path.mkdir(parents=True)
        return cls(ox.Store(str(path)), path)

    @classmethod
    def open(cls, path: Path, *, writable: bool = False) -> Store:
        """An existing store, read-only unless ``writable``.

        Raises `ReleaseCorrupt` when RocksDB refuses the files. That it opens does not mean that
        it is whole: compare counts with the manifest.
        """
        if not (path / "CURRENT").is_file():  # a writable open would make an empty store here
            raise ReleaseCorrupt(Message("there is no store in %(path)s", path=path))
        try:
            inner = ox.Store(str(path)) if writable else ox.Store.read_only(str(path))
        except (OSError, ValueError, RuntimeError) as error:
            raise ReleaseCorrupt(
                Message("the store in %(path)s does not open: %(why)s", path=path, why=error)
            ) from error
        return cls(inner, path)

    @classmethod
    def in_memory(cls, quads: Iterable[ox.Quad] = ()) -> Store:
        """A store without a file, writable, for as long as this process needs it."""
        inner = ox.Store()
        inner.bulk_extend(quads)
        return cls(inner, Path())

    def copy_in_memory(self) -> Store:
        """A copy without a file: 0.7 KiB and 12 µs of processor time a quad, on the thread that
        calls. Others go on meanwhile, as they would not if the quads came by way of Python."""
        inner = ox.Store()
        lines = self._inner.dump(format=ox.RdfFormat.N_QUADS)
        assert lines is not None  # only where an output is given
        inner.load(lines, ox.RdfFormat.N_QUADS, lenient=True)
        return Store(inner, Path())

    def clone_to(self, path: Path) -> Store:
        """A writable copy at ``path`` made of hard links: its cost does not follow the size."""
        self._inner.backup(str(path))
        return Store(ox.Store(str(path)), path)

    def add_bulk(self, quads: Iterable[ox.Quad]) -> None:
        """Adds many quads by building sorted files; durable when it returns."""
        self._inner.bulk_extend(quads)

    def load_bulk(self, lines: Any) -> None:
        """Adds N-Quads from ``lines``, a binary stream, as `add_bulk` does, without making Python
        objects of them. Raises ``SyntaxError`` and what reading raises."""
        self._inner.bulk_load(lines, ox.RdfFormat.N_QUADS)

    def apply(self, *, removed: Iterable[ox.Quad], added: Iterable[ox.Quad]) -> None:
        """Removes, then adds; a named graph that is left empty goes too. Not durable before
        `flush`."""
        touched = set()
        for quad in removed:
            self._inner.remove(quad)
            touched.add(quad.graph_name)
        self._inner.extend(added)
        for graph in touched:
            if next(self._inner.quads_for_pattern(None, None, None, graph), None) is None:
                self._inner.remove_graph(graph)

    def drop(self, graph: str) -> None:
        """Removes a named graph with all its quads. Not durable before `flush`."""
        self._inner.remove_graph(ox.NamedNode(graph))

    def close(self) -> None:
        """Closes RocksDB, whose files are complete only then: an open one goes on writing and
        removing files. Whoever still holds this object can do nothing with it any more."""
        del self._inner

    def flush(self) -> None:
        self._inner.flush()

    def optimize(self) -> None:
        self._inner.optimize()

    def __len__(self) -> int:
        return len(self._inner)

    def __contains__(self, quad: ox.Quad) -> bool:
        return quad in self._inner

    def graph_names(self) -> list[str]:
        """The IRIs of the named graphs, sorted."""
        return sorted(
            name.value for name in self._inner.named_graphs() if isinstance(name, ox.NamedNode)
        )

    def quads(
        self,
        subject: Subject | None = None,
        predicate: ox.NamedNode | None = None,
        object: Term | None = None,
        graph: str | None = None,
    ) -> Iterator[ox.Quad]:
        """The quads that fit; ``graph`` None means any graph."""
        name = None if graph is None else ox.NamedNode(graph)
        return self._inner.quads_for_pattern(subject, predicate, object, name)

    def expect(self, iris: Iterable[str]) -> None:
        """Nothing is far away here; see `coi_graph.description.lookup.Quads`."""

    def query(self, text: str, **options: Any) -> Any:
        """Evaluates a query of our own, without limits; the default graph is the union.

        Strangers' queries go through the pool (`coi_graph.query.pool`).
        """
        if not (options.get("default_graph") or options.get("named_graphs")):
            options["use_default_graph_as_union"] = True
        return self._inner.query(text, prefixes=options.pop("prefixes", None), **options)

    def dump(self, path_or_file: Any, format: ox.RdfFormat = ox.RdfFormat.N_QUADS) -> None:
        self._inner.dump(path_or_file, format=format)
