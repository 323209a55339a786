"""What contributed files are checked against, made once for each release."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from functools import cached_property
from pathlib import Path

import pyoxigraph as ox
from rdflib import Graph
from rdflib.namespace import OWL
from rdflib.term import URIRef

from ..intake import reading, recognition, sources
from ..intake.limits import Limits
from ..intake.names import Names
from ..intake.places import Sent
from ..namespaces import DEF
from ..store import Store
from .document import Against
from .engine import SHAPES_GRAPHS
from .impact import Checker
from .overlay import Base, Overlay
from .terms import to_graph
from .vocabulary import Vocabulary

# A pair of shape and focus node takes about a millisecond, a whole run of the smallest release 20
# seconds (measured): a sheet of 1,000 rows is better judged row by row.
_MOST_PAIRS = 50_000


class Basis:
    """A release (or the files of one that is still to come), with what is derived from it."""

    def __init__(
        self,
        store: Store,
        *,
        release: int | None = None,
        content_hash: str | None = None,
        limits: Limits | None = None,
    ) -> None:
        """``release`` and ``content_hash`` are for the report. Takes about a second."""
        self._store = store
        self._limits = limits or Limits()
        quads = [
            quad
            for name in store.graph_names()
            if name.startswith(SHAPES_GRAPHS)
            for quad in store.quads(graph=name)
        ]
        shapes = to_graph(quads)
        published = Graph(store=Overlay(Base(store)))
        version = published.value(URIRef(DEF), OWL.versionInfo)
        self.checker = Checker(store, shapes, most_pairs=_MOST_PAIRS)
        self.vocabulary = Vocabulary(shapes, published)
        self.against = Against(
            release=release,
            content_hash=content_hash,
            shapes_version="" if version is None else str(version),
            shapes_sha256=shapes_hash(quads),
        )

    @cached_property
    def names(self) -> Names:
        """What tables need to know; made when the first one comes."""
        return Names.from_store(self._store)

    def graph(self, name: str) -> list[ox.Quad]:
        """What the named graph holds."""
        return list(self._store.quads(graph=name))

    def read(self, name: str, data: bytes) -> Sent:
        """One file. Raises `UnreadableInput`."""
        return reading.read(
            name, data, self.names if _has_records(name, data) else None, self._limits
        )


def _has_records(name: str, data: bytes) -> bool:
    """Whether it is a table or a form: only they need the names, which take a while to make."""
    if recognition.is_typed(data):
        return True
    return recognition.recognise(reading.shown_name(name), data)[0] not in recognition.RDF_FORMATS


def of_sources(root: Path, *, examples: bool) -> Basis:
    """The files below ``root``, for when nothing has been published yet."""
    quads = (quad for one in sources.find(root, examples=examples) for quad in sources.read(one))
    return Basis(Store.in_memory(quads))


def shapes_hash(quads: Iterable[ox.Quad]) -> str:
    """The sum of the sha256 of every statement: equal rules, equal hash. A release has no blank
    nodes, so that statements can be compared."""
    total = sum(
        int.from_bytes(hashlib.sha256(str(quad.triple).encode()).digest(), "big") for quad in quads
    )
    return f"{total % (1 << 256):064x}"
