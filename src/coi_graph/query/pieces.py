"""A query that is one basic graph pattern, in the pieces that `joining` needs.

Only a SELECT whose WHERE is triple patterns and tests of a language: no OPTIONAL, UNION, GRAPH,
subquery, path, blank node or other FILTER. Of these one may say, whatever the data, that the
pattern is the join of its triple patterns, each by itself (SPARQL 1.1, section 18.6; a basic graph
pattern without blank nodes is matched triple by triple).
"""

from __future__ import annotations

from typing import Final, NamedTuple

from .errors import QuerySyntaxError
from .guard import MAX_NESTING
from .lexer import TooDeep, read
from .tokens import HEAD, IRI, LANG, NAME, NUMBER, OP, PATTERN, STRING, VAR, WORD, Token

MOST_PATTERNS: Final = 12
_LONGEST: Final = 8192  # characters; longer ones are not worth the reading

#: Subject, predicate, object as written, and the FILTERs of the object's language.
Pattern = tuple[str, str, str, str]
#: Prologue, what stands before the patterns, the patterns, what stands after them. A plain tuple,
#: as it goes to a worker.
Pieces = tuple[str, str, list[Pattern], str]

# Two evaluations of these differ, or two orders of the rows show: in the last digit of a sum of
# doubles, and in which of 1 and 1.0 is the largest.
_UNSTABLE = (
    *("RAND", "UUID", "BNODE", "EXISTS", "FROM", "REDUCED"),
    *("SAMPLE", "GROUP_CONCAT", "SUM", "AVG", "MIN", "MAX"),
)
_BOOLEANS = frozenset(("TRUE", "FALSE"))


class _OtherQuery(Exception):
    """The query is of another kind."""


class _Triple(NamedTuple):
    subject: Token
    predicate: Token
    object: str
    variable: str  # the object where it is a variable


def split(query: str) -> Pieces | None:
    """None for a query of any other kind, or with too few or too many patterns."""
    if len(query) > _LONGEST or query.count("{") != 1 or query.count("}") != 1:
        return None
    try:
        reading = read(query, MAX_NESTING)  # as the guard has read it
        if reading.text != query:
            return None
        return _Splitter(query, reading.tokens).split()
    except (_OtherQuery, QuerySyntaxError, TooDeep):
        return None


