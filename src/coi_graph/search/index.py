"""The index: which fields there are, how their words are cut, writing and opening.

Each language has its own words, brought to their stems by Snowball's Danish and English stemmers
(*værktøjerne* → *værktøj*); beside them stand all words as they are written, for beginnings of
words and typing errors. See docs/decisions/0061.
"""

from __future__ import annotations

from collections.abc import Iterable
from functools import cached_property
from pathlib import Path

import tantivy
from tantivy import Filter, TextAnalyzer, TextAnalyzerBuilder, Tokenizer

from .records import Record

FORMAT = 1  # of the fields below; an index of another is made again
LANGUAGES = {"da": "danish", "en": "english"}
_LONGEST_WORD = 60  # bytes; what is longer is no word
_HEAP = 50_000_000  # bytes that the writer may gather before it writes a segment
_PLAIN = "plain"


def _schema() -> tantivy.Schema:
    builder = tantivy.SchemaBuilder()
    builder.add_text_field("iri", stored=True, tokenizer_name="raw")
    for name in ("kind", "organisation", "change"):
        builder.add_text_field(name, stored=name == "kind", fast=True, tokenizer_name="raw")
    builder.add_unsigned_field("year", indexed=True, fast=True)
    builder.add_boolean_field("example", stored=True, indexed=True, fast=True)
    builder.add_float_field("weight", fast=True)
    for language in LANGUAGES:
        for name in ("name", "text"):
            builder.add_text_field(f"{name}_{language}", stored=True, tokenizer_name=language)
    builder.add_text_field("name_words", tokenizer_name=_PLAIN)
    builder.add_text_field("words", tokenizer_name=_PLAIN, index_option="basic")
    return builder.build()


def _analyzer(stemmer: str | None) -> TextAnalyzer:
    builder = TextAnalyzerBuilder(Tokenizer.simple()).filter(Filter.remove_long(_LONGEST_WORD))
    builder = builder.filter(Filter.lowercase())
    return (builder.filter(Filter.stemmer(stemmer)) if stemmer else builder).build()


class Index:
    """An index on disk, open for reading. Thread-safe. Make one with `write`."""

    def __init__(self, folder: Path) -> None:
        """Raises `ValueError` or `OSError` for what is no index of ours."""
        self.analyzers = {name: _analyzer(stemmer) for name, stemmer in LANGUAGES.items()}
        self.plain = _analyzer(None)
        self._index = tantivy.Index.open(str(folder))
        self._register(self._index)
        self._index.config_reader("manual")
        self.searcher = self._index.searcher()

    def _register(self, index: tantivy.Index) -> None:
        for name, analyzer in (*self.analyzers.items(), (_PLAIN, self.plain)):
            index.register_tokenizer(name, analyzer)

    @cached_property
    def schema(self) -> tantivy.Schema:
        return self._index.schema


def write(folder: Path, records: Iterable[Record]) -> int:
    """Makes an index in the empty ``folder``, of one segment; how many records it holds."""
    index = tantivy.Index(_schema(), path=str(folder), reuse=False)
    for name, stemmer in (*LANGUAGES.items(), (_PLAIN, None)):
        index.register_tokenizer(name, _analyzer(stemmer))
    count = 0
    # One thread: the order of the records is the order among equals.
    writer = index.writer(_HEAP, 1)
    for record in records:
        writer.add_document(_document(record))
        count += 1
    writer.commit()
    writer.wait_merging_threads()
    return count


def _document(record: Record) -> tantivy.Document:
    document = tantivy.Document()
    document.add_text("iri", record.iri)
    document.add_text("kind", record.kind)
    document.add_boolean("example", record.is_example)
    document.add_float("weight", record.weight)
    for field, iris in (("organisation", record.organisations), ("change", record.changes)):
        for iri in iris:
            document.add_text(field, iri)
    for year in record.years:
        document.add_unsigned("year", year)
    for language in LANGUAGES:
        name = record.names.get(language) or record.names.get("", "")
        text = "\n".join(filter(None, (record.texts.get(language), record.texts.get(""))))
        document.add_text(f"name_{language}", name)
        document.add_text(f"text_{language}", text)
    for name in dict.fromkeys(record.names.values()):
        document.add_text("name_words", name)
    for text in (*record.names.values(), *record.texts.values(), *record.codes):
        document.add_text("words", text)
    return document
