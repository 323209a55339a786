"""Another SPARQL endpoint, through SPARQLWrapper."""

from __future__ import annotations

from urllib.error import URLError

from SPARQLWrapper import POST, SPARQLWrapper
from SPARQLWrapper.SPARQLExceptions import SPARQLWrapperException

from ..errors import EXIT_INPUT, CoiError
from ..i18n import Message
from ..media import GRAPH_FORMS, RESULTS_FORMS, by_name


class EndpointFailed(CoiError):
    """The other endpoint cannot be reached, or refuses the query."""

    status = 502
    exit_code = EXIT_INPUT
    slug = "endpoint-failed"
    title = Message("The other endpoint did not answer")


def ask(url: str, text: str, form: str | None, *, timeout: float) -> bytes:
    """The answer's bytes as the endpoint sent them. Raises `EndpointFailed` with its words."""
    wrapper = SPARQLWrapper(url)
    wrapper.setMethod(POST)
    wrapper.setTimeout(max(1, round(timeout)))
    wrapper.setQuery(text)
    chosen = by_name(form or "csv", (*RESULTS_FORMS, *GRAPH_FORMS))
    media_type = chosen.media_type if chosen else "text/csv"
    # SPARQLWrapper's own format names leave out TSV; the header is what counts. Without this it
    # adds format=xml to the address, which wins where an endpoint knows that parameter, as ours.
    wrapper.setOnlyConneg(True)
    wrapper.addCustomHttpHeader("Accept", f"{media_type}, text/turtle;q=0.5, */*;q=0.1")
    try:
        response = wrapper.query().response
        body: bytes = response.read()
    except (SPARQLWrapperException, URLError, OSError, ValueError) as error:
        raise EndpointFailed(Message("%(url)s: %(why)s", url=url, why=str(error)[:2000])) from error
    return body
