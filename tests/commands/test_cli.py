"""The command line as people meet it: real processes, exit codes, messages, no tracebacks.

Exit codes (`coi_graph.errors`): 0 done; 1 the answer is no; 2 the input or the call cannot be
read; 3 a limit; 4 what is on disk is not in order.
"""

from __future__ import annotations

import contextlib
import csv
import fcntl
import gzip
import io
import json
import os
import pty
import re
import shutil
import signal
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path

import pyoxigraph as ox
import pytest

from coi_graph import __version__
from small_tree import A_NAMELESS_ROLE, ANOTHER_ROLE, BASE, HEAD, ROLE, Tree

SH = "http://www.w3.org/ns/shacl#"


@dataclass(frozen=True)
class Done:
    code: int
    out: str
    err: str


def run(
    *arguments: str | Path,
    cwd: Path | None = None,
    stdin: str | None = None,
    timeout: float = 300,
    **environment: str,
) -> Done:
    """A real process; whatever happens, it must not show a traceback, nor die of a signal."""
    clean = {name: value for name, value in os.environ.items() if not name.startswith("COI_")}
    done = subprocess.run(
        [sys.executable, "-m", "coi_graph", *map(os.fspath, arguments)],
        capture_output=True,
        cwd=cwd,
        env={**clean, **environment},
        input=None if stdin is None else stdin.encode(),
        stdin=subprocess.DEVNULL if stdin is None else None,
        timeout=timeout,
    )
    out, err = (text.decode("utf-8", "backslashreplace") for text in (done.stdout, done.stderr))
    assert "Traceback" not in out + err, out + err
    assert done.returncode >= 0, f"died of signal {-done.returncode}"
    return Done(done.returncode, out, err)


def on_a_terminal(*arguments: str | Path, **environment: str) -> tuple[int, str]:
    """Exit code, and what a terminal is sent on both streams."""
    ours, theirs = pty.openpty()
    child = subprocess.Popen(
        [sys.executable, "-m", "coi_graph", *arguments],
        stdin=theirs,
        stdout=theirs,
        stderr=theirs,
        env={**os.environ, "TERM": "xterm", **environment},
    )
    os.close(theirs)
    shown = b""
    with contextlib.suppress(OSError):  # raised when the other end is closed
        while block := os.read(ours, 4096):
            shown += block
    os.close(ours)
    return child.wait(300), shown.decode()


@pytest.fixture
def tree(tmp_path: Path) -> Tree:
    return Tree.make(tmp_path)


@pytest.fixture(scope="module")
def published(tmp_path_factory: pytest.TempPathFactory) -> Tree:
    """Two releases; tests do not change it."""
    tree = Tree.make(tmp_path_factory.mktemp("published"))
    tree.must_build()
    tree.append("data/roles.ttl", ANOTHER_ROLE)
    tree.must_build()
    return tree


@pytest.fixture
def own(published: Tree, tmp_path: Path) -> Tree:
    """A copy of `published`, to be changed."""
    shutil.copytree(published.folder, tmp_path / "copy", symlinks=True)
    return Tree(tmp_path / "copy")


def build(tree: Tree, *options: str, **environment: str) -> Done:
    return run("build", "--home", tree.home, "--sources", tree.sources, *options, **environment)


class TestTheProgram:
    def test_says_its_version(self) -> None:
        assert run("--version") == Done(0, f"coi-graph, version {__version__}\n", "")

    @pytest.mark.parametrize("arguments", [["-h"], ["build", "-h"], ["release", "rollback", "-h"]])
    def test_helps(self, arguments: list[str]) -> None:
        done = run(*arguments)
        assert (done.code, done.err) == (0, "")
        assert "Usage:" in done.out

    @pytest.mark.parametrize(
        "arguments",
        [
            ["fly"],
            ["build", "--fly"],
            ["build", "--lang", "sv"],
            ["validate"],
            ["validate", "--format", "pdf", "x.ttl"],
            ["load", "x.nt", "--graph", "urn:x:y"],
            ["release", "show", "one"],
            ["release", "rollback", "-1"],
            ["release", "diff", "1"],
        ],
    )
    def test_refuses_calls_that_it_does_not_know(
        self, arguments: list[str], tmp_path: Path
    ) -> None:
        done = run(*arguments, cwd=tmp_path)
        assert (done.code, done.out) == (2, "")
        assert "Error: " in done.err

    def test_without_a_command_it_says_which_there_are(self) -> None:
        done = run()
        text = done.out + done.err
        assert [c for c in ("build", "load", "query", "release", "serve", "validate")
                if c not in text] == []  # fmt: skip

    @pytest.mark.parametrize("lang", ["da", "en"])
    def test_a_wrong_setting_is_named(self, lang: str, tmp_path: Path) -> None:
        done = run("build", "--home", tmp_path, "--lang", lang, COI_PORT="many")
        assert (done.code, done.out) == (2, "")
        assert "COI_PORT" in done.err
        assert "many" in done.err

    def test_a_wrong_settings_file_is_named(self, tmp_path: Path) -> None:
        (tmp_path / "coi-graph.toml").write_text("prot = 1")
        done = run("release", "list", "--home", tmp_path)
        assert done.code == 2
        assert "coi-graph.toml" in done.err
        assert "prot" in done.err


