"""`/docs/`: the documentation, in the site's layout. Made from Markdown once a process."""

from __future__ import annotations

import hashlib
from functools import lru_cache

from flask import Blueprint, Flask, Response, current_app, render_template
from markupsafe import Markup
from werkzeug.wrappers import Response as BaseResponse

from .. import __version__
from ..documentation import rendering
from ..documentation.library import CONTENTS, Library
from ..errors import NotFound
from ..i18n import Message
from ..media import HTML, Form
from .entities import addresses
from .negotiation import finish, kept, language, opened

docs = Blueprint("docs", __name__, url_prefix="/docs")

_KEPT = 256  # rendered pages
_TEXT = Form("text", "text/plain", "Text")


class Shelf:
    """The pages of this process, rendered at their first reading."""

    def __init__(self, site: str) -> None:
        self.library = Library()
        self._site = site
        self.rendered = lru_cache(maxsize=_KEPT)(self._render)
        self.titles = lru_cache(maxsize=4)(self._titles)

    def _render(self, name: str, lang: str, kept: str) -> tuple[rendering.Rendered, str] | None:
        """The page, and the language that it is written in."""
        source = self.library.page(name, lang)
        if source is None:
            return None
        return rendering.render(source, self.library, self._site, lang, kept), source.language

    def _titles(self, lang: str) -> list[tuple[Message, list[tuple[str, str, str]]]]:
        """The contents: name, title and language of each page."""
        return [
            (
                heading,
                [
                    (name, source.title, source.language)
                    for name in names
                    if (source := self.library.page(name, lang)) is not None
                ],
            )
            for heading, names in CONTENTS
        ]


def install(app: Flask, site: str) -> None:
    app.extensions["coi-docs"] = Shelf(site)
    app.register_blueprint(docs)


def shelf() -> Shelf:
    found: Shelf = current_app.extensions["coi-docs"]
    return found


@docs.get("/")
def contents() -> Response:
    page = render_template(
        "docs.html",
        groups=shelf().titles(language()),
        canonical=addresses().absolute("/docs/"),
    )
    return finish(Response(page, content_type=HTML.content_type), HTML, negotiated=False)


@docs.get("/<path:name>")
def page(name: str) -> Response:
    lang = language()
    found = shelf().rendered(name, lang, kept(opened().number))
    if found is None:
        raise NotFound(
            Message("there is no page “%(name)s” in the documentation", name=name[:100]),
            remedy=Message("/docs/ lists all pages."),
        )
    rendered, written_in = found
    body = render_template(
        "docs_page.html",
        rendered=rendered,
        body=Markup(rendered.html),
        written_in=written_in,
        name=name,
        groups=shelf().titles(lang),
        canonical=addresses().absolute(f"/docs/{name}"),
    )
    tag = hashlib.sha256(rendered.html.encode()).hexdigest()[:16]
    response = Response(body, content_type=HTML.content_type)
    return finish(response, HTML, negotiated=False, tag=f"docs-{tag}")


@docs.get("/files/<path:path>")
def file(path: str) -> BaseResponse:
    """A file to copy, as it is: it belongs to the program, not to a release."""
    found = shelf().library.file(path)
    if found is None:
        raise NotFound(
            Message("there is no file “%(name)s” in the documentation", name=path[:100]),
            remedy=Message("/docs/ lists all pages."),
        )
    response = Response(found.read_bytes(), content_type=_TEXT.content_type)
    response.headers.set("Content-Disposition", "attachment", filename=found.name)
    response.headers["Cache-Control"] = "public, max-age=0, must-revalidate"
    response.set_etag(f"{__version__}-{hashlib.sha256(response.get_data()).hexdigest()[:16]}")
    return response
