"""Signing in and out, accepting an invitation, and one's own tokens."""

from __future__ import annotations

from urllib.parse import urlsplit

from flask import Blueprint, Response, redirect, render_template, request
from flask_wtf import FlaskForm
from werkzeug.wrappers import Response as WerkzeugResponse
from wtforms import PasswordField, SelectMultipleField, StringField
from wtforms.validators import DataRequired, Length

from ..i18n import Message
from ..ledger.actor import LONGEST_PASSWORD, SHORTEST_PASSWORD, Actor, Scope
from ..ledger.errors import NotSignedIn, Refused
from ..ledger.states import Role
from ..media import HTML
from . import identity
from .api_answers import WHOLE
from .desk import desk
from .negotiation import language

accounts = Blueprint("accounts", __name__)


class Form(FlaskForm):  # type: ignore[misc]
    """Nothing but the token that says where the form comes from."""


class SignInForm(FlaskForm):  # type: ignore[misc]
    name = StringField(validators=[DataRequired(), Length(max=80)])
    password = PasswordField(validators=[DataRequired(), Length(max=LONGEST_PASSWORD)])


class PasswordForm(FlaskForm):  # type: ignore[misc]
    password = PasswordField(validators=[DataRequired()])


class ChangeForm(FlaskForm):  # type: ignore[misc]
    old = PasswordField(validators=[DataRequired(), Length(max=LONGEST_PASSWORD)])
    new = PasswordField(validators=[DataRequired()])


class TokenForm(FlaskForm):  # type: ignore[misc]
    label = StringField(validators=[DataRequired(), Length(max=200)])
    scopes = SelectMultipleField(choices=[scope.value for scope in Scope])


@accounts.route("/sign-in", methods=["GET", "POST"])
def sign_in() -> Response | WerkzeugResponse:
    form, wrong = SignInForm(), None
    if request.method == "POST":
        try:
            if not form.validate():
                raise NotSignedIn(Message("name and password do not belong together"))
            _, secret = desk().accounts.sign_in(
                form.name.data.strip().lower(), form.password.data, request.remote_addr or ""
            )
            identity.sign_in(secret)
            return redirect(safe_next(request.args.get("next", "")), 303)
        except NotSignedIn as error:
            wrong = error
    return page("sign_in.html", form=form, wrong=wrong, status=422 if wrong else 200)


@accounts.post("/sign-out")
def sign_out() -> WerkzeugResponse:
    identity.sign_out()
    return redirect(f"/?lang={language()}", 303)


@accounts.route("/invitation/<secret>", methods=["GET", "POST"])
def invitation(secret: str) -> Response | WerkzeugResponse:
    form, wrong = PasswordForm(), None
    if request.method == "POST":
        try:
            who = desk().accounts.accept_invitation(secret, form.password.data or "")
            identity.sign_in(desk().accounts.begin_session(who.id))
            return redirect(f"/account?lang={language()}", 303)
        except Refused as error:
            wrong = error
    return page(
        "invitation.html",
        form=form,
        wrong=wrong,
        least=SHORTEST_PASSWORD,
        status=422 if wrong else 200,
    )


@accounts.route("/account", methods=["GET", "POST"])
def account() -> Response | WerkzeugResponse:
    """One's own account; a POST makes a token, which is shown this once."""
    who = identity.actor()
    if who is None:
        return redirect(f"/sign-in?lang={language()}&next=/account", 303)
    form, token, wrong = TokenForm(), None, None
    if request.method == "POST":
        try:
            chosen = frozenset(Scope(name) for name in form.scopes.data or ())
            if not form.validate() or not chosen or not chosen <= set(_allowed(who)):
                raise Refused(Message("a token has a name and at least one purpose"))
            token = desk().accounts.make_token(who.name, form.label.data, chosen, by=who)
        except Refused as error:
            wrong = error
    return _account_page(who, form, token=token, wrong=wrong)


@accounts.post("/account/password")
def password() -> Response | WerkzeugResponse:
    """Another password: ends all other sessions."""
    who, form = identity.signed_in(), ChangeForm()
    try:
        if not form.validate():
            raise Refused(Message("write the old and the new password"))
        secret = desk().accounts.change_password(
            who, form.old.data, form.new.data, request.remote_addr or ""
        )
    except NotSignedIn:
        wrong = Refused(Message("the old password is not right"))
        return _account_page(who, TokenForm(formdata=None), wrong_password=wrong)
    except Refused as error:
        return _account_page(who, TokenForm(formdata=None), wrong_password=error)
    identity.sign_in(secret)
    return redirect(f"/account?changed&lang={language()}", 303)


def _account_page(
    who: Actor,
    form: TokenForm,
    *,
    token: str | None = None,
    wrong: Refused | None = None,
    wrong_password: Refused | None = None,
) -> Response:
    return page(
        "account.html",
        who=who,
        form=form,
        token=token,
        wrong=wrong,
        wrong_password=wrong_password,
        changed="changed" in request.args,
        least=SHORTEST_PASSWORD,
        allowed=_allowed(who),
        tokens=desk().accounts.tokens(who.name),
        status=422 if wrong or wrong_password else 200,
    )


def _allowed(who: Actor) -> list[Scope]:
    return [scope for scope in Scope if who.role.includes(_NEEDS[scope])]


_NEEDS = {
    Scope.CONTRIBUTE: Role.CONTRIBUTOR,
    Scope.REVIEW: Role.REVIEWER,
    Scope.ADMINISTER: Role.ADMINISTRATOR,
}


@accounts.post(f"/account/tokens/<{WHOLE}:number>/revoke")
def revoke(number: int) -> WerkzeugResponse:
    who = identity.signed_in()
    if number in {one.id for one in desk().accounts.tokens(who.name)}:
        desk().accounts.revoke_token(number, by=who)
    return redirect(f"/account?lang={language()}", 303)


def page(template: str, *, status: int = 200, **values: object) -> Response:
    """A page for one reader: never kept by a cache, never found by a search engine."""
    response = Response(render_template(template, **values), status, content_type=HTML.content_type)
    response.cache_control.no_store = True
    response.headers["X-Robots-Tag"] = "noindex"
    return response


def safe_next(wanted: str) -> str:
    """Where the person wanted to go: an address of ours, or the account page."""
    parts = urlsplit(wanted)
    if parts.scheme or parts.netloc or not wanted.startswith("/") or wanted.startswith("//"):
        return f"/account?lang={language()}"
    return wanted if "\\" not in wanted else "/account"
