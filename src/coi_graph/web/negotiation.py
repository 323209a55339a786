"""What a request asks for — language, form, release — and the headers that answer it."""

from __future__ import annotations

from collections.abc import Sequence

from flask import Response, current_app, g, request

from ..errors import BadRequest, NotAcceptable
from ..i18n import DEFAULT_LANGUAGE, LANGUAGES, Message
from ..media import HTML, Form, negotiate
from ..publishing.timeline import Timeline
from . import headers
from .publication import Opened, Publication

_CONDITIONS = frozenset(
    (
        "HTTP_IF_MATCH",
        "HTTP_IF_MODIFIED_SINCE",
        "HTTP_IF_NONE_MATCH",
        "HTTP_IF_UNMODIFIED_SINCE",
    )
)


def language() -> str:
    """``?lang=`` if given, else what Accept-Language prefers, else Danish.

    Norwegian and Swedish readers get Danish rather than English only if they ask for it.
    """
    if "language" not in g:  # asked for at every sentence of a page
        g.language = _language()
    found: str = g.language
    return found


def _language() -> str:
    asked = request.args.get("lang", "").lower()
    if asked in LANGUAGES:
        return asked
    best = request.accept_languages.best_match(LANGUAGES)
    return best or (DEFAULT_LANGUAGE if not request.accept_languages else "en")


def kept(release: int | None) -> str:
    """What the reader has chosen, for the links of a page: the language and the release. Its
    number is None where there is none to stay in."""
    chosen = [f"lang={language()}"] if request.args.get("lang") == language() else []
    if release is not None and "release" in request.args:
        chosen.append(f"release={release}")
    return "&".join(chosen)


def publication() -> Publication:
    found: Publication = current_app.extensions["coi-publication"]
    return found


def opened() -> Opened:
    """The release that this request reads: ``?release=N``, else the current one.

    The same for the whole request, even if a new release comes meanwhile. Raises `BadRequest`
    for what is no number, `NotFound` and `Gone` for a release that is not there.
    """
    if "opened" not in g:
        asked = request.values.get("release")
        if asked is None:
            g.opened = publication().current()
        elif asked.isascii() and asked.isdigit() and len(asked) <= 9:
            g.opened = publication().at(int(asked))
        else:
            raise BadRequest(
                Message("“%(value)s” is no release number", value=asked[:40]),
                remedy=Message("Releases are numbered 1, 2, 3 …: ?release=3"),
            )
    found: Opened = g.opened
    return found


def timeline() -> Timeline:
    """What releases did to things, and which contributions they took in."""
    found: Timeline = current_app.extensions["coi-timeline"]
    return found


def is_pinned() -> bool:
    return "release" in request.values


def choose(offered: Sequence[Form]) -> Form:
    """The form of those offered that Accept prefers. Raises `NotAcceptable` that lists them."""
    form = negotiate(request.headers.get("Accept"), offered)
    if form is None:
        raise NotAcceptable(
            Message(
                "“%(accept)s” matches nothing that exists here",
                accept=request.headers.get("Accept", "")[:200],
            ),
            remedy=Message(
                "There is: %(forms)s", forms=", ".join(form.media_type for form in offered)
            ),
            available=[form.media_type for form in offered],
        )
    return form


def finish(response: Response, form: Form, *, negotiated: bool, tag: str | None = None) -> Response:
    """Adds what every read answer carries — release, ETag, dates, caching — and turns it into
    304 where the client has it already. ``tag`` names the content where the release and the form
    do not. Not for an answer that streams: see `mark`."""
    mark(response, form, negotiated=negotiated, tag=tag)
    if is_conditional():
        response.make_conditional(request)
    return response


def mark(response: Response, form: Form, *, negotiated: bool, tag: str | None = None) -> None:
    """`finish` without the 304: what can make one reads the whole answer into memory."""
    of = opened()
    found = headers.of_reading(of, pinned=is_pinned())
    lang = language() if form is HTML else ""
    found.append(("ETag", headers.etag(of, form, tag, lang)))
    response.headers.extend(found)
    varying = headers.vary(form, negotiated=negotiated)
    if "Vary" in response.headers:
        response.vary.update(varying)
    elif varying:
        response.headers["Vary"] = ", ".join(varying)


def is_conditional() -> bool:
    """Whether the client wants the answer only if it is another than it knows."""
    return not _CONDITIONS.isdisjoint(request.environ)
