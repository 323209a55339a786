"""`/sparql`: the SPARQL 1.1 Protocol for queries, and a page to write them on.

https://www.w3.org/TR/sparql11-protocol/. The query is checked by the guard here and evaluated by
a worker of the pool; nothing of a stranger's query is parsed in this process.
"""

from __future__ import annotations

from dataclasses import dataclass

from flask import Blueprint, Response, current_app, request

from .. import config
from ..errors import BadRequest, CoiError, UnsupportedMediaType
from ..i18n import Message
from ..media import (
    DOCUMENT_FORMS,
    GRAPH_FORMS,
    HTML,
    N_TRIPLES,
    RESULTS_FORMS,
    RESULTS_JSON,
    Form,
    by_name,
)
from ..namespaces import BASE
from ..query import guard
from ..query.cache import AnswerCache
from ..query.fairness import FairShare
from ..query.pool import WorkerPool
from ..query.service import QueryService, Question, Served
from . import query_page, service_description
from .negotiation import choose, finish, opened

sparql = Blueprint("sparql", __name__)

SOLUTIONS = ("select", "ask")
_QUERY_TYPE = "application/sparql-query"
_FORM_TYPE = "application/x-www-form-urlencoded"


@dataclass(frozen=True, slots=True)
class Asked:
    """A query as the protocol carried it."""

    text: str
    default_graphs: tuple[str, ...]
    named_graphs: tuple[str, ...]


def make_service(settings: config.Config) -> QueryService:
    """The query service of this web process; its workers start at once."""
    pool = WorkerPool(
        size=settings.query_workers,
        timeout=settings.query_timeout,
        memory_bytes=settings.query_memory,
        max_result_bytes=settings.query_result_bytes,
        max_waiting=settings.query_queue,
    )
    # One client may hold all places but one.
    share = FairShare(settings.client_seconds, settings.query_workers - 1)
    return QueryService(pool, AnswerCache(settings.query_cache), share)


@sparql.route("/sparql", methods=["GET", "POST"])
def endpoint() -> Response:
    """A query's answer; without a query the page to write one, or the service description."""
    asked = _read_request()
    if asked is None:
        return _without_query()
    try:
        checked = check(asked.text)
        solutions = checked.kind in SOLUTIONS
        form = _form(RESULTS_FORMS if solutions else GRAPH_FORMS)
        if form is HTML:
            shown = RESULTS_JSON if solutions else N_TRIPLES
            served = _service().answer(_question(asked, checked, shown), _client())
            return query_page.with_result(asked.text, served, solutions=solutions)
    except CoiError as error:
        if query_page.is_wanted():
            return query_page.with_error(error, asked.text)
        raise
    return answer(asked, form, negotiated="format" not in request.args, checked=checked)


def check(text: str) -> guard.Checked:
    """The guard's word on a query of the current request's release."""
    return guard.check(text, allowed_graphs=opened().manifest.graphs, base_iri=BASE)


def serve(text: str, form: Form) -> Served:
    """The answer to ``text`` for a page of ours."""
    return _service().answer(_question(Asked(text, (), ()), check(text), form), _client())


def answer(
    asked: Asked, form: Form, *, negotiated: bool, checked: guard.Checked | None = None
) -> Response:
    """The response that streams the answer in ``form``, or 304."""
    question = _question(asked, checked or check(asked.text), form)
    known = _headers(Response(content_type=form.content_type), question, form, negotiated)
    if known.status_code == 304:
        return known
    served = _service().answer(question, _client())
    response = Response(served.complete or served.body(), content_type=form.content_type)
    response.call_on_close(served.close)
    if served.truncated:
        response.headers["COI-Truncated"] = "true"
    return _headers(response, question, form, negotiated)


def _service() -> QueryService:
    found: QueryService = current_app.extensions["coi-queries"]
    return found


def _client() -> str:
    return request.remote_addr or ""


def _headers(response: Response, question: Question, form: Form, negotiated: bool) -> Response:
    if request.method == "POST":
        response.headers["COI-Release"] = str(question.release)
        return response
    return finish(response, form, negotiated=negotiated, tag=question.key[:40])


