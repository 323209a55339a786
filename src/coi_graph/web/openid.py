"""Signing in with an OpenID provider (OpenID Connect Core 1.0, section 3.1), by configuration.

Authorization code flow with PKCE, state and nonce; Authlib does the protocol, and is imported when
somebody first signs in so. Who that is says the ledger: see `ledger.linking`.
"""

from __future__ import annotations

import threading
from typing import Any
from urllib.parse import urlsplit

from flask import Blueprint, Flask, Response, current_app, redirect, request, session
from werkzeug.wrappers import Response as WerkzeugResponse

from ..config import Config
from ..errors import BadSetting, CoiError, NotFound
from ..i18n import Message
from ..ledger.actor import Actor
from ..ledger.errors import Forbidden, NotSignedIn
from . import identity
from .accounts import Form, page, safe_next
from .desk import desk
from .entities import addresses
from .negotiation import language

openid = Blueprint("openid", __name__)

_SECONDS = 10.0  # that the provider may take to answer
_KEY = "openid"  # in the session: where to go on, whose invitation, who it turned out to be
_STATE = "_state_openid_"  # where Authlib keeps state, nonce and verifier
#: Signatures with a key that only the provider has (RFC 7518): never “none”, never a shared secret.
_ALGORITHMS = ("RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512")


class ProviderUnavailable(CoiError):
    status = 503
    slug = "provider-unavailable"
    title = Message("The provider that you sign in with does not answer")


class Provider:
    """The provider of the settings. Raises `BadSetting` for an issuer that is none."""

    def __init__(self, settings: Config) -> None:
        self.issuer, self.name = settings.openid_issuer, settings.openid_name
        self._settings = settings
        self._client: Any = None
        self._making = threading.Lock()
        parts = urlsplit(self.issuer)
        local = parts.hostname in ("localhost", "127.0.0.1", "::1")
        if parts.scheme != "https" and not (parts.scheme == "http" and local):
            raise BadSetting(
                Message("the setting “openid_issuer” is no https address"),
                remedy=Message("For example: https://login.example.org/realms/coi"),
            )

    def client(self, app: Flask) -> Any:
        """Authlib's. Raises `ProviderUnavailable`, also for a provider that calls itself something
        else (OpenID Connect Discovery 1.0, section 4.3)."""
        from authlib.integrations.flask_client import OAuth
        from requests import RequestException

        with self._making:
            if self._client is not None:
                return self._client
            made = OAuth(app).register(
                "openid",
                client_id=self._settings.openid_client,
                client_secret=self._settings.openid_secret or None,
                server_metadata_url=self.issuer.rstrip("/") + "/.well-known/openid-configuration",
                client_kwargs={
                    "scope": "openid email",
                    "code_challenge_method": "S256",
                    "default_timeout": _SECONDS,
                },
            )
            try:
                metadata = made.load_server_metadata()
            except (RequestException, ValueError) as error:
                raise _unavailable() from error
            if not isinstance(metadata, dict) or metadata.get("issuer") != self.issuer:
                raise _unavailable()
            offered = metadata.get("id_token_signing_alg_values_supported") or ["RS256"]
            metadata["id_token_signing_alg_values_supported"] = [
                one for one in offered if one in _ALGORITHMS
            ]
            self._client = made
            return made

    def claims(self, app: Flask) -> dict[str, Any]:
        """What the provider says of who comes back from it. Raises `NotSignedIn`."""
        from authlib.integrations.flask_client import OAuthError
        from joserfc.errors import JoseError
        from requests import RequestException

        client = self.client(app)
        try:
            token = client.authorize_access_token(
                claims_options={
                    "iss": {"essential": True, "value": self.issuer},
                    "aud": {"essential": True, "value": self._settings.openid_client},
                    "sub": {"essential": True},
                }
            )
        except RequestException as error:
            raise _unavailable() from error
        except (OAuthError, JoseError, ValueError, KeyError, RuntimeError) as error:
            raise _not_confirmed() from error
        found = token.get("userinfo")
        if not found or not isinstance(found.get("sub"), str) or not found["sub"]:
            raise _not_confirmed()
        return dict(found)


def provider() -> Provider | None:
    """None where the settings name none."""
    found: Provider | None = current_app.extensions["coi-openid"]
    return found


@openid.get("/sign-in/openid")
def start() -> WerkzeugResponse:
    """To the provider. With ``?invitation=…`` to accept that instead of choosing a password."""
    of = _provider()
    session[_KEY] = {
        "next": safe_next(request.args.get("next", "")),
        "invitation": request.args.get("invitation", "")[:200],
    }
    for key in [key for key in session if key.startswith(_STATE)]:
        session.pop(key)  # a cookie has little room, and only the last attempt is meant
    client = of.client(_app())
    back = addresses().absolute("/sign-in/openid/back")
    answer: WerkzeugResponse = client.authorize_redirect(back, ui_locales=language())
    return answer


@openid.get("/sign-in/openid/back")
def back() -> Response | WerkzeugResponse:
    """From the provider: signed in, or asked whether the two accounts are to be linked."""
    of = _provider()
    claims = of.claims(_app())
    subject = f"{of.issuer} {claims['sub']}"
    known = session.get(_KEY) or {}
    email = claims.get("email") if claims.get("email_verified") is True else None
    accounts = desk().accounts
    who = accounts.of_subject(subject)
    if who is None:
        holder = _to_be_linked(known)
        if holder is not None:
            # By a form of ours only: nobody else can link an account of theirs to this one.
            session[_KEY] = {**known, "subject": subject}
            return page("openid.html", form=Form(), who=holder, shown=email or claims["sub"],
                        provider=of.name)  # fmt: skip
        if isinstance(email, str) and "@" in email:
            who = accounts.link_by_email(email, subject)
    if who is None:
        raise Forbidden(
            Message("no account here belongs to the one you have signed in with"),
            remedy=Message(
                "Ask an administrator for an invitation. If you have an account, sign in with its "
                "password and link the two on your account's page."
            ),
        )
    identity.sign_in(accounts.begin_session(who.id))
    return redirect(known.get("next") or "/account", 303)


@openid.post("/account/openid")
def link() -> WerkzeugResponse:
    """The two accounts belong together: the answer to the question that `back` has asked."""
    known = session.get(_KEY) or {}
    subject, accounts = known.get("subject"), desk().accounts
    if not subject:
        raise NotSignedIn(Message("sign in with the provider first"))
    if known.get("invitation"):
        who = accounts.accept_invitation_elsewhere(known["invitation"], subject)
    else:
        who = identity.signed_in()
        accounts.link(who, subject)
    identity.sign_in(accounts.begin_session(who.id))
    return redirect(f"/account?lang={language()}", 303)


def _to_be_linked(known: dict[str, Any]) -> Actor | None:
    """Whose account it may become part of: the invitation's holder, or who is signed in."""
    if known.get("invitation"):
        return desk().accounts.invited(known["invitation"])
    return identity.actor()


def _provider() -> Provider:
    found = provider()
    if found is None:
        raise NotFound(Message("nobody signs in here with another provider"))
    return found


def _app() -> Flask:
    return current_app._get_current_object()  # type: ignore[attr-defined, no-any-return]


def _unavailable() -> ProviderUnavailable:
    return ProviderUnavailable(
        Message("the provider cannot be reached, or is not what the settings say"),
        remedy=Message("Try again in a moment. A password works all the same."),
    )


def _not_confirmed() -> NotSignedIn:
    return NotSignedIn(
        Message("the provider has not confirmed who you are"),
        remedy=Message("Begin again at /sign-in."),
    )