class TestBuild:
    def test_builds_then_has_nothing_to_do(self, tree: Tree) -> None:
        first = build(tree)
        assert (first.code, first.out) == (0, "")
        assert "release 1" in first.err
        again = build(tree)
        assert (again.code, again.out) == (0, "")
        assert "nothing has changed" in again.err
        assert tree.current.number == 1

    def test_speaks_danish(self, tree: Tree) -> None:
        first, again = build(tree, "--lang", "da"), build(tree, "--lang=da")
        assert (first.code, again.code) == (0, 0)
        assert "release" not in first.err
        assert "udgivelse" in (first.err + again.err).lower()
        assert "nothing has changed" not in again.err

    def test_violations_are_shown_and_nothing_is_published(self, own: Tree) -> None:
        own.append("data/roles.ttl", A_NAMELESS_ROLE)
        done = build(own)
        assert (done.code, done.out) == (1, "")
        assert "Give the role a name." in done.err
        assert "coish:StrategicRole-prefLabel" in done.err
        assert "nothing was published" in done.err
        assert own.current.number == 2
        assert "Giv rollen et navn." in build(own, "--lang", "da").err

    def test_validation_can_be_skipped(self, own: Tree) -> None:
        own.append("data/roles.ttl", A_NAMELESS_ROLE)
        assert build(own, "--skip-validation").code == 0
        assert own.current.manifest.validated is False

    def test_a_file_that_cannot_be_read_is_named_with_its_line(self, own: Tree) -> None:
        own.write("data/roles.ttl", "\n\n<a> a ;;; .\n")
        done = build(own)
        assert (done.code, done.out) == (2, "")
        assert "roles.ttl, line 3" in done.err
        own.write("data/roles.ttl", HEAD)
        own.write("data/places.csv", "code,name\n,x\n")
        assert "places.csv, row 2" in build(own).err

    def test_sources_that_are_not_there(self, tree: Tree, tmp_path: Path) -> None:
        done = run("build", "--home", tree.home, "--sources", tmp_path / "nowhere")
        assert done.code == 2
        assert "COI_SOURCES" in done.err

    def test_too_little_space(self, own: Tree) -> None:
        own.append("data/roles.ttl", "role:x coi:y 1 .\n")
        done = build(own, COI_MIN_FREE=str(2**60))
        assert done.code == 3
        assert str(own.home) in done.err
        assert own.current.number == 2

    def test_another_publisher(self, own: Tree) -> None:
        code = (
            "import sys; from coi_graph.publishing import durable; durable.PATIENCE = 0.1\n"
            "from coi_graph.cli import main; main()"
        )
        with (own.home / "publish.lock").open("a") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            done = subprocess.run(
                [sys.executable, "-c", code, "build", "--home", str(own.home),
                 "--sources", str(own.sources)],
                capture_output=True, text=True, timeout=300,
            )  # fmt: skip
        assert done.returncode == 4
        assert "publish.lock" in done.stderr
        assert "Traceback" not in done.stderr

    def test_a_home_that_cannot_be_one(self, tree: Tree) -> None:
        tree.home.write_text("a file")
        done = build(tree)
        assert done.code == 4
        assert str(tree.home) in done.err

    def test_a_shape_that_the_engine_cannot_evaluate(self, own: Tree) -> None:
        own.append(
            "shapes/roles.ttl",
            "coish:Bad a sh:NodeShape ; sh:targetClass coi:StrategicRole ; sh:property "
            '[ sh:path skos:prefLabel ; sh:pattern "(" ] .\n',
        )
        done = build(own)
        assert done.code != 0
        assert own.current.number == 2


