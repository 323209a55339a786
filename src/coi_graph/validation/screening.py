"""The whole graph: screen, then confirm.

Each constraint of each shape becomes one SPARQL query (`candidates`), with which Oxigraph finds
the focus nodes that may violate it; pySHACL judges those, and writes every result. What the queries
find beyond the violating nodes costs time and changes nothing; what they missed would be missing
from the report, so whatever cannot be screened for sure goes to pySHACL whole.

The queries run on a copy of the store that holds the data alone (a clone of hard links, without the
shapes and without what is generated at each release), so that the union of its graphs is what
pySHACL would be given.
"""

from __future__ import annotations

import tempfile
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Final

import pyoxigraph as ox
from rdflib import Graph
from rdflib.namespace import RDF, RDFS, SH
from rdflib.term import Literal, Node

from ..store import Store
from . import report
from .asking import Apart, Asking, Here, Promise
from .candidate_rows import Found, Rows, Scan, together
from .candidate_values import Unscreenable
from .candidates import Candidates
from .judge import Judge, Question
from .overlay import Base, Overlay, holds_data
from .report import Report
from .terms import to_oxigraph, to_rdflib

# Up to so many focus nodes are named in the queries, instead of what selects them.
_FEW: Final = 500
_FOCUS: Final = "?this"
_TYPE: Final = ox.NamedNode(str(RDF.type))
_SUBCLASS: Final = ox.NamedNode(str(RDFS.subClassOf))


def validate_whole(store: Store, shapes: Graph) -> Report:
    """Every result of every shape on the data of a release, or of a candidate: the same results as
    pySHACL gives on all of it. Raises `ValidationFailed` where pySHACL cannot read the shapes."""
    judge = Judge(shapes)
    with data_only(store, for_reading=True) as data:
        with closing(Apart(data)) as asking:
            questions = suspects(judge, data, asking)
        return report.of(judge.verdicts(questions, Graph(store=Overlay(Base(data)))))


def suspects(judge: Judge, data: Store, asking: Asking | None = None) -> list[Question]:
    """For each shape with targets, and for each of its property shapes, the focus nodes among which
    all are that violate it. ``data`` holds nothing but the data (`data_only`)."""
    asking = asking or Here(data)
    screen = _Screen(judge, data)
    # What can be asked already is asked while the next shapes are read.
    begun = [
        (one, [None if found.scan else _ask(asking, found) for found in one.found])
        for shape in judge.targeted()
        for one in screen.asked(shape)
    ]
    scans = _Scans(asking, [found.scan for one, _ in begun for found in one.found if found.scan])
    asked = [
        (one, [promise or scans.ask(found) for found, promise in zip(one.found, own, strict=True)])
        for one, own in begun
    ]
    questions = [Question(one.shape, _selected(one, answers), one.own) for one, answers in asked]
    return [one for one in questions if one.focus_nodes]


def _ask(asking: Asking, found: Found) -> Promise:
    probe = None if found.probe is None else _any(found.probe)
    return asking.ask(f"SELECT DISTINCT {_FOCUS} WHERE {{ {found.pattern} }}", probe)


def _any(pattern: str) -> str:
    return f"SELECT * WHERE {{ {pattern} }} LIMIT 1"


def _selected(asked: _Asked, answers: list[Promise | None]) -> tuple[Node, ...]:
    nodes = dict.fromkeys(asked.nodes)
    for answer in answers:
        if answer is not None:
            nodes |= dict.fromkeys(map(to_rdflib, answer()))
    return tuple(nodes)


@contextmanager
def data_only(store: Store, *, for_reading: bool = False) -> Iterator[Store]:
    """A copy of ``store`` with the named graphs that are validated, while the block runs: writable,
    or open ``for_reading`` in this process and others."""
    with tempfile.TemporaryDirectory(prefix="screening-", dir=_beside(store.path)) as folder:
        copy = store.clone_to(Path(folder) / "store")
        try:
            for name in copy.graph_names():
                if not holds_data(name):
                    copy.drop(name)
            if for_reading:
                copy.close()
                copy = Store.open(copy.path)
            yield copy
        finally:
            copy.close()  # before its files go


def _beside(path: Path) -> Path | None:
    """A folder on the same file system, where a clone takes no space; None: the system's own."""
    try:
        with tempfile.TemporaryFile(dir=path.parent):
            return path.parent
    except OSError:
        return None


