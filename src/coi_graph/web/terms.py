"""`/sparql/terms.json`: what the query editor completes — prefixes, classes and properties."""

from __future__ import annotations

import json

from flask import Blueprint, Response, current_app

from ..description import kinds
from ..media import Form
from ..namespaces import DEF, OWL, PREFIXES, RDF, RDFS, shorten
from .negotiation import finish, language, opened

terms = Blueprint("terms", __name__)

_JSON = Form("json", "application/json", "JSON")
_CLASSES = (OWL + "Class", RDFS + "Class")
_PROPERTIES = (OWL + "ObjectProperty", OWL + "DatatypeProperty", RDF + "Property")


def prefixes() -> dict[str, str]:
    """The prefixes of the Turtle that we write, and one for each kind of thing."""
    # A vocabulary's usual prefix wins over a kind of the same name.
    return {kind.slug: kind.prefix for kind in kinds.KINDS} | PREFIXES


@terms.get("/sparql/terms.json")
def listing() -> Response:
    """``{"prefixes": {prefix: namespace}, "classes": [[name, label]], "properties": …}``.

    Labels are in the language of the page. Foreign properties have the words that pages use for
    them (words.html), as nobody labels a foreign term in the data.
    """
    words = current_app.jinja_env.get_template("words.html").make_module().words  # type: ignore[attr-defined]
    own = _own(_PROPERTIES)
    known = {name for name, _ in own}
    foreign = [[name, str(word)] for name, word in words.items() if name not in known]
    body = json.dumps(
        {
            "prefixes": prefixes(),
            "classes": _own(_CLASSES),
            "properties": own + sorted(entry for entry in foreign if "://" not in entry[0]),
        },
        ensure_ascii=False,
    )
    response = Response(body, content_type=_JSON.content_type)
    response.vary.add("Accept-Language")
    return finish(response, _JSON, negotiated=False, tag=f"terms-{language()}")


def _own(types: tuple[str, ...]) -> list[list[str]]:
    """[prefixed name, label] of each term of ours that is one of ``types``, by name."""
    of, lang = opened(), language()
    found = {
        iri for kind in types for iri in of.lookup.subjects(RDF + "type", kind)
        if iri.startswith(DEF)
    }  # fmt: skip
    return sorted([shorten(iri), of.describer.link(iri).label(lang)] for iri in found)
