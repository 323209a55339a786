"""The data services: where the data sets can be asked, beside downloading them."""

from __future__ import annotations

from dataclasses import dataclass

from ..media import JSON_LD, RESULTS_CSV, TRIG, TURTLE, Form
from ..publishing.metadata import DATASET
from . import authority, texts
from .authority import Term
from .model import CATALOG
from .surveys import SPARQL_SERVICE
from .texts import Named

FEED_SERVICE = f"{CATALOG}#feed"
FRAGMENTS_SERVICE = f"{CATALOG}#tpf"


@dataclass(frozen=True, slots=True)
class Service:
    """``path`` and ``described`` are below the site's address."""

    iri: str
    named: Named
    path: str
    described: str
    standard: Term
    forms: tuple[Form, ...]
    serves: str = DATASET


SERVICES = (
    Service(
        SPARQL_SERVICE,
        texts.SPARQL,
        "sparql",
        "sparql",
        authority.SPARQL,
        (RESULTS_CSV, TURTLE, JSON_LD),
    ),
    Service(FEED_SERVICE, texts.FEED, "feed", "feed", authority.LDES, (TRIG,)),
    Service(FRAGMENTS_SERVICE, texts.FRAGMENTS, "tpf", "tpf", authority.FRAGMENTS, (TRIG,)),
)
