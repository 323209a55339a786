"""Each link that the framework's text licenses: there, borne out by a passage, and none besides."""

from __future__ import annotations

import re
from itertools import product

import pytest
from rdflib import URIRef
from rdflib.namespace import DCTERMS, ORG, PROV, RDF, SKOS
from reference_graph import COI, OA, local, name, reference, thing

CONDITIONS = ("structural-frameworks", "incentives", "culture", "competences", "requirements")
PRACTICES = ("anchoring", "evaluation", "spreading")
AUDIENCE = ("decision-maker", "opinion-former", "innovation-active-employee")

# model.md, C1: "Role texts that do license links"
ROLE_LINKS = {
    ("dialogue-and-leverage-partner", "addressesCondition"): CONDITIONS,
    ("dialogue-and-leverage-partner", "engagesWith"): ("decision-maker",),
    ("dialogue-and-leverage-partner", "usesMethod"): ("dialogue", "collaboration"),
    ("capacity-builder", "usesMethod"): ("dissemination", "collaboration", "training-course"),
    ("capacity-builder", "engagesWith"): (
        "public-innovation-unit",
        "educational-institution",
        "foundation",
    ),
    ("capacity-builder", "appliesTo"): ("public-workplace",),
    ("capacity-builder", "concernsPractice"): PRACTICES,
    ("knowledge-ally", "usesMethod"): (
        "knowledge-collection",
        "knowledge-creation",
        "dissemination",
        "knowledge-debate",
        "trend-spotting",
        "collaboration",
    ),
    ("knowledge-ally", "collaborationForm"): ("project",),
    ("knowledge-ally", "usesTool"): ("innovation-barometer",),
    ("knowledge-ally", "engagesWith"): (
        "public-innovation-unit",
        "knowledge-institution",
        "voluntary-organisation",
        "professional-organisation",
        "oecd",
        "nordic-countries",
    ),
    ("knowledge-ally", "benefits"): AUDIENCE,
}
PURPOSE_LINKS = {
    ("supportive-conditions", "addressesCondition"): CONDITIONS,
    ("innovation-capacity", "concernsPractice"): PRACTICES,
    ("knowledge-and-debate", "benefits"): AUDIENCE,
}
# model.md, C3: "Each aim names a change-bearer"
CHANGE_BEARERS = {
    "S3": "decision-maker",
    "S4": "decision-maker",
    "S5": "decision-maker",
    "A2": "public-workplace",
    "V1": "danish-or-foreign-actor",
}

#: The properties whose every use in the framework's own graph needs a statement that bears it out.
LICENSED = {
    COI.addressesCondition,
    COI.appliesTo,
    COI.benefits,
    COI.changeBearer,
    COI.collaborationForm,
    COI.concernsPractice,
    COI.developedWith,
    COI.engagesWith,
    COI.foundedBy,
    COI.fundedBy,
    COI.usesMethod,
    COI.usesTool,
    ORG.purpose,
    PROV.actedOnBehalfOf,
    SKOS.related,
}

#: What each thing is called in the framework's text, as the beginning of a word.
WORDS = {
    "structural-frameworks": "strukturelle rammer",
    "incentives": "incitament",
    "culture": "kultur",
    "competences": "kompetencer",
    "requirements": "krav",
    "anchoring": "forankring",
    "evaluation": "evaluering",
    "spreading": "spredning",
    "dissemination": "formidl",
    "collaboration": "samarbejd",
    "training-course": "træningsforløb",
    "dialogue": "dialog",
    "knowledge-collection": "indhenter",
    "knowledge-creation": "skaber",
    "knowledge-debate": "debatterer",
    "trend-spotting": "spotte",
    "project": "projekt|samarbejdsprojekt",
    "partnership": "partnerskab",
    "network": "netværk",
    "other-relation": "andre relationer",
    "decision-maker": "beslutningstager",
    "opinion-former": "meningsdanner",
    "innovation-active-employee": "innovationsaktive",
    "public-innovation-unit": "innovationsenhed",
    "educational-institution": "uddannelsesinstitution",
    "foundation": "fond",
    "other-innovation-actor": "andre innovationsaktør",
    "knowledge-institution": "vidensinstitution",
    "voluntary-organisation": "frivillige",
    "professional-organisation": "faglige organisation",
    "public-workplace": "offentlige arbejdsplads|arbejdsplads",
    "danish-or-foreign-actor": "danske og udenlandske aktører",
    "innovation-barometer": "innovationsbarometer",
    "oecd": "OECD",
    "nordic-countries": "nordiske lande",
    "government": "regering",
    "kl": "KL",
    "danske-regioner": "Danske Regioner",
    "ftf": "FTF",
    "oao": "OAO",
    "akademikerne": "Akademikerne",
    "steering-group": "styregruppe",
    "continuous-follow-up": "opfølgning",
    "overall-purpose": "øget kvalitet og effektivitet",
    "supportive-conditions": "gennemslag",
    "innovation-capacity": "innovationskapacitet",
    "knowledge-and-debate": "skabe og debattere viden",
}

