"""A small OpenID provider as a real server, after the specifications and not after the client:
discovery, authorization code with PKCE (S256), tokens signed with RS256. It can be made to lie."""

from __future__ import annotations

import base64
import hashlib
import json
import secrets
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlencode, urlsplit

from joserfc import jwt
from joserfc.jwk import RSAKey

CLIENT, SECRET = "coi-graph", "et-hemmeligt-ord"


@dataclass
class OpenIdProvider:
    """``user`` are the claims of who is signed in there; ``lies`` what its tokens say instead."""

    issuer: str = ""
    user: dict[str, Any] = field(default_factory=dict)
    lies: dict[str, Any] = field(default_factory=dict)
    algorithm: str = "RS256"
    key: RSAKey = field(default_factory=lambda: RSAKey.generate_key(2048, {"kid": "a"}))
    signed_with: RSAKey | None = None
    codes: dict[str, dict[str, str]] = field(default_factory=dict)
    asked: list[dict[str, str]] = field(default_factory=list)
    exchanged: int = 0

    def metadata(self) -> dict[str, Any]:
        return {
            "issuer": self.lies.get("metadata_issuer", self.issuer),
            "authorization_endpoint": f"{self.issuer}/authorize",
            "token_endpoint": f"{self.issuer}/token",
            "jwks_uri": f"{self.issuer}/jwks",
            "response_types_supported": ["code"],
            "subject_types_supported": ["public"],
            "id_token_signing_alg_values_supported": ["RS256", "HS256", "none"],
        }

    def authorize(self, asked: dict[str, str]) -> str:
        """The address to go back to, with a code that is good once."""
        self.asked.append(asked)
        assert asked["response_type"] == "code"
        assert asked["client_id"] == CLIENT
        assert asked["code_challenge_method"] == "S256"
        code = secrets.token_urlsafe()
        self.codes[code] = asked
        state = self.lies.get("state", asked["state"])
        return asked["redirect_uri"] + "?" + urlencode({"code": code, "state": state})

    def token(self, said: dict[str, str], authorization: str) -> dict[str, Any] | None:
        """None where client, code, address or PKCE's verifier do not hold (RFC 7636, 4.6)."""
        wanted = base64.b64encode(f"{CLIENT}:{SECRET}".encode()).decode()
        asked = self.codes.pop(said.get("code", ""), None)
        verifier = hashlib.sha256(said.get("code_verifier", "").encode()).digest()
        challenge = base64.urlsafe_b64encode(verifier).rstrip(b"=").decode()
        if (
            authorization != f"Basic {wanted}"
            or asked is None
            or asked["code_challenge"] != challenge
            or asked["redirect_uri"] != said.get("redirect_uri")
        ):
            return None
        self.exchanged += 1
        now = int(time.time())
        claims = {
            "iss": self.issuer, "aud": CLIENT, "iat": now, "exp": now + 300,
            "nonce": asked["nonce"], **self.user, **self.lies,
        }  # fmt: skip
        return {"access_token": "x", "token_type": "Bearer", "id_token": self._signed(claims)}

    def _signed(self, claims: dict[str, Any]) -> str:
        if self.algorithm == "none":
            parts = ({"alg": "none"}, claims)
            encoded = (base64.urlsafe_b64encode(json.dumps(one).encode()) for one in parts)
            return ".".join(one.rstrip(b"=").decode() for one in encoded) + "."
        key = self.signed_with or self.key
        return jwt.encode({"alg": "RS256", "kid": "a"}, claims, key)


@contextmanager
def openid_provider(port: int) -> Iterator[OpenIdProvider]:
    provider = OpenIdProvider(f"http://127.0.0.1:{port}")

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            parts = urlsplit(self.path)
            if parts.path == "/.well-known/openid-configuration":
                self._json(provider.metadata())
            elif parts.path == "/jwks":
                self._json({"keys": [provider.key.as_dict(private=False)]})
            else:
                asked = {name: one[0] for name, one in parse_qs(parts.query).items()}
                self.send_response(302)
                self.send_header("Location", provider.authorize(asked))
                self.end_headers()

        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"])).decode()
            said = {name: one[0] for name, one in parse_qs(body).items()}
            found = provider.token(said, self.headers.get("Authorization", ""))
            self._json(found or {"error": "invalid_grant"}, 200 if found else 400)

        def _json(self, document: Any, status: int = 200) -> None:
            self.send_response(status)
            self.send_header("Content-Type", "application/json")
            self.end_headers()
            self.wfile.write(json.dumps(document).encode())

        def log_message(self, *_: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", port), Handler)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    try:
        yield provider
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