class _Splitter:
    def __init__(self, query: str, tokens: list[Token]) -> None:
        self.query = query
        self.tokens = tokens
        self.at = 0
        self.triples: list[_Triple] = []
        self.languages: list[tuple[str, str]] = []  # variable, FILTER

    def split(self) -> Pieces:
        texts = [token.text for token in self.tokens]
        opening, closing = texts.index("{"), texts.index("}")
        first = next(
            (i for i, token in enumerate(self.tokens) if _is_word(token, "SELECT")), opening
        )
        self.check_around(first, opening, closing)
        self.at = opening + 1
        self.take_group(closing)
        if not 2 <= len(self.triples) <= MOST_PATTERNS:
            raise _OtherQuery
        start, end = self.tokens[first].start, self.tokens[opening].start + 1
        return (
            self.query[:start],
            self.query[start:end],
            self.patterns(),
            self.query[self.tokens[closing].start :],
        )

    def check_around(self, first: int, opening: int, closing: int) -> None:
        """The SELECT clause and what follows the pattern: all rows must be needed, and neither
        their order nor that of the columns may show."""
        words = {token.text.upper() for token in self.tokens if token.kind == WORD}
        every = " ".join(words)  # ORDER BYRAND() needs no space for Oxigraph
        if first >= opening or any(word in every for word in _UNSTABLE):
            raise _OtherQuery
        after = first + 1
        if _is_word(self.tokens[after], "DISTINCT"):
            after += 1
        if self.tokens[after].text == "*" or self.tokens[opening].frame != PATTERN:
            raise _OtherQuery
        if any(_is_word(token, "SELECT") for token in self.tokens[first + 1 :]):
            raise _OtherQuery
        one_row = "COUNT" in words and "GROUP" not in words
        if ("LIMIT" in every or "OFFSET" in every) and not ("ORDER" in words or one_row):
            raise _OtherQuery
        if any(token.frame == HEAD and token.text == ";" for token in self.tokens[closing:]):
            raise _OtherQuery

    def take_group(self, closing: int) -> None:
        """As strict as the grammar, so that no error becomes an answer."""
        dot, triples = False, True  # what may come next
        while self.at < closing:
            if self.take_filter():
                dot = triples = True
            elif self.skip("."):
                if not dot:
                    raise _OtherQuery
                dot, triples = False, True
            else:
                if not triples:
                    raise _OtherQuery
                self.take_triples()
                dot, triples = True, False

    def token(self) -> Token:
        return self.tokens[self.at]

    def skip(self, text: str) -> bool:
        if self.token().kind == OP and self.token().text == text:
            self.at += 1
            return True
        return False

    def take(self, *kinds: int) -> Token:
        token = self.token()
        if token.kind not in kinds:
            raise _OtherQuery
        self.at += 1
        return token

    def take_triples(self) -> None:
        subject = self.take(VAR)
        while True:
            predicate = self.take(IRI, NAME, WORD)
            if predicate.kind == WORD and predicate.text != "a":
                raise _OtherQuery
            while True:
                self.triples.append(_Triple(subject, predicate, *self.object()))
                if not self.skip(","):
                    break
            if not self.skip(";"):
                return
            while self.skip(";"):
                pass
            if self.token().kind not in (IRI, NAME) and self.token().text != "a":
                return

    def object(self) -> tuple[str, str]:
        token = self.take(VAR, IRI, NAME, STRING, NUMBER, WORD)
        if token.kind == VAR:
            return token.text, _name(token)
        if token.kind == WORD and token.text.upper() not in _BOOLEANS:
            raise _OtherQuery
        if token.kind == STRING:
            if self.token().kind == LANG:
                return token.text + self.take(LANG).text, ""
            if self.skip("^^"):
                return f"{token.text}^^{self.take(IRI, NAME).text}", ""
        return token.text, ""

    def take_filter(self) -> bool:
        """``FILTER (lang(?x) = "da")``, ``FILTER langMatches(lang(?x), "da")``: nothing else, as
        one that leaves few rows would make look-ups the better plan."""
        if not _is_word(self.token(), "FILTER"):
            return False
        start = self.at + 1
        end = start
        while end < len(self.tokens) and self.tokens[end].text not in ("}", "."):
            end += 1
            if self.tokens[end - 1].text == ")" and _balanced(self.tokens[start:end]):
                break
        tokens = self.tokens[start:end]
        inner = tokens[1:-1] if tokens and tokens[0].text == "(" else tokens
        shape = [token.text.upper() if token.kind in (WORD, OP) else token.kind for token in inner]
        if shape == ["LANG", "(", VAR, ")", "=", STRING] and inner is not tokens:
            variable = inner[2]
        elif shape == ["LANGMATCHES", "(", "LANG", "(", VAR, ")", ",", STRING, ")"]:
            variable = inner[4]
        else:
            raise _OtherQuery
        text = "".join(token.text for token in tokens)
        self.languages.append((_name(variable), f"FILTER {text}"))
        self.at = end
        return True

    def patterns(self) -> list[Pattern]:
        """Each FILTER goes to a pattern that binds its variable."""
        filters = [""] * len(self.triples)
        for variable, text in self.languages:
            for index, triple in enumerate(self.triples):
                if triple.variable == variable:
                    filters[index] += " " + text
                    break
            else:
                raise _OtherQuery
        return [
            ("?" + _name(triple.subject), triple.predicate.text, triple.object, text.strip())
            if not triple.variable
            else ("?" + _name(triple.subject), triple.predicate.text, "?" + triple.variable, text)
            for triple, text in zip(self.triples, filters, strict=True)
        ]


def _is_word(token: Token, word: str) -> bool:
    return token.kind == WORD and token.text.upper() == word


def _name(variable: Token) -> str:
    return variable.text[1:]  # ?x and $x are the same


def _balanced(tokens: list[Token]) -> bool:
    texts = [token.text for token in tokens]
    return texts.count("(") == texts.count(")")
