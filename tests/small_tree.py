"""A small folder of sources, so that a build takes a moment: for tests of what building does."""

from __future__ import annotations

import hashlib
from collections import Counter
from dataclasses import dataclass
from pathlib import Path

import pyoxigraph as ox

from coi_graph import config
from coi_graph.publishing.build import Built, build
from coi_graph.publishing.history import rollback
from coi_graph.publishing.releases import Release, Releases
from coi_graph.store import Store

BASE = "https://w3id.org/coi-graph/"
GRAPH = BASE + "graph/"
ROLE = BASE + "id/role/"
HEAD = f"""@prefix coi:   <{BASE}def/> .
@prefix coish: <{BASE}shapes/> .
@prefix owl:   <http://www.w3.org/2002/07/owl#> .
@prefix rdfs:  <http://www.w3.org/2000/01/rdf-schema#> .
@prefix role:  <{ROLE}> .
@prefix sh:    <http://www.w3.org/ns/shacl#> .
@prefix skos:  <http://www.w3.org/2004/02/skos/core#> .
@prefix tool:  <{BASE}id/tool/> .

"""
FILES = {
    "ontology/coi.ttl": HEAD
    + 'coi: a owl:Ontology ; owl:versionInfo "0.0.1" .\n'
    + 'coi:StrategicRole a owl:Class ; rdfs:label "strategisk rolle"@da, "strategic role"@en .\n'
    + 'coi:Tool a owl:Class ; rdfs:label "værktøj"@da, "tool"@en .\n',
    "data/roles.ttl": HEAD
    + 'role:analyst a coi:StrategicRole ; skos:prefLabel "analytiker"@da, "analyst"@en .\n'
    + 'role:networker a coi:StrategicRole ; skos:prefLabel "netværker"@da, "networker"@en .\n',
    "data/tools.ttl": HEAD
    + 'tool:guide a coi:Tool ; skos:prefLabel "vejledning"@da, "guide"@en .\n'
    + "tool:guide coi:steps ( 1 2 3 ) .\n",
    "data/places.csv": "code,name\n0101,København\n0147,Frederiksberg\n",
    "data/places.csv-metadata.json": """{"url": "places.csv", "tableSchema": {
  "aboutUrl": "https://w3id.org/coi-graph/id/municipality/{code}", "columns": [
  {"name": "code", "propertyUrl": "dct:identifier", "required": true},
  {"name": "name", "propertyUrl": "skos:prefLabel", "lang": "da"}]}}
""",
    "shapes/roles.ttl": HEAD
    + """coish:StrategicRole a sh:NodeShape ; sh:targetClass coi:StrategicRole ;
  sh:property coish:StrategicRole-prefLabel, coish:StrategicRole-note .

coish:StrategicRole-prefLabel a sh:PropertyShape ; sh:path skos:prefLabel ; sh:minCount 1 ;
  sh:message "Giv rollen et navn."@da, "Give the role a name."@en ; sh:severity sh:Violation .

coish:StrategicRole-note a sh:PropertyShape ; sh:path skos:note ; sh:maxCount 0 ;
  sh:message "Skriv en definition i stedet."@da, "Write a definition instead."@en ;
  sh:severity sh:Warning .
""",
    "queries/README": "",
}
#: One statement more: a role that conforms.
ANOTHER_ROLE = 'role:adviser a coi:StrategicRole ; skos:prefLabel "rådgiver"@da, "adviser"@en .\n'
A_NAMELESS_ROLE = "role:nobody a coi:StrategicRole .\n"


@dataclass(frozen=True)
class Tree:
    """Sources and a home, in a folder of their own."""

    folder: Path
    home_name: str = "home"

    @classmethod
    def make(cls, folder: Path) -> Tree:
        tree = cls(folder)
        for name, text in FILES.items():
            tree.write(name, text)
        return tree

    @property
    def sources(self) -> Path:
        return self.folder / "sources"

    @property
    def home(self) -> Path:
        return self.folder / self.home_name

    @property
    def releases(self) -> Releases:
        return Releases(self.home / "releases")

    @property
    def current(self) -> Release:
        return self.releases.current()

    def config(self, **options: object) -> config.Config:
        return config.load({}, home=self.home, sources=self.sources, **options)

    def write(self, name: str, text: str) -> None:
        path = self.sources / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")

    def append(self, name: str, text: str) -> None:
        self.write(name, (self.sources / name).read_text(encoding="utf-8") + text)

    def build(self, *, validate: bool = True, **options: object) -> Release | None:
        return self.built(validate=validate, **options).release

    def built(self, *, validate: bool = True, **options: object) -> Built:
        return build(self.config(**options), validate=validate)

    def must_build(self, *, validate: bool = True, **options: object) -> Release:
        made = self.build(validate=validate, **options)
        assert made is not None
        return made

    def leftovers(self) -> list[str]:
        """What does not belong into a home in which nothing is going on."""
        releases = self.home / "releases"
        return sorted(
            str(path.relative_to(self.home))
            for path in [*releases.glob("*"), *self.home.rglob(".*")]
            if not (path.name == "current" or path.name.isdigit())
        )


def three_releases(tree: Tree) -> None:
    """1: the files; 2: a role more; 3: that role and the tools gone."""
    tree.must_build()
    tree.append("data/roles.ttl", ANOTHER_ROLE)
    tree.must_build()
    tree.write("data/roles.ttl", FILES["data/roles.ttl"])
    (tree.sources / "data/tools.ttl").unlink()
    tree.must_build()


def four_releases(folder: Path) -> Tree:
    """Those of `three_releases`; 4: release 2 again."""
    tree = Tree.make(folder)
    three_releases(tree)
    rollback(tree.config(), 2)
    return tree


def content(store: Store) -> set[ox.Quad]:
    """What a release says of the world: all but `graph/release` and `graph/removed`."""
    own = {ox.NamedNode(GRAPH + "release"), ox.NamedNode(GRAPH + "removed")}
    return {quad for quad in store.quads() if quad.graph_name not in own}


def content_hash(store: Store) -> str:
    """As docs/decisions/0006 says it, without the program's own function."""
    total = sum(int(hashlib.sha256(str(quad).encode()).hexdigest(), 16) for quad in content(store))
    return f"{total % 2**256:064x}"


def graph_counts(store: Store) -> dict[str, int]:
    return dict(Counter(quad.graph_name.value for quad in store.quads()))  # type: ignore[union-attr]


def assert_whole(release: Release) -> None:
    """Files, counts, graphs and content hash are what the manifest says."""
    release.verify()
    store = release.open()
    assert len(store) == release.manifest.quads == sum(release.manifest.graphs.values())
    assert graph_counts(store) == release.manifest.graphs
    assert store.graph_names() == sorted(release.manifest.graphs)
    assert content_hash(store) == release.manifest.content_hash
