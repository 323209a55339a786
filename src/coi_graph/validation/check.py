"""Check contributed files: read them, let pySHACL judge what they change, explain what it found.

The same for the command line, which checks one's own files in its own process, and for the web,
where it runs in a worker with limits (`coi_graph.validation.checks`).
"""

from __future__ import annotations

import gc
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING

import pyoxigraph as ox
from rdflib.namespace import OWL
from rdflib.term import URIRef

from ..errors import UnreadableInput
from ..i18n import both
from ..intake.places import Place, Remark, Sent
from ..intake.reading import shown_name
from ..intake.recovery import SyntaxErrors
from ..namespaces import DEF
from . import document, report
from .document import Against, Document, File
from .engine import ShapesAndData
from .excerpt import Excerpts
from .explanation import Explainer, Finding, unread
from .report import Report
from .terms import to_oxigraph
from .vocabulary import Vocabulary

if TYPE_CHECKING:
    from .basis import Basis

#: Told what is being done and how much of it: ("reading", 1, 3).
Told = Callable[[str, int, int], None]
_OBJECTS_BETWEEN_COLLECTIONS = 200_000


def check(
    files: Sequence[tuple[str, bytes]],
    basis: Basis,
    told: Told = lambda *_: None,
    *,
    replaces: str | None = None,
    take: Callable[[Sequence[ox.Quad]], None] = lambda _: None,
) -> Document:
    """The report on ``files`` (name and content), which together are one contribution.

    Files that can be read are checked also where another one cannot. They are the new content of
    the named graph ``replaces``, or stand beside what there is. ``take`` is given what they say.
    """
    with _rare_collections():
        return _check(files, basis, told, replaces, take)


@contextmanager
def _rare_collections() -> Iterator[None]:
    """A check makes many objects that stay until its end, among many that stay for ever; looking
    through them for circles took a fifth of its time (measured on a sheet of 1,000 rows)."""
    before = gc.get_threshold()
    gc.set_threshold(_OBJECTS_BETWEEN_COLLECTIONS, *before[1:])
    try:
        yield
    finally:
        gc.set_threshold(*before)


def _check(
    files: Sequence[tuple[str, bytes]],
    basis: Basis,
    told: Told,
    replaces: str | None,
    take: Callable[[Sequence[ox.Quad]], None],
) -> Document:
    sent: list[Sent] = []
    described: list[File] = []
    failed: list[Finding] = []
    for number, (name, data) in enumerate(files):
        told("reading", number, len(files))
        try:
            one = basis.read(name, data)
        except UnreadableInput as error:
            shown = shown_name(name)
            described.append(File(name=shown, data=data))
            failed.extend(_unread(shown, data, error))
            continue
        sent.append(one)
        described.append(File(name=one.file, data=data, graph=one.graph, statements=len(one.quads)))
    told("checking", len(files), len(files))
    quads = [quad for one in sent for quad in one.quads]
    take(quads)
    checked = basis.checker.check(quads, basis.graph(replaces) if replaces else ())
    # What the record had before and still has: its sender wants to know, published or not.
    own = {quad.subject for one in sent for quad in one.quads}
    known = [one for one in checked.remaining.results if to_oxigraph(one.focus) in own]
    told("explaining", len(files), len(files))
    remarks: list[Remark] = [remark for one in sent for remark in one.remarks]
    bytes_of = {file.name: file.data for file in described}
    explainer = Explainer(basis.vocabulary, checked.data, sent, bytes_of)
    made = document.assemble(
        described,
        basis.against,
        {
            "kind": "bounded" if checked.why_full is None else "full",
            "why": None if checked.why_full is None else both(checked.why_full),
            "focus_nodes": getattr(checked.scope, "focus_nodes", None),
        },
        unread=failed,
        remarks=remarks,
        report=report.of((*checked.report.results, *known)),
        mended=checked.mended,
        explainer=explainer,
    )
    if any(one["place"] and one["place"]["cell"] for one in made["results"]):
        from . import marked_rows  # here: it knows tables, whose modules take long to import

        made["tables"] = marked_rows.of(sent, made["results"])
    return made


def explained(found: Report, both: ShapesAndData) -> Document:
    """The document of a report on ``both`` itself: files of ours, of which no place is known."""
    version = both.data.value(URIRef(DEF), OWL.versionInfo)
    against = Against(
        release=None, content_hash=None, shapes_version=str(version or ""), shapes_sha256=""
    )
    explainer = Explainer(Vocabulary(both.shapes, both.data), both.data, (), {})
    scope = {"kind": "full", "why": None, "focus_nodes": None}
    return document.assemble((), against, scope, report=found, explainer=explainer)


def _unread(name: str, data: bytes, error: UnreadableInput) -> list[Finding]:
    """Each of its syntax errors, where it has several; else the one thing that is wrong."""
    excerpts = Excerpts({name: data})
    if isinstance(error, SyntaxErrors) and len(error.remarks) > 1:
        return [
            unread(one.message, one.remedy, excerpts.describe(one.place)) for one in error.remarks
        ]
    details = error.details
    place = Place(
        name,
        line=_whole(details.get("line")),
        column=_whole(details.get("column")),
    )
    return [unread(error.message, error.remedy, excerpts.describe(place))]


def _whole(value: object) -> int | None:
    return value if isinstance(value, int) else None
