"""The files that a release is made from, each with its named graph."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pyoxigraph as ox

from ..errors import UnreadableInput
from ..i18n import Message
from ..namespaces import GRAPH
from . import csvw, skolem
from .checksum import sha256

EXAMPLES = "data/examples/"
_FOLDERS = ("ontology", "data", "shapes")


@dataclass(frozen=True, slots=True)
class Source:
    """A file (with CSVW: two) and the named graph that its statements go to."""

    name: str  # path below the sources' folder, without extension: "data/framework/roles"
    path: Path
    digest: str

    @property
    def graph(self) -> str:
        return GRAPH + self.name


def find(root: Path, *, examples: bool) -> list[Source]:
    """Every source below ``root``, sorted by name; the invented examples only when asked for.

    Raises `UnreadableInput` when the folders are not there.
    """
    found = []
    for folder in _FOLDERS:
        if not (root / folder).is_dir():
            raise UnreadableInput(
                Message("there is no folder %(folder)s in %(root)s", folder=folder, root=root),
                remedy=Message("Set COI_SOURCES to the folder that holds ontology/ and data/."),
            )
        for path in sorted((root / folder).rglob("*")):
            if path.suffix == ".ttl":
                found.append(_source(root, path, path.with_suffix(""), sha256(path)))
            elif path.name.endswith(csvw.SUFFIX):
                table = path.with_name(path.name.removesuffix(csvw.SUFFIX))
                digest = f"{sha256(path)}+{sha256(table)}"
                found.append(_source(root, path, table.with_suffix(""), digest))
    return [source for source in found if examples or not source.name.startswith(EXAMPLES)]


def _source(root: Path, path: Path, stem: Path, digest: str) -> Source:
    return Source(stem.relative_to(root).as_posix(), path, digest)


def read(source: Source) -> Iterator[ox.Quad]:
    """The source's quads, all in its named graph, without blank nodes.

    Raises `UnreadableInput` with file and line, or with row and column for a table.
    """
    graph = ox.NamedNode(source.graph)
    for triple in skolem.skolemize(_triples(source), source.graph):
        yield ox.Quad(triple.subject, triple.predicate, triple.object, graph)


def _triples(source: Source) -> Iterator[ox.Triple]:
    if source.path.suffix == ".json":
        yield from csvw.triples(source.path)
        return
    try:
        for quad in ox.parse(
            path=str(source.path), format=ox.RdfFormat.TURTLE, base_iri=source.graph
        ):
            yield quad.triple
    except (SyntaxError, OSError) as error:
        line = getattr(error, "lineno", None)
        raise UnreadableInput(
            Message("%(file)s, line %(line)s: %(why)s", file=source.path, line=line, why=error),
            line=line,
        ) from error


def ontology_version(root: Path) -> str:
    """The version that the ontology's header gives (`owl:versionInfo`)."""
    version = ox.NamedNode("http://www.w3.org/2002/07/owl#versionInfo")
    path = root / "ontology" / "coi.ttl"
    for quad in ox.parse(path=str(path), format=ox.RdfFormat.TURTLE):
        if quad.predicate == version and isinstance(quad.object, ox.Literal):
            return quad.object.value
    raise UnreadableInput(Message("%(file)s gives no owl:versionInfo", file=path))
