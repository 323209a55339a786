"""`/validate`: a page and an API that check contributed files, and the reports' own addresses.

The files are read and checked in a worker with limits, never in this process. A report is kept
under an address that cannot be guessed; it is no part of a release, so nothing of it is cached or
found by search engines.
"""

from __future__ import annotations

from flask import Blueprint, Response, current_app, redirect, render_template, request

from .. import config
from ..errors import BadRequest, NotFound
from ..i18n import Message
from ..media import HTML, SPREADSHEET, TURTLE, Form, by_name
from ..query.cancellation import ENVIRON_KEY, Cancellation
from ..validation import document as documents
from ..validation import rendering, report_graph
from ..validation.document import Document
from ..validation.shelf import Shelf
from . import upload
from .checking import Checking
from .entities import addresses
from .negotiation import choose, finish, language, opened

validation = Blueprint("validation", __name__)

JSON = Form("json", "application/json", "JSON")
CSV = Form("csv", "text/csv", "CSV")
TEXT = Form("txt", "text/plain", "Text", other_names=("text",))
#: What a report is served as, most preferred first.
FORMS = (JSON, HTML, TEXT, CSV, TURTLE, SPREADSHEET)
_PATH = "/validate/report/"
_SHOWN_PER_GROUP = 50


def _shelf() -> Shelf:
    found: Shelf = current_app.extensions["coi-reports"]
    return found


def _checking() -> Checking:
    found: Checking = current_app.extensions["coi-checks"]
    return found


def _cancellation() -> Cancellation | None:
    """Known only where the request came through `asgi`, which sees a client go."""
    found: Cancellation | None = request.environ.get(ENVIRON_KEY)
    return found


def _client() -> str:
    return request.remote_addr or ""


@validation.get("/validate")
def form() -> Response:
    """The page to send files from; ``?previous=ID`` names the report on an earlier version."""
    previous = request.args.get("previous")
    found = _shelf().find(previous) if previous else None
    settings: config.Config = current_app.extensions["coi-config"]
    _checking().prepare(opened())
    page = render_template(
        "validate.html",
        previous=found,
        kinds=template_kinds(),
        endings=upload.ENDINGS,
        largest=settings.check_bytes,
        days=settings.keep_reports_days if settings.keep_reports else 0,
        canonical=addresses().absolute("/validate"),
    )
    response = Response(page, content_type=HTML.content_type)
    if found is not None:
        return _private(response)
    return finish(response, HTML, negotiated=False)


@validation.post("/validate")
def check() -> Response:
    """Checks what was sent; the report in the form that Accept, or ``format``, asks for.

    200 also where there are errors in the data, unless ``strict`` asks for 422. A browser's form
    is sent on to the report's own address.
    """
    settings: config.Config = current_app.extensions["coi-config"]
    files, fields = upload.read(settings.check_bytes)
    wanted = _form(fields.get("format"))
    previous = fields.get("previous", "").strip()
    earlier = _shelf().find(previous) if previous else None
    progress = _shelf().progress(fields.get("progress", ""))
    try:
        document = _checking().check(
            files, opened(), progress.tell if progress else None, _cancellation(), _client()
        )
    finally:
        if progress is not None:
            progress.end()
    if earlier is not None:
        documents.compare(document, earlier)
    name = _shelf().keep(document, files)
    if name is not None:
        document["address"] = addresses().absolute(_PATH + name)
        _shelf().rewrite(document)
    strict = fields.get("strict", "0").lower() not in ("", "0", "false", "no")
    status = 422 if strict and not document["conforms"] else 200
    if wanted is HTML and name is not None and status == 200:
        return _private(redirect(_local(name), 303))  # type: ignore[arg-type]
    response = _serve(document, wanted, files)
    response.status_code = status
    if name is not None:
        response.headers["Location"] = str(document["address"])
        response.headers["Link"] = f'<{document["address"]}>; rel="self"'
    return response


def _local(name: str) -> str:
    """The report's path, in the language that was chosen."""
    chosen = request.values.get("lang") or request.args.get("lang")
    return f"{_PATH}{name}" + (f"?lang={chosen}" if chosen in ("da", "en") else "")


@validation.get(_PATH + "<name>")
def report(name: str) -> Response:
    """A report that is kept; ``.csv`` and so on name one form."""
    name, dot, ending = name.partition(".")
    wanted = by_name(ending, FORMS) if dot else _form(request.args.get("format"))
    if wanted is None:
        raise NotFound(Message("a report has no form “%(name)s”", name=ending[:20]))
    return _serve(_shelf().find(name), wanted, None)


