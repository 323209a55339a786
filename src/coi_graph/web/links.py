"""`Link` headers: the forms of a document, and FAIR Signposting (https://signposting.org/FAIR/)."""

from __future__ import annotations

import json
from dataclasses import dataclass

from ..description.paths import Addresses
from ..media import DOCUMENT_FORMS, HTML, Form
from ..namespaces import BASE
from ..publishing.metadata import LICENCE

LINKSET = Form("linkset.json", "application/linkset+json", "Linkset")
LINKSET_TEXT = Form("linkset", "application/linkset", "Linkset")
LINKSETS = (LINKSET, LINKSET_TEXT)
AUTHOR = BASE + "id/organisation/coi-graph-project"
_ABOUT_PAGE = "https://schema.org/AboutPage"


@dataclass(frozen=True, slots=True)
class Document:
    """A document on the site about the thing ``iri``; ``path`` is where it negotiates."""

    iri: str
    path: str

    def form_path(self, form: Form) -> str:
        """The address of one form: ``/doc/role/x.ttl``; a folder's is ``/def/index.ttl``."""
        return f"{self.path}{'index' if self.path.endswith('/') else ''}.{form.name}"


def targets(document: Document, types: list[str], addresses: Addresses) -> list[dict[str, str]]:
    """The links of a document, each with ``rel``, ``href`` and what else it has."""
    links = [
        {"rel": "cite-as", "href": document.iri},
        {"rel": "canonical", "href": addresses.absolute(document.path)},
        {"rel": "license", "href": LICENCE},
        {"rel": "author", "href": AUTHOR},
        {"rel": "type", "href": _ABOUT_PAGE},
    ]
    links += [{"rel": "type", "href": iri} for iri in types[:5]]
    for form in (*DOCUMENT_FORMS, HTML):
        href = addresses.absolute(document.form_path(form))
        links.append({"rel": "alternate", "href": href, "type": form.media_type})
        if form is not HTML:
            links.append({"rel": "describedby", "href": href, "type": form.media_type})
            links.append({"rel": "item", "href": href, "type": form.media_type})
    for form in LINKSETS:
        href = addresses.absolute(document.form_path(form))
        links.append({"rel": "linkset", "href": href, "type": form.media_type})
    return links


def header(links: list[dict[str, str]]) -> str:
    """RFC 8288's form, as one header."""
    return ", ".join(
        f'<{link["href"]}>; rel="{link["rel"]}"'
        + (f'; type="{link["type"]}"' if "type" in link else "")
        for link in links
    )


def linkset(form: Form, anchor: str, links: list[dict[str, str]]) -> bytes:
    """The same links as a document, in one of RFC 9264's two forms."""
    if form is LINKSET_TEXT:
        return ",\n".join(f'{header([link])}; anchor="{anchor}"' for link in links).encode()
    context: dict[str, object] = {"anchor": anchor}
    for link in links:
        target = {key: value for key, value in link.items() if key != "rel"}
        context.setdefault(link["rel"], [])
        relation = context[link["rel"]]
        assert isinstance(relation, list)
        relation.append(target)
    return json.dumps({"linkset": [context]}, ensure_ascii=False, indent=1).encode()