class TestLoad:
    def test_loads_and_builds(self, own: Tree, tmp_path: Path) -> None:
        path = tmp_path / "bulk.nt.gz"
        path.write_bytes(gzip.compress(b'<http://a/b> <http://a/c> "d" .\n'))
        done = run("load", path, "--graph", "urn:x:bulk", "--home", own.home,
                   COI_SOURCES=str(own.sources))  # fmt: skip
        assert (done.code, done.out) == (0, "")
        assert "1 quads for urn:x:bulk" in done.err
        assert own.current.manifest.graphs["urn:x:bulk"] == 1

    def test_errors(self, own: Tree, tmp_path: Path) -> None:
        path = tmp_path / "bulk.nt"
        path.write_text("<a> <b> .")
        for arguments, words in (
            ([path, "--graph", "urn:x:y"], "bulk.nt, line 1"),
            ([path, "--graph", "mine"], "mine"),
            ([tmp_path / "missing.nt", "--graph", "urn:x:y"], "missing.nt"),
            ([tmp_path, "--graph", "urn:x:y"], tmp_path.name),
        ):
            done = run("load", *arguments, "--home", own.home)
            assert (done.code, done.out) == (2, "")
            assert words in done.err
        assert own.current.number == 2

    def test_a_terminal_gets_a_bar(self, own: Tree, tmp_path: Path) -> None:
        path = tmp_path / "bulk.nt"
        path.write_text('<http://a/b> <http://a/c> "d" .\n')
        code, shown = on_a_terminal(
            "load", path, "--graph", "urn:x:bulk", "--home", own.home, COI_SOURCES=str(own.sources)
        )
        assert code == 0
        assert "\x1b[" in shown
        assert "100%" in shown


