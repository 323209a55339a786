"""Constraints on one value → SPARQL conditions that hold for the values which may violate them.

A condition is given with whether it is exact. An exact one holds for a violating value and for no
other. The rest hold for every violating value, and for some others as well: Oxigraph and rdflib
read lexical forms, compare and match patterns a little differently, and in doubt a value is a
candidate. "Violating" means: in the eyes of pySHACL 0.40.1 on rdflib's terms.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Final

import pyoxigraph as ox
from rdflib import XSD, BNode, Literal, URIRef
from rdflib.namespace import RDF, RDFS, SH
from rdflib.term import Node

from ..namespaces import GENID
from ..store import Store
from .terms import to_oxigraph

#: (condition on a value, whether it is exact)
Condition = tuple[str, bool]


class Unscreenable(Exception):
    """A constraint for which no condition is known: every node is a candidate."""


_DAY: Final = (
    "[1-9][0-9]{3}-(0[1-9]-(0[1-9]|1[0-9]|2[0-8])|1[0-2]-(0[1-9]|1[0-9]|2[0-8])"
    "|(0[13-9]|1[0-2])-(29|30)|(0[13578]|1[02])-31)"
)
_TIME: Final = (
    "([01][0-9]|2[0-3]):[0-5][0-9]:[0-5][0-9]([.][0-9]{1,6})?(Z|[+-](0[0-9]|1[0-3]):[0-5][0-9])?"
)
#: Datatype → lexical forms that are well-typed beyond doubt, for rdflib, too; None: all are.
_SURE: Final[dict[Node, str | None]] = {
    XSD.string: None,
    RDF.langString: None,
    XSD.anyURI: None,
    XSD.boolean: "true|false",
    XSD.integer: "-?[0-9]{1,18}",
    XSD.nonNegativeInteger: "[0-9]{1,18}",
    XSD.positiveInteger: "[1-9][0-9]{0,17}",
    XSD.decimal: "-?[0-9]{1,18}([.][0-9]{1,18})?",
    XSD.double: "-?[0-9]{1,18}([.][0-9]{1,18})?(E-?[0-9]{1,2})?",
    XSD.date: _DAY,
    XSD.dateTime: f"{_DAY}T{_TIME}",
    XSD.gYear: "[1-9][0-9]{3}",
    XSD.gYearMonth: "[1-9][0-9]{3}-(0[1-9]|1[0-2])",
}
# rdflib knows how to read these, in its own way.
_KNOWN_NAMESPACES: Final = (str(XSD), str(RDF))

_KINDS: Final = {
    SH.IRI: ("iri",),
    SH.BlankNode: ("blank",),
    SH.Literal: ("literal",),
    SH.BlankNodeOrIRI: ("blank", "iri"),
    SH.BlankNodeOrLiteral: ("blank", "literal"),
    SH.IRIOrLiteral: ("iri", "literal"),
}


def sparql(term: Node) -> str:
    """``term`` as SPARQL writes it; a blank node by the name that it has in the store."""
    return str(to_oxigraph(term))


def faithful(term: Node) -> bool:
    """Whether the store gives ``term`` back as it is: it keeps numbers and dates as values, so
    that "007"^^xsd:integer comes back as 7, and no term of the data is ever "007"."""
    if not isinstance(term, Literal) or term.datatype in (None, XSD.string):
        return True
    node, given = ox.NamedNode("urn:x"), to_oxigraph(term)
    store = Store.in_memory([ox.Quad(node, node, given)])
    return bool(next(store.quads()).object == given)


def same(term: Node) -> bool:
    """`faithful`, to the letter of a language tag as well. (That "a"@EN comes back as "a"@en
    matters for a focus node; for a value it does not, since rdflib takes the two for one.)"""
    tag = term.language if isinstance(term, Literal) else None
    return faithful(term) and (tag is None or tag == tag.lower())


def blank(v: str) -> str:
    """The blank nodes of the files are IRIs in the store (`intake.skolem`)."""
    return f'(isBLANK({v}) || (isIRI({v}) && STRSTARTS(STR({v}), "{GENID}")))'


def datatype(v: str, wanted: Node) -> list[Condition]:
    if wanted == RDFS.Literal:
        return [(f"!isLiteral({v})", True)]
    if not isinstance(wanted, URIRef) or wanted == RDFS.Datatype:
        raise Unscreenable
    same = f"sameTerm(DATATYPE({v}), {sparql(wanted)})"
    found: list[Condition] = [(f"COALESCE(!{same}, true)", True)]
    if wanted in _SURE:
        pattern = _SURE[wanted]
        if pattern is not None:
            found.append((f'{same} && !REGEX(STR({v}), "^({pattern})$")', False))
    elif str(wanted).startswith(_KNOWN_NAMESPACES):
        found.append((same, False))
    return found


def node_kind(v: str, wanted: Node) -> list[Condition]:
    if wanted not in _KINDS:
        raise Unscreenable
    kinds = _KINDS[URIRef(str(wanted))]
    tests = {"iri": f"(isIRI({v}) && !{blank(v)})", "blank": blank(v), "literal": f"isLiteral({v})"}
    if set(kinds) == {"iri", "blank"}:
        return [(f"isLiteral({v})", True)]
    return [("!(" + " || ".join(tests[kind] for kind in kinds) + ")", True)]


def length(v: str, bound: int, *, least: bool) -> list[Condition]:
    if least and bound == 0:
        return []
    return [(f"{blank(v)} || STRLEN(STR({v})) {'<' if least else '>'} {bound}", True)]


def pattern(v: str, wanted: Node, flags: list[Node]) -> list[Condition]:
    if flags or not isinstance(wanted, Literal):
        raise Unscreenable
    text = portable_pattern(str(wanted))
    if text is None:
        raise Unscreenable
    return [(f"{blank(v)} || !REGEX(STR({v}), {sparql(Literal(text))})", True)]


# What Python's and Rust's regular expressions read alike: no escapes but those of punctuation
# (\d, \w and \s are other sets of characters, \Z and \z other places), no look-around, no classes
# within classes, and repetitions with numbers that are small.
_PORTABLE: Final = re.compile(
    r"""(?: [^\\\[\](){}?*+|$]                        # a character, a dot, a circumflex
          | \\[-.+*?()\[\]{}^$|/]                     # an escaped sign
          | \[\^?(?!\])(?:(?!--)[^\\\[\]&~]|\\[-.\[\]^/])+\]   # a class of characters
          | \((?:\?:)?(?!\?) | \) | \|
          | [?*+]\??(?![?*+{])
          | \{[0-9]{1,3}(?:,[0-9]{0,3})?\}(?![?*+{])
          | \$(?=$|\||\))                             # the end, at the end of an alternative
        )*""",
    re.VERBOSE,
)


def portable_pattern(text: str) -> str | None:
    """The same regular expression for Rust as for Python's ``re``; None where that is unsure."""
    if not _PORTABLE.fullmatch(text) or len(text) > 2000:
        return None
    try:
        re.compile(text)
    except re.error:
        return None
    # Python's $ holds before a line feed at the very end, too.
    return re.sub(r"(?<!\\)\$(?=$|\||\))", r"(\\n?$)", text)