Link = tuple[URIRef, URIRef, URIRef]


def statements() -> dict[URIRef, Link]:
    """Each rdf:Statement of the reference data about a link between two things."""
    graph = reference()
    found: dict[URIRef, Link] = {}
    for statement in graph.subjects(RDF.type, RDF.Statement):
        parts = tuple(graph.value(statement, p) for p in (RDF.subject, RDF.predicate, RDF.object))
        if all(isinstance(part, URIRef) for part in parts):
            found[URIRef(str(statement))] = parts  # type: ignore[assignment]
    return found


STATEMENTS = statements()


def links(kind: str) -> set[tuple[str, str, str]]:
    return {
        (name(s), name(p), name(o))
        for s, p, o in reference()
        if local(s).startswith(kind + "/") and p in LICENSED and p != SKOS.related
    }


def listed(table: dict[tuple[str, str], tuple[str, ...]]) -> set[tuple[str, str, str]]:
    return {(s, p, o) for (s, p), objects in table.items() for o in objects}


def test_the_roles_have_the_links_that_their_texts_license() -> None:
    assert links("role") == listed(ROLE_LINKS)


def test_the_purposes_have_the_links_that_their_texts_license() -> None:
    assert links("purpose") == listed(PURPOSE_LINKS)


def test_role_1_and_purpose_1_address_the_same_conditions() -> None:
    graph = reference()
    role, purpose = (
        set(graph.objects(thing(path), COI.addressesCondition))
        for path in ("role/dialogue-and-leverage-partner", "purpose/supportive-conditions")
    )
    assert role == purpose
    assert len(role) == 5


def test_the_aims_name_their_change_bearers() -> None:
    graph = reference()
    found = {
        str(graph.value(aim, SKOS.notation)): name(bearer)
        for aim, bearer in graph.subject_objects(COI.changeBearer)
    }
    assert found == CHANGE_BEARERS
    assert len(links("aim")) == len(CHANGE_BEARERS)


def test_each_licensed_link_has_one_statement_and_each_statement_holds() -> None:
    graph = reference()
    asserted = {(s, p, o) for s, p, o in graph if p in LICENSED}
    stated = sorted(STATEMENTS.values())
    assert len(stated) == len(set(stated))
    assert asserted - set(stated) == set()
    assert [link for link in stated if link not in graph] == []


def test_each_statement_names_its_passage_or_source_and_how_it_was_read() -> None:
    graph = reference()
    for statement in STATEMENTS:
        passages = set(graph.objects(statement, COI.statedIn))
        sources = set(graph.objects(statement, DCTERMS.source))
        assert passages or sources, statement
        assert bool(passages) != bool(sources), statement
        status = [name(s) for s in graph.objects(statement, COI.derivationStatus)]
        assert len(status) == 1, statement
        assert status[0] in {"explicit", "derived", "inferred"}, statement


def quotes_of(statement: URIRef) -> str:
    graph = reference()
    return " … ".join(
        str(exact)
        for passage in graph.objects(statement, COI.statedIn)
        for target in graph.objects(passage, OA.hasTarget)
        for selector in graph.objects(target, OA.hasSelector)
        for exact in graph.objects(selector, OA.exact)
    )


FROM_THE_TEXT = sorted(
    s
    for s in STATEMENTS
    if (s, COI.statedIn, None) in reference() and STATEMENTS[s][1] != SKOS.related
)


@pytest.mark.parametrize("statement", FROM_THE_TEXT, ids=name)
def test_the_passage_names_what_is_linked_to(statement: URIRef) -> None:
    words = WORDS[name(STATEMENTS[statement][2])]
    assert re.search(rf"\b({words})", quotes_of(statement), re.IGNORECASE)


def test_what_is_read_more_freely_says_how() -> None:
    """A link that is not explicit has a note in both languages."""
    graph = reference()
    silent = [
        (name(statement), language)
        for statement, language in product(STATEMENTS, ("da", "en"))
        if (statement, COI.derivationStatus, thing("derivation-status/explicit")) not in graph
        and language not in {n.language for n in graph.objects(statement, SKOS.editorialNote)}  # type: ignore[attr-defined]
    ]
    assert silent == []


def test_developed_with_is_said_only_where_a_source_says_so() -> None:
    found = {
        (name(s), name(o)): {name(x) for x in reference().objects(statement, DCTERMS.source)}
        for statement, (s, p, o) in STATEMENTS.items()
        if p == COI.developedWith
    }
    assert found == {
        ("innovation-barometer", "danmarks-statistik"): {
            "barometer-coi-launch-2015",
            "copi-barometer-agreement-2016",
        },
        ("innovation-barometer", "center-for-forskningsanalyse"): {"barometer-coi-launch-2015"},
    }