class TestRelease:
    def release(self, tree: Tree, *arguments: str) -> Done:
        return run("release", *arguments, "--home", tree.home)

    def test_list(self, published: Tree) -> None:
        done = self.release(published, "list")
        assert (done.code, done.err) == (0, "")
        newest, oldest = done.out.splitlines()
        assert newest.startswith("*     2  ")
        assert oldest.startswith("      1  ")
        m = published.current.manifest
        assert newest.split() == ["*", "2", m.issued, str(m.quads), f"+{m.added}", f"−{m.removed}"]

    def test_list_of_nothing(self, tmp_path: Path) -> None:
        assert run("release", "list", "--home", tmp_path / "none") == Done(0, "", "")
        assert not (tmp_path / "none").exists(), "looking makes nothing"

    def test_list_says_what_was_pruned_and_what_was_rolled_back(self, own: Tree) -> None:
        assert run("release", "rollback", "1", "--home", own.home, COI_KEEP_RELEASES="1").code == 0
        newest, middle, oldest = self.release(own, "list").out.splitlines()
        assert newest.startswith("*     3")
        assert "= release 1" in newest
        assert middle.endswith("pruned")
        assert oldest.endswith("pruned")
        danish = self.release(own, "list", "--lang", "da").out
        assert "pruned" not in danish

    def test_list_goes_on_after_a_damaged_release(self, own: Tree) -> None:
        """It is where one looks for the number to roll back to."""
        (own.releases.get(2).path / "manifest.json").write_text("{")
        done = self.release(own, "list")
        assert done.code == 4
        assert "      1  " in done.out
        assert "000002" in done.out + done.err

    def test_show(self, published: Tree) -> None:
        done = self.release(published, "show", "1")
        assert (done.code, done.err) == (0, "")
        manifest = json.loads(done.out)
        assert manifest == json.loads(
            (published.releases.get(1).path / "manifest.json").read_text()
        )
        assert manifest["release"] == 1

    @pytest.mark.parametrize("lang", ["da", "en"])
    def test_a_number_that_was_never_published(self, published: Tree, lang: str) -> None:
        for arguments in (["show", "9"], ["diff", "1", "9"], ["diff", "9", "1"],
                          ["rollback", "9"], ["verify", "9"]):  # fmt: skip
            done = self.release(published, *arguments, "--lang", lang)
            assert (done.code, done.out) == (2, ""), arguments
            assert "9" in done.err
            assert "2" in done.err.splitlines()[1], "which there are"

    def test_diff(self, published: Tree) -> None:
        done = self.release(published, "diff", "1", "2")
        assert done.code == 0
        lines = done.out.splitlines()
        assert {line[:2] for line in lines} == {"+ ", "- "}
        quads = list(ox.parse("\n".join(line[2:] for line in lines), format=ox.RdfFormat.N_QUADS))
        assert len(quads) == len(lines)
        adviser = [line for line in lines if f"<{ROLE}adviser>" in line]
        assert len(adviser) == 3
        assert all(line.startswith("+ ") for line in adviser)
        back = self.release(published, "diff", "2", "1").out.splitlines()
        swap = {"+": "-", "-": "+"}
        assert sorted(swap[line[0]] + line[1:] for line in back) == sorted(lines)
        assert self.release(published, "diff", "2", "2").out == ""

    def test_diff_into_a_closed_pipe(self, published: Tree) -> None:
        command = (
            f"{sys.executable} -m coi_graph release diff 1 2 --home {published.home} | head -1"
        )
        done = subprocess.run(
            ["bash", "-c", command], capture_output=True, text=True, timeout=300, env=os.environ
        )
        assert done.stdout.count("\n") == 1
        assert "Traceback" not in done.stderr
        assert "Exception ignored" not in done.stderr

    def test_rollback(self, own: Tree) -> None:
        done = self.release(own, "rollback", "1")
        assert (done.code, done.out) == (0, "")
        assert own.current.number == 3
        assert own.current.manifest.content_hash == own.releases.get(1).manifest.content_hash
        assert "nothing has changed" in build(own).err
        refused = self.release(own, "rollback", "3")
        assert refused.code == 2
        danish = self.release(own, "rollback", "2", "--lang", "da")
        assert danish.code == 0
        assert "has the content" not in danish.err

    def test_verify(self, own: Tree) -> None:
        done = self.release(own, "verify")
        assert (done.code, done.out) == (0, "")
        assert "release 1 verifies" in done.err
        assert "release 2 verifies" in done.err
        path = own.releases.get(1).path / "added.nq.gz"
        path.write_bytes(path.read_bytes()[:-1])
        bad = self.release(own, "verify")
        assert bad.code == 4
        assert "added.nq.gz" in bad.err
        assert "release 2 verifies" in bad.err, "one damaged release hides no other"
        assert self.release(own, "verify", "2").code == 0
        danish = self.release(own, "verify", "1", "--lang", "da")
        assert danish.code == 4
        assert "added.nq.gz" in danish.err
        assert "has changed" not in danish.err

    @pytest.mark.parametrize("arguments", [["show", "1"], ["rollback", "1"], ["verify"]])
    def test_of_nothing(self, tmp_path: Path, arguments: list[str]) -> None:
        done = run("release", *arguments, "--home", tmp_path)
        assert done.code in (2, 4)
        assert done.err.startswith("coi-graph: ")


NAMELESS = HEAD + "\n# a comment\n" + A_NAMELESS_ROLE
FOCUS = ROLE + "nobody"