def language_in(tag: str, wanted: Iterable[Node]) -> list[Condition]:
    """``tag``: the value's language, an expression that is an error for what is no literal."""
    ranges = []
    for one in wanted:
        if not isinstance(one, Literal) or not isinstance(one.value, str):
            raise Unscreenable
        ranges.append(str(one).lower())
    if "*" in ranges:
        return [(f'COALESCE({tag} = "", true)', True)]
    listed = ", ".join(sparql(Literal(one)) for one in ranges if one) or '"-"'
    # Each mention of LANG reads the literal anew: most are told by the first.
    part = f'(CONTAINS({tag}, "-") && STRBEFORE({tag}, "-") IN ({listed}))'
    return [(f"!COALESCE({tag} IN ({listed}) || {part}, false)", True)]


def in_range(v: str, parameter: Node, bound: Node) -> list[Condition]:
    signs = {
        SH.minInclusive: ">=", SH.minExclusive: ">", SH.maxInclusive: "<=", SH.maxExclusive: "<",
    }  # fmt: skip
    if not isinstance(bound, Literal) or bound.ill_typed or not faithful(bound):
        raise Unscreenable
    test = f"COALESCE({v} {signs[URIRef(str(parameter))]} {sparql(bound)}, false)"
    return [
        (f"!isLiteral({v})", True),
        (f"isLiteral({v}) && (!{test} || !({comparable(v)}))", False),
    ]


def comparable(v: str) -> str:
    """Literals that both engines order alike among each other, where Oxigraph orders them at all:
    numbers but xsd:float (which rdflib holds in double precision), plain strings, times with a
    time zone, dates without one."""
    kind = f"DATATYPE({v})"
    exact = ", ".join(f"<{XSD[name]}>" for name in ("integer", "decimal", "string", "boolean"))
    return (
        f"COALESCE({kind} IN ({exact})"
        f" || ({kind} = <{XSD.dateTime}> && TZ({v}) != '' && STRLEN(STR({v})) <= 32)"
        f" || ({kind} = <{XSD.date}> && STRLEN(STR({v})) = 10), false)"
    )


def not_less(v: str, w: str, *, or_equal: bool) -> str:
    """Where ``v`` is not less than ``w``, or that is in doubt."""
    sign = "<=" if or_equal else "<"
    return f"!(COALESCE({v} {sign} {w}, false) && {comparable(v)} && {comparable(w)})"


def named(terms: Iterable[Node]) -> str:
    """Terms as rows of VALUES; those left out that the store cannot hold."""
    return " ".join(sparql(term) for term in terms if faithful(term) or isinstance(term, BNode))


def one_of(given: list[Node]) -> Node:
    if len(given) != 1:
        raise Unscreenable
    return given[0]


def some_of(members: list[Node]) -> list[Node]:
    if not members:
        raise Unscreenable
    return members


def count_of(term: Node) -> int:
    value = term.value if isinstance(term, Literal) and term.datatype == XSD.integer else None
    if isinstance(value, int) and value >= 0:
        return value
    raise Unscreenable