def _question(asked: Asked, checked: guard.Checked, form: Form) -> Question:
    """Once the protocol or the query names a graph, the dataset is what was named and no more;
    the protocol's dataset wins over the query's (section 2.1.4)."""
    of = opened()
    default, named = checked.default_graphs, checked.named_graphs
    if asked.default_graphs or asked.named_graphs:
        default, named = asked.default_graphs, asked.named_graphs
    return Question(
        release=of.number,
        content_hash=of.manifest.content_hash,
        store_path=str(of.release.store_path),
        quads=of.manifest.quads,
        text=checked.text,
        base_iri=BASE,
        default_graphs=default,
        named_graphs=named,
        media_type=form.media_type,
    )


def _read_request() -> Asked | None:
    """Section 2.1 of the protocol: query by GET, by form POST, by direct POST.

    Raises `BadRequest` for two queries or none in a POST, `UnsupportedMediaType` for a body of
    another type.
    """
    if request.method == "POST":
        if request.mimetype == _QUERY_TYPE:
            if "query" in request.args:
                raise BadRequest(Message("there is more than one query"))
            return Asked(_body(), *_graphs())
        if request.mimetype != _FORM_TYPE:
            raise UnsupportedMediaType(
                Message("“%(type)s” is not taken here", type=request.mimetype or "-"),
                remedy=Message("Send %(one)s or %(other)s.", one=_QUERY_TYPE, other=_FORM_TYPE),
            )
    if "update" in request.values:
        raise BadRequest(
            Message("updates are not possible here"),
            remedy=Message("Releases never change; what you send for publication is reviewed."),
        )
    # W3C's own tests give the graphs in the address of a form POST: both places count.
    queries = request.values.getlist("query")
    if len(queries) > 1:
        raise BadRequest(Message("there is more than one query"))
    if not queries:
        if request.method == "POST":
            raise BadRequest(Message("the parameter “query” is missing"))
        return None
    return Asked(queries[0], *_graphs())


def _body() -> str:
    charset = request.mimetype_params.get("charset", "utf-8")
    try:
        if charset.lower() not in ("utf-8", "utf8"):
            raise UnicodeError(charset)
        return request.get_data().decode("utf-8")
    except UnicodeError as error:
        raise BadRequest(
            Message("the query is not UTF-8"),
            remedy=Message("Send the query encoded as UTF-8."),
        ) from error


def _graphs() -> tuple[tuple[str, ...], tuple[str, ...]]:
    """The dataset of the protocol (section 2.1.4); only graphs of the release can be named."""
    held = opened().manifest.graphs
    default = tuple(request.values.getlist("default-graph-uri"))
    named = tuple(request.values.getlist("named-graph-uri"))
    for graph in (*default, *named):
        if graph not in held:
            raise BadRequest(
                Message("this release has no graph <%(graph)s>", graph=graph[:200]),
                remedy=Message("Graphs from elsewhere are never fetched; /sparql lists ours."),
            )
    return default, named


def _form(offered: tuple[Form, ...]) -> Form:
    name = request.values.get("format")
    if name is None:
        return choose((*offered, HTML))
    form = by_name(name, (*offered, HTML))
    if form is None and by_name(name, (*RESULTS_FORMS, *GRAPH_FORMS)) is not None:
        return choose((*offered, HTML))  # a client's habit, meant for the other kind of query
    if form is None:
        raise BadRequest(
            Message("“%(name)s” is no form of this answer", name=name[:40]),
            remedy=Message(
                "There is: %(forms)s", forms=", ".join(f.name for f in (*offered, HTML))
            ),
        )
    return form


def _without_query() -> Response:
    form = choose((*DOCUMENT_FORMS, HTML))
    if form is HTML:
        return finish(query_page.render("", None, None), HTML, negotiated=True)
    settings: config.Config = current_app.extensions["coi-config"]
    body = service_description.serialize(opened(), settings, form)
    return finish(Response(body, content_type=form.content_type), form, negotiated=True)
