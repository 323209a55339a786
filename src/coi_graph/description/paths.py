"""IRI ↔ address of the site.

An IRI of ours and its address differ only in what they begin with: the base IRI, or the site's
own address. The Host header is never asked.
"""

from __future__ import annotations

from dataclasses import dataclass
from urllib.parse import quote

from ..namespaces import BASE

#: What has an address of its own without a redirect to a document.
_DIRECT = (
    "def/", "shapes/", "graph/", "release/", "dataset", "doc/", ".well-known/genid/", "catalog",
    "void",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Addresses:
    """The mapping for one configuration: ``base`` of IRIs, ``site`` of addresses; both end
    with a slash."""

    base: str
    site: str

    def iri(self, path: str) -> str:
        """``id/role/x`` → the IRI; the path may begin with a slash."""
        return self.base + quote(path.lstrip("/"), safe="/:@!$&'()*+,;=-._~%")

    def local(self, iri: str) -> str | None:
        """An IRI of ours → its path on this site, with a leading slash; None for another's."""
        if not iri.startswith(self.base):
            return None
        rest = iri[len(self.base) :]
        if rest.startswith("id/"):  # straight to the document: one request less for a person
            return "/doc/" + rest[3:]
        return "/" + rest if rest.startswith(_DIRECT) or not rest else None

    def document(self, iri: str) -> str:
        """The IRI of the document about ``iri``: ``id/x`` → ``doc/x``, others are their own."""
        prefix = self.base + "id/"
        return self.base + "doc/" + iri[len(prefix) :] if iri.startswith(prefix) else iri

    def absolute(self, path: str) -> str:
        """A path of this site as an absolute address."""
        return self.site + path.lstrip("/")


def default(site: str) -> Addresses:
    return Addresses(BASE, site)
