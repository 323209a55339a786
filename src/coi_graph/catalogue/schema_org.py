"""The catalogue in schema.org's words, for web search: JSON-LD that stands in the pages.

https://developers.google.com/search/docs/appearance/structured-data/dataset
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

from ..i18n import both
from ..namespaces import BASE
from ..publishing.metadata import DATASET, LICENCE
from . import authority, texts
from .model import CATALOG, PUBLISHER, Distribution, Entry

_CONTEXT = "https://schema.org/"
_ORGANISATION = {"@type": "Organization", "@id": PUBLISHER, "name": "coi-graph", "url": BASE}


def dataset(entry: Entry, lang: str) -> dict[str, Any]:
    """One data set or series, in the page's language."""
    found: dict[str, Any] = {
        "@context": _CONTEXT,
        "@type": "Dataset",
        "@id": entry.iri,
        "name": _in(lang, entry.title),
        "description": _in(lang, entry.description),
        "url": entry.landing,
        "license": LICENCE,
        "isAccessibleForFree": True,
        "inLanguage": ["da", "en"],
        "keywords": list(entry.keywords[lang]),
        "creator": _ORGANISATION,
        "publisher": _ORGANISATION,
        "spatialCoverage": {"@type": "Place", "name": _country(entry, lang)},
        "dateModified": entry.modified,
        "includedInDataCatalog": {"@type": "DataCatalog", "@id": CATALOG, "url": CATALOG},
        "distribution": [_download(one, lang) for one in entry.distributions],
    }
    if entry.issued:
        found["datePublished"] = entry.issued
    if entry.version:
        found["version"] = entry.version
    if entry.iri != DATASET:
        found["isPartOf"] = DATASET
    return found


def catalogue(entries: Sequence[Entry], lang: str, site: str) -> dict[str, Any]:
    return {
        "@context": _CONTEXT,
        "@type": "DataCatalog",
        "@id": CATALOG,
        "name": _in(lang, both(texts.CATALOG.title)),
        "description": _in(lang, both(texts.CATALOG.description)),
        "url": f"{site}catalog",
        "license": LICENCE,
        "publisher": _ORGANISATION,
        "dataset": [
            {"@type": "Dataset", "@id": entry.iri, "name": _in(lang, entry.title),
             "description": _in(lang, entry.description), "url": entry.landing,
             "license": LICENCE, "creator": _ORGANISATION}
            for entry in entries
        ],
    }  # fmt: skip


def script(document: dict[str, Any]) -> str:
    """As text for a script element: nothing in it can end the element."""
    text = json.dumps(document, ensure_ascii=False)
    return text.replace("<", "\\u003c").replace(">", "\\u003e").replace("&", "\\u0026")


def _download(one: Distribution, lang: str) -> dict[str, Any]:
    found: dict[str, Any] = {
        "@type": "DataDownload",
        "name": _in(lang, one.title),
        "contentUrl": one.access,
        "encodingFormat": authority.MEDIA_TYPES[one.form].english,
    }
    if one.dump is not None:
        found["contentSize"] = f"{one.dump.bytes} B"
        found["sha256"] = one.dump.sha256
    return found


def _in(lang: str, by_language: dict[str, str]) -> str:
    return by_language.get(lang) or next(iter(by_language.values()))


def _country(entry: Entry, lang: str) -> str:
    known = [authority.COUNTRIES[iri] for iri in entry.countries if iri in authority.COUNTRIES]
    return ", ".join(
        term.danish if lang == "da" else term.english for term in known or [authority.DENMARK]
    )
