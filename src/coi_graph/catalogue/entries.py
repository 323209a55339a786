"""What the catalogue lists: data sets, series and services, as values. `dcat` writes them as RDF,
a template as a page.

A data set is a part of the release (`publishing.parts`), the whole of it, an edition of a survey,
or a release that is kept. Every one has an IRI, a title and a description in Danish and English: a
single one without a title makes CKAN's harvester give up the whole catalogue.
"""

from __future__ import annotations

from collections.abc import Iterator

from ..i18n import Message, both
from ..media import DOCUMENT_FORMS
from ..namespaces import BASE, DEF
from ..publishing import parts
from ..publishing.dumps import Dump
from ..publishing.manifest import Manifest
from ..publishing.metadata import DATASET, release_iri
from . import surveys, texts
from .model import CATALOG, Distribution, Entry, Kept, Publication, slug_of

_EXAMPLES = "examples"


def entries(of: Publication) -> list[Entry]:
    """Everything in the catalogue, in an order that does not change: the whole, its parts, the
    surveys with their editions, older releases."""
    return [
        _whole(of),
        *_parts(of),
        *surveys.entries(of.lookup, of.site, of.current.manifest.issued),
        *_releases(of),
    ]


def _whole(of: Publication) -> Entry:
    manifest = of.current.manifest
    kept = [of.current, *of.others]
    versions = [("hasVersion", release_iri(one.manifest.release)) for one in kept if one.dumps]
    return Entry(
        iri=DATASET,
        kind="dataset",
        title=both(texts.WHOLE.title),
        description=both(texts.WHOLE.description),
        keywords=texts.KEYWORDS,
        landing=of.site + "dataset",
        issued=manifest.issued,
        modified=manifest.issued,
        version=str(manifest.release),
        distributions=tuple(_whole_distributions(of.current, of.site, DATASET)),
        relations=(
            *versions,
            ("hasCurrentVersion", release_iri(manifest.release)),
        ),
    )


def _whole_distributions(kept: Kept, site: str, dataset: str) -> Iterator[Distribution]:
    for dump in kept.dumps:
        if dump.graph is None and dump.part is None:
            yield _from_dump(dump, kept.manifest, site, dataset)


def _parts(of: Publication) -> Iterator[Entry]:
    manifest = of.current.manifest
    for slug, graphs in parts.of(manifest.graphs).items():
        iri = DEF if slug == "ontology" else f"{DATASET}/{slug}"
        named = texts.PARTS[slug]
        yield Entry(
            iri=iri,
            kind="dataset",
            title=both(named.title),
            description=both(named.description),
            keywords=texts.keywords_of(slug),
            landing=of.site + iri.removeprefix(BASE),
            issued=manifest.issued,
            modified=manifest.issued,
            version=manifest.ontology_version if slug == "ontology" else str(manifest.release),
            is_example=slug == _EXAMPLES,
            distributions=tuple(
                _from_dump(dump, manifest, of.site, iri)
                for dump in of.current.dumps
                if dump.part == slug
            )
            or tuple(_documents(of.site, iri, slug, graphs)),
            relations=(("isPartOf", DATASET),),
        )


def _documents(site: str, iri: str, slug: str, graphs: list[str]) -> Iterator[Distribution]:
    """Until the dumps are there: the documents of the part's graphs, in the form that all read."""
    form = DOCUMENT_FORMS[0]
    for graph in graphs:
        yield Distribution(
            iri=f"{CATALOG}#distribution-{slug}-{slug_of(graph)}",
            title=both(Message("%(name)s, as Turtle", name=graph.removeprefix(BASE))),
            description=both(Message("One named graph, read from the current release.")),
            access=f"{site}{graph.removeprefix(BASE)}.{form.name}",
            form=form.name,
        )


def _releases(of: Publication) -> Iterator[Entry]:
    """Each release that can be downloaded, as a version that others can cite."""
    for kept in (of.current, *of.others):
        manifest = kept.manifest
        if not kept.dumps:
            continue
        iri = release_iri(manifest.release)
        named = texts.release(manifest)
        yield Entry(
            iri=iri,
            kind="dataset",
            title=both(named.title),
            description=both(named.description),
            keywords=texts.KEYWORDS,
            landing=f"{of.site}release/{manifest.release}",
            issued=manifest.issued,
            modified=manifest.issued,
            version=str(manifest.release),
            distributions=tuple(_whole_distributions(kept, of.site, iri)),
            relations=(("isVersionOf", DATASET),),
        )


def _from_dump(dump: Dump, manifest: Manifest, site: str, dataset: str) -> Distribution:
    return Distribution(
        iri=f"{CATALOG}#distribution-{slug_of(dataset)}-{dump.form}",
        title=both(
            Message("%(name)s, release %(release)s", name=dump.name, release=manifest.release)
        ),
        description=both(
            Message(
                "%(count)s statements, packed with gzip.",
                count=dump.statements,
            )
        ),
        access=f"{site}dump/{manifest.release}/{dump.name}",
        form=dump.form,
        dump=dump,
    )
