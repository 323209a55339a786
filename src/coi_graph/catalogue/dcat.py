"""The catalogue as RDF: DCAT-AP 3 (https://semiceu.github.io/DCAT-AP/releases/3.0.1/)."""

from __future__ import annotations

from collections.abc import Sequence

import pyoxigraph as ox

from ..description.lookup import Lookup
from ..i18n import both
from ..namespaces import DCAT, DCT, FOAF, RDFS, SKOS, XSD
from . import authority, services, texts
from .authority import Term
from .model import CATALOG, PUBLISHER, Distribution, Entry, Publication
from .services import Service
from .triples import Triples, date_time, integer
from .triples import texts as literals

ADMS = "http://www.w3.org/ns/adms#"
DCATAP = "http://data.europa.eu/r5r/"
HYDRA = "http://www.w3.org/ns/hydra/core#"
SPDX = "http://spdx.org/rdf/terms#"
VCARD = "http://www.w3.org/2006/vcard/ns#"
CONTACT = f"{CATALOG}#contact"
PAGE_SIZE = 10
#: Vocabulary of each relation that an entry may have.
_RELATIONS = {
    "hasVersion": DCAT + "hasVersion",
    "hasCurrentVersion": DCAT + "hasCurrentVersion",
    "isVersionOf": DCAT + "isVersionOf",
    "inSeries": DCAT + "inSeries",
    "prev": DCAT + "prev",
    "isPartOf": DCT + "isPartOf",
}


