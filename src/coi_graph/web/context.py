"""`/context.jsonld`: the JSON-LD context that contributed files may name by its address."""

from __future__ import annotations

from flask import Blueprint, Response, request

from ..intake.jsonld_context import document
from ..media import JSON_LD

context = Blueprint("context", __name__)

_SECONDS = 86_400  # it changes with the ontology, and files that name it should not wait


@context.get("/context.jsonld")
def bundled_context() -> Response:
    """The same for every release: it comes with the program, as what reads it does."""
    response = Response(document(), content_type=JSON_LD.content_type)
    response.cache_control.public = True
    response.cache_control.max_age = _SECONDS
    response.add_etag()
    response.make_conditional(request)
    return response
