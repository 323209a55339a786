"""Parameters of named queries: a variable is bound by a VALUES clause behind the query.

https://www.w3.org/TR/sparql11-query/#inline-data. The term is built from its parts, never pasted
into the text, so no value can change the query.
"""

from __future__ import annotations

from collections.abc import Mapping
from urllib.parse import urlsplit

import pyoxigraph as ox

from ..errors import BadRequest
from ..i18n import Message

_LONGEST = 1_000  # characters of a value


def bind(text: str, values: Mapping[str, str]) -> str:
    """The query with each variable of ``values`` bound; an empty value leaves it free.

    Raises `BadRequest` for what can be no term.
    """
    bound = {name: _term(name, value) for name, value in values.items() if value}
    if not bound:
        return text
    names = " ".join(f"?{name}" for name in bound)
    terms = " ".join(str(term) for term in bound.values())
    return f"{text.rstrip()}\nVALUES ({names}) {{ ({terms}) }}\n"


def _term(name: str, value: str) -> ox.NamedNode | ox.Literal:
    """An absolute IRI becomes one, anything else a plain text."""
    if len(value) > _LONGEST:
        raise BadRequest(
            Message("the value of “%(name)s” is longer than %(limit)d characters",
                    name=name, limit=_LONGEST)
        )  # fmt: skip
    if urlsplit(value).scheme in ("http", "https", "urn"):
        try:
            return ox.NamedNode(value)
        except ValueError as error:
            raise BadRequest(
                Message("“%(value)s” is no IRI: %(why)s", value=value[:200], why=error)
            ) from error
    return ox.Literal(value)
