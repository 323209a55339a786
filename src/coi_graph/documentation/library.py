"""Which pages of documentation there are: `docs/…/name.md` in English, `docs/da/…/name.md` in
Danish, and the files that they offer to copy.

The files lie in the repository, or in the wheel; nothing else on the machine is ever read.
"""

from __future__ import annotations

import posixpath
import re
from dataclasses import dataclass
from pathlib import Path

from ..i18n import Message

DANISH = "da"
_PACKAGE = Path(__file__).parents[1]
_TITLE = re.compile(r"^# (.+)$", re.MULTILINE)
#: Folders of the repository whose files a reader may copy, by their endings.
_OFFERED = {
    "deploy": (".conf", ".md", ".service", ".timer", ".sh", "Containerfile", ".toml", ".env"),
    "notebooks": (".ipynb", ".R"),
    "docs/how-to/examples": (".yml",),
}

#: The contents, in the order in which a reader may want them. What is not listed (decisions) is
#: reached by links.
CONTENTS: tuple[tuple[Message, tuple[str, ...]], ...] = (
    (Message("To begin with"), ("primer",)),
    (
        Message("Tutorials"),
        ("tutorials/research", "tutorials/harvest", "tutorials/contribute", "tutorials/review"),
    ),
    (Message("For those who run a site"), ("operate", "reference/settings", "reference/engines")),
    (
        Message("Reference pages"),
        (
            *("reference/commands", "reference/addresses", "reference/errors"),
            *("reference/reports", "reference/files", "reference/tables", "reference/findings"),
        ),
    ),
    (Message("How to"), ("how-to/contribute-and-review", "how-to/check-in-git")),
    (Message("How it is built"), ("architecture", "decisions")),
)


@dataclass(frozen=True, slots=True)
class Source:
    """The Markdown of a page. ``language`` is what it is written in, ``path`` its place in the
    repository, which its links start from."""

    name: str
    language: str
    path: str
    title: str
    text: str


class Library:
    """The pages below ``root``, a folder with `docs/`, `deploy/` and `notebooks/`."""

    def __init__(self, root: Path | None = None) -> None:
        self._root = root or _root()
        self.names = frozenset(_names(self._root / "docs"))
        self.files = frozenset(_files(self._root))

    def page(self, name: str, language: str) -> Source | None:
        """Page ``name`` in ``language``, or in English where there is no other."""
        if name not in self.names:
            return None
        for folder, written in ((f"docs/{DANISH}", DANISH), ("docs", "en")):
            if written != language and written == DANISH:
                continue
            for path in (f"{folder}/{name}.md", f"{folder}/{name}/README.md"):
                if (self._root / path).is_file():
                    text = (self._root / path).read_text(encoding="utf-8")
                    found = _TITLE.search(text)
                    title = found[1] if found else name
                    return Source(name, written, path, title.replace("`", ""), text)
        return None

    def picture(self, path: str) -> str | None:
        """The SVG at ``path`` of the repository, if it is one of the documentation's own."""
        if not re.fullmatch(r"docs/images/[\w.-]+\.svg", path):
            return None
        file = self._root / path
        return file.read_text(encoding="utf-8") if file.is_file() else None

    def file(self, path: str) -> Path | None:
        """A file that is offered to copy."""
        return self._root / path if path in self.files else None

    def address(self, page: str, target: str) -> str | None:
        """Where a link of the page at repository path ``page`` leads on the site; None where the
        target is not served."""
        path, _, fragment = target.partition("#")
        anchor = f"#{fragment}" if fragment else ""
        if not path:
            return anchor
        found = posixpath.normpath(posixpath.join(posixpath.dirname(page), path))
        name = _name_of(found)
        if name is not None and (name in self.names or not name):
            return f"/docs/{name}{anchor}"
        return f"/docs/files/{found}" if found in self.files else None


def _root() -> Path:
    """What the wheel carries, or the checkout that an editable install stands in."""
    bundled = _PACKAGE / "bundled"
    return bundled if bundled.exists() else _PACKAGE.parents[1]


def _name_of(path: str) -> str | None:
    """The name of the page that is at ``path`` of the repository."""
    if not path.startswith("docs/") or not path.endswith(".md"):
        return None
    name = path.removeprefix("docs/").removeprefix(f"{DANISH}/").removesuffix(".md")
    return name.removesuffix("README").rstrip("/")


def _names(docs: Path) -> list[str]:
    found = (_name_of("docs/" + path.relative_to(docs).as_posix()) for path in docs.rglob("*.md"))
    return [name for name in found if name]


def _files(root: Path) -> list[str]:
    return [
        path.relative_to(root).as_posix()
        for folder, endings in _OFFERED.items()
        for path in (root / folder).rglob("*")
        if path.is_file() and path.name.endswith(endings)
    ]
