"""What is sent as a contribution: checked in a worker, and made ready for the ledger."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Sequence
from typing import Any

import pyoxigraph as ox
from flask import current_app, request

from .. import config
from ..errors import UnreadableInput
from ..i18n import Message
from ..ledger.content import Content
from ..namespaces import DCT, RDFS, SKOS
from ..query.cancellation import ENVIRON_KEY, Cancellation
from . import upload
from .checking import Checking
from .negotiation import opened

_TITLES = (DCT + "title", SKOS + "prefLabel", RDFS + "label")
# Inside a bundle all files are of one moment: the same files, the same bytes.
_MOMENT = (2026, 1, 1, 0, 0, 0)


def content(*, replaces: str | None) -> tuple[Content, dict[str, str]]:
    """The contribution in the request's body, and the request's other fields.

    Raises what `upload.read` and `Checks.run` raise, and `UnreadableInput` where nothing, or not
    everything, can be read: it would be lost.
    """
    settings: config.Config = current_app.extensions["coi-config"]
    files, fields = upload.read(settings.check_bytes)
    return checked(files, replaces=replaces), fields


def checked(files: Sequence[tuple[str, bytes]], *, replaces: str | None) -> Content:
    """``files`` as a contribution; none of them: that ``replaces`` ends."""
    checking: Checking = current_app.extensions["coi-checks"]
    cancellation: Cancellation | None = request.environ.get(ENVIRON_KEY)
    of = opened()
    document, statements = checking.take_in(
        files, of, replaces, cancellation, request.remote_addr or ""
    )
    unread = [file["name"] for file in document["data"]["files"] if not file["readable"]]
    if unread:
        raise UnreadableInput(
            Message("%(file)s cannot be read", file=", ".join(unread)),
            remedy=Message("Check it at /validate, which says where and why; then send it."),
            findings=[
                str(one["problem"]["en"]) for one in document["results"] if one["rule"] is None
            ],
        )
    quads = tuple(
        ox.Quad(triple.subject, triple.predicate, triple.object)
        for triple in ox.parse(statements, format=ox.RdfFormat.N_TRIPLES)
    )
    violations = [one["key"] for one in document["results"] if one["severity"] == "violation"]
    if document["counts"]["violation"] > len(violations):
        violations.append("unlisted")  # more than a report lists: nobody can have seen them all
    name, data = _bundle(files)
    return Content(
        file=name,
        media_type=_media_type(files),
        data=data,
        quads=quads,
        report=document,
        violations=tuple(violations),
        warnings=document["counts"]["warning"],
        checked_release=of.number,
        title=_title(quads),
    )


def _bundle(files: Sequence[tuple[str, bytes]]) -> tuple[str, bytes]:
    """One file as it is, several in a ZIP."""
    if not files:
        return "", b""
    if len(files) == 1:
        return files[0]
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as bundle:
        for name, data in files:
            bundle.writestr(zipfile.ZipInfo(name, _MOMENT), data)
    return "contribution.zip", buffer.getvalue()


def _media_type(files: Sequence[tuple[str, bytes]]) -> str:
    if len(files) > 1:
        return "application/zip"
    mimetype = request.mimetype
    return mimetype if mimetype in upload.MEDIA_TYPES else "application/octet-stream"


def _title(quads: Sequence[ox.Quad]) -> str:
    """Of the first record that has one, Danish before others."""
    found: list[tuple[Any, ...]] = []
    for quad in quads:
        if quad.predicate.value in _TITLES and isinstance(quad.object, ox.Literal):
            other = quad.object.language != "da"
            order = (_TITLES.index(quad.predicate.value), str(quad.subject), other)
            found.append((*order, quad.object.value))
    return str(min(found)[-1]) if found else ""
