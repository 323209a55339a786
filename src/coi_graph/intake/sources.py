"""The files that a release is made from, each with its named graph."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pyoxigraph as ox

from ..errors import UnreadableInput
from ..i18n import Message
from ..namespaces import DEF, GRAPH, OWL
from . import csvw, skolem, syntax
from .checksum import sha256

EXAMPLES = "data/examples/"
FOLDERS = ("ontology", "data", "shapes")
_NAME = re.compile(r"[\w.~/-]+")  # so that it makes an IRI, without a query or a fragment


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

    Raises `UnreadableInput` when the folders are not there, a file cannot be read, or two
    files would make the same named graph.
    """
    found: dict[str, Source] = {}
    for folder in FOLDERS:
        if not (root / folder).is_dir():
            raise UnreadableInput(
                Message("there is no folder %(folder)s in %(root)s", folder=folder, root=root),
                remedy=Message("Set COI_SOURCES to the folder that holds ontology/ and data/."),
            )
        for path in sorted((root / folder).rglob("*")):
            if path.suffix == ".ttl" and not path.is_dir():
                source = _source(root, path, path.with_suffix(""), [path])
            elif path.name.endswith(csvw.SUFFIX):
                table = path.with_name(path.name.removesuffix(csvw.SUFFIX))
                source = _source(root, path, table.with_suffix(""), [path, table])
            else:
                continue
            if source.name in found:
                raise UnreadableInput(
                    Message(
                        "%(one)s and %(other)s would make the same named graph",
                        one=found[source.name].path,
                        other=path,
                    ),
                    remedy=Message("Rename one of them."),
                )
            found[source.name] = source
    return [one for one in found.values() if examples or not one.name.startswith(EXAMPLES)]


def _source(root: Path, path: Path, stem: Path, files: list[Path]) -> Source:
    name = stem.relative_to(root).as_posix()
    if not _NAME.fullmatch(name):
        raise UnreadableInput(
            Message("the name of %(file)s makes no IRI", file=path),
            remedy=Message("Use letters, digits, hyphens and dots."),
        )
    try:
        return Source(name, path, "+".join(sha256(file) for file in files))
    except OSError as error:
        raise syntax.unreadable(error.filename or path, error) from error


def read(source: Source) -> Iterator[ox.Quad]:
    """The source's quads, all in its named graph, without blank nodes.

    Raises `UnreadableInput` with file and line, or with row and column for a table.
    """
    graph = ox.NamedNode(source.graph)
    try:
        for triple in skolem.skolemize(_triples(source), source.graph):
            yield ox.Quad(triple.subject, triple.predicate, triple.object, graph)
    except skolem.Unnameable as error:
        raise UnreadableInput(
            Message("%(file)s: %(why)s", file=source.path, why=error.message)
        ) from error


def _triples(source: Source) -> Iterator[ox.Triple]:
    if source.path.suffix == ".json":
        yield from csvw.triples(source.path)
    else:
        yield from _turtle(source.path, source.graph)


def _turtle(path: Path, base: str) -> Iterator[ox.Triple]:
    try:
        for quad in ox.parse(path=str(path), format=ox.RdfFormat.TURTLE, base_iri=base):
            yield quad.triple
    except (SyntaxError, OSError) as error:
        raise syntax.unreadable(path, error) from error


def ontology_version(root: Path) -> str:
    """The version that the ontology's header gives (`owl:versionInfo`).

    Raises `UnreadableInput`.
    """
    subject, version = ox.NamedNode(DEF), ox.NamedNode(OWL + "versionInfo")
    path = root / "ontology" / "coi.ttl"
    for triple in _turtle(path, GRAPH + "ontology/coi"):
        said = triple.object
        if (triple.subject, triple.predicate) == (subject, version) and isinstance(
            said, ox.Literal
        ):
            return said.value
    raise UnreadableInput(Message("%(file)s gives no owl:versionInfo", file=path))
