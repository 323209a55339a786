"""The catalogue against DCAT-AP's own shapes, and against what breaks harvesters."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pyshacl
import pytest
from rdflib import RDF, Graph, Literal, Namespace, URIRef
from rdflib.namespace import DCTERMS, FOAF, SH

from coi_graph.catalogue import dcat
from coi_graph.catalogue.entries import entries
from coi_graph.catalogue.model import Entry, Kept, Publication
from coi_graph.description import document
from coi_graph.description.lookup import Lookup
from coi_graph.media import TURTLE
from coi_graph.publishing import dumps
from coi_graph.publishing.releases import Release

SITE = "https://graph.example/"
BASE = "https://w3id.org/coi-graph/"
CATALOG = URIRef(BASE + "catalog")
DCAT = Namespace("http://www.w3.org/ns/dcat#")  # rdflib's knows no series
HYDRA = Namespace("http://www.w3.org/ns/hydra/core#")
SPDX = Namespace("http://spdx.org/rdf/terms#")
SHAPES_OF = "https://semiceu.github.io/DCAT-AP/releases/3.0.1#dcat:DataServiceShape/"
#: Named as properties in dcat-ap-SHACL.ttl, and said nothing of: pySHACL stops at them.
DANGLING = {
    SHAPES_OF + "dc08f4dca4377fade57f89454e3fa06a8389d314",
    SHAPES_OF + "eb3ac4e4fdde2e2588a9502c5956060a18c5c99f",
}
#: What shapes_recommended.ttl goes on warning of, and why it stands.
EXPLAINED = {
    (FOAF.Agent, DCTERMS.type): "no source that we cite says which type of publisher, in ADMS's "
    "list, the organisations are; our own project is none of them",
    (DCAT.Dataset, DCTERMS.temporal): "the whole, its parts and its releases are about no period "
    "of time; the surveys' editions are, and say so",
    (DCTERMS.Location, DCAT.bbox): "the countries are entries of the EU's table, which has their "
    "geometry; we do not repeat it",
    (DCTERMS.Location, DCAT.centroid): "as the bounding box",
}


@pytest.fixture(scope="module")
def publication(release: Release) -> Publication:
    kept = Kept(release.manifest, dumps.listed(release))
    return Publication(kept, Lookup(release.open()), SITE)


@pytest.fixture(scope="module")
def listed(publication: Publication) -> list[Entry]:
    return entries(publication)


@pytest.fixture(scope="module")
def catalogue(publication: Publication, listed: list[Entry]) -> Graph:
    return parsed(dcat.whole(publication, listed))


def parsed(triples: dcat.Triples) -> Graph:
    return Graph().parse(data=document.serialize(triples, TURTLE), format="turtle")


def results(data: Graph, shapes: Graph) -> Iterator[tuple[URIRef, URIRef, URIRef | None]]:
    """(severity, focus node, path) of each result."""
    _, report, _ = pyshacl.validate(data, shacl_graph=shapes)
    assert isinstance(report, Graph)
    for result in report.subjects(RDF.type, SH.ValidationResult):
        yield (
            report.value(result, SH.resultSeverity),
            report.value(result, SH.focusNode),
            report.value(result, SH.resultPath),
        )  # type: ignore[misc]


class TestShapes:
    @pytest.mark.parametrize("name", ["shapes", "range"])
    def test_no_violation(self, catalogue: Graph, shared: Path, name: str) -> None:
        shapes = Graph().parse(shared / f"conformance/dcat-ap/{name}.ttl")
        assert list(results(catalogue, shapes)) == []

    def test_no_violation_of_the_whole_profile(self, catalogue: Graph, shared: Path) -> None:
        shapes = Graph().parse(shared / "conformance/dcat-ap/dcat-ap-SHACL.ttl")
        dangling = {p for p in shapes.objects(None, SH.property) if (p, None, None) not in shapes}
        assert {str(p) for p in dangling} == DANGLING
        for shape in dangling:
            shapes.remove((None, SH.property, shape))
        assert list(results(catalogue, shapes)) == []

    def test_each_remaining_warning_is_explained(self, catalogue: Graph, shared: Path) -> None:
        shapes = Graph().parse(shared / "conformance/dcat-ap/shapes_recommended.ttl")
        found = list(results(catalogue, shapes))
        assert {severity for severity, _, _ in found} == {SH.Warning}
        left = {
            (kind, path)
            for _, focus, path in found
            for kind in catalogue.objects(focus, RDF.type)
            if (kind, path) in EXPLAINED
        }
        assert left == EXPLAINED.keys(), "an explanation too many, or too few"
        for _, focus, path in found:
            kinds = set(catalogue.objects(focus, RDF.type))
            assert any((kind, path) in EXPLAINED for kind in kinds), (focus, path)

    def test_the_shapes_find_what_is_missing(self, catalogue: Graph, shared: Path) -> None:
        """That they target anything of ours at all."""
        broken = Graph() + catalogue
        broken.remove((URIRef(BASE + "dataset/framework"), DCTERMS.title, None))
        shapes = Graph().parse(shared / "conformance/dcat-ap/shapes.ttl")
        assert [path for _, _, path in results(broken, shapes)] == [DCTERMS.title]


class TestWhatIsListed:
    def test_all_that_the_issue_asks_for(self, catalogue: Graph) -> None:
        found = {str(iri).removeprefix(BASE) for iri in catalogue.objects(CATALOG, DCAT.dataset)}
        assert {
            "dataset", "def/", "dataset/framework", "dataset/barometer", "dataset/organisations",
            "dataset/places", "dataset/examples", "dataset/shapes", "id/edition/dk-ib-1",
            "id/edition/dk-ib-4", "release/1",
        } <= found  # fmt: skip
        assert "dataset/contributions" not in found, "there are none yet"

    def test_the_barometer_is_a_series_with_its_editions(self, catalogue: Graph) -> None:
        series = URIRef(BASE + "id/survey/dk-ib")
        assert (series, RDF.type, DCAT.DatasetSeries) in catalogue
        editions = set(catalogue.subjects(DCAT.inSeries, series))
        assert editions == {URIRef(f"{BASE}id/edition/dk-ib-{n}") for n in (1, 2, 3, 4)}
        for edition in editions:
            assert (CATALOG, DCAT.dataset, edition) in catalogue
            assert catalogue.value(edition, DCTERMS.temporal) is not None

    def test_every_entry_has_a_record(self, catalogue: Graph, listed: list[Entry]) -> None:
        records = list(catalogue.objects(CATALOG, DCAT.record))
        topics = [catalogue.value(record, FOAF.primaryTopic) for record in records]
        assert sorted(map(str, topics)) == sorted(entry.iri for entry in listed)

    def test_everything_has_an_iri_and_a_title_in_both_languages(self, catalogue: Graph) -> None:
        kinds = (DCAT.Catalog, DCAT.Dataset, DCAT.DatasetSeries, DCAT.DataService,
                 DCAT.Distribution)  # fmt: skip
        for kind in kinds:
            things = list(catalogue.subjects(RDF.type, kind))
            assert things, kind
            for thing in things:
                assert isinstance(thing, URIRef), thing
                for predicate in (DCTERMS.title, DCTERMS.description):
                    texts = list(catalogue.objects(thing, predicate))
                    languages = Counter(t.language for t in texts if isinstance(t, Literal))
                    assert languages == {"da": 1, "en": 1}, (thing, predicate)

    def test_danish_is_not_english(self, catalogue: Graph) -> None:
        titles = catalogue.objects(URIRef(BASE + "dataset/framework"), DCTERMS.title)
        assert len({str(title) for title in titles}) == 2

    def test_examples_are_marked(self, catalogue: Graph) -> None:
        examples = URIRef(BASE + "dataset/examples")
        assert catalogue.value(examples, DCTERMS.type) == URIRef(BASE + "catalog#invented")
        described = {str(text) for text in catalogue.objects(examples, DCTERMS.description)}
        assert all(text.startswith(("INVENTED", "OPDIGTET")) for text in described)

    def test_services(self, catalogue: Graph) -> None:
        services = set(catalogue.objects(CATALOG, DCAT.service))
        addresses = {str(catalogue.value(one, DCAT.endpointURL)) for one in services}
        assert addresses == {SITE + path for path in ("sparql", "feed", "tpf")}


class TestDistributions:
    def test_files_have_what_a_mirror_checks(self, catalogue: Graph, release: Release) -> None:
        whole = URIRef(BASE + "dataset")
        files = {dump.name: dump for dump in dumps.listed(release)}
        found = list(catalogue.objects(whole, DCAT.distribution))
        assert len(found) == 5
        for distribution in found:
            address = str(catalogue.value(distribution, DCAT.downloadURL))
            dump = files[address.removeprefix(f"{SITE}dump/1/")]
            checksum = catalogue.value(distribution, SPDX.checksum)
            assert str(catalogue.value(checksum, SPDX.checksumValue)) == dump.sha256
            assert int(str(catalogue.value(distribution, DCAT.byteSize))) == dump.bytes
            media_type = str(catalogue.value(distribution, DCAT.mediaType))
            assert media_type.endswith("/" + dump.media_type)
            assert str(catalogue.value(distribution, DCAT.compressFormat)).endswith("gzip")
            assert (distribution, DCTERMS.license, None) in catalogue
            assert (distribution, DCTERMS.format, None) in catalogue

    def test_none_is_listed_before_its_checksum_exists(self, publication: Publication) -> None:
        bare = Publication(Kept(publication.current.manifest, []), publication.lookup, SITE)
        graph = parsed(dcat.whole(bare, entries(bare)))
        assert list(graph.subject_objects(DCAT.downloadURL)) == []
        assert list(graph.subject_objects(SPDX.checksum)) == []

    def test_all_addresses_are_absolute(self, catalogue: Graph) -> None:
        for term in set(catalogue.all_nodes()):
            if isinstance(term, URIRef):
                assert str(term).startswith(("http://", "https://")), term


class TestPages:
    def test_together_are_the_whole(
        self, publication: Publication, listed: list[Entry], catalogue: Graph
    ) -> None:
        last = dcat.pages_of(listed)
        assert last > 1
        together, walked = Graph(), []
        for number in range(1, last + 1):
            page = parsed(dcat.page(publication, listed, number))
            here = URIRef(f"{SITE}catalog?page={number}")
            assert page.value(CATALOG, HYDRA.view) == here
            walked.append(page.value(here, HYDRA.next))
            for triple in page:
                if here not in triple and not str(triple[1]).startswith(str(HYDRA)):
                    together.add(triple)
        expected = [URIRef(f"{SITE}catalog?page={n}") for n in range(2, last + 1)]
        assert walked == [*expected, None], "each page once, and an end"
        together.remove((CATALOG, RDF.type, HYDRA.Collection))
        assert set(together) == set(catalogue)

    def test_the_whole_has_no_paging(self, catalogue: Graph) -> None:
        """A harvester that ignores paging removes what it does not see; one that follows it
        would come twice."""
        assert not any(
            str(predicate).startswith(str(HYDRA)) for predicate in catalogue.predicates()
        )

    def test_each_page_conforms(
        self, publication: Publication, listed: list[Entry], shared: Path
    ) -> None:
        shapes = Graph().parse(shared / "conformance/dcat-ap/shapes.ttl")
        for number in range(1, dcat.pages_of(listed) + 1):
            assert list(results(parsed(dcat.page(publication, listed, number)), shapes)) == []
