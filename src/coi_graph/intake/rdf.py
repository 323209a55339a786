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
from . import encoding, json_scan, jsonld_places, recovery, skolem, turtle_places, xml_places
from .jsonld_places import Walk
from .limits import Limits
from .lines import Index, Lines, StatementPlaces, index_of
from .mistaken_values import Mistake
from .places import Place, Remark, Sent, Severity
from .recognition import RDF_FORMATS, Kind
from .syntax import printable

# What a browser would run, or a program would open on its own machine.
_BAD_SCHEME = re.compile(r"(?:javascript|vbscript|data|file|blob|about|view-source):", re.I)
_MOST_REMARKS = 50
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
    remarks += _named_graphs(file, parsed)
    given = [quad.triple for quad in parsed]
    try:
        names = skolem.names(dict.fromkeys(given), graph)
    except skolem.Unnameable as error:
        raise refused(lines, _triple_term(lines.text), error.message, None) from error
    triples = list(skolem.renamed(given, names)) if names else given
    places = StatementPlaces(lines, triples, partial(index, triples))
    if kind is Kind.JSON_LD:
        walk = Walk(lines, triples, names)
        walk.run(json_scan.scan(lines.text, limits.depth))
        places = StatementPlaces(lines, triples, lambda: walk.index)
        remarks += walk.remarks
    remarks += _terms(triples, places, limits)
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


Indexer = Callable[[list[ox.Triple]], Index]
Parsed = tuple[list[ox.Quad], Indexer]


def _text(lines: Lines, kind: Kind, limits: Limits) -> Parsed:
    _check_brackets(lines, limits.depth)
    try:
        quads = _parse(lines.text, lines, kind, limits)
    except SyntaxError as error:
        raise recovery.errors(lines, RDF_FORMATS[kind], error) from error
    by_line = kind in (Kind.N_TRIPLES, Kind.N_QUADS)
    spots = turtle_places.line_spots if by_line else turtle_places.spots
    return quads, lambda triples: index_of(triples, spots(lines.text))


def _xml(lines: Lines, kind: Kind, limits: Limits) -> Parsed:
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


def _json(lines: Lines, kind: Kind, limits: Limits) -> Parsed:
    try:
        root = json_scan.scan(lines.text, limits.depth)
    except json_scan.NotJson as error:
        raise mistaken(lines, error.mistake) from error
    try:
        quads = _parse(jsonld_places.with_contexts(lines, root), lines, kind, limits)
    except SyntaxError as error:
        raise refused(lines, _named_in(error, lines), _said(error), None) from error
    return quads, lambda triples: {}


_READERS: dict[Kind, Callable[[Lines, Kind, Limits], Parsed]] = {
    **dict.fromkeys(_TEXTUAL, _text),
    Kind.RDF_XML: _xml,
    Kind.JSON_LD: _json,
}


def _parse(text: str, lines: Lines, kind: Kind, limits: Limits) -> list[ox.Quad]:
    """The parser's quads, in its order. Raises ``SyntaxError`` as it does."""
    quads: list[ox.Quad] = []
    for quad in ox.parse(text, format=RDF_FORMATS[kind]):
        if isinstance(quad.object, ox.Triple):
            raise refused(lines, _triple_term(lines.text), skolem.NO_TRIPLE_TERMS, None)
        quads.append(quad)
        if len(quads) > limits.statements:
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
    return quads


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
    for quoted in re.findall(r"'([^']+)'|(@\w+)", error.msg or ""):
        at = lines.text.find(f'"{quoted[0] or quoted[1]}"')
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


def _named_graphs(file: str, quads: list[ox.Quad]) -> list[Remark]:
    names = dict.fromkeys(
        str(quad.graph_name) for quad in quads if not isinstance(quad.graph_name, ox.DefaultGraph)
    )
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


def _terms(triples: list[ox.Triple], places: StatementPlaces, limits: Limits) -> list[Remark]:
    """Values that are refused, each thing once."""
    remarks: list[Remark] = []
    seen: set[str] = set()
    for subject, predicate, value in triples:
        for term in (subject, predicate, value):
            if len(remarks) >= _MOST_REMARKS:
                return remarks
            if isinstance(term, ox.NamedNode):
                iri = term.value
                if iri[:1] not in "hH" and iri not in seen and _BAD_SCHEME.match(iri):
                    seen.add(iri)
                    remarks.append(_bad_scheme(iri, _place(places, subject, predicate, value)))
            elif isinstance(term, ox.Literal):
                size = len(term.value)
                if size > limits.text_chars:
                    remarks.append(
                        _too_long(size, limits, _place(places, subject, predicate, value))
                    )
                elif term.direction is not None:
                    remarks.append(_directed(term, _place(places, subject, predicate, value)))
    return remarks


def _place(places: StatementPlaces, *statement: ox.NamedNode | ox.Literal) -> Place:
    found = places.of(*statement)
    assert found is not None  # the statement is the file's own
    return found


def _bad_scheme(iri: str, place: Place) -> Remark:
    scheme = iri.partition(":")[0].lower()
    return Remark(
        Severity.VIOLATION,
        Message("an address that begins with “%(scheme)s:” is not taken in", scheme=scheme),
        Message("Write an address that everybody can open: https://…"),
        place,
        printable(iri)[:200],
    )


def _too_long(size: int, limits: Limits, place: Place) -> Remark:
    return Remark(
        Severity.VIOLATION,
        Message(
            "a text of %(size)s characters; at most %(limit)s are taken in",
            size=size,
            limit=limits.text_chars,
        ),
        Message("Shorten it, or publish it elsewhere and write its address here."),
        place,
    )


def _directed(term: ox.Literal, place: Place) -> Remark:
    return Remark(
        Severity.VIOLATION,
        Message("a text with a direction of writing (RDF 1.2) is not taken in"),
        Message('Write the language alone: “"tekst"@%(language)s”.', language=term.language),
        place,
        printable(term.value)[:200],
    )
