"""What is reused from where to where: a picture of municipalities and regions, and its table."""

from __future__ import annotations

from collections import Counter
from urllib.parse import urlencode

from flask import Blueprint, Response, redirect, render_template, request, url_for
from werkzeug.wrappers import Response as BaseResponse

from ..description import spread as cases
from ..description import spread_picture
from ..description.spread import Case, Reach
from ..description.view import Link
from ..errors import BadRequest
from ..i18n import Message
from ..media import HTML
from .entities import addresses
from .negotiation import finish, language, opened

spread = Blueprint("spread", __name__)

_LISTED = 500  # cases in the table
_DRAWN = 60  # ways in the picture: more are a tangle; filter by region


@spread.get("/spread")
def page() -> Response:
    """``?region=sjaelland`` keeps what comes from or goes to it; ``examples=no`` what is real."""
    of, lang = opened(), language()
    every = cases.read(of.lookup, of.describer)
    regions = _regions(every, lang)
    region, examples = request.args.get("region", ""), request.args.get("examples") != "no"
    if region and region not in regions:
        raise BadRequest(
            Message("there is no “%(value)s” in this release", value=region[:80]),
            remedy=Message("Choose from the lists on %(address)s.", address="/spread"),
        )
    found = [one for one in every if _is_wanted(one, region, examples)]
    reach = Counter(one.reach for one in found)
    body = render_template(
        "spread.html",
        cases=found[:_LISTED],
        count=len(found),
        regions=regions,
        region=region,
        examples=examples,
        all_invented=bool(found) and all(one.is_example for one in found),
        within=reach[Reach.WITHIN],
        in_region=reach[Reach.REGION],
        beyond=reach[Reach.BEYOND],
        drawn=min(len(found), _DRAWN),
        wide=spread_picture.draw(found[:_DRAWN], lang, 900, 240),
        narrow=spread_picture.draw(found[:_DRAWN], lang, 358, 124),
        flows=_flows(found),
        query_url=url_for("sparql.endpoint", query=cases.query(examples=examples)),
        csv_url="/spread.csv" + ("" if examples else "?examples=no"),
        canonical=addresses().absolute("/spread"),
    )
    return finish(Response(body, content_type=HTML.content_type), HTML, negotiated=False)


@spread.get("/spread.csv")
def rows() -> BaseResponse:
    """The cases as CSV."""
    text = cases.query(examples=request.args.get("examples") != "no")
    kept = {key: value for key in ("release",) if (value := request.args.get(key))}
    asked = urlencode({"query": text, "format": "csv", **kept})
    return redirect(f"{url_for('sparql.endpoint')}?{asked}", 303)


def _name(link: Link) -> str:
    return link.iri.rpartition("/")[2]


def _regions(every: list[Case], lang: str) -> dict[str, Link]:
    """The last part of the IRI → the region, by name, of those that a case touches."""
    ends = [end for one in every for end in (one.origin, one.adopter)]
    found = {_name(end.region): end.region for end in ends if end.region is not None}
    return dict(sorted(found.items(), key=lambda item: item[1].label(lang)))


def _is_wanted(case: Case, region: str, examples: bool) -> bool:
    if case.is_example and not examples:
        return False
    ends = (case.origin.region, case.adopter.region)
    return not region or any(end is not None and _name(end) == region for end in ends)


def _flows(found: list[Case]) -> Counter[tuple[str, str]]:
    """(region, region) → cases; "" is outside the regions."""
    return Counter(
        (
            _name(one.origin.region) if one.origin.region else "",
            _name(one.adopter.region) if one.adopter.region else "",
        )
        for one in found
    )
