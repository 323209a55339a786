"""What contributed files would change in the report: their own findings, and side effects."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

import pyoxigraph as ox
from rdflib.term import Node, URIRef

from ..errors import UnreadableInput
from ..i18n import Message
from ..intake import skolem, syntax
from ..namespaces import GRAPH
from . import engine
from .engine import ShapesAndData
from .report import Report

# Triple terms are refused in any case; the parser crashes on some thousands, one in the other.
_MANY = 1000


@dataclass(frozen=True, slots=True)
class Place:
    """Where something stands in what was sent; the line counts from 1."""

    file: str
    line: int | None

    def __str__(self) -> str:
        return f"{self.file}:{self.line}" if self.line else self.file


@dataclass(frozen=True, slots=True)
class Sent:
    """One contributed file, read."""

    path: Path
    text: str
    quads: tuple[ox.Quad, ...]


def read(path: Path) -> Sent:
    """A contributed RDF file as quads in a graph of its own.

    Raises `UnreadableInput` that says the line and how to mend it.
    """
    format = syntax.format_of(path)
    try:
        data = path.read_bytes()
        text = data.decode("utf-8-sig")
    except OSError as error:
        raise syntax.unreadable(path, error) from error
    except UnicodeDecodeError as error:
        line = data[: error.start].count(b"\n") + 1
        raise UnreadableInput(
            Message("%(file)s, line %(line)s: this is not UTF-8", file=path.name, line=line),
            remedy=Message("Save the file with the encoding UTF-8 and send it again."),
            line=line,
        ) from error
    if format == ox.RdfFormat.RDF_XML:
        syntax.refuse_doctype(path.name, data)
    if data.count(b"<<(") > _MANY:
        raise UnreadableInput(
            Message("%(file)s: %(why)s", file=path.name, why=skolem.NO_TRIPLE_TERMS)
        )
    graph = f"{GRAPH}contribution/{_slug(path.stem)}"
    try:
        triples = [quad.triple for quad in ox.parse(text, format=format, base_iri=graph)]
        named = list(skolem.skolemize(triples, graph))
    except SyntaxError as error:
        raise syntax.unreadable(path.name, error) from error
    except skolem.Unnameable as error:
        raise UnreadableInput(
            Message("%(file)s: %(why)s", file=path.name, why=error.message)
        ) from error
    name = ox.NamedNode(graph)
    return Sent(path, text, tuple(ox.Quad(t.subject, t.predicate, t.object, name) for t in named))


def _slug(stem: str) -> str:
    return re.sub(r"[^a-z0-9-]+", "-", stem.lower()).strip("-") or "file"


def validate(base: ShapesAndData, sent: list[Sent]) -> Report:
    """What is found in ``base`` with the files that is not found in ``base`` alone.

    That includes side effects: the record of somebody else whose identifier a file repeats.
    """
    before = engine.validate(base)
    together = engine.add(base, (quad for one in sent for quad in one.quads))
    return engine.validate(together).without(before)


def place_of(node: Node, sent: list[Sent]) -> Place | None:
    """Where ``node`` is first written as a subject; None when no file speaks of it."""
    if not isinstance(node, URIRef):
        return None
    for one in sent:
        if any(quad.subject == ox.NamedNode(str(node)) for quad in one.quads):
            return Place(one.path.name, _line_of(str(node), one.text))
    return None


def _line_of(iri: str, text: str) -> int | None:
    local = re.escape(re.split(r"[/#]", iri)[-1])
    spellings = (rf"<{re.escape(iri)}>", rf"^\s*[\w.-]*:{local}\s", rf"[/#:]{local}\b")
    for spelling in spellings:
        if match := re.search(spelling, text, re.MULTILINE):
            lead = len(match[0]) - len(match[0].lstrip())
            return text.count("\n", 0, match.start() + lead) + 1
    return None
