"""The files of a release: which count, which graph is theirs, and errors that say where."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pyoxigraph as ox
import pytest

from coi_graph.errors import UnreadableInput
from coi_graph.intake import sources

GRAPH = "https://w3id.org/coi-graph/graph/"
HEAD = "@prefix : <http://example.org/> .\n"
METADATA = """{"url": "%s", "tableSchema": {
  "aboutUrl": "http://example.org/{id}",
  "columns": [{"name": "id", "propertyUrl": "dct:identifier", "required": true}]}}"""


@pytest.fixture
def root(tmp_path: Path) -> Path:
    for folder in ("ontology", "data/examples", "shapes"):
        (tmp_path / folder).mkdir(parents=True)
    (tmp_path / "ontology/coi.ttl").write_text(
        HEAD + "<https://w3id.org/coi-graph/def/> "
        '<http://www.w3.org/2002/07/owl#versionInfo> "1.2.3" .'
    )
    return tmp_path


def names(root: Path, *, examples: bool = False) -> list[str]:
    return [source.name for source in sources.find(root, examples=examples)]


def quads(root: Path) -> list[ox.Quad]:
    return [q for source in sources.find(root, examples=True) for q in sources.read(source)]


def refusal(call: Callable[[], object]) -> UnreadableInput:
    with pytest.raises(UnreadableInput) as caught:
        call()
    return caught.value


def test_turtle_and_tables_are_found_in_order(root: Path) -> None:
    (root / "data/b").mkdir()
    (root / "data/b/roles.ttl").write_text("")
    (root / "data/a.csv").write_text("id\nx\n")
    (root / "data/a.csv-metadata.json").write_text(METADATA % "a.csv")
    (root / "data/notes.txt").write_text("not a source")
    (root / "data/other.csv").write_text("no metadata: not a source\n")
    (root / "shapes/s.ttl").write_text("")
    (root / "elsewhere.ttl").write_text("")
    assert names(root) == ["ontology/coi", "data/a", "data/b/roles", "shapes/s"]


def test_examples_only_when_asked_for(root: Path) -> None:
    (root / "data/examples/invented.ttl").write_text("")
    (root / "data/examples-of-real-things.ttl").write_text("")
    assert names(root) == ["ontology/coi", "data/examples-of-real-things"]
    assert set(names(root, examples=True)) == {
        "ontology/coi",
        "data/examples-of-real-things",
        "data/examples/invented",
    }


def test_every_file_has_its_named_graph(root: Path) -> None:
    (root / "data/roles.ttl").write_text(HEAD + ":a :p :b . <x> :p [] .")
    (root / "data/a.csv").write_text("id\nx\n")
    (root / "data/a.csv-metadata.json").write_text(METADATA % "a.csv")
    found = quads(root)
    assert {q.graph_name for q in found} == {
        ox.NamedNode(GRAPH + name) for name in ("ontology/coi", "data/roles", "data/a")
    }
    # a relative IRI is relative to the graph, whatever the folder on this machine
    assert ox.NamedNode(GRAPH + "data/x") in {q.subject for q in found}
    assert not any(isinstance(q.object, ox.BlankNode) for q in found)


def test_the_digest_follows_the_bytes(root: Path) -> None:
    def digests() -> dict[str, str]:
        return {source.name: source.digest for source in sources.find(root, examples=False)}

    path = root / "data/a.csv-metadata.json"
    (root / "data/a.csv").write_text("id\nx\n")
    path.write_text(METADATA % "a.csv")
    before = digests()
    assert digests() == before
    (root / "data/a.csv").write_text("id\ny\n")
    table = digests()
    path.write_text(METADATA % "a.csv" + "\n")
    metadata = digests()
    assert len({before["data/a"], table["data/a"], metadata["data/a"]}) == 3
    assert before["ontology/coi"] == table["ontology/coi"] == metadata["ontology/coi"]


@pytest.mark.parametrize(
    ("content", "line"),
    [
        (HEAD + ":a :b :c .\n:a :b ;;; @ .\n", 3),
        (HEAD + "\n\n:a :b unknown:c .\n", 4),
        ((HEAD + ':a :b "').encode() + b'\xff\xfe" .\n', 2),
        (HEAD + ":a :b <http://exa mple.org/> .\n", 2),
        (HEAD + ":a :b :c", 2),
    ],
)
def test_turtle_errors_name_file_and_line(root: Path, content: str | bytes, line: int) -> None:
    path = root / "data/bad.ttl"
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    error = refusal(lambda: quads(root))
    assert str(error).startswith(f"{path}, line {line}, column ")
    assert error.details["line"] == line
    assert "Parser error at" not in str(error), "the place is said once"


def test_table_errors_name_file_row_and_column(root: Path) -> None:
    (root / "data/bad.csv").write_text('id\nx\n""\n')
    (root / "data/bad.csv-metadata.json").write_text(METADATA % "bad.csv")
    error = refusal(lambda: quads(root))
    assert str(error) == "bad.csv, row 3, column “id”: a value is required"


@pytest.mark.parametrize("folder", ["ontology", "data", "shapes"])
def test_a_missing_folder_says_what_to_set(root: Path, folder: str) -> None:
    for path in sorted((root / folder).rglob("*"), reverse=True):
        path.unlink() if path.is_file() else path.rmdir()
    (root / folder).rmdir()
    error = refusal(lambda: names(root))
    assert folder in str(error)
    assert "COI_SOURCES" in str(error.remedy)


def test_a_table_that_is_not_there_is_named(root: Path) -> None:
    (root / "data/gone.csv-metadata.json").write_text(METADATA % "gone.csv")
    assert "gone.csv" in str(refusal(lambda: names(root)))


def test_a_link_into_nowhere_is_named(root: Path) -> None:
    (root / "data/link.ttl").symlink_to("nowhere.ttl")
    assert "link.ttl" in str(refusal(lambda: names(root)))


def test_a_folder_called_like_a_file_is_no_source(root: Path) -> None:
    (root / "data/folder.ttl").mkdir()
    (root / "data/folder.ttl/inside.ttl").write_text("")
    assert names(root) == ["ontology/coi", "data/folder.ttl/inside"]


@pytest.mark.parametrize("name", ["two words.ttl", "a<b.ttl", "50%.ttl", "x#y.ttl", "x?y.ttl"])
def test_a_file_name_that_makes_no_graph_iri_is_refused(root: Path, name: str) -> None:
    (root / "data" / name).write_text(HEAD + ":a :b :c .")
    assert name in str(refusal(lambda: quads(root)))


def test_two_files_for_one_graph_are_refused(root: Path) -> None:
    (root / "data/a.ttl").write_text(HEAD + ":a :b :c .")
    (root / "data/a.csv").write_text("id\nx\n")
    (root / "data/a.csv-metadata.json").write_text(METADATA % "a.csv")
    error = str(refusal(lambda: names(root)))
    assert "a.ttl" in error
    assert "a.csv" in error


@pytest.mark.parametrize(
    "content",
    [
        HEAD + ":a :b <<( :c :d :e )>> .",
        HEAD + "".join(f"_:n{a} :p _:n{b} . " for a in range(12) for b in range(12) if a != b),
    ],
    ids=["triple term", "tangle"],
)
def test_what_a_release_cannot_hold_is_refused_with_the_file(root: Path, content: str) -> None:
    (root / "data/bad.ttl").write_text(content)
    assert "bad.ttl" in str(refusal(lambda: quads(root)))


def test_the_version_is_that_of_the_ontology(root: Path) -> None:
    assert sources.ontology_version(root) == "1.2.3"
    path = root / "ontology/coi.ttl"
    path.write_text(
        "@prefix owl: <http://www.w3.org/2002/07/owl#> .\n"
        '<https://w3id.org/coi-graph/def/Role> owl:versionInfo "of a term" .\n'
        '<https://w3id.org/coi-graph/def/> owl:versionInfo "2.0" .\n<relative> a owl:Thing .\n'
    )
    assert sources.ontology_version(root) == "2.0"


def test_an_ontology_without_a_version_is_refused(root: Path) -> None:
    path = root / "ontology/coi.ttl"
    path.write_text(HEAD + ":a :b :c .")
    assert "owl:versionInfo" in str(refusal(lambda: sources.ontology_version(root)))
    path.unlink()
    assert "coi.ttl" in str(refusal(lambda: sources.ontology_version(root)))
