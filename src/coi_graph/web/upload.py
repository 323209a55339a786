"""What is sent to be checked: files of a form, a pasted text, or the body itself."""

from __future__ import annotations

from collections.abc import Sequence

from flask import request

from ..errors import BadRequest, UnsupportedMediaType
from ..i18n import Message
from ..intake.recognition import Kind

MOST_FILES = 50
_TABLES = (".xlsx", ".csv")
#: Endings that the file field offers.
ENDINGS = ",".join(ending for kind in Kind for ending in kind.endings)
#: Content-Type of a body → the ending that says the same.
_ENDINGS = {
    "text/turtle": ".ttl",
    "application/x-turtle": ".ttl",
    "application/trig": ".trig",
    "application/n-triples": ".nt",
    "application/n-quads": ".nq",
    "application/ld+json": ".jsonld",
    "application/json": ".jsonld",
    "application/rdf+xml": ".rdf",
    "application/xml": ".rdf",
    "text/xml": ".rdf",
    "text/csv": ".csv",
    "text/tab-separated-values": ".tsv",
    "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet": ".xlsx",
}
MEDIA_TYPES = tuple(_ENDINGS)
_MULTIPART = "multipart/form-data"
_FORM = "application/x-www-form-urlencoded"
_ANY = "application/octet-stream"


def largest_request(file_bytes: int) -> int:
    """Several files may together have twice the size of the largest one."""
    return 2 * file_bytes + (1 << 20)


def read(file_bytes: int) -> tuple[list[tuple[str, bytes]], dict[str, str]]:
    """The files of the request (name and content), and its other fields.

    Raises `BadRequest` where nothing was sent, `UnsupportedMediaType`.
    """
    request.max_content_length = largest_request(file_bytes)
    request.max_form_memory_size = largest_request(file_bytes)
    fields = {name: value for name, value in request.args.items() if name != "strict"}
    if "strict" in request.args:
        fields["strict"] = request.args["strict"] or "1"
    if request.mimetype in (_MULTIPART, _FORM):
        files = _sent_files()
        fields |= {name: value for name, value in request.form.items() if name != "text"}
        pasted = request.form.get("text", "")
        if pasted.strip():
            ending = fields.get("text_format", "ttl")
            name = Message("pasted text").in_language(fields.get("lang", "da"))
            files.append((f"{name}.{ending}", pasted.encode()))
    else:
        files = [_body(fields)]
    if not files:
        raise BadRequest(
            Message("nothing was sent"),
            remedy=Message("Choose a file, or paste a text."),
        )
    if len(files) > MOST_FILES:
        raise BadRequest(Message("at most %(count)s files are taken at once", count=MOST_FILES))
    return _apart(files), fields


def table_of(files: Sequence[tuple[str, bytes]]) -> tuple[str, bytes] | None:
    """The first table among them."""
    return next((one for one in files if one[0].lower().endswith(_TABLES)), None)


def _sent_files() -> list[tuple[str, bytes]]:
    """The files of all file fields; a field that was left empty is none."""
    found = []
    for name in request.files:
        for one in request.files.getlist(name):
            if one.filename:
                found.append((one.filename, one.read()))
    return found


def _body(fields: dict[str, str]) -> tuple[str, bytes]:
    name = fields.get("filename", "")
    kind = request.mimetype or _ANY
    if kind not in _ENDINGS and not (kind in (_ANY, "text/plain") and name):
        raise UnsupportedMediaType(
            Message("“%(type)s” is not taken here", type=kind),
            remedy=Message(
                "Send a form with files (multipart/form-data), or the file itself with one of "
                "these types, or with any type and ?filename=NAME: %(types)s",
                types=", ".join(_ENDINGS),
            ),
        )
    data = request.get_data()
    if not data:
        raise BadRequest(Message("nothing was sent"))
    ending = _ENDINGS.get(kind, "")
    return name or f"data{ending}", data


def _apart(files: list[tuple[str, bytes]]) -> list[tuple[str, bytes]]:
    """Two files of one name are told apart."""
    seen: dict[str, int] = {}
    named = []
    for name, data in files:
        seen[name] = seen.get(name, 0) + 1
        named.append((name if seen[name] == 1 else f"{seen[name]}-{name}", data))
    return named
