"""The lists of a release: codes of a scheme, things of a class, values in use; with their names.

Each list takes one query, and no more than `MOST` things.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable
from itertools import islice

import pyoxigraph as ox

from ..i18n import Message, both
from ..namespaces import BASE, DCT, GRAPH, ID, PREFIXES, RDFS, SKOS
from ..store import Store
from .names import Choice, ChoiceList, Labels

MOST = 20_000
#: Made anew at each release: about the release, not of the world.
_GENERATED = tuple(
    f"<{GRAPH}{name}>" for name in ("validation", "provenance", "release", "removed")
)
_NAMING = {
    SKOS + "prefLabel": 0,
    DCT + "title": 1,
    RDFS + "label": 2,
}
_OTHER = {SKOS + "altLabel", SKOS + "hiddenLabel"}
_NUMBERS = {SKOS + "notation", DCT + "identifier"}
_COUNTRY = "http://publications.europa.eu/resource/authority/country/"
_UNIT = "http://qudt.org/vocab/unit/"
#: Others' codes that our data use: a release puts no label on them, but people need one.
_FOREIGN = {
    _COUNTRY + "DNK": Message("Denmark"),
    _COUNTRY + "FIN": Message("Finland"),
    _COUNTRY + "ISL": Message("Iceland"),
    _COUNTRY + "NOR": Message("Norway"),
    _COUNTRY + "SWE": Message("Sweden"),
    _UNIT + "NUM": Message("count"),
    _UNIT + "PERCENT": Message("per cent"),
    PREFIXES["sdmx-code"] + "obsStatus-A": Message("normal value"),
    PREFIXES["sdmx-code"] + "obsStatus-P": Message("provisional value"),
}
_MUNICIPALITY = (Message("%(name)s Municipality"), ID + "municipality/")


class Lists:
    """Makes the lists of one release. A thing that is in several is looked up once."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._choices: dict[str, Choice] = {}

    def of_scheme(self, scheme: str) -> ChoiceList:
        """The concepts of a concept scheme."""
        return self._list(f"scheme:{scheme}", f"?s skos:inScheme <{scheme}>", [scheme])

    def of_classes(self, classes: Iterable[str], key: str) -> ChoiceList:
        """What is an instance of one of ``classes`` or of a subclass; parts of others left out."""
        given = sorted(classes)
        values = " ".join(f"<{one}>" for one in sorted(_with_subclasses(self._store, given)))
        return self._list(key, f"VALUES ?class {{ {values} }} ?s a ?class", given)

    def in_use(self, predicate: str) -> ChoiceList:
        """The values that ``predicate`` has in the release, with what stands in the same lists:
        for fields whose shape does not say where their values come from."""
        where = (
            f"{{ ?x <{predicate}> ?s }} UNION "
            f"{{ ?x <{predicate}> ?known . ?known skos:inScheme ?list . ?s skos:inScheme ?list }}"
        )
        return self._list(f"used:{predicate}", where, [predicate])

    def of_members(self, members: Iterable[str], key: str) -> ChoiceList:
        """Exactly these (`sh:in`)."""
        values = " ".join(f"<{one}>" for one in members)
        return self._list(key, f"VALUES ?s {{ {values} }}", [])

    def _list(self, key: str, where: str, about: list[str]) -> ChoiceList:
        """The list of the ``?s`` that ``where`` finds."""
        query = (
            f"SELECT DISTINCT ?s WHERE {{ {where} FILTER (isIRI(?s)) FILTER EXISTS {{ "
            f"GRAPH ?g {{ ?s ?p ?o }} FILTER (?g NOT IN ({', '.join(_GENERATED)})) }} "
            f"}} LIMIT {MOST + 1}"
        )
        prefixes = {name: PREFIXES[name] for name in ("skos", "rdfs")}
        iris = sorted(row["s"].value for row in self._store.query(query, prefixes=prefixes))
        things = [self._choice(iri) for iri in islice(iris, MOST) if not _is_part(iri)]
        labels = labels_of(self._store, about[0]) if about else {}
        return ChoiceList(key, labels, tuple(sorted(things, key=_position)), len(iris) <= MOST)

    def _choice(self, iri: str) -> Choice:
        if iri not in self._choices:
            self._choices[iri] = _choice(self._store, iri)
        return self._choices[iri]


def _with_subclasses(store: Store, classes: Iterable[str]) -> set[str]:
    found: set[str] = set()
    waiting = list(classes)
    while waiting:
        one = waiting.pop()
        if one not in found:
            found.add(one)
            below = store.quads(None, ox.NamedNode(RDFS + "subClassOf"), ox.NamedNode(one))
            waiting.extend(q.subject.value for q in below if isinstance(q.subject, ox.NamedNode))
    return found


def labels_of(store: Store, iri: str) -> Labels:
    """What the release calls ``iri``; {} when it does not say."""
    found: dict[str, tuple[int, str]] = {}
    for quad in store.quads(ox.NamedNode(iri)):
        rank = _NAMING.get(quad.predicate.value)
        if rank is not None and isinstance(quad.object, ox.Literal) and quad.object.language:
            candidate = (rank, quad.object.value)
            language = quad.object.language
            found[language] = min(found.get(language, candidate), candidate)
    return {language: label for language, (_, label) in sorted(found.items())}


def _is_part(iri: str) -> bool:
    """Whether it belongs to another thing (``id/region/x/existence``), or to a release."""
    if not iri.startswith(BASE):
        return False
    return not iri.startswith(ID) or iri[len(ID) :].count("/") > 1


def _position(choice: Choice) -> tuple[str, str, str]:
    """Codes with a notation by it, all others by their Danish label."""
    notation = choice.notations[0] if choice.notations else ""
    return (notation if not notation.isdigit() else "", choice.label("da").casefold(), choice.iri)


def _choice(store: Store, iri: str) -> Choice:
    names: dict[str, list[tuple[int, str]]] = defaultdict(list)
    others: list[str] = []
    notations: list[str] = []
    for quad in store.quads(ox.NamedNode(iri)):
        predicate, value = quad.predicate.value, quad.object
        if isinstance(value, ox.Literal):
            if predicate in _NAMING and value.language in (None, "da", "en"):
                names[value.language or "da"].append((_NAMING[predicate], value.value))
            elif predicate in _OTHER:
                others.append(value.value)
            elif predicate in _NUMBERS:
                notations.append(value.value)
        elif predicate == PREFIXES["adms"] + "identifier" and isinstance(value, ox.NamedNode):
            notations.extend(
                q.object.value
                for q in store.quads(value, ox.NamedNode(SKOS + "notation"))
                if isinstance(q.object, ox.Literal)
            )
    labels = {language: min(found)[1] for language, found in sorted(names.items())}
    for language, found in names.items():
        others.extend(name for _, name in found if name != labels[language])
    if not labels:
        labels = both(_FOREIGN[iri]) if iri in _FOREIGN else {}
        notations.append(re.split(r"[/#]", iri)[-1].removeprefix("obsStatus-"))
    pattern, start = _MUNICIPALITY
    if iri.startswith(start) and labels:
        full = both(Message(pattern.msgid, name=next(iter(labels.values()))))
        others.extend(full.values())
    return Choice(iri, labels, tuple(sorted(set(notations))), tuple(sorted(set(others))))
