"""RDF/XML: whether it is whole and well-formed, and the places of its statements.

One pass with expat, the C library behind Python's XML modules, before the parser sees the file:
pyoxigraph takes a file that breaks off for complete, and names no places. The pass follows nodes
and properties (https://www.w3.org/TR/rdf-syntax-grammar/) and gives the offsets in the order in
which pyoxigraph emits statements. A document type or an entity never gets here
(`coi_graph.intake.syntax`), and is refused by expat's handler once more.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from pyexpat import ExpatError, ParserCreate, XMLParserType, errors

import pyoxigraph as ox

from ..i18n import Message
from ..namespaces import RDF
from .lines import Lines, Spot
from .mistaken_values import Mistake, short

_ABOUT = ("about", "ID", "nodeID", "aboutEach")
_SYNTAX = {RDF + name for name in (*_ABOUT, "resource", "datatype", "parseType", "bagID")}
_XML = "http://www.w3.org/XML/1998/namespace"
_IRI = {RDF + name for name in ("about", "resource", "datatype")}
_UNCLOSED = frozenset(
    (errors.XML_ERROR_NO_ELEMENTS, errors.XML_ERROR_UNCLOSED_TOKEN, errors.XML_ERROR_PARTIAL_CHAR)
)


class NotXml(Exception):
    """Raised with the `Mistake`."""

    def __init__(self, mistake: Mistake) -> None:
        self.mistake = mistake
        super().__init__(str(mistake.message))


@dataclass(slots=True)
class _Element:
    at: int
    iri: str
    role: str  # "node", "property", "skip", "root"
    subject: int  # offset of the node that it is, or that its property belongs to
    attributes: dict[str, str] = field(default_factory=dict)
    members: list[int] = field(default_factory=list)  # offsets of the nodes of a collection
    parse: str = ""
    has_node: bool = False
    base: str | None = None


def scan(lines: Lines, depth: int) -> list[Spot]:
    """The places of the statements. Raises `NotXml`."""
    parser = ParserCreate(encoding="utf-8", namespace_separator=" ")
    pass_ = _Pass(lines, parser, depth)
    parser.StartElementHandler = pass_.start
    parser.EndElementHandler = pass_.end
    parser.StartDoctypeDeclHandler = pass_.doctype
    parser.EntityDeclHandler = pass_.doctype
    parser.buffer_text = True
    try:
        parser.Parse(lines.text.encode("utf-8", "replace"), True)
    except ExpatError as error:
        raise NotXml(_mistake(lines, error, pass_.open)) from error
    return pass_.spots


class _Pass:
    def __init__(self, lines: Lines, parser: XMLParserType, depth: int) -> None:
        self.lines = lines
        self.parser = parser
        self.depth = depth
        self.spots: list[Spot] = []
        self.open: list[_Element] = []

    def here(self) -> int:
        parser = self.parser
        return self.lines.offset(parser.CurrentLineNumber, parser.CurrentColumnNumber + 1)

    def doctype(self, *_: object) -> None:
        raise NotXml(
            Mistake(
                max(self.lines.text.find("<!"), 0),
                Message("a DOCTYPE or an ENTITY is declared"),
                Message("Remove the declaration and write the IRIs out in full."),
            )
        )

    def start(self, name: str, given: dict[str, str]) -> None:
        at = self.here()
        if len(self.open) >= self.depth:
            raise NotXml(
                Mistake(
                    at,
                    Message("more than %(depth)s levels within each other", depth=self.depth),
                    Message("Give the records identifiers, and write them one after the other."),
                )
            )
        above = self.open[-1] if self.open else None
        iri = name.replace(" ", "", 1)
        attributes = {key.replace(" ", "", 1): value for key, value in given.items()}
        base = attributes.get(_XML + "base", above.base if above else None)
        self.check_iris(at, attributes, base)
        element = _Element(at, iri, "node", at, attributes, base=base)
        if above is None and iri == RDF + "RDF":
            element.role = "root"
        elif above is not None and (above.role == "skip" or above.parse == "Literal"):
            element.role = "skip"
        elif above is not None and (above.role == "node" or above.parse == "Resource"):
            self.property(element, above)
        else:
            if above is not None and above.role == "property":
                above.has_node = True
                above.members.append(at)
            self.node(element)
        self.open.append(element)

    def node(self, element: _Element) -> None:
        if element.iri != RDF + "Description":
            self.emit(element.at, element.at, element.at, "i", RDF + "type")
        self.property_attributes(element, element.at)

    def property(self, element: _Element, above: _Element) -> None:
        element.role = "property"
        element.subject = above.at if above.parse == "Resource" else above.subject
        element.parse = element.attributes.get(RDF + "parseType", "")
        if element.parse == "Resource":
            self.emit(element.subject, element.at, element.at, "b", self.predicate(element))

    def end(self, _: str) -> None:
        element = self.open.pop()
        if element.role != "property":
            return
        if element.parse == "Collection":
            self.collection(element)
        elif element.parse != "Resource":
            kind = "" if element.has_node else self.property_attributes(element, element.at)
            self.emit(element.subject, element.at, element.at, kind, self.predicate(element))
        if RDF + "ID" in element.attributes:  # the statement about the statement
            for _statement in range(4):
                self.emit(element.at, element.at, element.at, "", None)

    def collection(self, element: _Element) -> None:
        self.emit(element.subject, element.at, element.at, "", self.predicate(element))
        for at in element.members:
            self.emit(element.at, at, at, "", RDF + "rest")
            self.emit(element.at, at, at, "", RDF + "first")

    def property_attributes(self, element: _Element, subject: int) -> str:
        """Each is a statement too; what the property's own object is: a node, or a text."""
        kind = "l"
        for name in element.attributes:
            if name.startswith(_XML) or not re.match(r"\w+:", name):
                continue
            if name in _SYNTAX:
                if name not in (RDF + "datatype", RDF + "ID", RDF + "parseType"):
                    kind = ""
                continue
            kind = ""
            # Without the name: the parser emits several in an order of its own.
            self.emit(subject, element.at, element.at, "", None)
        return kind

    def predicate(self, element: _Element) -> str | None:
        return None if element.iri == RDF + "li" else element.iri

    def emit(self, subject: int, predicate: int, value: int, kind: str, iri: str | None) -> None:
        self.spots.append((subject, predicate, value, kind, iri))

    def check_iris(self, at: int, attributes: dict[str, str], base: str | None) -> None:
        """The parser refuses these without a place."""
        for name in (_IRI | {RDF + "ID"}) & attributes.keys():
            given = attributes[name]
            text = f"#{given}" if name == RDF + "ID" else given
            try:
                ox.NamedNode(text)
                continue
            except ValueError as error:
                words = str(error)
            if "No scheme" in words:
                if base:
                    continue
                message = Message(
                    "“%(iri)s” is a relative IRI, and the file has no base", iri=short(text)
                )
                remedy = Message("Write the whole IRI, or xml:base on the first element.")
            else:
                message = Message("“%(iri)s” is not a valid IRI", iri=short(text))
                remedy = Message("Write “%%20” for a space and “%%22” for a quotation mark.")
            written = re.compile(f"[\"']({re.escape(given)})[\"']").search(self.lines.text, at)
            raise NotXml(Mistake(written.start(1) if written else at, message, remedy))


