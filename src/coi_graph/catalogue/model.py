"""What a catalogue is made from, and what it lists, as values."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from ..description.lookup import Lookup
from ..namespaces import BASE
from ..publishing.dumps import Dump
from ..publishing.manifest import Manifest

CATALOG = BASE + "catalog"
#: Who publishes: a project, not a person; not COI either.
PUBLISHER = BASE + "id/organisation/coi-graph-project"


@dataclass(frozen=True, slots=True)
class Distribution:
    """One file, or one address that answers with the data. ``form`` is a form's short name;
    ``service`` the IRI of the service that answers."""

    iri: str
    title: dict[str, str]
    description: dict[str, str]
    access: str
    form: str
    dump: Dump | None = None
    service: str | None = None


@dataclass(frozen=True, slots=True)
class Entry:
    """What the catalogue lists. Texts are by language.

    ``kind`` is "dataset", "series" or "service". ``issued`` and ``modified`` are xsd:dateTime, or
    shorter where the data says no more. ``relations`` are further (predicate, IRI) pairs.
    """

    iri: str
    kind: str
    title: dict[str, str]
    description: dict[str, str]
    keywords: dict[str, tuple[str, ...]]
    landing: str
    modified: str
    issued: str | None = None
    publisher: str = PUBLISHER
    creators: tuple[str, ...] = ()
    countries: tuple[str, ...] = ()
    periods: tuple[str, ...] = ()
    version: str | None = None
    is_example: bool = False
    distributions: tuple[Distribution, ...] = ()
    relations: tuple[tuple[str, str], ...] = ()

    @property
    def record(self) -> str:
        return f"{CATALOG}#record-{slug_of(self.iri)}"


@dataclass(frozen=True, slots=True)
class Kept:
    """A release with the dumps that it has."""

    manifest: Manifest
    dumps: Sequence[Dump]


@dataclass(frozen=True, slots=True)
class Publication:
    """What a catalogue is made from: the release that it describes, the others that are kept
    (newest first), and the site's own address."""

    current: Kept
    lookup: Lookup
    site: str
    others: Sequence[Kept] = field(default=())


def slug_of(iri: str) -> str:
    """A name for what belongs to ``iri``, unique in the catalogue."""
    return iri.removeprefix(BASE).strip("/").replace("/", "-").replace("#", "-") or "site"
