"""What tests of reports check: the built release, and files written for the occasion."""

from __future__ import annotations

from functools import cache
from pathlib import Path

from coi_graph.publishing.releases import Releases
from coi_graph.validation.basis import Basis
from coi_graph.validation.check import check
from coi_graph.validation.document import Document
from coi_graph.validation.explanation import Finding

BASE = "https://w3id.org/coi-graph/"
ACTIVITY = BASE + "id/activity/"
HEAD = """\
@prefix coi: <https://w3id.org/coi-graph/def/> .
@prefix dct: <http://purl.org/dc/terms/> .
@prefix activity: <https://w3id.org/coi-graph/id/activity/> .
@prefix role: <https://w3id.org/coi-graph/id/role/> .
@prefix method: <https://w3id.org/coi-graph/id/method/> .
@prefix aim: <https://w3id.org/coi-graph/id/aim/> .
@prefix organisation: <https://w3id.org/coi-graph/id/organisation/> .
@prefix prov: <http://www.w3.org/ns/prov#> .
@prefix xsd: <http://www.w3.org/2001/XMLSchema#> .

"""
#: Everything that is asked for with a Violation.
GOOD = (
    HEAD
    + """\
activity:ny a coi:TrainingCourse ;
    dct:title "Kursus i afprøvning"@da , "Course in testing"@en ;
    dct:description "Tre dage om at afprøve i det små."@da , "Three days on testing."@en ;
    coi:hasRole role:capacity-builder ;
    coi:usesMethod method:training-course ;
    coi:aimsAt aim:more-qualified-innovation-work ;
    prov:startedAtTime "2019-03-01T09:00:00+01:00"^^xsd:dateTime ;
    coi:participant organisation:coi , organisation:kl .
"""
)


def good_without(line: str, instead: str = "") -> str:
    """The good file with one of its lines taken out, or replaced."""
    (found,) = [one for one in GOOD.splitlines() if line in one]
    return GOOD.replace(found + "\n", f"    {instead}\n" if instead else "")


@cache
def basis(home: Path) -> Basis:
    release = Releases(home / "releases").current()
    return Basis(release.open(), release=release.number, content_hash=release.manifest.content_hash)


def checked(home: Path, *files: tuple[str, str | bytes]) -> Document:
    sent = [(n, data.encode() if isinstance(data, str) else data) for n, data in files]
    return check(sent, basis(home))


def of_rule(document: Document, rule: str) -> Finding:
    """The one finding of the shape ``rule``."""
    (found,) = [
        one
        for one in document["results"]
        if one["rule"] and one["rule"]["iri"] == f"{BASE}shapes/{rule}"
    ]
    return found
