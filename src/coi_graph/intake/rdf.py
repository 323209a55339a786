"""Contributed RDF files → `Sent`: quads in one graph, each with its place, and what is refused.

The parser is pyoxigraph, and it decides what a file says. Around it stands what it does not do:
limits, depth, IRIs that a browser would run, and errors that say how to mend them. Nothing is
fetched, nothing expands.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import partial

import pyoxigraph as ox

from ..errors import UnreadableInput
from ..i18n import Message
from . import (
    bad_values,
    encoding,
    json_scan,
    jsonld_context,
    recovery,
    skolem,
    turtle_places,
    xml_places,
)
from .jsonld_places import Walk
from .limits import Limits
from .lines import Index, Lines, StatementPlaces, index_of
from .mistaken_values import Mistake
from .places import Place, Remark, Sent, Severity
from .recognition import RDF_FORMATS, Kind
from .syntax import printable

# Strings, IRIs and comments first, so that brackets within them do not count.
_BRACKETS = re.compile(
    r'"""(?:[^"\\]++|\\.|"(?!""))*+"""|"(?:[^"\\\r\n]++|\\.)*+"'
    r"|'''(?:[^'\\]++|\\.|'(?!''))*+'''|'(?:[^'\\\r\n]++|\\.)*+'"
    r"|<[^<>\"\s]*+>|\#[^\r\n]*+|(<<)|([\[({])|([\])}])",
    re.DOTALL,
)
_TEXTUAL = (Kind.TURTLE, Kind.TRIG, Kind.N_TRIPLES, Kind.N_QUADS)


def read(file: str, kind: Kind, data: bytes, graph: str, limits: Limits) -> Sent:
    """The statements of ``data`` in ``graph``. Raises `UnreadableInput`."""
    text, remarks = encoding.decode(file, data, xml=kind is Kind.RDF_XML)
    lines = Lines(file, text)
    if not text.strip():
        raise UnreadableInput(Message("%(file)s is empty", file=file), file=file)
    parsed, index = _READERS[kind](lines, kind, limits)
    remarks += _named_graphs(file, parsed.graphs)
    given = parsed.triples
    try:
        names = skolem.names(dict.fromkeys(given), graph) if parsed.has_blank else {}
    except skolem.Unnameable as error:
        raise refused(lines, _triple_term(lines.text), error.message, None) from error
    triples = list(skolem.renamed(given, names)) if names else given
    places = StatementPlaces(lines, triples, partial(index, triples))
    if kind is Kind.JSON_LD:
        walk = Walk(lines, triples, names)
        walk.run(json_scan.scan(lines.text, limits.depth))
        places = StatementPlaces(lines, triples, lambda: walk.index)
        remarks += walk.remarks
    remarks += bad_values.remarks(triples, places, limits)
    if not triples:
        remarks.append(
            Remark(
                Severity.WARNING,
                Message("the file holds no statements"),
                Message("Is this the right file?"),
                Place(file),
            )
        )
    name = ox.NamedNode(graph)
    quads = tuple(ox.Quad(t.subject, t.predicate, t.object, name) for t in dict.fromkeys(triples))
    return Sent(file, graph, quads, places, tuple(remarks))


class _Parsed:
    """The parser's statements, in its order."""

    def __init__(self) -> None:
        self.triples: list[ox.Triple] = []
        self.graphs: dict[str, None] = {}  # the names of graphs, in order
        self.has_blank = False


Indexer = Callable[[list[ox.Triple]], Index]


def _text(lines: Lines, kind: Kind, limits: Limits) -> tuple[_Parsed, Indexer]:
    _check_brackets(lines, limits.depth)
    try:
        quads = _parse(lines.text, lines, kind, limits)
    except SyntaxError as error:
        raise recovery.errors(lines, RDF_FORMATS[kind], error) from error
    by_line = kind in (Kind.N_TRIPLES, Kind.N_QUADS)
    spots = turtle_places.line_spots if by_line else turtle_places.spots
    return quads, lambda triples: index_of(triples, spots(lines.text))


def _xml(lines: Lines, kind: Kind, limits: Limits) -> tuple[_Parsed, Indexer]:
    try:
        spots = xml_places.scan(lines, limits.depth)
    except xml_places.NotXml as error:
        raise mistaken(lines, error.mistake) from error
    # The declaration of an encoding is about bytes, and this is text; the parser minds it.
    text = re.sub(r"^\s*<\?xml[^>]*\?>", lambda m: re.sub(r"[^\r\n]", " ", m[0]), lines.text)
    try:
        quads = _parse(text.lstrip(), lines, kind, limits)
    except SyntaxError as error:
        raise refused(lines, _named_in(error, lines), _said(error), None) from error
    return quads, lambda triples: index_of(triples, spots)


def _json(lines: Lines, kind: Kind, limits: Limits) -> tuple[_Parsed, Indexer]:
    try:
        root = json_scan.scan(lines.text, limits.depth)
    except json_scan.NotJson as error:
        raise mistaken(lines, error.mistake) from error
    try:
        quads = _parse(jsonld_context.with_contexts(lines, root), lines, kind, limits)
    except SyntaxError as error:
        raise refused(lines, _named_in(error, lines), _said(error), None) from error
    return quads, lambda triples: {}


_READERS: dict[Kind, Callable[[Lines, Kind, Limits], tuple[_Parsed, Indexer]]] = {
    **dict.fromkeys(_TEXTUAL, _text),
    Kind.RDF_XML: _xml,
    Kind.JSON_LD: _json,
}


def _parse(text: str, lines: Lines, kind: Kind, limits: Limits) -> _Parsed:
    """Raises ``SyntaxError`` as the parser does."""
    try:
        return _statements(text, lines, kind, limits)
    except MemoryError as error:
        if "buffer" not in str(error):
            raise
        # The parser holds one text, name or comment in 16 MiB.
        raise mistaken(
            lines,
            Mistake(
                lines.longest(),
                Message("something in this line is too long to be read"),
                Message("Shorten it, or close the quotation mark, the bracket or the comment."),
            ),
        ) from error


def _statements(text: str, lines: Lines, kind: Kind, limits: Limits) -> _Parsed:
    parsed = _Parsed()
    add = parsed.triples.append
    named = kind in (Kind.TRIG, Kind.N_QUADS, Kind.JSON_LD)
    for count, quad in enumerate(ox.parse(text, format=RDF_FORMATS[kind]), 1):
        value = quad.object
        if isinstance(value, ox.Triple):
            raise refused(lines, _triple_term(lines.text), skolem.NO_TRIPLE_TERMS, None)
        if isinstance(quad.subject, ox.BlankNode) or isinstance(value, ox.BlankNode):
            parsed.has_blank = True
        if named and not isinstance(quad.graph_name, ox.DefaultGraph):
            parsed.graphs.setdefault(str(quad.graph_name))
        add(quad.triple)
        if count > limits.statements:
            raise UnreadableInput(
                Message(
                    "%(file)s holds more than %(limit)s statements",
                    file=lines.file,
                    limit=limits.statements,
                ),
                remedy=Message("Divide it into several files."),
                file=lines.file,
                limit=limits.statements,
            )
    return parsed


def _check_brackets(lines: Lines, depth: int) -> None:
    """Refuses what the parser, or what comes after it, is not made for."""
    text = lines.text
    if "<<" not in text and text.count("[") + text.count("(") + text.count("{") <= depth:
        return
    level = 0
    for match in _BRACKETS.finditer(text):
        if match[1]:
            raise refused(lines, match.start(), skolem.NO_TRIPLE_TERMS, None)
        if match[2]:
            level += 1
            if level > depth:
                raise mistaken(
                    lines,
                    Mistake(
                        match.start(),
                        Message("more than %(depth)s levels within each other", depth=depth),
                        Message(
                            "Give the records identifiers, and write them one after the other."
                        ),
                    ),
                )
        elif match[3]:
            level = max(0, level - 1)


def _triple_term(text: str) -> int | None:
    """Where RDF 1.2's syntax is first used."""
    match = re.search(r"<<|\{\||~", text)
    return match.start() if match else None


def _said(error: SyntaxError) -> Message:
    words = re.sub(r"^Parser error .*?\d: ", "", error.msg or str(error))
    return Message("the parser says: %(words)s", words=printable(words)[:300])


def _named_in(error: SyntaxError, lines: Lines) -> int | None:
    """The place that the parser tells, or of what its words quote."""
    if error.lineno is not None:
        return lines.offset(error.lineno, error.offset or 1)
    words = error.msg or ""
    for quoted in [*re.findall(r"'([^']+)'", words), *re.findall(r"@\w+", words)]:
        at = lines.text.find(f'"{quoted}"')
        if at >= 0:
            return at
    return None


def mistaken(lines: Lines, mistake: Mistake) -> UnreadableInput:
    return refused(lines, mistake.offset, mistake.message, mistake.remedy)


def refused(lines: Lines, at: int | None, why: Message, remedy: Message | None) -> UnreadableInput:
    """The error for the offset ``at``; without a place where None."""
    if at is None:
        return UnreadableInput(
            Message("%(file)s: %(why)s", file=lines.file, why=why), remedy=remedy, file=lines.file
        )
    place = lines.place(at)
    return UnreadableInput(
        Message(
            "%(file)s, line %(line)s, column %(column)s: %(why)s",
            file=lines.file,
            line=place.line,
            column=place.column,
            why=why,
        ),
        remedy=remedy,
        excerpt=lines.excerpt(at),
        **encoding.where(place),
    )


def _named_graphs(file: str, names: dict[str, None]) -> list[Remark]:
    if not names:
        return []
    shown = ", ".join(list(names)[:5])
    return [
        Remark(
            Severity.INFO,
            Message("the file names graphs: %(names)s", names=printable(shown)),
            Message(
                "What one file contributes comes into one graph of its own; the names are not kept."
            ),
            Place(file),
            printable(shown),
        )
    ]
