"""Markdown → HTML in the site's own clothes, by markdown-it-py (https://spec.commonmark.org/0.31.2/
and GitHub's tables).

Raw HTML is shown, never passed on. Headings get the anchors that GitHub gives them, so that one
link works in the repository and on the site. Blocks that are wide may be scrolled by keyboard.
"""

from __future__ import annotations

import posixpath
import re
from collections.abc import Sequence
from dataclasses import dataclass
from html import escape
from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode

from ..i18n import Message
from .library import Library, Source

if TYPE_CHECKING:
    from markdown_it.token import Token

#: The address that the texts write; on a site it becomes the site's own.
WRITTEN = "http://localhost:8000/"
_LISTED = ("h2", "h3")
_PICTURE = Message("Picture")
_EDITOR = Message("Open in the query editor")
_CODE, _TABLE = Message("Code"), Message("Table")


@dataclass(frozen=True, slots=True)
class Heading:
    level: int
    anchor: str
    title: str


@dataclass(frozen=True, slots=True)
class Rendered:
    """``html`` is safe to put into a page: all of it was escaped, or is our own."""

    title: str
    html: str
    contents: tuple[Heading, ...]


def render(source: Source, library: Library, site: str, language: str, kept: str = "") -> Rendered:
    """The page for readers of ``language``. ``site`` is the site's own address; ``kept`` (a query
    string) is added to the links within it."""
    from markdown_it import MarkdownIt
    from markdown_it.renderer import RendererHTML

    parser = MarkdownIt("commonmark", {"html": False}).enable("table")
    tokens = parser.parse(source.text.replace(WRITTEN, site))
    contents = _anchor(tokens)
    _relink(tokens, source, library, site, kept)
    _set_pictures_apart(tokens)
    said = {m: m.in_language(language) for m in (_PICTURE, _EDITOR, _CODE, _TABLE)}
    rules = _Rules(source, library, said, kept)
    renderer = parser.renderer
    assert isinstance(renderer, RendererHTML)
    for name in ("fence", "code_block", "image", "table_open", "table_close"):
        renderer.rules[name] = getattr(rules, name)
    body = renderer.render(_without_title(tokens), parser.options, {})
    return Rendered(source.title, body, tuple(contents))


def slug(title: str, taken: set[str]) -> str:
    """The anchor of a heading, as GitHub makes it."""
    name = re.sub(r"[^\w\- ]", "", title.lower()).replace(" ", "-")
    found, number = name, 0
    while found in taken:
        number += 1
        found = f"{name}-{number}"
    taken.add(found)
    return found


def _anchor(tokens: Sequence[Token]) -> list[Heading]:
    """Gives each heading its anchor; those of the list of contents."""
    found, taken = [], set[str]()
    for place, token in enumerate(tokens):
        if token.type == "heading_open":
            title = "".join(
                child.content for child in tokens[place + 1].children or () if child.content
            )
            anchor = slug(title, taken)
            token.attrSet("id", anchor)
            if token.tag in _LISTED:
                found.append(Heading(int(token.tag[1]), anchor, title))
    return found


def _without_title(tokens: list[Token]) -> list[Token]:
    """The page has its title above; the text's own first heading is it."""
    return tokens[3:] if tokens and tokens[0].type == "heading_open" else tokens


def _set_pictures_apart(tokens: Sequence[Token]) -> None:
    """A paragraph that is a picture only is a figure."""
    for place, token in enumerate(tokens):
        if token.type == "inline" and [one.type for one in token.children or ()] == ["image"]:
            tokens[place - 1].tag = tokens[place + 1].tag = "figure"


def _relink(
    tokens: Sequence[Token], source: Source, library: Library, site: str, kept: str
) -> None:
    """Links between files become links between pages; what is not served is text."""
    for block in tokens:
        open_links: list[bool] = []
        for token in block.children or ():
            if token.type == "link_open":
                target = str(token.attrGet("href"))
                if target.startswith(site):
                    target = "/" + target.removeprefix(site)
                address = _address(target, source, library, kept)
                open_links.append(address is not None)
                if address is None:
                    token.tag, token.attrs = "span", {}
                else:
                    token.attrSet("href", address)
                    if address.startswith(("http://", "https://")):
                        token.attrSet("rel", "external noopener")
            elif token.type == "link_close" and not open_links.pop():
                token.tag = "span"


def _address(target: str, source: Source, library: Library, kept: str) -> str | None:
    if re.match(r"[a-z]+:", target):
        return target if target.startswith(("http://", "https://")) else None
    address = target if target.startswith("/") else library.address(source.path, target)
    if address is None or not kept or address.startswith(("#", "/docs/files/")):
        return address
    path, hash_, fragment = address.partition("#")
    return f"{path}{'&' if '?' in path else '?'}{kept}{hash_}{fragment}"


class _Rules:
    """How our pages show what Markdown has its own tags for."""

    def __init__(
        self, source: Source, library: Library, said: dict[Message, str], kept: str
    ) -> None:
        self._source, self._library, self._said, self._kept = source, library, said, kept
        self._tables = 0

    def fence(self, tokens: Sequence[Token], place: int, *_: Any) -> str:
        """A block of code. The first word after the fence is its language."""
        token = tokens[place]
        language = token.info.split(" ")[0]
        shown = _pre(token.content, f"{self._said[_CODE]}: {language}" if language else "")
        if language != "sparql":
            return shown
        asked = urlencode({"query": token.content}) + (f"&{self._kept}" if self._kept else "")
        return f'{shown}<p><a href="/sparql?{escape(asked)}">{self._said[_EDITOR]}</a></p>\n'

    def code_block(self, tokens: Sequence[Token], place: int, *_: Any) -> str:
        return _pre(tokens[place].content, "")

    def image(self, tokens: Sequence[Token], place: int, *_: Any) -> str:
        """One of our own pictures, put into the page so that its links work and its text can be
        read aloud."""
        target = str(tokens[place].attrGet("src"))
        path = posixpath.normpath(posixpath.join(posixpath.dirname(self._source.path), target))
        picture = self._library.picture(path)
        alternative = escape(tokens[place].content)
        if picture is None:
            return f"<em>{self._said[_PICTURE]}: {alternative}</em>"
        return (
            f'<div class="scroll docs__picture" role="region" tabindex="0"'
            f' aria-label="{alternative}">{picture}</div>'
        )

    def table_open(self, *_: Any) -> str:
        self._tables += 1  # regions of a page have names of their own
        label = escape(f"{self._said[_TABLE]} {self._tables}")
        return f'<div class="scroll" role="region" tabindex="0" aria-label="{label}">' + (
            '<table class="table">\n'
        )

    def table_close(self, *_: Any) -> str:
        return "</table></div>\n"


def _pre(code: str, label: str) -> str:
    named = f' aria-label="{escape(label)}"' if label else ""
    return f'<pre class="query" tabindex="0"{named}><code>{escape(code)}</code></pre>\n'