@validation.post(_PATH + "<name>/delete")
def delete(name: str) -> Response:
    """Deletes a report, and what is kept of the files, before its time."""
    _shelf().find(name)
    _shelf().delete(name)
    page = render_template("report_deleted.html")
    return _private(Response(page, content_type=HTML.content_type))


@validation.get("/validate/progress/<token>")
def progress(token: str) -> Response:
    """How far the check has come whose sender chose ``token`` (32 hexadecimal digits)."""
    found = _shelf().progress(token)
    if found is None:
        raise BadRequest(Message("a progress token has 32 hexadecimal digits"))
    return _private(current_app.json.response(found.read()))  # type: ignore[arg-type]


@validation.get("/validate/templates/<kind>.<form>")
def template(kind: str, form: str) -> Response:
    """An empty table for one kind of record, in the language of the reader."""
    from ..intake.tables import templates  # here: openpyxl takes long to import

    names = _checking().names(opened())
    found = next((one for one in names.kinds() if one.key == kind), None) if names else None
    if names is None or found is None or form not in ("xlsx", "csv"):
        raise NotFound(
            Message("there is no template “%(name)s”", name=f"{kind}.{form}"[:60]),
            remedy=Message("/validate lists them."),
        )
    data = templates.build(kind, language(), form, names)
    content_type = SPREADSHEET.media_type if form == "xlsx" else CSV.content_type
    response = Response(data, content_type=content_type)
    name = templates.file_name(found, language(), form)
    response.headers["Content-Disposition"] = f'attachment; filename="{name}"'
    return finish(response, HTML, negotiated=False, tag=f"{kind}-{form}")


def template_kinds() -> list[dict[str, object]]:
    """What there are empty spreadsheets for; nothing until the shapes have been read."""
    names = _checking().names(opened())
    if names is None:
        return []
    return [
        {"key": one.key, "labels": one.labels, "about": one.description} for one in names.kinds()
    ]


def _form(name: str | None) -> Form:
    if not name:
        return choose(FORMS)
    found = by_name(name, FORMS)
    if found is None:
        raise BadRequest(
            Message("“%(name)s” is no form of this answer", name=name[:40]),
            remedy=Message("There is: %(forms)s", forms=", ".join(one.name for one in FORMS)),
        )
    return found


def _serve(document: Document, wanted: Form, files: list[tuple[str, bytes]] | None) -> Response:
    lang = language()
    if wanted is HTML:
        page = render_template(
            "report.html", report=document, shown=_SHOWN_PER_GROUP, **_for_people(document, lang)
        )
        body: str | bytes = page
    elif wanted is JSON:
        body = rendering.as_json(document)
    elif wanted is CSV:
        body = "\ufeff" + rendering.as_csv(document, lang)  # Excel takes it for Windows-1252 else
    elif wanted is TURTLE:
        body = report_graph.as_turtle(document)
    elif wanted is SPREADSHEET:
        body = _workbook(document, files, lang)
    else:
        body = rendering.as_text(document, lang)
    response = Response(body, content_type=wanted.content_type)
    if wanted in (CSV, SPREADSHEET):
        name = Message("report").in_language(lang)
        response.headers["Content-Disposition"] = f'attachment; filename="{name}.{wanted.name}"'
    response.headers["Content-Language"] = lang
    response.vary.update(["Accept", "Accept-Language"])
    if document["release"]:
        response.headers["COI-Release"] = str(document["release"]["number"])
    return _private(response)


def _workbook(document: Document, files: list[tuple[str, bytes]] | None, lang: str) -> bytes:
    table = upload.table_of(files) if files is not None else _shelf().table(document["id"])
    if table is None:
        raise NotFound(
            Message("no table was sent, so none can be marked"),
            remedy=Message("This form is there for CSV and Excel (XLSX) files."),
        )
    return _checking().mark(document, table, lang, opened(), _cancellation(), _client())


def _for_people(document: Document, lang: str) -> dict[str, object]:
    return {
        "found_text": lambda found: rendering.found_text(found, lang),
        "expected_text": lambda expected: rendering.expected_text(expected, lang),
        "has_table": any(
            one["name"].lower().endswith((".xlsx", ".csv")) for one in document["data"]["files"]
        ),
        "days": current_app.extensions["coi-config"].keep_reports_days,
        "address": _address,
        "forms": [],
        "canonical": None,
    }


def _address(iri: str) -> str | None:
    """Where the thing is read on this site; None for what is not of ours."""
    return addresses().local(iri)


def _private(response: Response) -> Response:
    """Not for caches that others share, nor for search engines."""
    response.headers["Cache-Control"] = "private, no-store"
    response.headers["X-Robots-Tag"] = "noindex, nofollow, noarchive"
    return response
