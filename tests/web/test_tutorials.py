"""The tutorials do what they say: every command and query of theirs, on one real site.

In the order of a reader's life, since contributing makes a second release. A Danish page whose code
is the English page's is not run again.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from live import ask

from contributing_site import Site, open_site
from documented import WRITTEN, Block, blocks, matches
from environment import ROOT, Server, require

DOCS = ROOT / "docs"
PAGES = (
    *("primer", "tutorials/research", "tutorials/harvest"),
    *("tutorials/contribute", "tutorials/review"),
)
DANISH = tuple(f"da/{page}" for page in PAGES)
#: Whose token a page's reader has.
ACCOUNTS = {"contribute": "contributor", "review": "reviewer"}
_END = "--end of block--"


@pytest.fixture(scope="module")
def site(
    home: Path,
    tmp_path_factory: pytest.TempPathFactory,
    start_server: Callable[..., Server],
) -> Site:
    require(all(map(shutil.which, ("curl", "jq", "Rscript"))), "curl, jq and R")
    return open_site(home, tmp_path_factory.mktemp("site"), start_server)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where the reader works."""
    return tmp_path_factory.mktemp("reader")


class Shell:
    """A reader's shell: what one block sets, the next one has."""

    def __init__(self, folder: Path, environment: dict[str, str]) -> None:
        self._process = subprocess.Popen(
            ["bash"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            cwd=folder,
            env=environment,
            encoding="utf-8",
        )

    def run(self, code: str) -> tuple[int, str]:
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.write(f'set -o pipefail\n{code}\necho "\n{_END}$?"\n')
        self._process.stdin.flush()
        lines: list[str] = []
        for line in self._process.stdout:
            if line.startswith(_END):
                return int(line.removeprefix(_END)), "".join(lines)
            lines.append(line)
        raise AssertionError("the shell has ended: " + "".join(lines))

    def close(self) -> None:
        self._process.communicate()


def reader(site: Site, page: str, folder: Path) -> dict[str, str]:
    """The environment of who reads ``page``: a home of their own, and a token where it says so."""
    clean = {name: value for name, value in os.environ.items() if not name.startswith("COI_")}
    name = page.rpartition("/")[2]
    token = {"COI_TOKEN": site.tokens[ACCOUNTS[name]]} if name in ACCOUNTS else {}
    path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
    return {**clean, **token, "PATH": path, "COI_HOME": str(folder / "none")}


def run(block: Block, site: Site, shell: Shell, folder: Path) -> str:
    code = block.code.replace(WRITTEN, site.server.url + "/")
    code = "\n".join(
        line for line in code.splitlines() if not line.startswith("export COI_TOKEN=…")
    )
    if block.language == "sparql":
        return ask(site.server, code).body.decode().replace("\r", "")
    if block.language == "sh":
        status, output = shell.run(code)
        assert status == block.status, output
        return output.replace("\r", "")
    program = {"python": [sys.executable, "-"], "r": ["Rscript", "-"]}[block.language]
    done = subprocess.run(
        program, input=code, capture_output=True, encoding="utf-8", cwd=folder, timeout=120
    )
    assert done.returncode == block.status, done.stderr
    return done.stdout


def pages_to_run() -> Iterator[str]:
    """The Danish page follows the English one: both send the same record."""
    for english, danish in zip(PAGES, DANISH, strict=True):
        yield english
        codes = [[one.code for one in blocks(DOCS / f"{page}.md")] for page in (english, danish)]
        if codes[0] != codes[1]:
            yield danish


ORDER = sorted(pages_to_run(), key=lambda page: (page.startswith("da/tut"), "review" in page))


@pytest.mark.parametrize("page", ORDER)
def test_what_a_page_says_is_what_happens(site: Site, folder: Path, page: str) -> None:
    found = blocks(DOCS / f"{page}.md")
    assert found
    shell = Shell(folder, reader(site, page, folder))
    try:
        for block in found:
            output = run(block, site, shell, folder).replace(site.server.url + "/", WRITTEN)
            place = f"{page}.md, line {block.line}"
            assert matches(block.expected or "", output), f"{place}:\n{output}"
    finally:
        shell.close()


@pytest.mark.parametrize(("english", "danish"), list(zip(PAGES, DANISH, strict=True)))
def test_both_languages_show_the_same_steps(english: str, danish: str) -> None:
    steps = [
        [(one.language, one.status, one.expected is None) for one in blocks(DOCS / f"{page}.md")]
        for page in (english, danish)
    ]
    assert steps[0] == steps[1]


def test_the_comparison_sees_differences() -> None:
    assert matches("a\n…\nz …\n", "a\nb\nc\nz 1\n")
    assert matches("a\n…", "a\n")
    assert not matches("a\n", "a\nb\n")
    assert not matches("a …\n", "a\nb\n")
