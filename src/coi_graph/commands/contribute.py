"""``coi-graph contribute FILE… --to URL``: send files to a publisher and print its report."""

from __future__ import annotations

import hashlib
import http.client
import json
import sys
import urllib.error
import urllib.parse
import urllib.request
import uuid
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import click

from .. import __version__, config
from ..errors import EXIT_NO, BadRequest, CoiError, UnreadableInput
from ..i18n import Message
from ..validation import rendering
from .output import say

_SECONDS = 300.0
_MOST_ANSWER = 64 << 20
File = tuple[str, bytes]


class NotTaken(CoiError):
    """The publisher refused, or could not be reached."""

    exit_code = EXIT_NO
    slug = "not-taken"
    title = Message("The contribution was not taken")


def command(home_option: Callable[..., Any]) -> click.Command:
    @click.command("contribute")
    @home_option
    @click.argument("files", nargs=-1, required=True, type=click.Path(path_type=Path))
    @click.option("--to", "url", required=True, help="Address of the publisher's site.")
    @click.option("--amends", type=int, help="Number of the contribution that this replaces.")
    @click.option("--draft", is_flag=True, help="Do not submit it yet.")
    def contribute(
        home: Path | None,
        lang: str,
        files: tuple[Path, ...],
        url: str,
        amends: int | None,
        draft: bool,
    ) -> None:
        """Send FILES, together one contribution, and print the report on them.

        The token comes from the setting COI_TOKEN. Sent twice, it is one contribution. Exit code
        0: submitted, and nothing stands in the way of accepting it; 1: there are errors to mend,
        or the publisher has refused.
        """
        settings = config.load(home=home)
        if not settings.token:
            raise BadRequest(
                Message("a publisher takes contributions with a token only"),
                remedy=Message("Set COI_TOKEN; your account's page on its site makes tokens."),
            )
        read = [_read(path) for path in files]
        publisher = _Publisher(url, settings.token, lang)
        made = publisher.send(read, amends=amends, submit=not draft)
        report = publisher.get(
            f"/api/contributions/{made['id']}/revisions/{made['revision']}/report"
        )
        click.echo(rendering.as_text(report, lang), nl=False)
        say(
            Message(
                "contribution %(id)s is “%(state)s”: %(address)s",
                id=made["id"],
                state=made["state"],
                address=made["address"],
            ),
            lang,
        )
        if made["newest"]["violations"]:
            sys.exit(EXIT_NO)

    return contribute


def _read(path: Path) -> File:
    try:
        return path.name, path.read_bytes()
    except OSError as error:
        raise UnreadableInput(
            Message("%(file)s cannot be read: %(why)s", file=path, why=error.strerror)
        ) from error


class _Publisher:
    """The API of another coi-graph. Its answers are not trusted: sizes are capped, redirects are
    not followed, since they would carry the token elsewhere."""

    def __init__(self, url: str, token: str, lang: str) -> None:
        parts = urllib.parse.urlsplit(url)
        if parts.scheme not in ("http", "https") or not parts.netloc:
            raise BadRequest(Message("“%(url)s” is no address of a site", url=url[:200]))
        self._url = url.rstrip("/")
        self._headers = {
            "Accept": "application/json",
            "Accept-Language": lang,
            "Authorization": f"Bearer {token}",
            "User-Agent": f"coi-graph/{__version__}",
        }
        self._opener = urllib.request.build_opener(_NoRedirects)

    def send(self, files: Sequence[File], *, amends: int | None, submit: bool) -> Any:
        asked = {"submit": "true" if submit else "false"}
        if amends is not None:
            asked["amends"] = str(amends)
        body, content_type = _multipart(files)
        # The same files are the same contribution, also when the answer was lost on the way.
        key = hashlib.sha256(repr((amends, files)).encode()).hexdigest()[:64]
        return self._ask(
            "/api/contributions?" + urllib.parse.urlencode(asked),
            body,
            {"Content-Type": content_type, "Idempotency-Key": key},
        )

    def get(self, path: str) -> Any:
        return self._ask(path, None, {})

    def _ask(self, path: str, body: bytes | None, headers: dict[str, str]) -> Any:
        request = urllib.request.Request(
            self._url + path, data=body, headers={**self._headers, **headers}
        )
        try:
            with self._opener.open(request, timeout=_SECONDS) as response:
                return json.loads(response.read(_MOST_ANSWER))
        except urllib.error.HTTPError as error:
            raise _refused(error) from error
        except (OSError, http.client.HTTPException, ValueError) as error:
            raise NotTaken(
                Message("%(url)s does not answer as it should: %(why)s", url=self._url, why=error)
            ) from error


class _NoRedirects(urllib.request.HTTPRedirectHandler):
    def redirect_request(self, *_: Any) -> None:
        return None


def _refused(error: urllib.error.HTTPError) -> NotTaken:
    """What the publisher said (RFC 9457), as our error."""
    try:
        problem = json.loads(error.read(1 << 20))
        detail, remedy = str(problem["detail"]), problem.get("remedy")
    except (ValueError, KeyError, TypeError, OSError):
        detail, remedy = f"HTTP {error.code}", None
    return NotTaken(
        Message("%(why)s", why=detail), remedy=Message("%(why)s", why=remedy) if remedy else None
    )


def _multipart(files: Sequence[File]) -> tuple[bytes, str]:
    """RFC 7578, for files only."""
    boundary = uuid.uuid4().hex
    parts = []
    for name, data in files:
        quoted = name.replace("\\", "_").replace('"', "%22").replace("\r", " ").replace("\n", " ")
        head = (
            f"--{boundary}\r\n"
            f'Content-Disposition: form-data; name="file"; filename="{quoted}"\r\n'
            "Content-Type: application/octet-stream\r\n\r\n"
        )
        parts += [head.encode(), data, b"\r\n"]
    return b"".join([*parts, f"--{boundary}--\r\n".encode()]), (
        f"multipart/form-data; boundary={boundary}"
    )
