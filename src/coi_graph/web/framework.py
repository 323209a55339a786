"""The framework's text as a page, every modelled sentence marked."""

from __future__ import annotations

from flask import Blueprint, Response, render_template

from ..description import annotated_text
from ..errors import NotFound
from ..i18n import Message
from ..media import HTML
from .entities import addresses
from .negotiation import finish, opened

framework = Blueprint("framework", __name__)


@framework.get("/framework")
def text() -> Response:
    """Each span of the text leads to what is modelled there, and the other way."""
    of = opened()
    blocks = annotated_text.read(of.lookup, of.describer)
    if not blocks:
        raise NotFound(
            Message("release %(number)s has no text of the framework", number=of.number),
            remedy=Message("See the newest release."),
        )
    spans = [span for block in blocks for span in block.spans]
    page = render_template(
        "framework.html",
        blocks=blocks,
        places=len(spans),
        things=len({one.thing.iri for span in spans for one in span.modelled}),
        text_path=addresses().local(annotated_text.TEXT),
        canonical=addresses().absolute("/framework"),
    )
    return finish(Response(page, content_type=HTML.content_type), HTML, negotiated=False)