class TestValidate:
    def validate(self, tree: Tree, *arguments: str | Path, **options: str) -> Done:
        return run("validate", *arguments, "--home", tree.home, **options)

    @pytest.fixture
    def good(self, tmp_path: Path) -> Path:
        path = tmp_path / "good.ttl"
        path.write_text(HEAD + 'role:new a coi:StrategicRole ; skos:prefLabel "ny"@da .\n')
        return path

    @pytest.fixture
    def bad(self, tmp_path: Path) -> Path:
        path = tmp_path / "bad.ttl"
        path.write_text(NAMELESS)
        return path

    def line(self) -> int:
        return NAMELESS[: NAMELESS.index("role:nobody")].count("\n") + 1

    def test_a_good_file(self, published: Tree, good: Path) -> None:
        for lang, words in (("en", "can be published"), ("da", "udgives")):
            done = self.validate(published, good, "--lang", lang)
            assert (done.code, done.err) == (0, "")
            assert words in done.out

    @pytest.mark.parametrize(
        ("lang", "message", "other"),
        [
            ("da", "Giv rollen et navn.", "Give the role a name."),
            ("en", "Give the role a name.", "Giv rollen et navn."),
        ],
    )
    def test_a_bad_file_as_text(
        self, published: Tree, bad: Path, lang: str, message: str, other: str
    ) -> None:
        done = self.validate(published, bad, "--lang", lang)
        assert done.code == 1
        assert f"bad.ttl:{self.line()}:1: " in done.out
        assert message in done.out
        assert other not in done.out
        assert "coish:StrategicRole-prefLabel" in done.out

    def test_a_bad_file_as_json(self, published: Tree, bad: Path) -> None:
        done = self.validate(published, bad, "--format", "json")
        assert (done.code, done.err) == (1, "")
        document = json.loads(done.out)
        assert document["conforms"] is False
        assert set(document["summary"]) == {"da", "en"}
        (result,) = document["results"]
        assert result["record"]["iri"] == FOCUS
        assert result["field"]["path"] == "http://www.w3.org/2004/02/skos/core#prefLabel"
        assert result["severity"] == "violation"
        assert result["rule"]["iri"] == BASE + "shapes/StrategicRole-prefLabel"
        assert (result["place"]["file"], result["place"]["line"]) == (str(bad), self.line())
        assert result["mend"] == {"da": "Giv rollen et navn.", "en": "Give the role a name."}

    @pytest.mark.parametrize(
        ("lang", "message"), [("da", "Giv rollen et navn."), ("en", "Give the role a name.")]
    )
    def test_a_bad_file_as_csv(self, published: Tree, bad: Path, lang: str, message: str) -> None:
        done = self.validate(published, bad, "--format", "csv", "--lang", lang)
        assert (done.code, done.err) == (1, "")
        head, row = csv.reader(io.StringIO(done.out, newline=""))
        assert len(head) == len(row) == 16
        assert row[1:4] == [str(bad), str(self.line()), "1"]
        assert row[7] == FOCUS
        assert row[12] == message
        assert row[15] == BASE + "shapes/StrategicRole-prefLabel"

    def test_a_bad_file_as_turtle(self, published: Tree, bad: Path) -> None:
        done = self.validate(published, bad, "--format", "ttl")
        assert (done.code, done.err) == (1, "")
        quads = [q.triple for q in ox.parse(done.out, format=ox.RdfFormat.TURTLE)]
        said = {(t.predicate.value, t.object) for t in quads}
        assert (SH + "conforms", ox.Literal(False)) in said
        assert (SH + "focusNode", ox.NamedNode(FOCUS)) in said
        assert (SH + "resultSeverity", ox.NamedNode(SH + "Violation")) in said
        assert (SH + "sourceShape", ox.NamedNode(BASE + "shapes/StrategicRole-prefLabel")) in said
        assert (SH + "resultMessage", ox.Literal("Giv rollen et navn.", language="da")) in said
        assert (SH + "resultMessage", ox.Literal("Give the role a name.", language="en")) in said

    def test_a_warning_does_not_block(self, published: Tree, tmp_path: Path) -> None:
        path = tmp_path / "note.ttl"
        path.write_text(HEAD + 'role:analyst skos:note "hm"@en .')
        done = self.validate(published, path, "--format", "json")
        assert done.code == 0
        document = json.loads(done.out)
        assert document["conforms"] is True
        assert [r["severity"] for r in document["results"]] == ["warning"]

    def test_several_files_are_one_contribution(
        self, published: Tree, bad: Path, tmp_path: Path
    ) -> None:
        name = tmp_path / "name.nt"
        name.write_text(f'<{FOCUS}> <http://www.w3.org/2004/02/skos/core#prefLabel> "x"@da .\n')
        assert self.validate(published, bad, name).code == 0

    def test_before_anything_is_published(self, tree: Tree, bad: Path, good: Path) -> None:
        sources = str(tree.sources)
        assert self.validate(tree, bad, COI_SOURCES=sources).code == 1
        done = self.validate(tree, good, COI_SOURCES=sources)
        assert done.code == 0
        assert "nothing is published yet" in done.err

    @pytest.mark.parametrize("encoding", ["ascii", "latin-1", "cp1252"])
    def test_into_a_terminal_that_knows_fewer_letters(
        self, published: Tree, tmp_path: Path, encoding: str
    ) -> None:
        path = tmp_path / "bad.ttl"
        path.write_text(NAMELESS + "role:日本 a coi:StrategicRole .")
        done = self.validate(published, path, "--lang", "da", PYTHONIOENCODING=encoding)
        assert done.code == 1
        assert done.out.count("Giv rollen et navn.") == 2
        assert run("release", "list", "--home", published.home, PYTHONIOENCODING=encoding).code == 0

    def test_what_a_stranger_wrote_does_not_steer_the_terminal(
        self, published: Tree, tmp_path: Path
    ) -> None:
        path = tmp_path / "escape.ttl"
        label = "\\u001b[31mred\\u0007\\nforged.ttl:1: error\\u202e"
        path.write_text(
            f'{HEAD}role:x a coi:StrategicRole ; skos:prefLabel "{label}"@en ; skos:note "x"@en .'
        )
        code, shown = on_a_terminal("validate", path, "--home", published.home)
        assert code == 0
        assert "red" in shown
        assert "\x1b" not in shown
        assert "\x07" not in shown
        assert "\u202e" not in shown
        assert not any(line.startswith("forged.ttl") for line in shown.splitlines())

    def test_a_damaged_release_is_not_validated_against(self, own: Tree, good: Path) -> None:
        (rocks,) = own.current.store_path.glob("MANIFEST-*")
        rocks.write_bytes(rocks.read_bytes()[: rocks.stat().st_size // 2])
        assert self.validate(own, good).code == 4


DEEP = 100_000
XML = '<rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#">%s</rdf:RDF>'
BOMB = (
    '<?xml version="1.0"?>\n<!DOCTYPE r [<!ENTITY a "aaaaaaaaaa">'
    + "".join(
        f'<!ENTITY {b} "{f"&{a};" * 10}">' for a, b in zip("abcdefgh", "bcdefghi", strict=True)
    )
    + "]>"
    + XML % '<rdf:Description rdf:about="http://a/b"><rdf:value>&i;</rdf:value></rdf:Description>'
)
TRIPLE = "<<( <http://a/b> <http://a/c> "
UNREADABLE: dict[str, tuple[str, str | bytes | None, list[str]]] = {
    "missing": ("missing.ttl", None, ["missing.ttl"]),
    "syntax": ("syntax.ttl", "\n\n<a> a ;;; .", ["syntax.ttl", "line 3"]),
    "unknown prefix": ("prefix.ttl", "\nx:a x:b x:c .", ["prefix.ttl", "line 2"]),
    "binary": ("binary.ttl", bytes(range(256)) * 9, ["binary.ttl", "line"]),
    "picture": ("photo.png", b"\x89PNG\r\n\x1a\n", ["photo.png", ".ttl"]),
    "NUL": ("nul.ttl", b"\0\0\0\0", ["nul.ttl", "line 1"]),
    "latin-1": (
        "latin.ttl",
        "# \n<a> <b> 'å' .".encode("latin-1"),
        ["latin.ttl", "line 2", "UTF-8"],
    ),
    "UTF-16": ("utf16.ttl", "<a> <b> <c> .".encode("utf-16"), ["utf16.ttl", "relative IRI"]),
    "entity bomb": ("bomb.rdf", BOMB, ["bomb.rdf", "DOCTYPE"]),
    "entity bomb in capitals": ("bomb.XML", BOMB, ["bomb.XML", "DOCTYPE"]),
    "external entity": (
        "xxe.rdf",
        '<!DOCTYPE r [<!ENTITY x SYSTEM "file:///etc/passwd">]>' + XML % "&x;",
        ["xxe.rdf", "DOCTYPE"],
    ),
    "half XML": ("half.rdf", XML[:30], ["half.rdf"]),
    "deep JSON": ("deep.jsonld", "[" * DEEP, ["deep.jsonld"]),
    "deep JSON objects": ("deep2.jsonld", '{"http://a/b":' * DEEP, ["deep2.jsonld"]),
    "empty JSON": ("empty.jsonld", "", ["empty.jsonld is empty"]),
    "context elsewhere": (
        "context.jsonld",
        '{"@context": "file:///etc/passwd", "a": 1}',
        ["context.jsonld", "context"],
    ),
    "deep triple terms": (
        "terms.ttl",
        f"<http://a/b> <http://a/c> {TRIPLE * DEEP} 1 {')>>' * DEEP} .",
        ["terms.ttl", "triple terms"],
    ),
    "triple term": ("term.ttl", f"<http://a/b> <http://a/c> {TRIPLE} 1 )>> .", ["triple terms"]),
    "tangle": (
        "tangle.ttl",
        "".join(f"_:n{a} <a:b> _:n{b} . " for a in range(12) for b in range(12) if a != b),
        ["tangle.ttl", "12"],
    ),
    "N3 rules": ("rules.n3", "{ ?a ?b ?c } => { ?c ?b ?a } .", ["rules.n3", ".ttl"]),
    "unknown extension": ("data.docx", "x", ["data.docx", ".ttl"]),
    "no extension": ("data", "x", ["data", ".ttl"]),
    "unclosed deep Turtle": (
        "open.ttl",
        "<a:b> <a:c> " + "[ <a:b> " * DEEP,
        ["open.ttl", "line 1"],
    ),
    "empty Turtle": ("empty.ttl", "", ["empty.ttl is empty"]),
    "deep Turtle": (
        "deep.ttl",
        "<a:b> <a:c> " + "[ <a:b> " * 20_000 + "1" + " ]" * 20_000 + " .",
        ["deep.ttl", "line 1"],
    ),
    "deep lists": (
        "deep.trig",
        "<a:b> <a:c> " + "( " * 10_000 + "1" + " )" * 10_000 + " .",
        ["deep.trig", "line 1"],
    ),
    "a bad IRI": ("iri.nt", "<http://a/ b> <a:b> <a:c> .", ["iri.nt", "line 1"]),
}


@pytest.mark.parametrize("case", UNREADABLE)
def test_validate_says_what_cannot_be_read(published: Tree, tmp_path: Path, case: str) -> None:
    name, content, words = UNREADABLE[case]
    path = tmp_path / name
    if content is not None:
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
    done = run("validate", path, "--home", published.home, "--lang", "en")
    # A report, as on any other file; a file that is not there is no part of one.
    said = done.err if content is None else done.out
    assert (done.code, done.err + done.out) == (2, said)
    shown = re.sub(r":(\d+)(:\d+)?: error", r" line \1: error", said)
    assert [word for word in words if word not in shown] == [], said
    assert len(said) < 1000
    assert not any(ord(c) < 32 and c != "\n" for c in said)


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("empty.rdf", XML % ""),
        ("long.ttl", "<a:b> <a:c> ( " + "1 " * 20_000 + ") ."),
        ("bom.ttl", "\ufeff<a:b> <a:c> <a:d> ."),
        ("crlf.ttl", "<a:b> <a:c> <a:d> .\r\n<a:b> <a:c> <a:e> .\r\n"),
        # values that are not what their datatype says: for shapes to find, not to stumble over
        (
            "ill-typed.ttl",
            "@prefix xsd: <http://www.w3.org/2001/XMLSchema#> .\n"
            "@prefix rdf: <http://www.w3.org/1999/02/22-rdf-syntax-ns#> .\n"
            '<a:b> <a:c> "many"^^xsd:integer, "2023-02-30"^^xsd:date, "x"^^xsd:dateTime, "y"^^'
            'xsd:boolean, "z"^^xsd:gYear, "<"^^rdf:XMLLiteral, "{"^^rdf:JSON, "<b"^^rdf:HTML, '
            '"9"^^<a:own>, "P"^^xsd:duration, "%"^^xsd:base64Binary, "1"^^xsd:string .\n',
        ),
        (
            "strange.nt",
            '<a:b> <a:c> "\\u0000\\u001B\\uFFFF\\U0010FFFF" .\n<a:b> <a:c> "x"@x-y-z .\n',
        ),
        ("iris.ttl", "<a:b> <urn:x> <mailto:a@b> , <http://a/%20> , <http://æøå/> ."),
        ("spaces and æøå.ttl", "<a:b> <a:c> <a:d> ."),
        ("bnodes.ttl", "_:a <a:b> _:b . _:b <a:b> _:a . [] <a:b> [ <a:c> _:a ] ."),
        ("comments.ttl", "# <!DOCTYPE x> <<( <<(\n<a:b> <a:c> '<!ENTITY <<(' ."),
    ],
)
def test_validate_takes_what_is_unusual_but_right(
    published: Tree, tmp_path: Path, name: str, content: str
) -> None:
    path = tmp_path / name
    path.write_bytes(content.encode())
    done = run("validate", path, "--home", published.home)
    assert (done.code, done.err) == (0, ""), done.out[:500]


