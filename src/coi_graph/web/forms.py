"""Web forms for contributions: a new record, a draft that goes on, a change of what is public.

Everything works without scripts: a row is added by a button that sends the form and gets it back.
What was typed is kept in the ledger as it was typed, also what cannot be read.
"""

from __future__ import annotations

import json
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from flask import Blueprint, Response, current_app, jsonify, redirect, request
from werkzeug.wrappers import Response as WerkzeugResponse

from ..errors import CoiError, NotFound
from ..i18n import Message
from ..intake.names import Kind, Names, text
from ..intake.recognition import is_typed
from ..intake.tables.typed import FILE, Typed
from ..ledger.content import unpack
from ..ledger.errors import Conflict, Forbidden, NotSignedIn
from ..ledger.states import FOLLOWING, State
from . import errors, form_fields, form_rows, form_values, identity, sending
from .accounts import page
from .api_answers import WHOLE
from .checking import Checking
from .desk import desk
from .form_fields import MOST_PARTS, Layout, Values, blank, layout
from .form_findings import Findings, placed
from .negotiation import language, opened

if TYPE_CHECKING:
    from ..ledger.schema import Contribution, Revision

forms = Blueprint("forms", __name__, url_prefix="/contributions")

_Answer = Response | WerkzeugResponse


@dataclass(frozen=True)
class _Task:
    """What the form is for: ``known`` is the draft that goes on, ``amends`` what is replaced."""

    names: Names
    layout: Layout
    known: Contribution | None = None
    amends: int | None = None
    graph: str | None = None  # that is changed
    head: int | None = None  # the contribution that it has its content from

    @property
    def changes(self) -> bool:
        return self.amends is not None or (
            self.known is not None and self.known.base_id is not None
        )


@forms.get("/form/")
def kinds() -> _Answer:
    """All kinds of record, each with its form."""
    found = [
        (kind.key, _capital(text(kind.labels, language())), text(kind.description, language()))
        for kind in _names().kinds()
    ]
    return page("forms.html", kinds=found)


@forms.route("/form/<key>", methods=["GET", "POST"])
def new(key: str) -> _Answer:
    """A record that is not there yet; with ``?amends=N`` what contribution N says."""
    if identity.actor() is None:
        return _signed_out()
    names = _names()
    kind = _kind(key, names)
    said = request.args.get("amends", "")
    amends = int(said) if said.isascii() and said.isdigit() and len(said) < 10 else None
    of = layout(kind, names, language())
    if amends is None:
        task = _Task(names, of)
        return _sent(task) if request.method == "POST" else _shown(task, blank(of.inputs()))
    graph = desk().contributions.graph_of(amends)
    head = desk().contributions.head(graph)
    if head is None:
        raise Conflict(
            Message("contribution %(id)s has not been accepted", id=amends),
            remedy=Message("Send a new version of it instead."),
        )
    task = _Task(names, of, amends=amends, graph=graph, head=head[0].id)
    if request.method == "POST":
        return _sent(task)
    typed = _as_typed(unpack(head[1].quads, graph), of, names, amends)
    return _shown(task, form_values.of_typed(typed, of), seen=task.head)


@forms.get("/form/<key>/names")
def called(key: str) -> Response:
    """Names for an input whose list is too long for a page: ``?field=…&q=…``, as JSON."""
    identity.signed_in()
    wanted, name = request.args.get("q", "")[:100], request.args.get("field", "")
    found = form_fields.called(_kind(key, _names()), _names(), name, wanted, language())
    answer = jsonify([{"value": value, "label": label} for value, label in found])
    answer.cache_control.no_store = True
    return answer


@forms.route(f"/<{WHOLE}:id>/edit", methods=["GET", "POST"])
def edit(id: int) -> _Answer:
    """A draft that goes on. What is public is changed by a new contribution."""
    who = identity.actor()
    if who is None:
        return _signed_out()
    known, revision = desk().contributions.get(who, id)
    if known.account_id != who.id:
        raise Forbidden(Message("only its sender can do that"))
    names = _names()
    quads = unpack(revision.quads, known.graph)
    kept = _kept(revision)
    kind = _kind_of(kept, names) or form_values.kind_of(quads, names)
    if kind is None or known.removes:
        raise _fits_no_form(id)
    if State(known.state) is State.PUBLISHED:
        return redirect(f"/contributions/form/{kind.key}?amends={id}&lang={language()}", 303)
    if State.DRAFT not in FOLLOWING[State(known.state)]:
        raise Conflict(
            Message("contribution %(id)s can no longer be changed", id=id),
            remedy=Message("When it is public, send a change of it."),
        )
    task = _Task(names, layout(kind, names, language()), known=known)
    if known.base_id is not None:
        head = desk().contributions.head(known.graph)
        task = replace(task, graph=known.graph, head=head[0].id if head else None)
    if request.method == "POST":
        return _sent(task)
    typed = kept or _as_typed(quads, task.layout, names, id)
    findings = placed(
        json.loads(revision.report), kept, task.layout, language(), amends=task.changes
    )
    return _shown(task, form_values.of_typed(typed, task.layout), findings, seen=known.base_id)