def _mistake(lines: Lines, error: ExpatError, unclosed: list[_Element]) -> Mistake:
    at = lines.offset(error.lineno, error.offset + 1)
    said = errors.messages[error.code]
    if at >= len(lines.text.rstrip()) or said in _UNCLOSED:
        begun = lines.position(unclosed[-1].at)[0] if unclosed else 1
        return Mistake(
            min(at, len(lines.text)),
            Message("the file ends before the element of line %(line)s is closed", line=begun),
            Message("Send the whole file again; it was cut off, or an end tag is missing."),
        )
    if said == errors.XML_ERROR_TAG_MISMATCH:
        line = lines.position(unclosed[-1].at)[0] if unclosed else 1
        return Mistake(
            at,
            Message("this end tag does not fit the element that line %(line)s begins", line=line),
            Message("Each element is closed by a tag of its own name, the innermost first."),
        )
    if said == errors.XML_ERROR_UNBOUND_PREFIX:
        return Mistake(
            at,
            Message("a prefix in this element is not declared"),
            Message('Declare it on the first element: xmlns:name="https://…".'),
        )
    if said == errors.XML_ERROR_UNDEFINED_ENTITY:
        return Mistake(
            at,
            Message("an entity that XML does not know"),
            Message("Write the letter itself, as in “æ” for “&aelig;”."),
        )
    if said == errors.XML_ERROR_DUPLICATE_ATTRIBUTE:
        return Mistake(at, Message("an attribute stands twice"), Message("Remove one of them."))
    return Mistake(
        at,
        Message("this is not well-formed XML (%(words)s)", words=said),
        Message("Write “&amp;” for “&” and “&lt;” for “<” in texts."),
    )
