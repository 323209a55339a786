"""How to cite a query and its answer: release, date, and a hash of what was asked."""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass

from ..errors import BadRequest
from ..i18n import Message

_TITLES = {
    "en": "Answer to SPARQL query {hash} on coi-graph, release {release}",
    "da": "Svar på SPARQL-forespørgsel {hash} til coi-graph, udgivelse {release}",
}


@dataclass(frozen=True, slots=True)
class Citation:
    """``url`` pins the release: it gives the same answer for as long as the release is kept.

    ``issued`` is the release's date (xsd:dateTime).
    """

    query: str
    release: int
    issued: str
    url: str

    @property
    def hash(self) -> str:
        """The first 12 digits of the sha256 of the query's text."""
        return hashlib.sha256(self.query.encode()).hexdigest()[:12]

    def title(self, language: str) -> str:
        return _TITLES[language].format(hash=self.hash, release=self.release)

    def text(self, language: str) -> str:
        """A reference in the usual author-date form."""
        return (
            f"coi-graph ({self.issued[:4]}). {self.title(language)}, {self.issued[:10]}. {self.url}"
        )

    def bibtex(self) -> str:
        return (
            f"@misc{{coigraph-{self.release}-{self.hash},\n"
            "  author       = {{coi-graph}},\n"
            f"  title        = {{{{{self.title('en')}}}}},\n"
            f"  year         = {{{self.issued[:4]}}},\n"
            f"  month        = {{{int(self.issued[5:7])}}},\n"
            f"  version      = {{release {self.release}}},\n"
            f"  howpublished = {{\\url{{{self.url}}}}},\n"
            "}\n"
        )

    def csl(self) -> str:
        """CSL-JSON (https://citeproc-js.readthedocs.io/en/latest/csl-json/markup.html)."""
        year, month, day = (int(part) for part in self.issued[:10].split("-"))
        item = {
            "id": f"coigraph-{self.release}-{self.hash}",
            "type": "dataset",
            "title": self.title("en"),
            "author": [{"literal": "coi-graph"}],
            "issued": {"date-parts": [[year, month, day]]},
            "version": f"release {self.release}",
            "URL": self.url,
        }
        return json.dumps([item], ensure_ascii=False, indent=1) + "\n"

    def in_form(self, form: str) -> tuple[str, str]:
        """(body, media type) of ``bib`` or ``csl``. Raises `BadRequest` for another name."""
        if form == "bib":
            return self.bibtex(), "application/x-bibtex"
        if form == "csl":
            return self.csl(), "application/vnd.citationstyles.csl+json"
        raise BadRequest(
            Message("“%(name)s” is no form of a citation", name=form[:40]),
            remedy=Message("There is: %(forms)s", forms="html, bib, csl"),
        )
