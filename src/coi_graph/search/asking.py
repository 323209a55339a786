"""What a person typed → hits, facets and suggestions.

The text is cut into words here and never reaches the engine's query syntax. So many characters and
words are read of it; each word costs a bounded number of look-ups in the index, and the fuzzy ones
only where no record has the word.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from tantivy import DocAddress, Document, Occur, Query, SnippetGenerator

from .index import LANGUAGES, Index

MOST_CHARACTERS = 200
MOST_WORDS = 10
PAGE = 20
MOST_PAGES = 50
FACETS = ("kind", "organisation", "change", "year")
_VALUES = 25  # of a facet
_SNIPPET = 220  # characters
_SUGGESTIONS = 8
_NAME, _TEXT, _BEGINNING, _FUZZY = 4.0, 1.0, 0.4, 0.3
_BEGINS = 4  # letters that a beginning of a word must have
_ONE_ERROR, _TWO_ERRORS = 4, 8  # letters of a word that may have so many typing errors


@dataclass(frozen=True, slots=True)
class Hit:
    """``names`` is language → name; ``snippet`` is text with whether it is a found word."""

    iri: str
    kind: str
    names: dict[str, str]
    is_example: bool
    snippet: list[tuple[str, bool]] = field(default_factory=list)
    snippet_language: str = ""


@dataclass(frozen=True, slots=True)
class Found:
    """One page of hits. ``facets`` is facet → (value, count), most first.

    ``forgiven`` are the words that no record has and that were taken for similar ones; ``some`` is
    true where no record has all words, so the hits have some of them.
    """

    total: int
    hits: list[Hit]
    facets: dict[str, list[tuple[str, int]]]
    forgiven: list[str]
    some: bool


def search(
    index: Index, text: str, chosen: Mapping[str, str], page: int = 1, lang: str = "da"
) -> Found:
    """Page ``page`` (from 1) of what ``text`` finds; an empty text finds everything.

    ``chosen`` is facet → value; a value that no record has finds nothing.
    """
    tokens = words(index, text)
    known = {token: _is_known(index, token) for token in tokens}
    by_word = [_word(index, token, known[token]) for token in tokens]
    filters = [(Occur.Must, query) for query in _chosen(index, chosen)]
    asked = Query.boolean_query([(Occur.Must, query) for query in by_word])
    query, some = _filtered(asked if tokens else Query.all_query(), filters), False
    result = _page(index, query, page)
    if result.count == 0 and len(tokens) > 1:
        asked, some = Query.boolean_query([(Occur.Should, one) for one in by_word]), True
        query = _filtered(asked, filters)
        result = _page(index, query, page)
    hits = [_hit(index, asked, address, lang, tokens) for _, address in result.hits]
    forgiven = [token for token in tokens if not known[token]]
    total: int = result.count
    return Found(total, hits, _facets(index, query), forgiven, some and total > 0)


def suggest(index: Index, text: str) -> list[Hit]:
    """Things whose name has the words, the last of which may only be begun."""
    tokens = words(index, text)
    if not tokens:
        return []
    queries = []
    for number, token in enumerate(tokens, 1):
        begun = _fuzzy(index, "name_words", token, 0, prefix=number == len(tokens))
        ways = [Query.boost_query(begun, _NAME)]
        ways += [
            Query.boost_query(_stem(index, f"name_{name}", name, token), _NAME)
            for name in LANGUAGES
        ]
        if errors := _errors(token):
            wrong = _fuzzy(index, "name_words", token, errors, prefix=number == len(tokens))
            ways.append(Query.boost_query(wrong, _FUZZY))
        queries.append((Occur.Must, Query.disjunction_max_query(ways)))
    found = index.searcher.search(
        Query.boolean_query(queries), _SUGGESTIONS, count=False, weight_by_field="weight"
    )
    return [_named(index.searcher.doc(address)) for _, address in found.hits]


def words(index: Index, text: str) -> list[str]:
    """The different words of what was typed, in lower case."""
    return list(dict.fromkeys(index.plain.analyze(_clean(text[:MOST_CHARACTERS]))))[:MOST_WORDS]


def _clean(text: str) -> str:
    """Without lone surrogates, which are no characters."""
    return text.encode("utf-8", "replace").decode()


def _is_known(index: Index, token: str) -> bool:
    """Whether a record has the word, in any of its forms, or a word that begins with it."""
    if index.searcher.doc_freq("words", token):
        return True
    if any(
        index.searcher.doc_freq(f"{part}_{name}", stem)
        for name, analyzer in index.analyzers.items()
        for stem in analyzer.analyze(token)
        for part in ("name", "text")
    ):
        return True
    return len(token) >= _BEGINS and bool(index.searcher.terms_with_prefix("words", token, limit=1))


def _word(index: Index, token: str, is_known: bool) -> Query:
    """What has one word: in a name before in a text, whole before begun, right before wrong."""
    if not is_known:
        errors = _errors(token)
        names = Query.boost_query(_fuzzy(index, "name_words", token, errors), _NAME)
        return Query.disjunction_max_query([names, _fuzzy(index, "words", token, errors)])
    ways = [Query.boost_query(_fuzzy(index, "words", token, 0), _BEGINNING)]
    for name in LANGUAGES:
        ways.append(Query.boost_query(_stem(index, f"name_{name}", name, token), _NAME))
        ways.append(Query.boost_query(_stem(index, f"text_{name}", name, token), _TEXT))
    if len(token) >= _BEGINS:
        begun = _fuzzy(index, "name_words", token, 0, prefix=True)
        ways.append(Query.boost_query(begun, _BEGINNING * _NAME))
        ways.append(Query.boost_query(_fuzzy(index, "words", token, 0, prefix=True), _BEGINNING))
    return Query.disjunction_max_query(ways)


def _errors(token: str) -> int:
    return 2 if len(token) >= _TWO_ERRORS else 1 if len(token) >= _ONE_ERROR else 0


def _stem(index: Index, name: str, language: str, token: str) -> Query:
    stems = index.analyzers[language].analyze(token)
    return Query.term_query(index.schema, name, stems[0] if stems else token, "freq")


def _fuzzy(index: Index, name: str, token: str, errors: int, prefix: bool = False) -> Query:
    return Query.fuzzy_term_query(index.schema, name, token, errors, True, prefix)


def _chosen(index: Index, chosen: Mapping[str, str]) -> list[Query]:
    queries = []
    for facet, value in chosen.items():
        if facet != "year":
            queries.append(Query.term_query(index.schema, facet, _clean(value), "basic"))
        elif value.isascii() and value.isdigit() and len(value) == 4:
            queries.append(Query.term_query(index.schema, "year", int(value), "basic"))
        else:
            queries.append(Query.empty_query())
    return queries


def _filtered(asked: Query, filters: list[tuple[Occur, Query]]) -> Query:
    if not filters:
        return asked
    # A filter does not make a hit better.
    plain = [(occur, Query.const_score_query(query, 0.0)) for occur, query in filters]
    return Query.boolean_query([(Occur.Must, asked), *plain])


def _page(index: Index, query: Query, page: int):  # type: ignore[no-untyped-def]
    offset = (min(max(page, 1), MOST_PAGES) - 1) * PAGE
    return index.searcher.search(query, PAGE, offset=offset, weight_by_field="weight")


def _facets(index: Index, query: Query) -> dict[str, list[tuple[str, int]]]:
    asked = {name: {"terms": {"field": name, "size": _VALUES}} for name in FACETS}
    answer = index.searcher.aggregate(query, asked)
    facets = {}
    for name in FACETS:
        buckets = [(bucket["key"], bucket["doc_count"]) for bucket in answer[name]["buckets"]]
        facets[name] = [(str(int(k)) if name == "year" else str(k), n) for k, n in buckets]
    facets["year"].sort(reverse=True)
    return facets


def _named(document: Document) -> Hit:
    names = {lang: document.get_first(f"name_{lang}") or "" for lang in LANGUAGES}
    return Hit(
        iri=document.get_first("iri") or "",
        kind=document.get_first("kind") or "",
        names={lang: name for lang, name in names.items() if name},
        is_example=bool(document.get_first("example")),
    )


def _hit(index: Index, asked: Query, address: DocAddress, lang: str, tokens: list[str]) -> Hit:
    document = index.searcher.doc(address)
    hit = _named(document)
    order = (lang, *(other for other in LANGUAGES if other != lang))
    for language in order:
        parts = _snippet(index, asked, document, f"text_{language}") if tokens else []
        if any(is_found for _, is_found in parts):
            break
    else:
        language = next((one for one in order if document.get_first(f"text_{one}")), lang)
        parts = [(_beginning(document.get_first(f"text_{language}") or ""), False)]
    return Hit(hit.iri, hit.kind, hit.names, hit.is_example, parts, language)


def _snippet(index: Index, asked: Query, document: Document, name: str) -> list[tuple[str, bool]]:
    generator = SnippetGenerator.create(index.searcher, asked, index.schema, name)
    generator.set_max_num_chars(_SNIPPET)
    snippet = generator.snippet_from_doc(document)
    # Its places are counted in bytes.
    text, at, parts = snippet.fragment().encode(), 0, []
    for place in sorted(snippet.highlighted(), key=lambda place: place.start):
        if place.start >= at:
            parts += [(text[at : place.start], False), (text[place.start : place.end], True)]
            at = place.end
    parts.append((text[at:], False))
    return [(part.decode("utf-8", "replace"), found) for part, found in parts if part]


def _beginning(text: str) -> str:
    return text if len(text) <= _SNIPPET else text[:_SNIPPET].rpartition(" ")[0] + " …"