@forms.errorhandler(identity.StaleForm)
def stale(error: identity.StaleForm) -> Response:
    """The session has ended while somebody was writing: what was typed comes back. Another site's
    form gets nothing of ours filled in."""
    if request.headers.get("Sec-Fetch-Site") != "same-origin" or "kind" not in request.form:
        return errors.told(error)
    return _unsaved(error)


def _signed_out() -> _Answer:
    """To where one signs in, and back; with something typed, it stays where it is."""
    if request.method == "POST" and "kind" in request.form:
        return _unsaved(
            NotSignedIn(
                Message("you have been signed out"),
                remedy=Message("Sign in again in another window, then save here once more."),
            )
        )
    wanted = quote(request.full_path.rstrip("?"), safe="")
    return redirect(f"/sign-in?lang={language()}&next={wanted}", 303)


def _unsaved(error: CoiError) -> Response:
    names = _names()
    of = layout(_kind(request.form["kind"], names), names, language())
    values = form_values.of_form(of.form(formdata=request.form), of.inputs())
    return _shown(_Task(names, of), values, wrong=error, seen=request.form.get("seen"))


def _sent(task: _Task) -> _Answer:
    """Another row, or the whole form as a draft, and if it is in order submitted at once."""
    inputs = task.layout.inputs()
    values = form_values.of_form(task.layout.form(formdata=request.form), inputs)
    action, _, rest = request.form.get("do", "save").partition(":")
    if action in ("add", "remove"):
        change = form_rows.add if action == "add" else form_rows.remove
        focus = change(values, rest, inputs)
        return _shown(task, values, focus=focus, seen=request.form.get("seen"))
    try:
        _refuse_unseen(task)
        saved, clean = _save(task, values)
        if action == "submit" and clean:
            desk().contributions.submit(identity.signed_in(), saved)
            return redirect(f"/contributions/{saved}?lang={language()}", 303)
    except CoiError as error:
        # What has come in between is said now: to save once more is to have seen it.
        return _shown(task, values, wrong=error, seen=task.head)
    said = "stopped" if action == "submit" else "saved"
    return redirect(f"/contributions/{saved}/edit?{said}&lang={language()}", 303)


def _refuse_unseen(task: _Task) -> None:
    """Raises `Conflict` where the record was changed since the form was opened."""
    seen = request.form.get("seen", "")
    if task.head is not None and seen != str(task.head):
        raise Conflict(
            Message(
                "the record has been changed by contribution %(id)s since you opened the form",
                id=task.head,
            ),
            remedy=Message(
                "Open it in another window and look at what it says now. If you save once more, "
                "what you have written here takes its place."
            ),
        )


def _save(task: _Task, values: Values) -> tuple[int, bool]:
    """(the contribution's number, whether it has no Violation). Raises `CoiError`."""
    who, make = identity.signed_in(), desk().contributions
    typed = form_values.typed(values, task.layout)
    content = sending.checked([(FILE, typed.to_bytes())], replaces=task.graph)
    if task.known is not None:
        return make.revise(who, task.known.id, content, seen=task.head).id, not content.violations
    return make.begin(who, content, amends=task.amends).id, not content.violations


def _shown(
    task: _Task,
    values: Values,
    findings: Findings | None = None,
    *,
    wrong: CoiError | None = None,
    focus: str = "",
    seen: object = None,
) -> Response:
    return page(
        "form.html",
        layout=task.layout,
        form=task.layout.form(formdata=None),  # its token; the values are drawn by the template
        kind_name=text(task.layout.kind.labels, language()),
        values=values,
        findings=findings or Findings(),
        known=task.known,
        changes=task.changes,
        wrong=wrong,
        focus=focus,
        seen=seen,
        blank=blank,
        most=MOST_PARTS,
        saved="saved" in request.args,
        stopped="stopped" in request.args,
        status=wrong.status if wrong else 200,
    )


def _names() -> Names:
    checking: Checking = current_app.extensions["coi-checks"]
    names = checking.names(opened())
    if names is None:
        raise NotFound(
            Message("this server has no forms: its data is in another engine"),
            remedy=Message("Send a spreadsheet or an RDF file."),
        )
    return names


def _kind(key: str, names: Names) -> Kind:
    kind = next((one for one in names.kinds() if one.key == key), None)
    if kind is None:
        raise NotFound(
            Message("there is no form for “%(name)s”", name=key[:40]),
            remedy=Message("All forms are at /contributions/form/."),
        )
    return kind


def _kept(revision: Revision) -> Typed | None:
    """What was typed, where the contribution comes from a form."""
    if revision.file != FILE or not is_typed(revision.data):
        return None
    try:
        return Typed.from_bytes(revision.file, revision.data)
    except CoiError:
        return None


def _kind_of(kept: Typed | None, names: Names) -> Kind | None:
    return next((one for one in names.kinds() if kept and one.key == kept.kind), None)


def _as_typed(quads: Any, of: Layout, names: Names, id: int) -> Typed:
    found = form_values.of_quads(quads, of, names, language())
    if found is None:
        raise _fits_no_form(id)
    return found


def _fits_no_form(id: int) -> Conflict:
    return Conflict(
        Message("contribution %(id)s says more, or something else, than one form can hold", id=id),
        remedy=Message("Change it by sending a file, from the contribution’s own page."),
    )


def _capital(label: str) -> str:
    return label[:1].upper() + label[1:]
