"""``coi-graph query FILE|TEXT|NAME``."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import click

from .. import config
from ..errors import UnreadableInput
from ..i18n import Message
from ..media import GRAPH_FORMS, RESULTS_FORMS, Form, by_name
from ..namespaces import BASE
from ..publishing.releases import Releases
from ..query import answering, guard
from ..query.answer import QueryRequest
from ..query.named import load_queries
from .output import say

_FORMS = tuple(dict.fromkeys(form.name for form in (*RESULTS_FORMS, *GRAPH_FORMS)))


def command(home_option: Callable[..., Any]) -> click.Command:
    @click.command("query")
    @home_option
    @click.argument("query")
    @click.option("--release", "number", type=int, help="Release to read (default: the newest).")
    @click.option("--endpoint", metavar="URL", help="Ask another SPARQL endpoint instead.")
    @click.option("--format", "form", type=click.Choice(_FORMS), help="Default: csv, or ttl.")
    def query_command(
        home: Path | None,
        lang: str,
        query: str,
        number: int | None,
        endpoint: str | None,
        form: str | None,
    ) -> None:
        """Ask a SPARQL QUERY: a file, the name of one in queries/, or the text itself.

        The same limits hold as on the web: --help of the settings is in the docs.
        """
        settings = config.load(home=home)
        text = _text(query, settings)
        if endpoint is not None:
            sys.stdout.buffer.write(_ask_remote(endpoint, text, form, settings))
            return
        for block in _ask_local(text, form, number, settings, lang):
            sys.stdout.buffer.write(block)

    return query_command


def _text(query: str, settings: config.Config) -> str:
    """The text of a file, of a named query, or what was typed."""
    if query == "-":
        return sys.stdin.read()
    path = Path(query)
    # A query's text can be too long to be looked up as a file's name.
    if len(query) < 256 and "{" not in query:
        if path.is_file():
            try:
                return path.read_text(encoding="utf-8")
            except (OSError, UnicodeDecodeError) as error:
                raise UnreadableInput(
                    Message("%(file)s cannot be read: %(why)s", file=path, why=error)
                ) from error
        named = load_queries(settings.sources / "queries")
        if query in named:
            return named[query].text
        raise UnreadableInput(
            Message("“%(query)s” is no file and no named query", query=query),
            remedy=Message("Named queries: %(names)s", names=", ".join(sorted(named))),
        )
    return query


def _ask_local(
    text: str, form: str | None, number: int | None, settings: config.Config, lang: str
) -> Iterator[bytes]:
    releases = Releases(settings.releases)
    pool: answering.Answering
    if settings.engine and number is None:
        there = answering.remote(settings, workers=1)
        pool = there.pool
    else:
        pool = answering.own_pool(settings, workers=1)
    try:
        if settings.engine and number is None:
            release = releases.get(there.marker.number() or 0)
        else:
            release = releases.current() if number is None else releases.get(number)
            release.verify()
        checked = guard.check(text, allowed_graphs=release.manifest.graphs, base_iri=BASE)
        offered = RESULTS_FORMS if checked.kind in ("select", "ask") else GRAPH_FORMS
        answer = pool.execute(
            QueryRequest(
                store_path=str(release.store_path),
                expected_bytes=release.manifest.store_bytes,
                quads=release.manifest.quads,
                query=checked.text,
                base_iri=BASE,
                default_graphs=checked.default_graphs,
                named_graphs=checked.named_graphs,
                media_type=_chosen(form, offered).media_type,
                release=release.number,
                graphs=release.manifest.graphs,
            )
        )
        yield from answer.body()
        if answer.truncated:
            say(Message("the result was cut off at the largest size allowed"), lang)
    finally:
        pool.close()


def _chosen(name: str | None, offered: tuple[Form, ...]) -> Form:
    if name is None:
        return offered[2] if offered is RESULTS_FORMS else offered[0]
    form = by_name(name, offered)
    if form is None:
        raise UnreadableInput(
            Message("“%(name)s” is no form of this answer", name=name),
            remedy=Message("There is: %(forms)s", forms=", ".join(f.name for f in offered)),
        )
    return form


def _ask_remote(url: str, text: str, form: str | None, settings: config.Config) -> bytes:
    from ..query import remote

    return remote.ask(url, text, form, timeout=settings.query_timeout)
