"""The doors: a page for each of the three users that leads to everything made for them; and the
accessibility statement."""

from __future__ import annotations

from collections.abc import Iterable

from flask import Blueprint, Response, current_app, redirect, render_template
from werkzeug.wrappers import Response as BaseResponse

from ..config import Config
from ..media import HTML
from ..query.named import NamedQuery
from .checking import Checking
from .entities import addresses
from .negotiation import finish, opened
from .validation import template_kinds

doors = Blueprint("doors", __name__)

_EXAMPLE_QUERY = """PREFIX coi: <https://w3id.org/coi-graph/def/>
PREFIX skos: <http://www.w3.org/2004/02/skos/core#>
PREFIX oa: <http://www.w3.org/ns/oa#>

SELECT ?role ?name ?quote WHERE {
  ?role a coi:StrategicRole ; skos:prefLabel ?name ; coi:statedIn ?passage .
  ?passage oa:hasTarget/oa:hasSelector/oa:exact ?quote .
  FILTER (lang(?name) = "da")
}
ORDER BY ?name
"""
_SHOWN_FIRST = ("R", "O")  # of the questions: researchers', and those of OECD and the Nordic ones


@doors.get("/research")
def research() -> Response:
    """Queries, the editor, citation, notebooks."""
    named: dict[str, NamedQuery] = current_app.extensions["coi-named-queries"]
    return _page(
        "research",
        example_query=_EXAMPLE_QUERY,
        questions=_of_users(named.values()),
        others=len([one for one in named.values() if one.user not in _SHOWN_FIRST]),
    )


def _of_users(queries: Iterable[NamedQuery]) -> list[NamedQuery]:
    return sorted(
        (one for one in queries if one.user in _SHOWN_FIRST),
        key=lambda one: (_SHOWN_FIRST.index(one.user), one.name),
    )


@doors.get("/harvest")
def harvest() -> Response:
    """The catalogue, the dumps, the feed, and commands that use them."""
    return _page("harvest", site=addresses().absolute("/"), number=opened().number)


@doors.get("/contribute")
def contribute() -> Response:
    """Templates, forms, the check, my contributions."""
    checking: Checking = current_app.extensions["coi-checks"]
    checking.prepare(opened())
    return _page("contribute", kinds=template_kinds())


@doors.get("/accessibility")
def accessibility() -> Response:
    """The statement that Danish law asks of public websites."""
    settings: Config = current_app.extensions["coi-config"]
    return _page(
        "accessibility",
        contact_email=settings.contact_email,
        contact_phone=settings.contact_phone,
    )


@doors.get("/was")
def was() -> BaseResponse:
    """Where the Agency for Digital Government asks that a site's statement is found."""
    return redirect("/accessibility", 303)


def _page(name: str, **values: object) -> Response:
    page = render_template(
        f"{name}.html",
        **values,
        documented="docs" in current_app.blueprints,
        canonical=addresses().absolute(f"/{name}"),
    )
    return finish(Response(page, content_type=HTML.content_type), HTML, negotiated=False)