def test_validate_takes_a_file_whose_name_is_no_utf_8(published: Tree, tmp_path: Path) -> None:
    path = os.fsencode(tmp_path) + b"/\xff\xfe.ttl"
    with open(path, "wb") as file:  # noqa: PTH123
        file.write(NAMELESS.encode())
    done = run("validate", Path(os.fsdecode(path)), "--home", published.home)
    assert done.code == 1
    assert f".ttl:{NAMELESS.count(chr(10))}" in done.out


def test_validate_refuses_a_folder(published: Tree, tmp_path: Path) -> None:
    (tmp_path / "folder.ttl").mkdir()
    done = run("validate", tmp_path / "folder.ttl", "--home", published.home)
    assert done.code == 2
    assert "folder.ttl" in done.err


def test_an_interrupted_build_leaves_nothing(own: Tree) -> None:
    own.append("data/roles.ttl", "role:x coi:y 1 .\n")
    child = subprocess.Popen(
        [sys.executable, "-m", "coi_graph", "build", "--home", own.home, "--sources", own.sources],
        stderr=subprocess.PIPE,
        text=True,
        bufsize=1,
    )
    assert child.stderr is not None
    assert child.stderr.readline().startswith("reading")
    child.send_signal(signal.SIGINT)
    _, err = child.communicate(timeout=300)
    assert "Traceback" not in err
    assert child.returncode in (0, 130), err
    assert own.current.number == (2 if child.returncode == 130 else 3)
    assert own.leftovers() == []


