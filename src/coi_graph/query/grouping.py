"""Recognises a query that asks how often each value of a property occurs: see `tally`."""

from __future__ import annotations

import re

from ..namespaces import RDF
from .direct import IRI, MAYBE, NAME, PROLOGUE, SPACE, VARIABLE
from .tally import Tally

_LONGEST = 4096  # characters

_COUNT = (
    rf"\({MAYBE}(?i:COUNT){MAYBE}\({MAYBE}(?P<counted{{0}}>\*|{VARIABLE}){MAYBE}\){MAYBE}"
    rf"(?i:AS){SPACE}(?P<number{{0}}>{VARIABLE}){MAYBE}\)"
)
_ORDER = rf"(?:{VARIABLE}|(?i:ASC|DESC){MAYBE}\({MAYBE}{VARIABLE}{MAYBE}\))"
_QUERY = re.compile(
    rf"(?P<prologue>{PROLOGUE})(?i:SELECT)"
    rf"(?:{SPACE}(?P<shown1>{VARIABLE}){MAYBE}{_COUNT.format(1)}"
    rf"|{MAYBE}{_COUNT.format(2)}{MAYBE}(?P<shown2>{VARIABLE}))"
    rf"{MAYBE}(?i:WHERE)?{MAYBE}\{{{MAYBE}"
    rf"(?P<thing>{VARIABLE}){SPACE}(?P<predicate>{IRI}|{NAME}|a){SPACE}(?P<value>{VARIABLE})"
    rf"(?:{MAYBE}\.)?{MAYBE}\}}{MAYBE}(?i:GROUP){SPACE}(?i:BY){SPACE}(?P<grouped>{VARIABLE})"
    rf"(?P<tail>(?:{SPACE}(?i:ORDER){SPACE}(?i:BY)(?:{SPACE}{_ORDER})++)?"
    rf"(?:{SPACE}(?i:LIMIT){SPACE}[0-9]{{1,9}})?(?:{SPACE}(?i:OFFSET){SPACE}[0-9]{{1,9}})?)"
    rf"{MAYBE}"
)
_VARIABLES = re.compile(VARIABLE)
_PREFIXES = re.compile(rf"(?i:PREFIX){SPACE}([^:]++):{MAYBE}<([^>]*+)>")


def read(text: str) -> Tally | None:
    """None for a query of any other kind, and for one whose prefix is not declared."""
    match = _QUERY.fullmatch(text) if len(text) <= _LONGEST else None
    if match is None:
        return None
    thing, value = match["thing"], match["value"]
    shown = match["shown1"] or match["shown2"]
    number = match["number1"] or match["number2"]
    counted = match["counted1"] or match["counted2"]
    if (
        not shown == value == match["grouped"]
        or len({thing, value, number}) < 3
        or counted not in ("*", thing, value)
        or not {value, number}.issuperset(_VARIABLES.findall(match["tail"]))
    ):
        return None
    predicate = _absolute(match["predicate"], match["prologue"])
    if predicate is None:
        return None
    projection = f"{value} {number}" if match["shown1"] else f"{number} {value}"
    return match["prologue"], predicate, projection, value, number, match["tail"]


def _absolute(predicate: str, prologue: str) -> str | None:
    """The predicate as an IRI in brackets."""
    if predicate.startswith("<"):
        return predicate
    if predicate == "a":
        return f"<{RDF}type>"
    prefix, _, local = predicate.partition(":")
    namespace = dict(_PREFIXES.findall(prologue)).get(prefix)  # the last one counts
    return None if namespace is None else f"<{namespace}{local}>"
