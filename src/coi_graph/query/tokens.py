"""The tokens of SPARQL 1.1 and 1.2 (section 19.8 of the specification, grammar)."""

from __future__ import annotations

import re
from typing import Final, NamedTuple

# The kinds of tokens; plain numbers, because they are compared for every token of every query.
WORD: Final = 0  # a keyword, a function name, ``a``, ``true``
NAME: Final = 1  # a prefixed name
VAR: Final = 2
IRI: Final = 3
STRING: Final = 4
NUMBER: Final = 5
BNODE: Final = 6
LANG: Final = 7
OP: Final = 8

# What stands between two brackets.
HEAD: Final = 0  # outside braces, or around a subquery's WHERE: SELECT clause, GROUP BY …
PATTERN: Final = 1  # {…} of a graph pattern, […] and {|…|} within
TEMPLATE: Final = 2  # {…} of CONSTRUCT
TERMS: Final = 3  # (…) of a collection or a path, <<…>>
DATA: Final = 4  # VALUES
EXPRESSION: Final = 5

OPENERS: Final = frozenset(("{", "(", "[", "<<", "{|"))
CLOSERS: Final = {"}": "{", ")": "(", "]": "[", ">>": "<<", "|}": "{|"}


class Token(NamedTuple):
    """``frame`` is the innermost one; an opening or closing bracket has the one it delimits."""

    kind: int
    text: str
    start: int
    frame: int


_BASE = (
    "A-Za-z\u00c0-\u00d6\u00d8-\u00f6\u00f8-\u02ff\u0370-\u037d\u037f-\u1fff\u200c\u200d"
    "\u2070-\u218f\u2c00-\u2fef\u3001-\ud7ff\uf900-\ufdcf\ufdf0-\ufffd\U00010000-\U000effff"
)
_NAME_CHAR = _BASE + r"0-9_\-\u00b7\u0300-\u036f\u203f\u2040"
_VAR_CHAR = _NAME_CHAR.replace(r"\-", "")
_LOCAL = r"(?:[" + _NAME_CHAR + r":]|%[0-9A-Fa-f]{2}|\\[_~.\-!$&'()*+,;=/?#@%])"
_LOCAL_FIRST = r"(?:[" + _BASE + r"0-9_:]|%[0-9A-Fa-f]{2}|\\[_~.\-!$&'()*+,;=/?#@%])"
_LABEL = rf"[{_BASE}0-9_][{_NAME_CHAR}]*+(?:\.++[{_NAME_CHAR}]++)*+"
_RUN = rf"[{_BASE}][{_NAME_CHAR}]*+(?:\.++[{_NAME_CHAR}]++)*+"
_UCHAR = r"\\u[0-9A-Fa-f]{4}|\\U[0-9A-Fa-f]{8}"
_ESCAPE = r"\\[tbnrf\\\"']|" + _UCHAR
_PLAIN_IRI = r"[^<>\"{}|^`\\\x00-\x20]*+"
_IRI = rf"<{_PLAIN_IRI}(?:(?:{_UCHAR}){_PLAIN_IRI})*+>"


def _string(quote: str) -> str:
    """The long form first, as both readers try it; every escape must be a valid one."""
    long = rf"{quote * 3}(?:{quote}{{0,2}}+(?:[^{quote}\\]++|{_ESCAPE}))*+{quote * 3}"
    # A long string that never ends must not be taken for "" and the start of another string.
    short = rf"(?!{quote * 3}){quote}(?:[^{quote}\\\r\n]++|{_ESCAPE})*+{quote}"
    return f"{long}|{short}"


_DIGITS = r"[0-9]++"
_EXPONENT = r"[eE][+-]?[0-9]+"
_NUMBER = (
    rf"{_DIGITS}\.[0-9]*{_EXPONENT}|\.{_DIGITS}{_EXPONENT}|{_DIGITS}{_EXPONENT}"
    rf"|{_DIGITS}\.{_DIGITS}|\.{_DIGITS}|{_DIGITS}"
)
TOKEN = re.compile(
    r"[ \t\r\n]*+(?:"
    rf"(?P<var>[?$][{_VAR_CHAR}]++)"
    rf"|(?P<run>{_RUN})(?![:{_NAME_CHAR}])"
    rf"|(?P<name>(?P<prefix>{_RUN})?:(?:{_LOCAL_FIRST}(?:{_LOCAL}|\.++(?={_LOCAL}))*+)?+)"
    r"|(?P<op>\^\^|\|\||&&|!=|<<|>>|>=|\{\||\|\}|[{}()\[\],;*/+\-=!>^|~]|\?|\.(?![0-9]))"
    rf"|(?P<iri>{_IRI})"
    rf"|(?P<string>{_string(chr(34))}|{_string(chr(39))})"
    rf"|(?P<number>{_NUMBER})"
    rf"|(?P<bnode>_:{_LABEL})"
    r"|(?P<lang>@[A-Za-z]++(?:-[A-Za-z0-9]++)*+(?:--[A-Za-z]++)?+)"
    r"|(?P<less><=?)"
    r"|(?P<comment>\#[^\r\n]*+)"
    r"|(?P<end>\Z))"
)
IRI_AT = re.compile(_IRI)
PIECE = re.compile(r"[A-Za-z][A-Za-z0-9_]*|[0-9]+|.", re.DOTALL)
BARE_DOT = re.compile(r"(?<!\\)\.")
_GROUPS = TOKEN.groupindex
RUN_GROUP, OP_GROUP, IRI_GROUP = _GROUPS["run"], _GROUPS["op"], _GROUPS["iri"]
NAME_GROUP, LESS_GROUP = _GROUPS["name"], _GROUPS["less"]
END_GROUP = _GROUPS["end"]
TERM_KINDS = {
    _GROUPS["var"]: VAR,
    NAME_GROUP: NAME,
    IRI_GROUP: IRI,
    _GROUPS["string"]: STRING,
    _GROUPS["number"]: NUMBER,
    _GROUPS["bnode"]: BNODE,
    _GROUPS["lang"]: LANG,
}
