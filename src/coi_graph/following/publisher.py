"""What a publisher says of itself, as far as a mirror needs it: checked, and never believed."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from typing import Any

import pyoxigraph as ox

from ..errors import CoiError, ReleaseCorrupt
from ..i18n import Message
from ..namespaces import DCAT
from ..publishing import changes, manifest
from ..publishing.manifest import Manifest
from ..publishing.metadata import DATASET
from .client import BadAnswer, Client, Unreachable
from .inflate import refuse_triple_terms

_MOST_CATALOGUE = 32 << 20  # bytes
_MOST_LIST = 32 << 20
_MOST_MANIFEST = 64 << 20
_SPDX = "http://spdx.org/rdf/terms#"
_MEDIA = "https://www.iana.org/assignments/media-types/application/"
_DUMP = re.compile(r"/(dump/([1-9][0-9]{0,8})/[A-Za-z0-9._-]+\.nq\.gz)$")
_SHA256 = re.compile(r"[0-9a-f]{64}")


class LineageBroken(CoiError):
    """The publisher's releases do not go on from ours: it must be copied anew."""

    slug = "lineage-broken"


@dataclass(frozen=True, slots=True)
class File:
    """A file on the publisher's site; ``path`` is below it."""

    path: str
    bytes: int
    sha256: str


@dataclass(frozen=True, slots=True)
class Step:
    """What turns release ``number - 1`` into release ``number``."""

    number: int
    added: File
    removed: File


@dataclass(frozen=True, slots=True)
class News:
    """The steps after the release that was asked about; ``etag`` asks whether there are more."""

    newest: int
    steps: list[Step]
    etag: str


def dump_of_catalogue(client: Client) -> tuple[int, File]:
    """The release, and its dump in N-Quads, that the publisher's DCAT catalogue names."""
    answer = client.get("catalog", _MOST_CATALOGUE, accept="application/n-triples")
    _expect_ok("catalog", answer.status)
    refuse_triple_terms(answer.body, "catalog")
    store: dict[tuple[str, str], list[Any]] = {}
    try:
        for quad in ox.parse(answer.body, format=ox.RdfFormat.N_TRIPLES):
            store.setdefault((_text(quad.subject), quad.predicate.value), []).append(quad.object)
    except (SyntaxError, ValueError) as error:
        raise BadAnswer(Message("%(path)s: %(why)s", path="catalog", why=error)) from error

    def one(subject: str, predicate: str) -> str:
        return next((_text(value) for value in store.get((subject, predicate), ())), "")

    for distribution in map(_text, store.get((DATASET, DCAT + "distribution"), ())):
        found = _DUMP.search(one(distribution, DCAT + "downloadURL"))
        checksum = one(one(distribution, _SPDX + "checksum"), _SPDX + "checksumValue")
        size = one(distribution, DCAT + "byteSize")
        if (
            found is not None
            and one(distribution, DCAT + "mediaType") == _MEDIA + "n-quads"
            and _SHA256.fullmatch(checksum)
            and size.isascii()
            and size.isdigit()
            and len(size) < 15
        ):
            return int(found[2]), File(found[1], int(size), checksum)
    raise Unreachable(
        Message("the catalogue of %(url)s names no dump in N-Quads", url=client.site),
        remedy=Message("It may still be making it: try again in a few minutes."),
    )


def manifest_of(client: Client, number: int) -> Manifest:
    """What the publisher says of release ``number``."""
    path = f"release/{number}/{manifest.NAME}"
    answer = client.get(path, _MOST_MANIFEST, accept="application/json")
    _expect_ok(path, answer.status)
    try:
        found = manifest.from_json(answer.body.decode("utf-8"), path)
    except (ReleaseCorrupt, UnicodeDecodeError) as error:
        raise BadAnswer(Message("%(path)s: %(why)s", path=path, why=error)) from error
    if found.release != number or not _SHA256.fullmatch(found.content_hash):
        raise BadAnswer(Message("%(path)s: %(why)s", path=path, why="it is of another release"))
    return found


def news(client: Client, number: int, content_hash: str, etag: str) -> News | None:
    """What has come after release ``number``, which has ``content_hash`` here; None for nothing.

    One conditional request. Raises `LineageBroken` where the publisher has no such release any
    more, or another one of that number.
    """
    path = f"changes?since={number}"
    answer = client.get(path, _MOST_LIST, accept="application/json", etag=etag)
    if answer.status == 304:
        return None
    if answer.status in (404, 410):
        raise LineageBroken(
            Message(
                "%(url)s does not go on from release %(number)s", url=client.site, number=number
            )
        )
    _expect_ok(path, answer.status)
    try:
        listed = json.loads(answer.body)
        if listed["since_content_hash"] != content_hash:
            raise LineageBroken(
                Message("release %(number)s of %(url)s is another than the one here",
                        url=client.site, number=number)
            )  # fmt: skip
        steps = [_step(entry) for entry in listed["releases"]]
        numbers = [step.number for step in steps]
        if numbers != list(range(number + 1, number + 1 + len(steps))):
            raise ValueError("the releases are not in a row")
        return News(int(listed["newest"]), steps, answer.headers.get("ETag", "")[:200])
    except (ValueError, TypeError, KeyError, AttributeError, RecursionError) as error:
        raise BadAnswer(Message("%(path)s: %(why)s", path=path, why=error)) from error


def _step(entry: dict[str, Any]) -> Step:
    number = entry["release"]
    if type(number) is not int:
        raise TypeError("a release's number is none")
    return Step(
        number,
        _file(entry["added"], f"release/{number}/{changes.ADDED}"),
        _file(entry["removed"], f"release/{number}/{changes.REMOVED}"),
    )


def _file(entry: dict[str, Any], path: str) -> File:
    """The address is known; the one that the publisher gives is for its own name."""
    size, checksum = entry["bytes"], entry["sha256"]
    if type(size) is not int or not 0 <= size < 1 << 50 or not _SHA256.fullmatch(checksum):
        raise ValueError(f"{path} has no size and checksum")
    return File(path, size, checksum)


def _expect_ok(path: str, status: int) -> None:
    if status >= 500:
        raise Unreachable(Message("%(path)s answers %(status)s", path=path, status=status))
    if status != 200:
        raise BadAnswer(
            Message("%(path)s answers %(status)s", path=path, status=status),
            remedy=Message("Is that the address of a coi-graph?"),
        )


def _text(term: object) -> str:
    return term.value if isinstance(term, ox.NamedNode | ox.Literal | ox.BlankNode) else ""
