"""The name of a result: by it a waiver, and a report's next version, know it again."""

from __future__ import annotations

from rdflib.namespace import SH, XSD
from rdflib.term import Literal, Node, URIRef

from coi_graph.validation.report import Result, Severity

VALUES: list[Node | None] = [
    None,
    URIRef("http://e/x"),
    Literal("http://e/x"),
    Literal("x"),
    Literal("x", lang="da"),
    Literal("x", lang="en"),
    Literal("x", datatype=XSD.token),
    Literal("1"),
    Literal(1),
]


def result(value: Node | None) -> Result:
    return Result(
        URIRef("http://e/focus"), None, value, Severity.VIOLATION, URIRef("http://e/shape"),
        SH.UniqueLangConstraintComponent, {"en": "no"},
    )  # fmt: skip


def test_each_value_has_a_key_of_its_own() -> None:
    assert len({result(value).key for value in VALUES}) == len(VALUES)


def test_the_same_result_has_the_same_key() -> None:
    assert [result(value).key for value in VALUES] == [result(value).key for value in VALUES]
