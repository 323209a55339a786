"""`/dump/`: the files of a release. Made at the build (`publishing.dumps`), sent as they are.

`Range`, `If-Range` and 304 are Werkzeug's. A file that should be there and is not is told as such.
"""

from __future__ import annotations

import base64
import json
from collections.abc import Sequence
from urllib.parse import quote

from flask import (
    Blueprint,
    Response,
    current_app,
    redirect,
    render_template,
    request,
    url_for,
)
from werkzeug.wrappers import Response as BaseResponse

from ..errors import Gone, NotFound
from ..i18n import Message
from ..media import HTML, Form
from ..namespaces import BASE
from ..publishing import dumps as files
from ..publishing.dumps import Dump
from ..publishing.metadata import LICENCE
from ..publishing.releases import Release
from . import links
from .catalogue_shelf import CatalogueShelf
from .files import File
from .negotiation import choose, finish, publication

dumps = Blueprint("dumps", __name__)

_JSON = Form("json", "application/json", "JSON")
_FOREVER = "public, max-age=31536000, immutable"


def shelf() -> CatalogueShelf:
    found: CatalogueShelf = current_app.extensions["coi-catalogue"]
    return found


@dumps.get("/dump/")
def listing() -> Response:
    """The releases whose files are kept."""
    kept = shelf().kept()
    rows = [(one.manifest, _whole(one.dumps), len(one.dumps)) for one in kept]
    form = choose((HTML, _JSON))
    if form is HTML:
        body = render_template("dumps.html", releases=rows, canonical=None)
    else:
        body = json.dumps(
            [
                {"release": manifest.release, "issued": manifest.issued,
                 "files": url_for(".of_release", name=str(manifest.release), _external=False)}
                for manifest, _, _ in rows
            ],
            indent=1,
        )  # fmt: skip
    response = Response(body, content_type=form.content_type)
    return finish(response, form, negotiated=True, tag=shelf().tag())


@dumps.get("/dump/<name>/")
def of_release(name: str) -> BaseResponse:
    """The files of one release, as a page or as JSON with sizes and checksums."""
    if name == "latest":
        return _to_latest("")
    release = _release(name)
    found = shelf().dumps_of(release)
    if not found:
        raise _missing(release)
    form = choose((HTML, _JSON))
    if form is HTML:
        body = render_template(
            "dump.html",
            manifest=release.manifest,
            whole=_whole(found),
            parts=[one for one in found if one.part],
            graphs=[one for one in found if one.graph],
            graph_prefix=BASE,
            canonical=None,
        )
        response = Response(body, content_type=form.content_type)
    else:
        response = _index(release)
    return finish(response, form, negotiated=True, tag=f"dumps-{release.number}-{len(found)}")


@dumps.get("/dump/<name>/<path:file>")
def file(name: str, file: str) -> BaseResponse:
    """One file. `latest` in place of a release's number redirects: the numbered address is the
    one that never changes."""
    if name == "latest":
        return _to_latest(file)
    release = _release(name)
    if file == files.INDEX:
        return finish(_index(release), _JSON, negotiated=False, tag=f"index-{release.number}")
    dump = next((one for one in shelf().dumps_of(release) if one.name == file), None)
    if dump is None:
        if shelf().dumps_of(release):
            raise NotFound(
                Message(
                    "release %(number)s has no file %(name)s", number=release.number, name=file
                ),
                remedy=Message("/dump/%(number)s/ lists the files.", number=release.number),
            )
        raise _missing(release)
    response = _sent(release, dump)
    digest = base64.b64encode(bytes.fromhex(dump.sha256)).decode()
    response.headers["Repr-Digest"] = f"sha-256=:{digest}:"  # RFC 9530
    response.headers["Cache-Control"] = _FOREVER
    response.headers["COI-Release"] = str(release.number)
    response.headers["Accept-Ranges"] = "bytes"
    response.headers["Link"] = links.header(
        [
            {"rel": "license", "href": LICENCE},
            {"rel": "collection", "href": f"{shelf().site}catalog"},
            {"rel": "describedby", "href": f"{shelf().site}void"},
        ]
    )
    return response


def _sent(release: Release, dump: Dump) -> Response:
    """The file, a part of it, or 304; by the proxy in front where there is one that can."""
    internal = current_app.extensions["coi-config"].accel_redirect
    if internal:
        response = Response(content_type=dump.compression)
        # nginx answers Range itself, with an ETag of its own, and keeps the other headers.
        response.headers["X-Accel-Redirect"] = (
            f"{internal.rstrip('/')}/{release.path.name}/{files.FOLDER}/{quote(dump.name)}"
        )
        return response
    path = files.path_of(release, dump)
    response = Response(content_type=dump.compression, direct_passthrough=True)
    response.content_length = dump.bytes
    response.set_etag(dump.sha256)
    response.make_conditional(request, accept_ranges=True, complete_length=dump.bytes)
    if request.method == "HEAD" or response.status_code in (304, 416):
        return response
    start, length = 0, dump.bytes
    if response.status_code == 206:
        start, stop = response.content_range.start or 0, response.content_range.stop or 0
        length = stop - start
    try:
        response.response = File(path, start, length)
    except OSError as error:
        raise _missing(release) from error
    return response


def _to_latest(file: str) -> BaseResponse:
    for one in shelf().kept():
        if file in ("", files.INDEX) or any(dump.name == file for dump in one.dumps):
            target = f"/dump/{one.manifest.release}/{file}"
            response = redirect(target, 302)
            response.headers["Cache-Control"] = "public, max-age=0, must-revalidate"
            return response
    raise NotFound(Message("no release has a file %(name)s", name=file or "—"))


def _release(name: str) -> Release:
    if not (name.isascii() and name.isdigit() and len(name) <= 9 and not name.startswith("0")):
        raise NotFound(
            Message("“%(value)s” is no release number", value=name[:40]),
            remedy=Message("/dump/ lists the releases whose files are kept."),
        )
    return publication().releases.get(int(name))


def _missing(release: Release) -> Gone | NotFound:
    newest = publication().current().number
    if release.number < newest:
        return Gone(
            Message("the files of release %(number)s are no longer kept", number=release.number),
            remedy=Message("/dump/ lists the releases whose files are kept."),
        )
    return NotFound(
        Message("the files of release %(number)s are still being made", number=release.number),
        remedy=Message("Try again in a minute, or take the release before: /dump/latest/"),
    )


def _index(release: Release) -> Response:
    """The listing as `publishing.dumps` wrote it, each file with its address."""
    found = shelf().dumps_of(release)
    if not found:
        raise _missing(release)
    document = {
        "release": release.number,
        "issued": release.manifest.issued,
        "content_hash": release.manifest.content_hash,
        "license": LICENCE,
        "dumps": [_row(release, one) for one in found],
    }
    body = json.dumps(document, indent=1, ensure_ascii=False)
    return Response(body, content_type=_JSON.media_type)


def _row(release: Release, dump: Dump) -> dict[str, object]:
    row = {name: getattr(dump, name) for name in Dump.__slots__}
    return {**row, "url": f"{shelf().site}dump/{release.number}/{dump.name}"}


def _whole(found: Sequence[Dump]) -> list[Dump]:
    return [one for one in found if one.graph is None and one.part is None]
