"""``coi-graph validate FILE…``: the report on one's own files, once or at each change."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import Any

import click

from .. import config
from ..errors import EXIT_INPUT, EXIT_NO, EXIT_OK, BadRequest, UnreadableInput
from ..i18n import Message
from ..intake import reading, recognition, syntax
from ..publishing.releases import Releases
from ..validation import check, document, rendering
from ..validation.document import Document
from .output import say

FORMS = ("text", "json", "csv", "ttl", "xlsx")
# Of files in a folder; others can be named one by one.
_ENDINGS = frozenset(kind.endings[0] for kind in recognition.Kind)
_POLL = 0.5  # seconds between looks at the files


def command(home_option: Callable[..., Any]) -> click.Command:
    @click.command("validate")
    @home_option
    @click.argument(
        "files", nargs=-1, required=True, type=click.Path(path_type=Path, allow_dash=True)
    )
    @click.option("--format", "form", type=click.Choice(FORMS), default="text", show_default=True)
    @click.option(
        "-o", "--output", type=click.Path(path_type=Path), help="Write the report to this file."
    )
    @click.option(
        "--stdin-name", default="stdin.ttl", show_default=True,
        help="Name, with its ending, of what “-” reads from standard input.",
    )  # fmt: skip
    @click.option("--watch", is_flag=True, help="Check again whenever a file changes.")
    def validate(
        home: Path | None,
        lang: str,
        files: tuple[Path, ...],
        form: str,
        output: Path | None,
        stdin_name: str,
        watch: bool,
    ) -> None:
        """Check FILES (or folders of files, or “-”) against shapes, ontology and the current
        release. Together they are one contribution.

        Exit code 0: they conform; 1: there are errors to mend; 2: a file cannot be read.
        """
        if form == "xlsx" and output is None:
            raise BadRequest(
                Message("a workbook cannot be shown on a terminal"),
                remedy=Message("Say where it shall be written: %(option)s", option="-o FILE.xlsx"),
            )
        if watch and Path("-") in files:
            raise BadRequest(Message("standard input cannot be watched"))
        basis = _basis(config.load(home=home), lang)
        if watch:
            _watch(files, basis, lang)
        read = _read_all(files, stdin_name)
        found = _check(read, basis)
        _write(found, read, basis, form, lang, output)
        sys.exit(exit_code(found))

    return validate


def _check(files: Sequence[tuple[str, bytes]], basis: Any) -> Document:
    """The report, with the files called as they were on the command line: two folders may each
    have a `data.csv`."""
    names: dict[str, str] = {}
    renamed = []
    for number, (path, data) in enumerate(files, 1):
        short = reading.shown_name(path)
        name = f"{number}-{short}" if short in names else short
        names[reading.shown_name(name)] = path
        renamed.append((name, data))
    found = check.check(renamed, basis)
    document.rename_files(found, names)
    return found


def exit_code(found: Document) -> int:
    """The contract: 0 conforms, 1 violations, 2 cannot be read."""
    if not found["readable"]:
        return EXIT_INPUT
    return EXIT_OK if found["conforms"] else EXIT_NO


def _basis(settings: config.Config, lang: str) -> Any:
    from ..validation import basis  # here: pySHACL takes long to import

    releases = Releases(settings.releases)
    if releases.current_number() is None:
        say(Message("nothing is published yet: checking against the files"), lang)
        return basis.of_sources(settings.sources, examples=settings.examples)
    current = releases.current()
    return basis.Basis(
        current.open(), release=current.number, content_hash=current.manifest.content_hash
    )


def _write(
    found: Document,
    read: Sequence[tuple[str, bytes]],
    basis: Any,
    form: str,
    lang: str,
    output: Path | None,
) -> None:
    from ..validation import report_graph

    if form == "xlsx":
        from ..validation import workbook

        table = next((one for one in read if one[0].lower().endswith((".xlsx", ".csv"))), None)
        if table is None:
            raise BadRequest(Message("there is no table among the files"))
        data = workbook.marked(found, table, lang, basis.names)
    elif form == "json":
        data = rendering.as_json(found).encode()
    elif form == "csv":
        data = rendering.as_csv(found, lang).encode()
    elif form == "ttl":
        data = report_graph.as_turtle(found).encode()
    else:
        data = rendering.as_text(found, lang).encode()
    if output is None:
        click.echo(data.decode(), nl=False)
    else:
        output.write_bytes(data)
        say(Message("%(text)s", text=found["summary"][lang]), lang)


def _read_all(files: Iterable[Path], stdin_name: str) -> list[tuple[str, bytes]]:
    """Name and content of each file. Raises `UnreadableInput` for one that is not there."""
    read = []
    for path in files:
        if str(path) == "-":
            read.append((stdin_name, sys.stdin.buffer.read()))
            continue
        for one in _within(path):
            try:
                read.append((str(one), one.read_bytes()))
            except OSError as error:
                raise syntax.unreadable(one, error) from error
    return read


def _within(path: Path) -> list[Path]:
    """The file itself, or the files in a folder whose endings say that they can be read."""
    if not path.is_dir():
        return [path]
    found = sorted(
        one
        for one in path.rglob("*")
        if one.is_file()
        and one.suffix.lower() in _ENDINGS
        and not any(part.startswith((".", "~$")) for part in one.relative_to(path).parts)
    )
    if not found:
        raise UnreadableInput(
            Message("the folder %(path)s has no file that can be checked", path=path),
            remedy=Message("Known endings: %(endings)s", endings=" ".join(sorted(_ENDINGS))),
        )
    return found


def _watch(files: Sequence[Path], basis: Any, lang: str) -> None:
    """Checks at the start and after each change, until interrupted."""
    previous: Document | None = None
    seen: object = None
    while True:
        stamps = _stamps(files)
        if stamps != seen:
            seen = stamps
            try:
                found = _check(_read_all(files, ""), basis)
            except UnreadableInput as error:
                click.echo(error.message.in_language(lang), err=True)
            else:
                if previous is not None:
                    document.compare(found, previous)
                click.echo(time.strftime("--- %H:%M:%S"))
                click.echo(rendering.as_text(found, lang), nl=False)
                sys.stdout.flush()
                previous = found
        time.sleep(_POLL)


def _stamps(files: Iterable[Path]) -> list[tuple[str, int, int]]:
    """What changes when a file does. One that is being replaced is not there for a moment."""
    stamps = []
    for path in files:
        try:
            for one in _within(path):
                about = one.stat()
                stamps.append((str(one), about.st_mtime_ns, about.st_size))
        except (OSError, UnreadableInput):
            continue
    return stamps
