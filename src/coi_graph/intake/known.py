"""The lists of a release: codes of a scheme, things of a class, values in use; with their names.

Each list is made when it is first looked at, since a release may have very many things: by two
queries, and with no more than `MOST` things.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping
from functools import partial
from itertools import islice
from typing import Any

import pyoxigraph as ox

from ..i18n import Message, both
from ..namespaces import BASE, DCT, GRAPH, ID, PREFIXES, RDFS, SKOS
from ..store import Store, Term
from .names import Choice, ChoiceList, Labels

#: Predicate and value.
_Said = tuple[str, Term]

MOST = 20_000
#: So many things are looked up one by one (0.2 ms each): for more the engine reads what every thing
#: is called, and joins it.
_FEW = 500
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
_IDENTIFIER = PREFIXES["adms"] + "identifier"
#: What is read of a thing: a record has many statements, of which few name it.
_READ = " ".join(f"<{one}>" for one in sorted({*_NAMING, *_OTHER, *_NUMBERS, _IDENTIFIER}))
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


class Lists(Mapping[str, ChoiceList]):
    """The lists of one release, by the keys that they were promised under. Pickled, they are all
    made and a plain dictionary."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._promised: dict[str, Callable[[], ChoiceList]] = {}
        self._made: dict[str, ChoiceList] = {}

    def __getitem__(self, key: str) -> ChoiceList:
        if key not in self._made:
            self._made[key] = self._promised[key]()
        return self._made[key]

    def __iter__(self) -> Iterator[str]:
        return iter(self._promised)

    def __len__(self) -> int:
        return len(self._promised)

    def __reduce__(self) -> tuple[object, ...]:
        return dict, (dict(self),)

    def of_scheme(self, scheme: str) -> str:
        """The concepts of a concept scheme."""
        return self._promise(f"scheme:{scheme}", lambda: f"?s skos:inScheme <{scheme}>", [scheme])

    def of_classes(self, classes: Iterable[str]) -> str:
        """What is an instance of one of ``classes`` or of a subclass; parts of others left out."""
        given = sorted(classes)

        def instances() -> str:
            values = " ".join(f"<{one}>" for one in sorted(_with_subclasses(self._store, given)))
            return f"VALUES ?class {{ {values} }} ?s a ?class"

        return self._promise("class:" + " ".join(given), instances, given)

    def in_use(self, predicate: str) -> str:
        """The values that ``predicate`` has in the release, with what stands in the same lists:
        for fields whose shape does not say where their values come from."""

        def used() -> str:
            def values(name: str) -> str:
                found = f"SELECT DISTINCT {name} {{ ?x <{predicate}> {name} }} LIMIT {MOST + 1}"
                return f"{{ {found} }}"

            listed = "?known skos:inScheme ?list . ?s skos:inScheme ?list"
            return f"{values('?s')} UNION {{ {values('?known')} {listed} }}"

        return self._promise(f"used:{predicate}", used, [predicate])

    def of_members(self, members: Iterable[str], key: str) -> str:
        """Exactly these (`sh:in`)."""
        values = " ".join(f"<{one}>" for one in members)
        return self._promise(key, lambda: f"VALUES ?s {{ {values} }}", [])

    def _promise(self, key: str, where: Callable[[], str], about: list[str]) -> str:
        self._promised.setdefault(key, partial(self._list, key, where, about))
        return key

    def _list(self, key: str, where: Callable[[], str], about: list[str]) -> ChoiceList:
        """The list of the ``?s`` that ``where`` finds."""
        listed = (
            f"SELECT DISTINCT ?s WHERE {{ {where()} FILTER (isIRI(?s)) FILTER EXISTS {{ "
            f"GRAPH ?g {{ ?s ?p ?o }} FILTER (?g NOT IN ({', '.join(_GENERATED)})) }} "
            f"}} LIMIT {MOST + 1}"
        )
        iris = sorted(row["s"].value for row in self._query(listed))
        said: dict[str, list[_Said]] = defaultdict(list)
        if len(iris) > _FEW:
            for row in self._query(
                f"SELECT ?s ?p ?o WHERE {{ {{ {listed} }} VALUES ?p {{ {_READ} }} ?s ?p ?o }}"
            ):
                said[row["s"].value].append((row["p"].value, row["o"]))
        things = [
            _choice(self._store, iri, said.get(iri) or _said(self._store, iri))
            for iri in islice(iris, MOST)
            if not _is_part(iri)
        ]
        labels = labels_of(self._store, about[0]) if about else {}
        things.sort(key=lambda one: one.position("da"))
        return ChoiceList(key, labels, tuple(things), len(iris) <= MOST)

    def _query(self, text: str) -> Iterable[Any]:
        found: Iterable[Any] = self._store.query(text, prefixes={"skos": SKOS})
        return found


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


def _said(store: Store, iri: str) -> list[_Said]:
    return [(quad.predicate.value, quad.object) for quad in store.quads(ox.NamedNode(iri))]


def _choice(store: Store, iri: str, said: Iterable[_Said]) -> Choice:
    names: dict[str, list[tuple[int, str]]] = defaultdict(list)
    others: list[str] = []
    notations: list[str] = []
    for predicate, value in said:
        if isinstance(value, ox.Literal):
            if predicate in _NAMING and value.language in (None, "da", "en"):
                names[value.language or "da"].append((_NAMING[predicate], value.value))
            elif predicate in _OTHER:
                others.append(value.value)
            elif predicate in _NUMBERS:
                notations.append(value.value)
        elif predicate == _IDENTIFIER and isinstance(value, ox.NamedNode):
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