def pages_of(entries: Sequence[Entry]) -> int:
    """How many pages there are."""
    return max(1, -(-len(entries) // PAGE_SIZE))


def whole(of: Publication, entries: Sequence[Entry]) -> Triples:
    """All of the catalogue, without paging controls: who follows them would count twice."""
    return _catalogue(of, entries)


def page(of: Publication, entries: Sequence[Entry], number: int) -> Triples:
    """Page ``number``, from 1 on, with Hydra's controls. Their addresses are absolute: a relative
    one is read as a file's by some harvesters."""
    last = pages_of(entries)
    shown = entries[(number - 1) * PAGE_SIZE : number * PAGE_SIZE]
    found = _catalogue(of, shown)

    def address(one: int) -> str:
        return f"{of.site}catalog?page={one}"

    here = address(number)
    found.add_types(here, HYDRA + "PartialCollectionView")
    found.add_types(CATALOG, HYDRA + "Collection")
    found.add_to(
        CATALOG,
        (HYDRA + "view", here),
        (HYDRA + "totalItems", ox.Literal(str(len(entries)), datatype=_INTEGER)),
    )
    found.add_to(here, (HYDRA + "first", address(1)), (HYDRA + "last", address(last)))
    if number < last:
        found.add_to(here, (HYDRA + "next", address(number + 1)))
    if number > 1:
        found.add_to(here, (HYDRA + "previous", address(number - 1)))
    return found


_INTEGER = ox.NamedNode(XSD + "integer")


def one(of: Publication, entry: Entry) -> Triples:
    """The description of one data set, for its own address."""
    found = Triples()
    _add_entry(found, of, entry)
    return found


def _catalogue(of: Publication, entries: Sequence[Entry]) -> Triples:
    found, manifest = Triples(), of.current.manifest
    found.add_types(CATALOG, DCAT + "Catalog")
    found.add_to(
        CATALOG,
        (DCT + "title", literals(both(texts.CATALOG.title))),
        (DCT + "description", literals(both(texts.CATALOG.description))),
        (DCT + "publisher", _agent(found, of.lookup, PUBLISHER)),
        (DCT + "license", _licence(found)),
        (DCT + "issued", date_time(manifest.issued)),
        (DCT + "modified", date_time(manifest.issued)),
        (DCT + "language", [term.describe(found) for term in authority.LANGUAGES]),
        (DCT + "spatial", authority.DENMARK.describe(found)),
        (DCAT + "themeTaxonomy", _themes(found)),
        (DCAT + "contactPoint", _contact(found, of.site)),
        (FOAF + "homepage", _page(found, of.site)),
    )
    for entry in entries:
        _add_entry(found, of, entry)
        _add_record(found, entry, manifest.issued)
        found.add_to(CATALOG, (DCAT + "record", entry.record))
        if entry.kind != "series":  # which the range of dcat:dataset does not take
            found.add_to(CATALOG, (DCAT + "dataset", entry.iri))
    for service in services.SERVICES:
        _add_service(found, of, service)
        found.add_to(CATALOG, (DCAT + "service", service.iri))
    return found


def _add_record(found: Triples, entry: Entry, modified: str) -> None:
    found.add_types(entry.record, DCAT + "CatalogRecord")
    found.add_to(
        entry.record,
        (FOAF + "primaryTopic", entry.iri),
        (DCT + "title", literals(entry.title)),
        (DCT + "issued", date_time(modified)),
        (DCT + "modified", date_time(modified)),
        (DCT + "conformsTo", authority.DCAT_AP.describe(found)),
        (DCT + "language", [term.describe(found) for term in authority.LANGUAGES]),
        (ADMS + "status", _status(found)),
    )


def _add_entry(found: Triples, of: Publication, entry: Entry) -> None:
    is_series = entry.kind == "series"
    kind = DCAT + ("DatasetSeries" if is_series else "Dataset")
    found.add_types(entry.iri, kind, DCAT + "Resource")
    found.add_to(
        entry.iri,
        (DCT + "title", literals(entry.title)),
        (DCT + "description", literals(entry.description)),
        (DCT + "publisher", _agent(found, of.lookup, entry.publisher)),
        (DCT + "creator", [_agent(found, of.lookup, iri) for iri in entry.creators]),
        (DCAT + "contactPoint", _contact(found, of.site)),
        (DCAT + "theme", authority.GOVERNMENT.describe(found)),
        (DCT + "spatial", _countries(found, entry)),
        (DCT + "accrualPeriodicity", authority.IRREGULAR.describe(found)),
        (DCT + "modified", date_time(entry.modified)),
    )
    if entry.issued:
        found.add_to(entry.iri, (DCT + "issued", _when(entry.issued)))
    for period in entry.periods:
        found.add_to(entry.iri, (DCT + "temporal", _period(found, of.lookup, period)))
    for name, other in entry.relations:
        found.add_to(entry.iri, (_RELATIONS[name], other))
    if is_series:
        return
    found.add_to(
        entry.iri,
        *((DCAT + "keyword", literals({lang: word}))
          for lang, words in entry.keywords.items() for word in words),
        (DCT + "language", [term.describe(found) for term in authority.LANGUAGES]),
        (DCT + "accessRights", authority.PUBLIC.describe(found)),
        (DCT + "identifier", ox.Literal(entry.iri)),
        (DCAT + "landingPage", _page(found, entry.landing)),
    )  # fmt: skip
    if entry.version:
        found.add_to(entry.iri, (DCAT + "version", ox.Literal(entry.version)))
    if entry.is_example:
        found.add_to(entry.iri, (DCT + "type", _invented(found)))
    for distribution in entry.distributions:
        _add_distribution(found, distribution, entry.modified)
        found.add_to(entry.iri, (DCAT + "distribution", distribution.iri))


def _add_distribution(found: Triples, one: Distribution, modified: str) -> None:
    found.add_types(one.iri, DCAT + "Distribution")
    found.add_to(
        one.iri,
        (DCT + "title", literals(one.title)),
        (DCT + "description", literals(one.description)),
        (DCAT + "accessURL", one.access),
        (DCT + "license", _licence(found)),
        (DCT + "format", authority.FILE_TYPES[one.form].describe(found)),
        (DCAT + "mediaType", authority.MEDIA_TYPES[one.form].describe(found)),
        (DCATAP + "availability", authority.STABLE.describe(found)),
        (DCT + "language", [term.describe(found) for term in authority.LANGUAGES]),
        (DCT + "modified", date_time(modified)),
    )
    if one.service is not None:
        found.add_to(one.iri, (DCAT + "accessService", one.service))
    if one.dump is not None:
        checksum = f"{one.iri}-checksum"
        found.add_types(checksum, SPDX + "Checksum")
        digest = ox.Literal(one.dump.sha256, datatype=ox.NamedNode(XSD + "hexBinary"))
        found.add_to(
            checksum,
            (SPDX + "algorithm", authority.SHA256.describe(found)),
            (SPDX + "checksumValue", digest),
        )
        found.add_to(
            one.iri,
            (DCAT + "downloadURL", one.access),
            (DCAT + "byteSize", integer(one.dump.bytes)),
            (DCAT + "compressFormat", authority.GZIP.describe(found)),
            (SPDX + "checksum", checksum),
        )


def _add_service(found: Triples, of: Publication, one: Service) -> None:
    found.add_types(one.iri, DCAT + "DataService", DCAT + "Resource")
    found.add_to(
        one.iri,
        (DCT + "title", literals(both(one.named.title))),
        (DCT + "description", literals(both(one.named.description))),
        (DCAT + "endpointURL", of.site + one.path),
        (DCAT + "endpointDescription", of.site + one.described),
        (DCAT + "servesDataset", one.serves),
        (DCAT + "contactPoint", _contact(found, of.site)),
        (DCAT + "theme", authority.GOVERNMENT.describe(found)),
        (DCAT + "keyword", [w for lang, words in texts.KEYWORDS.items()
                            for word in words for w in literals({lang: word})]),
        (DCT + "publisher", _agent(found, of.lookup, PUBLISHER)),
        (DCT + "license", _licence(found)),
        (DCT + "accessRights", authority.PUBLIC.describe(found)),
        (DCT + "conformsTo", one.standard.describe(found)),
        (DCT + "format", [authority.FILE_TYPES[form.name].describe(found) for form in one.forms]),
    )  # fmt: skip


def _agent(found: Triples, lookup: Lookup, iri: str) -> str:
    names = lookup.labels(iri) or {"": iri.rpartition("/")[2]}
    found.add_types(iri, FOAF + "Agent")
    found.add_to(iri, (FOAF + "name", literals(names)))
    return iri


def _contact(found: Triples, site: str) -> str:
    """An address that takes messages, and no person."""
    found.add_types(CONTACT, VCARD + "Kind", VCARD + "Organization")
    found.add_to(CONTACT, (VCARD + "fn", ox.Literal("coi-graph")), (VCARD + "hasURL", site))
    return CONTACT


def _licence(found: Triples) -> str:
    iri = authority.LICENCE.describe(found)
    found.add_to(iri, (DCT + "type", authority.ATTRIBUTION.describe(found)))
    return iri


def _themes(found: Triples) -> str:
    found.add_types(authority.THEMES, SKOS + "ConceptScheme")
    found.add_to(
        authority.THEMES, (DCT + "title", literals({"en": "Data theme", "da": "Datatema"}))
    )
    return authority.THEMES


def _status(found: Triples) -> str:
    status = Term(
        "http://purl.org/adms/status/Completed", (SKOS + "Concept",), "completed", "afsluttet",
        "http://purl.org/adms/status/1.0",
    )  # fmt: skip
    return status.describe(found)


def _invented(found: Triples) -> str:
    term = Term(f"{CATALOG}#invented", (SKOS + "Concept",), "invented example", "opdigtet eksempel")
    return term.describe(found)


def _page(found: Triples, address: str) -> str:
    found.add_types(address, FOAF + "Document")
    return address


def _countries(found: Triples, entry: Entry) -> list[str]:
    known = [authority.COUNTRIES[iri] for iri in entry.countries if iri in authority.COUNTRIES]
    return [term.describe(found) for term in known or [authority.DENMARK]]


def _period(found: Triples, lookup: Lookup, iri: str) -> str:
    found.add_types(iri, DCT + "PeriodOfTime")
    found.add_to(iri, (RDFS + "label", literals(lookup.labels(iri))))
    for name in ("startDate", "endDate"):
        found.add_to(iri, (DCAT + name, lookup.values(iri, DCAT + name)))
    return iri


def _when(text: str) -> ox.Literal:
    """A year, a day or a moment."""
    kind = {4: "gYear", 7: "gYearMonth", 10: "date"}.get(len(text), "dateTime")
    return ox.Literal(text, datatype=ox.NamedNode(XSD + kind))
