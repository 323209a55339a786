"""Where each named graph came from, in PROV-O (https://www.w3.org/TR/prov-o/), without persons.

A contributed graph tells who contributed it, who reviewed it, and from which report:

    <graph/contribution/12> prov:wasGeneratedBy <graph/contribution/12#review-15>
    <…#review-15>       prov:wasAssociatedWith <organisation> ; prov:used <…#report-15> ;
                        prov:wasInformedBy <…#contribution-15>
    <…#contribution-15> prov:wasAssociatedWith <organisation>

Agents are organisations. Whoever contributes for none is one of two agents that stand for all such
contributors and reviewers: a pseudonym of a person would still be personal data (decision 79).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

import pyoxigraph as ox

from ..ledger.content import Origin
from ..namespaces import DCT, PROV, RDF, RDFS, SH, XSD
from ..store import Store
from .changes import ChangeSet, between
from .metadata import DATASET, LICENCE, PROVENANCE, RELEASE, release_iri

CONTRIBUTOR = PROVENANCE + "#contributor"
REVIEWER = PROVENANCE + "#reviewer"
#: Of a publication: the program.
PUBLISHER = PROVENANCE + "#publisher"
_AGENTS = {
    CONTRIBUTOR: ("bidragyder uden angivet organisation", "contributor of no given organisation"),
    REVIEWER: ("godkender uden angivet organisation", "reviewer of no given organisation"),
}
_NAMED_GRAPH = "http://www.w3.org/ns/sparql-service-description#NamedGraph"
_Value = ox.NamedNode | ox.Literal


def publication_iri(release: int) -> str:
    return f"{release_iri(release)}#publication"


def change(
    store: Store, files: dict[str, str], gone: Iterable[str], origins: Iterable[Origin]
) -> tuple[ChangeSet, list[str]]:
    """What brings the provenance in ``store`` up to date, and the reviews that it did not know.

    ``files``: named graph → its file, for those that are new or have other content; ``gone``:
    those that are there no more; ``origins``: in the order of acceptance. What was said of an
    earlier contribution stays: the organisation of an account may change, what happened does not.
    """
    told: dict[str, list[Origin]] = {}
    whole, unknown = ChangeSet(), []
    for origin in origins:
        told.setdefault(origin.graph, []).append(origin)
        node = ox.NamedNode(origin.review)
        if next(store.quads(node, graph=PROVENANCE), None) is None:
            unknown.append(origin.review)
            whole.added.update(quad for quad in _of_origin(origin) if quad not in store)
    for graph in {*files, *gone, *told}:
        said = store.quads(ox.NamedNode(graph), graph=PROVENANCE)
        newest = told[graph][-1] if graph in told else None
        wanted = [*_of_content(graph, newest)] if newest else []
        if graph in files:
            wanted += _of_graph(graph, files[graph])
        whole = whole.then(between(said, wanted))
    return whole, unknown


def of_publication(number: int, issued: str, reviews: Iterable[str]) -> Iterator[ox.Quad]:
    """The making of release ``number``, which took in what these reviews let pass: part of what a
    release says of itself."""
    node = publication_iri(number)
    yield _say(release_iri(number), PROV + "wasGeneratedBy", ox.NamedNode(node), RELEASE)
    yield _say(node, RDF + "type", ox.NamedNode(PROV + "Activity"), RELEASE)
    labels = (f"Offentliggørelse af udgivelse {number}", f"Publication of release {number}")
    yield from _labelled(node, labels, RELEASE)
    yield _say(node, PROV + "endedAtTime", _moment(issued), RELEASE)
    yield _say(node, PROV + "wasAssociatedWith", ox.NamedNode(PUBLISHER), RELEASE)
    yield _say(PUBLISHER, RDF + "type", ox.NamedNode(PROV + "SoftwareAgent"), RELEASE)
    yield from _labelled(PUBLISHER, ("coi-graph", "coi-graph"), RELEASE)
    for review in reviews:
        yield _say(node, PROV + "wasInformedBy", ox.NamedNode(review), RELEASE)


def _of_graph(graph: str, file: str) -> Iterator[ox.Quad]:
    yield _say(graph, RDF + "type", ox.NamedNode(PROV + "Entity"))
    yield _say(graph, RDF + "type", ox.NamedNode(_NAMED_GRAPH))
    yield _say(graph, DCT + "isPartOf", ox.NamedNode(DATASET))
    yield _say(graph, DCT + "license", ox.NamedNode(LICENCE))
    yield _say(graph, DCT + "identifier", ox.Literal(file))


def _of_content(graph: str, newest: Origin) -> Iterator[ox.Quad]:
    """What the graph says of what it holds now."""
    review = ox.NamedNode(newest.review)
    if newest.removes:
        yield _say(graph, PROV + "wasInvalidatedBy", review)
        return
    yield _say(graph, PROV + "wasGeneratedBy", review)
    yield _say(graph, PROV + "wasAttributedTo", _agent(newest.contributor, CONTRIBUTOR))


def _of_origin(origin: Origin) -> Iterator[ox.Quad]:
    """Contributing, the report, and the review, as two activities and an entity."""
    number, graph = origin.contribution_id, origin.graph
    sending, report = f"{graph}#contribution-{number}", f"{graph}#report-{number}"
    review = origin.review
    for activity, at, organisation, nobody in (
        (sending, origin.submitted, origin.contributor, CONTRIBUTOR),
        (review, origin.accepted, origin.reviewer, REVIEWER),
    ):
        agent = _agent(organisation, nobody)
        yield _say(activity, RDF + "type", ox.NamedNode(PROV + "Activity"))
        yield _say(activity, PROV + "endedAtTime", _moment(at))
        yield _say(activity, PROV + "wasAssociatedWith", agent)
        if agent.value == nobody:
            yield _say(nobody, RDF + "type", ox.NamedNode(PROV + "Agent"))
            yield from _labelled(nobody, _AGENTS[nobody])
    yield from _labelled(sending, (f"Bidrag {number}", f"Contribution {number}"))
    yield from _labelled(
        review, (f"Godkendelse af bidrag {number}", f"Review of contribution {number}")
    )
    yield _say(review, PROV + "used", ox.NamedNode(report))
    yield _say(review, PROV + "wasInformedBy", ox.NamedNode(sending))
    yield _say(report, RDF + "type", ox.NamedNode(PROV + "Entity"))
    yield _say(report, RDF + "type", ox.NamedNode(SH + "ValidationReport"))
    yield from _labelled(report, _in_words(origin))
    conforms = "false" if origin.violations or origin.warnings else "true"
    yield _say(report, SH + "conforms", _typed(conforms, "boolean"))
    yield _say(report, PROV + "wasGeneratedBy", ox.NamedNode(sending))
    checked = ox.NamedNode(release_iri(origin.checked_release))
    yield _say(report, PROV + "wasDerivedFrom", checked)
    yield _say(report, DCT + "identifier", ox.Literal(f"sha256:{origin.sha256}"))


def _in_words(origin: Origin) -> tuple[str, str]:
    number, wrong, doubtful = origin.contribution_id, origin.violations, origin.warnings
    waived = (" (dispenseret)", " (waived)") if wrong else ("", "")
    warnings = ("advarsel", "warning") if doubtful == 1 else ("advarsler", "warnings")
    violations = "violation" if wrong == 1 else "violations"
    return (
        f"Rapport om bidrag {number}: {wrong} fejl{waived[0]}, {doubtful} {warnings[0]}",
        f"Report on contribution {number}: {wrong} {violations}{waived[1]},"
        f" {doubtful} {warnings[1]}",
    )


def _agent(organisation: str, nobody: str) -> ox.NamedNode:
    """The organisation, where it is one: accounts hold what an administrator typed."""
    try:
        return ox.NamedNode(organisation or nobody)
    except ValueError:
        return ox.NamedNode(nobody)


def _labelled(node: str, texts: tuple[str, str], graph: str = PROVENANCE) -> Iterator[ox.Quad]:
    for text, language in zip(texts, ("da", "en"), strict=True):
        yield _say(node, RDFS + "label", ox.Literal(text, language=language), graph)


def _moment(text: str) -> ox.Literal:
    return _typed(text, "dateTime")


def _typed(text: str, datatype: str) -> ox.Literal:
    return ox.Literal(text, datatype=ox.NamedNode(XSD + datatype))


def _say(subject: str, predicate: str, value: _Value, graph: str = PROVENANCE) -> ox.Quad:
    return ox.Quad(ox.NamedNode(subject), ox.NamedNode(predicate), value, ox.NamedNode(graph))
