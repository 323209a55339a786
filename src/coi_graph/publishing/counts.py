"""What is in a release, in numbers: for VoID. Counted once, beside its dumps."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Container, Iterable
from dataclasses import asdict, dataclass
from pathlib import Path

import pyoxigraph as ox

from ..namespaces import BASE, DEF, GENID, ID, RDF

FILE = "counts.json"
_TYPE = RDF + "type"


@dataclass(frozen=True, slots=True, kw_only=True)
class Counts:
    """Of the distinct triples of the union of the graphs.

    ``entities`` are things of ours that have a type; ``classes`` count instances; ``links`` is
    site → predicate → how many statements point to things there.
    """

    release: int
    triples: int
    entities: int
    subjects: int
    objects: int
    classes: dict[str, int]
    properties: dict[str, int]
    links: dict[str, dict[str, int]]

    def to_json(self) -> str:
        return json.dumps(asdict(self), indent=1, ensure_ascii=False) + "\n"


def of(folder: Path, release: int) -> Counts | None:
    """Those kept in ``folder``; None where there are none that can be read."""
    try:
        found = Counts(**json.loads((folder / FILE).read_text(encoding="utf-8")))
    except (OSError, ValueError, TypeError):
        return None
    return found if found.release == release else None


def count(release: int, quads: Iterable[ox.Quad], repeated: Container[int]) -> Counts:
    """One pass. ``repeated`` are the hashes of triples that may come twice. In memory: a hash for
    each distinct subject and object."""
    subjects, objects, entities = set[int](), set[int](), set[str]()
    classes, properties = Counter[str](), Counter[str]()
    links: dict[str, Counter[str]] = {}
    seen = set[ox.Triple]()
    for quad in quads:
        triple = quad.triple
        if hash(triple) in repeated:
            if triple in seen:
                continue
            seen.add(triple)
        subject, predicate, value = triple.subject, triple.predicate.value, triple.object
        properties[predicate] += 1
        subjects.add(hash(subject))
        objects.add(hash(value))
        if not isinstance(value, ox.NamedNode):
            continue
        if predicate == _TYPE:
            classes[value.value] += 1
            if isinstance(subject, ox.NamedNode) and _is_entity(subject.value):
                entities.add(subject.value)
        elif (site := _site(value.value)) is not None:
            links.setdefault(site, Counter())[predicate] += 1
    return Counts(
        release=release,
        triples=properties.total(),
        entities=len(entities),
        subjects=len(subjects),
        objects=len(objects),
        classes=dict(sorted(classes.items())),
        properties=dict(sorted(properties.items())),
        links={site: dict(sorted(by.items())) for site, by in sorted(links.items())},
    )


def _is_entity(iri: str) -> bool:
    return iri.startswith((ID, DEF)) and not iri.startswith(GENID)


def _site(iri: str) -> str | None:
    """The site of a thing that is not ours; None for ours, and for what is no web address."""
    scheme, _, rest = iri.partition("://")
    if iri.startswith(BASE) or scheme not in ("http", "https"):
        return None
    return f"{scheme}://{rest.partition('/')[0]}/"
