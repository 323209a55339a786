"""Documents of things as RDF where a request asks for nothing else: without Flask.

The path is ``/doc/<kind>/<name>`` in plain letters, there is no query string, and the thing is
small. What is not so goes the long way (`entities`), which gives the same bytes and headers.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from ..description import document
from ..description.paths import Addresses
from ..media import DOCUMENT_FORMS, HTML, TURTLE, Form, negotiate
from . import headers, links
from .links import Document
from .publication import Opened

_PATH = re.compile(r"/doc/([a-z\-]+/[A-Za-z0-9_\-]+)(?:\.(ttl))?")
_OFFERED = (*DOCUMENT_FORMS, HTML)
_MOST = 200  # quads of one look-up: more would keep the event loop from others


@dataclass(frozen=True, slots=True)
class Found:
    """``headers`` are those that other documents have otherwise."""

    headers: headers.Headers
    body: bytes
    form: Form
    negotiated: bool


class PlainDocuments:
    """One a web process."""

    def __init__(self, addresses: Addresses) -> None:
        self._addresses = addresses

    def answer(self, of: Opened, path: str, accept: bytes) -> Found | None:
        """None: the long way."""
        match = _PATH.fullmatch(path)
        if match is None:
            return None
        name, ending = match.groups()
        form = TURTLE if ending else negotiate(accept.decode("latin-1"), _OFFERED)
        if form is not TURTLE:
            return None
        iri = self._addresses.base + "id/" + name
        described = document.describe(
            of.lookup, iri, f"{self._addresses.base}doc/{name}", of.number, _MOST
        )
        if described is None or len(described.quads) >= _MOST:
            return None
        types = described.types()
        if not types:  # removed, it may be: a tombstone is not its description
            return None
        about = Document(iri, f"/doc/{name}")
        targets = links.targets(about, types, self._addresses)
        found = [("Link", links.header(targets))]
        if not ending:
            found.append(("Content-Location", about.form_path(form)))
        return Found(found, of.turtle.write(described), form, not ending)
