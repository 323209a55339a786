"""Who asks: a person by a session, a program by a bearer token (RFC 6750).

Pages that only read never look: they carry no cookie, and everybody gets the same. A session is a
secret of the ledger's in Flask's signed cookie, so it can be ended from our side. Forms are
protected by Flask-WTF; a bearer token is not sent by a browser on its own, so it needs no more.
"""

from __future__ import annotations

from typing import Any

from flask import Flask, Request, g, request, session
from flask.sessions import SecureCookieSessionInterface, SessionMixin
from flask_wtf.csrf import CSRFError, CSRFProtect

from ..errors import CoiError
from ..i18n import Message
from ..ledger.actor import SESSION_DAYS, Actor
from ..ledger.errors import NotSignedIn
from .desk import Desk, desk

_KEY = "session"
#: Where people sign in or are signed in. (A session is opened before the address is matched.)
_WITH_SESSIONS = ("/sign-in", "/sign-out", "/invitation/", "/account", "/contributions", "/api/")


class StaleForm(CoiError):
    """The form's token does not belong to this session: too old, or another site's."""

    status = 400
    slug = "stale-form"
    title = Message("The form is too old")


class _Sessions(SecureCookieSessionInterface):
    """Sessions for those who need them; the key is the ledger's, the same in all processes."""

    def open_session(self, app: Flask, request: Request) -> Any:
        if not _has_sessions(request):
            return self.make_null_session(app)
        if app.secret_key is None:
            keeper: Desk = app.extensions["coi-desk"]
            app.secret_key = keeper.accounts.signing_key()
        return super().open_session(app, request)

    def save_session(self, app: Flask, session: SessionMixin, response: Any) -> None:
        if not self.is_null_session(session):
            super().save_session(app, session, response)


def install(app: Flask, site: str) -> None:
    app.session_interface = _Sessions()
    app.config.update(
        SESSION_COOKIE_NAME="coi-session",
        SESSION_COOKIE_HTTPONLY=True,
        SESSION_COOKIE_SAMESITE="Lax",
        SESSION_COOKIE_SECURE=site.startswith("https://"),
        PERMANENT_SESSION_LIFETIME=SESSION_DAYS * 86_400,
        WTF_CSRF_CHECK_DEFAULT=False,  # `check_form` decides
        WTF_CSRF_TIME_LIMIT=None,  # as long as the session
        WTF_CSRF_SSL_STRICT=False,  # a proxy may speak HTTPS for us
    )
    protection = CSRFProtect(app)

    @app.before_request
    def check_form() -> None:
        if request.method in ("GET", "HEAD", "OPTIONS") or not _has_sessions(request):
            return
        # A program without either is told that it needs an account.
        nobody = request.path.startswith("/api/") and _KEY not in session
        if "Authorization" not in request.headers and not nobody:
            try:
                protection.protect()
            except CSRFError as error:
                raise StaleForm(
                    Message("the form does not belong to your session any more"),
                    remedy=Message("Load the page again, then send the form once more."),
                ) from error


def sign_in(secret: str) -> None:
    """A new session: whatever the browser had before is gone (session fixation)."""
    session.clear()
    session[_KEY] = secret
    session.permanent = True


def sign_out() -> None:
    secret = session.pop(_KEY, None)
    session.clear()
    if secret:
        desk().accounts.sign_out(secret)


def actor() -> Actor | None:
    """Who is signed in, or whose token was sent; the same for the whole request.

    Raises `NotSignedIn` for a token that does not hold.
    """
    if "actor" not in g:
        g.actor = _find()
    found: Actor | None = g.actor
    return found


def signed_in() -> Actor:
    """Raises `NotSignedIn`."""
    found = actor()
    if found is None:
        raise NotSignedIn(
            Message("this needs an account"),
            remedy=Message("Sign in, or send a token: Authorization: Bearer …"),
        )
    return found


def _find() -> Actor | None:
    header = request.headers.get("Authorization")
    if header is not None:
        kind, _, token = header.partition(" ")
        if kind.lower() != "bearer" or not token.strip():
            raise NotSignedIn(
                Message("the Authorization header is not understood"),
                remedy=Message("Send: Authorization: Bearer YOUR-TOKEN"),
            )
        return desk().accounts.of_token(token.strip())
    secret = session.get(_KEY)
    return desk().accounts.of_session(secret) if isinstance(secret, str) else None


def _has_sessions(asked: Request) -> bool:
    return asked.path.startswith(_WITH_SESSIONS)