QUERY = "SELECT ?l { <%sanalyst> <http://www.w3.org/2004/02/skos/core#prefLabel> ?l } ORDER BY ?l"


class TestQuery:
    """Answers are in tests/query and tests/web; here is only what the command adds."""

    def query(self, tree: Tree, *arguments: str, **options: str) -> Done:
        return run("query", *arguments, "--home", tree.home, COI_SOURCES=str(tree.sources))

    def test_text_and_file(self, published: Tree, tmp_path: Path) -> None:
        path = tmp_path / "q.rq"
        path.write_text(QUERY % ROLE)
        for asked in (QUERY % ROLE, str(path)):
            done = self.query(published, asked)
            assert (done.code, done.err) == (0, "")
            assert done.out.split() == ["l", "analyst", "analytiker"]

    def test_a_form(self, published: Tree) -> None:
        done = self.query(published, QUERY % ROLE, "--format", "json")
        rows = json.loads(done.out)["results"]["bindings"]
        assert [row["l"]["value"] for row in rows] == ["analyst", "analytiker"]

    def test_an_older_release(self, published: Tree) -> None:
        ask = f"ASK {{ <{ROLE}adviser> ?p ?o }}"
        assert "true" in self.query(published, ask).out
        assert "false" in self.query(published, ask, "--release", "1").out

    def test_errors(self, published: Tree, tmp_path: Path) -> None:
        for asked, words in (
            ("SELECT * { ?s ?p }", "1"),
            ("no-such-name", "no-such-name"),
            (str(tmp_path / "missing.rq"), "missing.rq"),
            ("SELECT * { SERVICE <http://a/b> { ?s ?p ?o } }", "SERVICE"),
        ):
            done = self.query(published, asked)
            assert (done.code, done.out) == (2, ""), asked
            assert words in done.err
        assert self.query(published, "ASK {}", "--release", "9").code == 2

    def test_without_a_release(self, tmp_path: Path) -> None:
        done = run("query", "ASK {}", "--home", tmp_path)
        assert done.code == 4

    def test_that_runs_for_ever_is_stopped(self, published: Tree) -> None:
        start = time.monotonic()
        done = run(
            "query",
            "SELECT (COUNT(*) AS ?n) { ?a ?b ?c . ?d ?e ?f . ?g ?h ?i . ?j ?k ?l . ?m ?n ?o }",
            "--home", published.home, COI_QUERY_TIMEOUT="1",
        )  # fmt: skip
        assert (done.code, done.out) == (3, "")
        assert time.monotonic() - start < 120


class TestServe:
    def test_refuses_a_damaged_release(self, own: Tree) -> None:
        path = own.current.path / "added.nq.gz"
        path.write_bytes(b"")
        done = run("serve", "--no-build", "--home", own.home, "--port", "0")
        assert done.code == 4
        assert "added.nq.gz" in done.err

    def test_refuses_without_a_release(self, tmp_path: Path) -> None:
        done = run("serve", "--no-build", "--home", tmp_path, "--port", "0")
        assert done.code == 4

    def test_refuses_violations(self, tree: Tree) -> None:
        tree.append("data/roles.ttl", A_NAMELESS_ROLE)
        done = run("serve", "--home", tree.home, "--sources", tree.sources, "--port", "0")
        assert done.code == 1
