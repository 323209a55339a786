"""IRIs in cells: only such as a reader can follow, or as name something."""

from __future__ import annotations

import re

import pyoxigraph as ox

from ...i18n import Message
from ...namespaces import ID, PREFIXES
from ..matching import clean
from .numbers import Wrong

_SCHEMES = ("http", "https", "urn", "doi")
_SCHEME = re.compile(r"([A-Za-z][A-Za-z0-9+.-]*):")
_FORBIDDEN = re.compile(r'[\s<>"{}|\\^`\x00-\x20]')
_HOST = re.compile(r"(www\.)?[a-z0-9-]+(\.[a-z0-9-]+)*\.[a-z]{2,}(/\S*)?", re.IGNORECASE)
_DOI = re.compile(r"(?:doi:\s*)?(10\.\d{4,9}/\S+)", re.IGNORECASE)
_LONGEST = 2048


def looks_like_iri(text: str) -> bool:
    """Whether it was meant as an IRI rather than as a name."""
    bare = clean(text).strip("<>")
    match = _SCHEME.match(bare)
    if match is None:
        return False
    scheme = match[1].lower()
    return "://" in bare or scheme in ("javascript", "data", "vbscript", "urn", "mailto", "file")


def expand(text: str, paths: set[str]) -> str | None:
    """``skos:Concept``, ``activity:my-course`` → the IRI; None when it is no such name.
    ``paths`` are the kinds of thing below ``id/``."""
    prefix, colon, local = clean(text).partition(":")
    if not colon or not re.fullmatch(r"[\w.~-]+", local):
        return None
    if prefix in paths:
        return f"{ID}{prefix}/{local}"
    return PREFIXES[prefix] + local if prefix in PREFIXES else None


def iri(text: str) -> ox.NamedNode:
    """The IRI that ``text`` is. Raises `Wrong` that says why it is none."""
    bare = clean(text)
    if bare.startswith("<") and bare.endswith(">"):
        bare = bare[1:-1].strip()
    if match := _DOI.fullmatch(bare):
        return ox.NamedNode(f"https://doi.org/{match[1]}")
    if _HOST.fullmatch(bare) and ":" not in bare:
        raise Wrong(
            Message("“%(found)s” is no whole web address", found=bare),
            Message("Write it with https:// in front: https://%(found)s", found=bare),
        )
    match = _SCHEME.match(bare)
    if match is None:
        raise Wrong(
            Message("“%(found)s” is no web address", found=_short(bare)),
            Message("Write a web address that begins with https://."),
        )
    if match[1].lower() not in _SCHEMES:
        raise Wrong(
            Message("an address that begins with “%(scheme)s:” is not taken", scheme=match[1]),
            Message("Write a web address that begins with https://."),
        )
    if bad := _FORBIDDEN.search(bare):
        what = Message("a space") if bad[0].isspace() else Message("the character %(c)s", c=bad[0])
        raise Wrong(
            Message("there is %(what)s in the web address “%(found)s”", what=what, found=bare),
            Message(
                "Copy the address from the browser, or write %(code)s instead.",
                code="".join(f"%{byte:02X}" for byte in bad[0].encode()),
            ),
        )
    if len(bare) > _LONGEST:
        raise Wrong(Message("the web address is longer than %(most)s characters", most=_LONGEST))
    try:
        return ox.NamedNode(bare)
    except ValueError:
        raise Wrong(
            Message("“%(found)s” is no web address", found=_short(bare)),
            Message("Copy the address from the browser."),
        ) from None


def _short(text: str) -> str:
    return text if len(text) <= 80 else text[:79] + "…"
