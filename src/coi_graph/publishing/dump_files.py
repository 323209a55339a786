"""One dump: quads of a release → a gzip file, with what there is to say of it."""

from __future__ import annotations

import gzip
import hashlib
import re
import zlib
from array import array
from collections.abc import Callable, Container, Iterable, Iterator
from dataclasses import dataclass, field
from itertools import pairwise
from pathlib import Path
from typing import IO, cast

import pyoxigraph as ox

from ..media import JSON_LD, N_QUADS, RDF_XML, TRIG, TURTLE, Form
from ..namespaces import ID, PREFIXES, RDF
from ..store import graph_of

#: The forms of a dump. The last three hold triples: the union of the graphs.
FORMS = (N_QUADS, TRIG, TURTLE, JSON_LD, RDF_XML)
WITH_GRAPHS = frozenset((N_QUADS, TRIG))
_FORMATS = {
    N_QUADS: ox.RdfFormat.N_QUADS,
    TRIG: ox.RdfFormat.TRIG,
    TURTLE: ox.RdfFormat.TURTLE,
    JSON_LD: ox.RdfFormat.JSON_LD,
    RDF_XML: ox.RdfFormat.RDF_XML,
}
_LEVEL = 6
_GZIP = 16 + zlib.MAX_WBITS
_SLUG = re.compile(r"[a-z][a-z0-9-]*")
# What RDF/XML has no way to write, and what pyoxigraph 0.5 writes all the same: a predicate that
# does not end in a name, and characters outside XML 1.0 (https://www.w3.org/TR/xml/#charsets).
_ENDS_IN_NAME = re.compile(r"[^\W\d][\w.·-]*$")
_NOT_XML = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


@dataclass(slots=True)
class Survey:
    """What one pass over a release tells its dumps.

    ``repeated`` are the hashes of triples that stand in more than one graph. There are few or
    none (docs/decisions/0007).
    """

    repeated: set[int] = field(default_factory=set)
    prefixes: dict[str, str] = field(default_factory=dict)
    not_xml: set[str] = field(default_factory=set)  # graphs that RDF/XML cannot hold


def survey(quads: Iterable[ox.Quad]) -> Survey:
    """In memory: eight bytes a quad, and a list of them while they are sorted."""
    found, fits, hashes = Survey(), dict[str, bool](), array("q")
    for quad in quads:
        hashes.append(hash(quad.triple))
        predicate, value = quad.predicate.value, quad.object
        if predicate not in fits:
            fits[predicate] = _ENDS_IN_NAME.search(predicate) is not None
        if not fits[predicate] or (isinstance(value, ox.Literal) and _NOT_XML.search(value.value)):
            found.not_xml.add(graph_of(quad))
        if predicate == RDF + "type":
            _note_kind(found.prefixes, quad.subject)
    found.prefixes |= PREFIXES  # a vocabulary's usual prefix wins over a kind of the same name
    in_order = sorted(hashes)
    found.repeated = {one for one, next_ in pairwise(in_order) if one == next_}
    return found


def _note_kind(prefixes: dict[str, str], subject: object) -> None:
    if isinstance(subject, ox.NamedNode) and subject.value.startswith(ID):
        slug, slash, _ = subject.value[len(ID) :].partition("/")
        if slash and _SLUG.fullmatch(slug):
            prefixes.setdefault(slug, f"{ID}{slug}/")


@dataclass(frozen=True, slots=True)
class Written:
    """A finished file: ``sha256`` and ``size`` of the file, and of what it holds unpacked."""

    size: int
    sha256: str
    content_size: int
    content_sha256: str
    statements: int


def write(
    quads: Iterable[ox.Quad],
    form: Form,
    path: Path,
    prefixes: dict[str, str],
    repeated: Container[int] = (),
) -> Written:
    """``quads`` as ``form``, gzipped, to ``path``, as a stream. Where the form holds triples, each
    is written once; those that may come twice have their hash in ``repeated``."""
    counter = [0]
    statements = _counted(quads if form in WITH_GRAPHS else _distinct(quads, repeated), counter)
    with path.open("wb") as file:
        packed = _Packed(file)
        ox.serialize(
            cast(Iterator[ox.Quad], statements),
            output=cast(IO[bytes], packed),
            format=_FORMATS[form],
            prefixes=prefixes if form in (TURTLE, TRIG, RDF_XML) else None,
        )
        packed.finish()
    return Written(
        size=packed.size,
        sha256=packed.file_hash.hexdigest(),
        content_size=packed.content_size,
        content_sha256=packed.content_hash.hexdigest(),
        statements=counter[0],
    )


def read(path: Path) -> Iterator[ox.Quad]:
    """The quads of an N-Quads dump, as a stream: a fourth of the time that the store takes."""
    with gzip.open(path, "rb") as file:
        yield from ox.parse(input=cast(IO[bytes], file), format=ox.RdfFormat.N_QUADS)


def _distinct(quads: Iterable[ox.Quad], repeated: Container[int]) -> Iterator[ox.Triple]:
    seen: set[ox.Triple] = set()
    for quad in quads:
        triple = quad.triple
        if hash(triple) in repeated:
            if triple in seen:
                continue
            seen.add(triple)
        yield triple


def _counted(
    statements: Iterable[ox.Quad] | Iterable[ox.Triple], counter: list[int]
) -> Iterator[ox.Quad | ox.Triple]:
    for statement in statements:
        counter[0] += 1
        yield statement


class _Packed:
    """A file to write to: packs, and hashes both sides. No time stamp and no name in the header,
    so that the bytes depend on the content only."""

    def __init__(self, file: IO[bytes]) -> None:
        self._write: Callable[[bytes], object] = file.write
        self._zlib = zlib.compressobj(_LEVEL, zlib.DEFLATED, _GZIP)
        self.size = self.content_size = 0
        self.file_hash, self.content_hash = hashlib.sha256(), hashlib.sha256()

    def write(self, content: bytes) -> int:
        self.content_hash.update(content)
        self.content_size += len(content)
        self._put(self._zlib.compress(content))
        return len(content)

    def flush(self) -> None:
        """For the serializer, which calls it at its end."""

    def finish(self) -> None:
        self._put(self._zlib.flush())

    def _put(self, packed: bytes) -> None:
        self.file_hash.update(packed)
        self.size += len(packed)
        self._write(packed)
