"""JSON-LD: the places of its statements, and what the parser would leave out in silence.

The tree of the file (`intake.json_scan`) is walked beside the parser's statements: the values
under a key are, in their order, the objects of (subject, property) in theirs. A key that no
context explains, a record or a value whose identifier is no whole IRI: JSON-LD drops them without
a word; here each is a remark.
"""

from __future__ import annotations

from collections import defaultdict, deque
from collections.abc import Iterator, Mapping

import pyoxigraph as ox

from ..i18n import Message
from ..namespaces import GENID, RDF
from .json_scan import Value
from .jsonld_context import Context
from .lines import Lines
from .places import Remark, Severity
from .syntax import printable

_TYPE = ox.NamedNode(RDF + "type")
_FIRST, _REST = ox.NamedNode(RDF + "first"), ox.NamedNode(RDF + "rest")
_MOST_REMARKS = 50

Index = dict[tuple[object, ...], int]


class Walk:
    """One walk through a file. ``triples`` are in the parser's order, with blank nodes renamed to
    ``names`` (`intake.skolem`)."""

    def __init__(
        self,
        lines: Lines,
        triples: list[ox.Triple],
        names: Mapping[ox.BlankNode, ox.NamedNode],
    ) -> None:
        self.lines = lines
        self._names = names
        self.index: Index = {}
        self.remarks: list[Remark] = []
        self._said: set[tuple[str, str]] = set()
        self._values: dict[tuple[object, object], deque[object]] = defaultdict(deque)
        objects = set()
        for subject, predicate, value in triples:
            self._values[subject, predicate].append(value)
            objects.add(value)
        subjects = dict.fromkeys(triple.subject for triple in triples)
        self._roots = deque(s for s in subjects if _is_blank(s) and s not in objects)

    def run(self, root: Value) -> None:
        for value in root.flat():
            if value.members is not None:
                self._record(value, Context(), None, at_root=True)

    def _labelled(self, label: str) -> object:
        """What the blank node ``_:label`` has become."""
        try:
            return self._names.get(ox.BlankNode(label[2:]))
        except ValueError:
            return None

    def _put(self, *key: object, at: int) -> None:
        self.index.setdefault(key, at)

    def _record(
        self, value: Value, context: Context, subject: object, *, at_root: bool = False
    ) -> None:
        context = context.extended(value.get("@context"))
        said: dict[str, list[tuple[str, int, Value]]] = defaultdict(list)
        keys: set[str] = set()
        for key, at, member in value.members or ():
            said[context.keyword(key)].append((key, at, member))
            if key in keys:
                self._twice(key, at)
            keys.add(key)
        known = [member for _, _, member in said.get("@id", ()) if member.text is not None]
        label = known[-1].text if known else None
        if label is not None and label.startswith("_:"):
            subject = self._labelled(label) or subject
        elif known:
            subject = self._iri(known[-1], context, vocab=False, record=True)
        elif subject is None and at_root and not said.keys() <= {"@context", "@graph", "@id"}:
            subject = self._roots.popleft() if self._roots else None
        if subject is not None:
            self._put(subject, at=(known[-1] if known else value).start)
        for keyword, members in said.items():
            for key, at, member in members:
                self._member(subject, keyword, key, at, member, context)

    def _member(
        self,
        subject: object,
        keyword: str,
        key: str,
        at: int,
        value: Value,
        context: Context,
    ) -> None:
        if keyword in ("@graph", "@included"):
            for one in value.flat():
                if one.members is not None:
                    self._record(one, context, None, at_root=True)
        elif keyword == "@type":
            self._put(subject, _TYPE, at=at)
            for one in value.flat():
                kind = self._iri(one, context, vocab=True)
                if kind is not None:
                    self._put(subject, _TYPE, kind, at=one.start)
        elif keyword == "@reverse":
            for _, _, member in value.members or ():
                self._records(member, context)
        elif keyword.startswith("@"):
            return
        elif key in context.reverse:
            self._records(value, context)
        else:
            name = context.expand(key, vocab=True)
            if name is None or ":" not in name:
                self._ignored(key, at)
                self._records(value, context)
            elif subject is not None and (predicate := _named(name)) is not None:
                self._put(subject, predicate, at=at)
                for one in self._items(key, value, context):
                    self._object(subject, predicate, one, key, context)

    def _records(self, value: Value, context: Context) -> None:
        """Records whose relation to others is not followed."""
        for one in value.flat():
            if one.members is not None and one.get("@id") is not None:
                self._record(one, context, None)

    def _items(self, key: str, value: Value, context: Context) -> Iterator[Value]:
        for one in value.flat():
            inner = one.get("@set")
            if inner is not None:
                yield from inner.flat()
            elif one.members is not None and key in context.language_maps:
                for _, _, member in one.members:
                    yield from member.flat()
            elif one.word != "null":
                yield one

    def _object(
        self, subject: object, predicate: object, value: Value, key: str, context: Context
    ) -> None:
        keywords = {context.keyword(k): v for k, _, v in value.members or ()}
        if "@value" in keywords and keywords["@value"].word == "null":
            return
        literal = value.members is None or "@value" in keywords
        if "@id" in keywords or (literal and key in context.iri_typed and value.text is not None):
            named = keywords.get("@id", value)
            literal = False
            if not (named.text or "").startswith("_:") and (
                self._iri(named, context, vocab=False, record="@id" in keywords) is None
            ):
                return  # it was left out, and said
        found = self._take(subject, predicate, literal=literal)
        if found is None:
            if not context.exotic:
                self._remark(
                    Message("this value makes no statement"),
                    Message("Write it in a plainer form of JSON-LD."),
                    value.start,
                    key,
                )
            return
        self._put(subject, predicate, found, at=value.start)
        if "@list" in keywords:
            self._list(found, keywords["@list"], key, context)
        elif value.members is not None and not literal:
            self._record(value, context, found)

    def _list(self, node: object, values: Value, key: str, context: Context) -> None:
        for value in values.flat():
            self._put(node, at=value.start)
            self._object(node, _FIRST, value, key, context)
            rest = self._values[node, _REST]
            self._put(node, _REST, at=value.start)
            following = rest.popleft() if rest else None
            self._put(node, _REST, following, at=value.start)
            node = following

    def _take(self, subject: object, predicate: object, *, literal: bool) -> object | None:
        values = self._values[subject, predicate]
        if values and isinstance(values[0], ox.Literal) == literal:
            return values.popleft()
        return None

    def _iri(
        self, value: Value, context: Context, *, vocab: bool, record: bool = False
    ) -> ox.NamedNode | None:
        """Nothing, and a remark, where the text is no whole IRI."""
        text = value.text
        if text is None or text.startswith("_:"):
            return None
        iri = context.expand(text, vocab=vocab)
        named = None if iri is None else _named(iri)
        if named is None and not context.exotic:
            what = Message(
                "“%(iri)s” is no whole IRI, so this value is left out", iri=printable(text)
            )
            if record:
                what = Message(
                    "“%(iri)s” is no whole IRI, so this record is left out", iri=printable(text)
                )
            if vocab:
                what = Message("the type “%(iri)s” stands in no context", iri=printable(text))
            self._remark(
                what,
                Message("Write the whole IRI, or a prefix or “@base” that the context declares."),
                value.start,
                text,
            )
        return named

    def _twice(self, key: str, at: int) -> None:
        self._remark(
            Message("the key “%(key)s” stands twice in the same object", key=printable(key)),
            Message("Write its values as a list: programs differ in which one they take."),
            at,
            key,
            Severity.WARNING,
        )

    def _ignored(self, key: str, at: int) -> None:
        if key.startswith("@"):
            return
        self._remark(
            Message(
                "the key “%(key)s” stands in no context, so it is left out", key=printable(key)
            ),
            Message("Correct its spelling, add it to “@context”, or write a whole IRI."),
            at,
            key,
        )

    def _remark(
        self,
        message: Message,
        remedy: Message,
        at: int,
        found: str,
        severity: Severity = Severity.VIOLATION,
    ) -> None:
        """Once for each wording and thing found; the first places are enough."""
        said = (message.msgid, found)
        if said in self._said or len(self.remarks) >= _MOST_REMARKS:
            return
        self._said.add(said)
        place = self.lines.place(at)
        self.remarks.append(Remark(severity, message, remedy, place, printable(found)[:200]))


def _named(iri: str) -> ox.NamedNode | None:
    try:
        return ox.NamedNode(iri)
    except ValueError:
        return None


def _is_blank(term: object) -> bool:
    return isinstance(term, ox.NamedNode) and term.value.startswith(GENID)