@dataclass(frozen=True, slots=True)
class _Asked:
    """A shape (``own``: without its property shapes) with what finds its suspects, or with all its
    focus nodes."""

    shape: Node
    own: bool
    found: tuple[Found, ...] = ()
    nodes: tuple[Node, ...] = ()


class _Scans:
    """Looks at all values, made together: sound data have nothing that any of them seeks."""

    def __init__(self, asking: Asking, scans: Iterable[Scan]) -> None:
        self._asking = asking
        alike: dict[tuple[str, str], list[Scan]] = defaultdict(list)
        for scan in scans:
            alike[scan.pattern, scan.variable].append(scan)
        self._found = {key: asking.ask(_any(str(together(some)))) for key, some in alike.items()}
        self._empty: dict[tuple[str, str], bool] = {}

    def ask(self, found: Found) -> Promise | None:
        """Asks for what ``found`` finds, unless its scan certainly finds nothing."""
        assert found.scan is not None
        key = found.scan.pattern, found.scan.variable
        if key not in self._empty:
            self._empty[key] = not self._found[key]()
        return None if self._empty[key] else _ask(self._asking, found)


class _Screen:
    def __init__(self, judge: Judge, data: Store) -> None:
        self._judge, self._shapes, self._data = judge, judge.shapes, data
        self._focus: Callable[[str], Rows | None] = lru_cache(None)(self._find_focus)
        self._candidates = Candidates(judge.shapes, lru_cache(None)(self._populated))

    def asked(self, shape: Node) -> Iterator[_Asked]:
        try:
            targets = self._candidates.targets(shape, _FOCUS)
        except Unscreenable:
            yield self._whole(shape)
            return
        rows = self._focus(targets) if targets else None
        if rows is None:
            return
        members = [] if self._has_path(shape) else list(self._shapes.objects(shape, SH.property))
        # What pySHACL makes of shapes that are deep, or refer to themselves, hangs on where it
        # begins; a property shape that is none is the shape's failure.
        if self._candidates.goes_whole(shape) or not all(map(self._has_path, members)):
            yield self._whole(shape)
            return
        own = self._candidates.violating(shape, rows, own=bool(members))
        yield _Asked(shape, bool(members), tuple(own))
        for member in members:
            yield _Asked(member, False, tuple(self._candidates.violating(member, rows)))

    def _whole(self, shape: Node) -> _Asked:
        graph = Graph(store=Overlay(Base(self._data)))
        return _Asked(shape, False, nodes=tuple(self._judge.target_nodes(shape, graph)))

    def _has_path(self, shape: Node) -> bool:
        return (shape, SH.path, None) in self._shapes

    def _nodes(self, pattern: str, most: int | None = None) -> Iterator[Node]:
        limit = "" if most is None else f" LIMIT {most}"
        text = f"SELECT DISTINCT {_FOCUS} WHERE {{ {pattern} }}{limit}"
        for solution in self._data.query(text):
            yield to_rdflib(solution[0])

    def _find_focus(self, targets: str) -> Rows | None:
        """The focus nodes as rows; None where there are none."""
        nodes = list(self._nodes(targets, _FEW + 1))
        if not nodes:
            return None
        if len(nodes) > _FEW:
            literal = next(self._nodes(f"{targets} FILTER (isLiteral({_FOCUS}))", 1), None)
            return Rows(f"{{ {targets} }}", _FOCUS, literals=literal is not None)
        listed = " ".join(str(to_oxigraph(node)) for node in nodes)
        literals = any(isinstance(node, Literal) for node in nodes)
        return Rows(f"VALUES {_FOCUS} {{ {listed} }}", _FOCUS, few=True, literals=literals)

    def _populated(self, wanted: Node) -> tuple[Node, ...]:
        kinds = {wanted: None}
        for kind in (waiting := [wanted]):
            if isinstance(kind, Literal):
                continue
            for quad in self._data.quads(None, _SUBCLASS, to_oxigraph(kind)):
                beneath = to_rdflib(quad.subject)
                if beneath not in kinds:
                    kinds[beneath] = None
                    waiting.append(beneath)
        found = [one for one in kinds if any(self._data.quads(None, _TYPE, to_oxigraph(one)))]
        return tuple(found) or (wanted,)
