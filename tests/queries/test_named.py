"""Reading named queries: the header's form, and errors that say the file and the line."""

from __future__ import annotations

from pathlib import Path

import pytest

from coi_graph.query.named import BadNamedQuery, load_queries, read_query

HEADER = """\
# title@da: Hvor mange?
# title@en: How many?
# description@da: Antallet af ting,
#   talt én for én.
# description@en: The number of things.
# user: R
# ordered: true
"""
BODY = "\n# counts\nSELECT (COUNT(*) AS ?n) WHERE { ?thing a ?kind }\n"


def write(folder: Path, text: str, name: str = "how-many.rq") -> Path:
    path = folder / name
    path.write_text(text, encoding="utf-8")
    return path


def test_a_query_is_read(tmp_path: Path) -> None:
    path = write(tmp_path, HEADER + "# param: kind\n# param: thing\n" + BODY)
    query = read_query(path)
    assert query.name == "how-many"
    assert query.titles == {"da": "Hvor mange?", "en": "How many?"}
    assert query.descriptions == {
        "da": "Antallet af ting, talt én for én.",
        "en": "The number of things.",
    }
    assert (query.user, query.ordered) == ("R", True)
    assert query.parameters == ("kind", "thing")
    assert query.text == path.read_text(encoding="utf-8")
    assert query.path == path


def test_queries_are_sorted_by_name_and_other_files_left_alone(tmp_path: Path) -> None:
    for name in ("b.rq", "a.rq"):
        write(tmp_path, HEADER + BODY, name)
    write(tmp_path, "n\n1\n", "a.csv")
    assert list(load_queries(tmp_path)) == ["a", "b"]


def test_a_folder_without_queries_has_none(tmp_path: Path) -> None:
    assert load_queries(tmp_path) == {}


def test_comments_after_the_header_are_the_query_s_own(tmp_path: Path) -> None:
    query = read_query(write(tmp_path, HEADER + "\n# user: nobody\n" + BODY))
    assert query.user == "R"


@pytest.mark.parametrize(
    ("text", "line", "words"),
    [
        (BODY, None, "title@da, title@en, description@da, description@en, user, ordered"),
        (HEADER.replace("# title@en: How many?\n", "") + BODY, None, "lacks title@en"),
        (HEADER.replace("user: R", "user: X") + BODY, 6, "R, O, S, W"),
        (HEADER.replace("ordered: true", "ordered: yes") + BODY, 7, "true or false"),
        (HEADER.replace("How many?", "") + BODY, 2, "“title@en” is empty"),
        (HEADER + "# user: S\n" + BODY, 8, "“user” is given twice"),
        (HEADER + "# colour: red\n" + BODY, 8, "“colour”"),
        (HEADER + "#no space: x\n" + BODY, 8, "is no header line"),
        (HEADER + "# param: place\n" + BODY, 8, "no variable “place”"),
        (HEADER + "# param: kin\n" + BODY, 8, "no variable “kin”"),
        (HEADER + "# param: .*\n" + BODY, 8, "no variable “.*”"),
        ("#  begins nowhere\n" + HEADER + BODY, 1, "no header line to continue"),
    ],
)
def test_a_wrong_header_names_file_and_line(
    tmp_path: Path, text: str, line: int | None, words: str
) -> None:
    with pytest.raises(BadNamedQuery) as caught:
        read_query(write(tmp_path, text))
    assert "how-many.rq" in str(caught.value)
    assert words in str(caught.value)
    assert caught.value.details.get("line") == line


def test_a_name_that_makes_no_address_is_refused(tmp_path: Path) -> None:
    with pytest.raises(BadNamedQuery, match=r"How Many\.rq"):
        read_query(write(tmp_path, HEADER + BODY, "How Many.rq"))


def test_bytes_that_are_no_text_are_refused(tmp_path: Path) -> None:
    path = tmp_path / "latin.rq"
    path.write_bytes(b"# title@da: \xe6\xf8\xe5\n")
    with pytest.raises(BadNamedQuery, match=r"latin\.rq cannot be read"):
        read_query(path)


def test_a_missing_file_is_said(tmp_path: Path) -> None:
    with pytest.raises(BadNamedQuery, match=r"none\.rq cannot be read"):
        read_query(tmp_path / "none.rq")
