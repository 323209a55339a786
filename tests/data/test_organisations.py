"""Who founded, funded and steered the centre; which organisations changed (model.md A1, A5, C5)."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from rdflib import Literal, URIRef
from rdflib.namespace import DCAT, DCTERMS, ORG, PROV, RDF, TIME, XSD
from reference_graph import COI, CV, folder, local, name, reference, thing

GRAPH = folder("organisations")
COI_CENTRE = thing("organisation/coi")
FORMAL = (ORG.FormalOrganization, ORG.OrganizationalCollaboration, ORG.OrganizationalUnit)
ORGANISATIONS = sorted({str(s) for cls in FORMAL for s in GRAPH.subjects(RDF.type, cls)})
DENMARK = URIRef("http://publications.europa.eu/resource/authority/country/DNK")


def names(subject: URIRef, predicate: URIRef) -> set[str]:
    return {name(o) for o in reference().objects(subject, predicate)}


# --- the framework's facts

FOUNDERS = {"government", "kl", "danske-regioner", "ftf", "oao", "akademikerne"}
FUNDERS = {"government", "kl", "danske-regioner"}


def test_six_founded_and_three_of_them_fund() -> None:
    assert names(COI_CENTRE, COI.foundedBy) == FOUNDERS
    assert names(COI_CENTRE, COI.fundedBy) == FUNDERS


@pytest.mark.parametrize(
    ("predicate", "year", "count"), [(COI.foundedBy, "2014", 6), (COI.fundedBy, "2017", 3)]
)
def test_founding_and_funding_are_dated(predicate: URIRef, year: str, count: int) -> None:
    graph = reference()
    dated = [
        graph.value(s, DCTERMS.valid)
        for s in graph.subjects(RDF.predicate, predicate)
        if graph.value(s, RDF.subject) == COI_CENTRE
    ]
    assert dated == [Literal(year, datatype=XSD.gYear)] * count


def test_the_ministry_represents_the_government() -> None:
    ministry = thing("organisation/ministry-of-finance")
    assert names(ministry, PROV.actedOnBehalfOf) == {"government"}


def test_the_steering_group_of_2017() -> None:
    group = thing("organisation/steering-group")
    members = {
        name(reference().value(m, ORG.member))
        for m in reference().subjects(ORG.organization, group)
        if reference().value(m, DCTERMS.valid) == Literal("2017", datatype=XSD.gYear)
    }
    assert members == {"ministry-of-finance", "kl", "danske-regioner"}
    assert names(group, ORG.hasMember) == members


def test_each_membership_is_complete_and_dated() -> None:
    graph = reference()
    memberships = set(graph.subjects(RDF.type, ORG.Membership))
    assert len(memberships) == 6
    for membership in memberships:
        for predicate in (ORG.member, ORG.organization, ORG.role, DCTERMS.source):
            assert (membership, predicate, None) in graph, (membership, predicate)
        start = graph.value(membership, ORG.memberDuring / TIME.hasBeginning / TIME.inXSDgYear)  # type: ignore[operator, arg-type]
        valid = graph.value(membership, DCTERMS.valid)
        assert (start is None) != (valid is None), membership
        group = graph.value(membership, ORG.organization)
        assert (group, ORG.hasMember, graph.value(membership, ORG.member)) in graph


# --- dated events (model.md, A1 and A5)

EVENTS = {
    "establishment-2014": "2014",
    "innovation-internship-2014": "2014",
    "innovation-internship-first-round-2015": "2015",
    "spreading-model-contract-2015": "2015-03",
    "innovation-barometer-first-results-2015": "2015-04-21",
    "spreading-guide-2016": "2016-02",
    "groenspaettebogen-2016": "2016-09-29",
    "innovation-barometer-book-2016": "2016-10-26",
    "strategic-framework-2017": "2017",
    "strategy-2019": "2019",
    "grant-extension-2019": "2019-09",
    "economy-agreement-2021": "2021-06",
    "co-pi-2022": "2022-02",
    "fh-2019": "2019-01-01",
    "region-oestdanmark-2027": "2027-01-01",
    "mepin-2011": "2011-02",
    "oecd-declaration-2019": "2019-05-22",
    "copenhagen-manual-kickoff-2019": "2019-11-28",
    "copenhagen-manual-2021": "2021-02-23",
}
PRECISION = {4: XSD.gYear, 7: XSD.gYearMonth, 10: XSD.date}


def test_the_events_and_their_dates() -> None:
    events = set(GRAPH.subjects(RDF.type, PROV.Activity))
    found = {name(e): str(GRAPH.value(e, DCTERMS.date)) for e in events}
    assert found == EVENTS


@pytest.mark.parametrize("event", EVENTS)
def test_a_date_is_as_exact_as_it_says_and_has_a_source(event: str) -> None:
    iri = thing("event/" + event)
    (value,) = GRAPH.objects(iri, DCTERMS.date)
    assert isinstance(value, Literal)
    assert value.datatype == PRECISION[len(str(value))]
    sources = [local(s).split("/")[0] for s in GRAPH.objects(iri, DCTERMS.source)]
    assert sources
    assert set(sources) <= {"source", "framework"}


def test_the_first_results_came_at_nine_in_danish_summer_time() -> None:
    event = thing("event/innovation-barometer-first-results-2015")
    assert list(GRAPH.objects(event, PROV.startedAtTime)) == [
        Literal("2015-04-21T09:00:00+02:00", datatype=XSD.dateTime)
    ]


# --- organisations that changed (model.md, C5 question 24)

CHANGES = {
    "establishment-2014": (set(), {"coi"}),
    "fh-2019": ({"ftf", "lo"}, {"fh"}),
    "co-pi-2022": ({"coi"}, {"co-pi"}),
    "region-oestdanmark-2027": ({"hovedstaden", "sjaelland"}, {"oestdanmark"}),
}


def test_the_changes_of_organisations() -> None:
    found = {
        name(e): (names(e, ORG.originalOrganization), names(e, ORG.resultingOrganization))
        for e in GRAPH.subjects(RDF.type, ORG.ChangeEvent)
    }
    assert found == {event: (set(before), set(after)) for event, (before, after) in CHANGES.items()}


def test_changes_are_said_from_both_sides() -> None:
    graph = reference()
    for forward, back in (
        (ORG.originalOrganization, ORG.changedBy),
        (ORG.resultingOrganization, ORG.resultedFrom),
    ):
        said = {(o, s) for s, o in graph.subject_objects(forward)}
        assert said == set(graph.subject_objects(back))


@pytest.mark.parametrize("event", ["fh-2019", "region-oestdanmark-2027"])
def test_a_successor_begins_the_day_after_its_predecessors_end(event: str) -> None:
    graph = reference()
    iri = thing("event/" + event)
    day = date.fromisoformat(EVENTS[event])

    def days(role: URIRef, bound: URIRef) -> list[date]:
        return [
            date.fromisoformat(str(value))
            for organisation in graph.objects(iri, role)
            for period in graph.objects(organisation, DCTERMS.temporal)
            for value in graph.objects(period, bound)
        ]

    assert days(ORG.resultingOrganization, DCAT.startDate) == [day]
    assert days(ORG.originalOrganization, DCAT.endDate) == [day - timedelta(days=1)] * 2


# --- every organisation

NOT_PUBLIC = {"ftf", "oao", "akademikerne", "lo", "fh", "resonans", "ks", "kuntaliitto", "samband"}
INTERNATIONAL = {"oecd", "opsi"}


@pytest.mark.parametrize("organisation", ORGANISATIONS, ids=name)
def test_each_organisation_is_sourced_and_placed(organisation: str) -> None:
    iri = URIRef(organisation)
    assert list(GRAPH.objects(iri, DCTERMS.source))
    classes = [local(c).split("/")[0] for c in GRAPH.objects(iri, ORG.classification)]
    assert classes == ["actor-category"]
    countries = list(GRAPH.objects(iri, COI.country))
    assert len(countries) == (0 if name(iri) in INTERNATIONAL else 1)


def test_there_are_organisations() -> None:
    assert {name(o) for o in ORGANISATIONS} >= FOUNDERS | INTERNATIONAL | NOT_PUBLIC


def test_only_public_bodies_are_public_organisations() -> None:
    public = {name(s) for s in GRAPH.subjects(RDF.type, CV.PublicOrganisation)}
    assert {"coi", "co-pi", "kl", "danske-regioner", "danmarks-statistik"} <= public
    assert public & (NOT_PUBLIC | INTERNATIONAL) == set()


def test_the_danish_public_bodies_have_their_level() -> None:
    """The centre itself is of no one level: state, regions and municipalities fund it."""
    graph = GRAPH
    levels = {
        name(s): {name(level) for level in graph.objects(s, COI.governmentLevel)}
        for s in graph.subjects(RDF.type, CV.PublicOrganisation)
        if (s, COI.country, DENMARK) in graph
    }
    assert levels == {
        "government": {"state"},
        "ministry-of-finance": {"state"},
        "ministry-of-business": {"state"},
        "danmarks-statistik": {"state"},
        "kl": {"municipality"},
        "danske-regioner": {"region"},
        "coi": set(),
        "co-pi": set(),
    }
