"""`/sparql`: the SPARQL 1.1 Protocol for queries, and a page to write them on.

https://www.w3.org/TR/sparql11-protocol/. The query is checked by the guard here and evaluated by
a worker of the pool, or by a remote engine; nothing of a stranger's query is parsed in this
process.
"""

from __future__ import annotations

from dataclasses import dataclass
from urllib.parse import unquote_to_bytes

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
    SPREADSHEET,
    Form,
    by_name,
)
from ..namespaces import BASE
from ..query import guard
from ..query.cancellation import ENVIRON_KEY
from ..query.service import QueryService, Question, Served
from . import begun, query_page, service_description
from .express import Express
from .negotiation import choose, finish, is_conditional, is_pinned, language, mark, opened

sparql = Blueprint("sparql", __name__)

SOLUTIONS = ("select", "ask")
_QUERY_TYPE = "application/sparql-query"
_FORM_TYPE = "application/x-www-form-urlencoded"
# A query in a form, each byte of it as %XX, and some graphs.
_AT_ONCE = 1 << 18  # bytes of an answer in one piece; a slow reader shall not hold more
_LARGEST_BODY = 4 * guard.MAX_BYTES


@dataclass(frozen=True, slots=True)
class Asked:
    """A query as the protocol carried it."""

    text: str
    default_graphs: tuple[str, ...]
    named_graphs: tuple[str, ...]


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
            served = _ask(_question(asked, checked, shown))
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
    return _ask(_question(Asked(text, (), ()), check(text), form))


def answer(
    asked: Asked, form: Form, *, negotiated: bool, checked: guard.Checked | None = None
) -> Response:
    """The response that streams the answer in ``form``, or 304."""
    checked = checked or check(asked.text)
    if form is SPREADSHEET:
        return _spreadsheet(asked, checked, negotiated)
    question = _question(asked, checked, form)
    known = _not_modified(question, form, negotiated)
    if known is not None:
        return known
    served = _ask(question)
    whole = served.complete
    body = whole if whole is not None and len(whole) <= _AT_ONCE else served.body()
    response = Response(body, content_type=form.content_type)
    if whole is not None:
        response.content_length = len(whole)
    response.call_on_close(served.close)
    if served.truncated:
        response.headers["COI-Truncated"] = "true"
    elif served.complete is not None:
        _remember(question, form, negotiated)
    _mark(response, question, form, negotiated)
    return response


def _remember(question: Question, form: Form, negotiated: bool) -> None:
    """The next request like this one need not come here while the answer is in the cache."""
    express: Express | None = current_app.extensions["coi-express"]
    if express is not None and request.method == "GET" and not is_pinned():
        accept = request.headers.get("Accept", "").encode("latin-1")
        like = (request.path, request.query_string, accept)
        express.remember(like, opened(), question, form, negotiated=negotiated)


def _spreadsheet(asked: Asked, checked: guard.Checked, negotiated: bool) -> Response:
    """The answer as a workbook; the time that it takes here counts for the client, too."""
    form, solutions = SPREADSHEET, checked.kind in SOLUTIONS
    question = _question(asked, checked, RESULTS_JSON if solutions else N_TRIPLES)
    known = _not_modified(question, form, negotiated)
    if known is not None:
        return known
    service = _service()
    served = _ask(question)
    # An answer that is still growing holds its client's place until it is closed.
    ended = service.share.begin(_client()) if served.complete is not None else served.close
    try:
        from . import spreadsheet  # openpyxl takes long to import

        response = spreadsheet.response(asked.text, served, solutions=solutions)
    finally:
        ended()
        served.close()
    _mark(response, question, form, negotiated)
    tag, _ = response.get_etag()
    if tag is not None:  # the file carries the time at which it was made
        response.set_etag(tag, weak=True)
    return response


def _ask(question: Question) -> Served:
    started = begun.take(request.environ, question)
    if started is not None:
        return started
    return _service().answer(question, _client(), request.environ.get(ENVIRON_KEY))


