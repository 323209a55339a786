"""`/changes?since=N`, and the files of a release that it names."""

from __future__ import annotations

import json

import pyoxigraph as ox
from flask import Blueprint, Response, request, send_file

from ..errors import BadRequest
from ..i18n import Message
from ..media import JSON_LD, N_QUADS, TRIG, Form
from ..publishing import change_list, event_stream
from ..publishing import changes as files
from ..publishing.manifest import NAME as MANIFEST
from .entities import addresses
from .feed import immutable, number, release_named
from .negotiation import choose, finish, opened, publication

changes = Blueprint("changes", __name__)

JSON = Form("json", "application/json", "JSON")
_RDF = {
    TRIG: ox.RdfFormat.TRIG,
    N_QUADS: ox.RdfFormat.N_QUADS,
    JSON_LD: ox.RdfFormat.JSON_LD,
}


@changes.get("/changes")
def since() -> Response:
    """The releases after ``since``, with their files; or in RDF, what they add and remove."""
    form = choose((JSON, *_RDF))
    given = request.args.get("since")
    if given is None or not (given == "0" or number(given)):
        raise BadRequest(
            Message("“%(value)s” is no release number", value=(given or "")[:40]),
            remedy=Message("Say which release you have: /changes?since=3; 0 if you have none."),
        )
    of = opened()
    found = change_list.since(publication().releases, of.release, number(given))
    if form is JSON:
        document = found.as_json(addresses().site)
        body = json.dumps(document, ensure_ascii=False, indent=1).encode()
    else:
        address = addresses().absolute(f"/changes?since={found.since}&release={found.until}")
        quads = list(change_list.as_quads(found.difference(), address))
        body = event_stream.serialize(quads, _RDF[form])
    response = Response(body, content_type=form.content_type)
    tag = f"{of.manifest.content_hash[:12]}-since-{found.since}-{found.since_hash[:12]}"
    return finish(response, form, negotiated=True, tag=tag)


@changes.get(f"/release/<release>/{files.ADDED}", defaults={"name": files.ADDED})
@changes.get(f"/release/<release>/{files.REMOVED}", defaults={"name": files.REMOVED})
@changes.get(f"/release/<release>/{MANIFEST}", defaults={"name": MANIFEST})
def file(release: str, name: str) -> Response:
    """A file of a release as it is on disk; `Range` works."""
    of = release_named(release)
    media_type = "application/json" if name == MANIFEST else "application/gzip"
    path = of.path / name
    response = send_file(path.resolve(), media_type, conditional=False, etag=False)
    known = of.manifest.files.get(name, {}).get("sha256", of.manifest.content_hash)
    return immutable(response, of, f"{name}-{str(known)[:12]}", size=path.stat().st_size)