def _service() -> QueryService:
    found: QueryService = current_app.extensions["coi-queries"]
    return found


def _client() -> str:
    return request.remote_addr or ""


def _not_modified(question: Question, form: Form, negotiated: bool) -> Response | None:
    """304 where the client has the answer already: nothing is computed for it."""
    if request.method == "POST" or not is_conditional():
        return None
    response = Response(content_type=form.content_type)
    _mark(response, question, form, negotiated)
    response.make_conditional(request)
    return response if response.status_code == 304 else None


def _mark(response: Response, question: Question, form: Form, negotiated: bool) -> None:
    if request.method == "POST":
        response.headers["COI-Release"] = str(question.release)
        return
    tag = question.tag
    if form is SPREADSHEET:  # its words are in the reader's language
        tag += language()
        response.vary.add("Accept-Language")
    mark(response, form, negotiated=negotiated, tag=tag)


def _question(asked: Asked, checked: guard.Checked, form: Form) -> Question:
    """Once the protocol or the query names a graph, the dataset is what was named and no more;
    the protocol's dataset wins over the query's (section 2.1.4)."""
    of = opened()
    default, named = checked.default_graphs, checked.named_graphs
    if asked.default_graphs or asked.named_graphs:
        default, named = asked.default_graphs, asked.named_graphs
    return of.question(checked.text, form.media_type, default, named)


def _read_request() -> Asked | None:
    """Section 2.1 of the protocol: query by GET, by form POST, by direct POST.

    Raises `BadRequest` for two queries or none in a POST, `UnsupportedMediaType` for a body of
    another type.
    """
    if request.method == "POST":
        request.max_content_length = _LARGEST_BODY
        if request.headers.get("Content-Encoding", "identity").lower() != "identity":
            raise UnsupportedMediaType(
                Message("a compressed query is not taken here"),
                remedy=Message("Send the query as it is."),
            )
        if request.mimetype == _QUERY_TYPE:
            if "query" in request.args:
                raise BadRequest(Message("there is more than one query"))
            return Asked(_body(), *_graphs())
        if request.mimetype != _FORM_TYPE:
            raise UnsupportedMediaType(
                Message("“%(type)s” is not taken here", type=request.mimetype or "-"),
                remedy=Message("Send %(one)s or %(other)s.", one=_QUERY_TYPE, other=_FORM_TYPE),
            )
        _utf8(unquote_to_bytes(request.get_data()))
    # Flask keeps %FF as it stands where it is no UTF-8: that would be another query.
    _utf8(unquote_to_bytes(request.query_string))
    if "update" in request.values:
        raise BadRequest(
            Message("updates are not possible here"),
            remedy=Message("Releases never change; what you send for publication is reviewed."),
        )
    # W3C's own tests give the graphs in the address of a form POST: both places count.
    if len(request.values.getlist("release")) > 1:
        raise BadRequest(Message("there is more than one release"))
    queries = request.values.getlist("query")
    if len(queries) > 1:
        raise BadRequest(Message("there is more than one query"))
    if not queries:
        if request.method == "POST":
            raise BadRequest(Message("the parameter “query” is missing"))
        return None
    return Asked(queries[0], *_graphs())


def _body() -> str:
    if request.mimetype_params.get("charset", "utf-8").lower() not in ("utf-8", "utf8"):
        return _utf8(b"\xff")
    return _utf8(request.get_data())


def _utf8(data: bytes) -> str:
    try:
        return data.decode("utf-8")
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
    for_people = (HTML, SPREADSHEET)
    if name is None:
        return choose((*offered, *for_people))
    form = by_name(name, (*offered, *for_people))
    if form is None and by_name(name, (*RESULTS_FORMS, *GRAPH_FORMS)) is not None:
        return choose(
            (*offered, *for_people)
        )  # a client's habit, meant for the other kind of query
    if form is None:
        raise BadRequest(
            Message("“%(name)s” is no form of this answer", name=name[:40]),
            remedy=Message(
                "There is: %(forms)s", forms=", ".join(f.name for f in (*offered, *for_people))
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
