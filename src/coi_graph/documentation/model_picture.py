"""The drawn model of the ontology, as SVG in each language.

Which classes stand where is chosen here; everything that is said of them — names, which
property leads from which class to which — is read from the ontology, and an arrow that the
ontology does not allow is an error. Made by `python -m coi_graph.documentation.model_picture`;
a test makes it again and compares.
"""

from __future__ import annotations

import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from html import escape
from pathlib import Path

import pyoxigraph as ox

from ..i18n import LANGUAGES
from ..namespaces import DEF, RDFS, SKOS, expand, shorten
from ..store import Term

_BOX_WIDTH, _BOX_HEIGHT = 200, 56
_COLUMN, _ROW = 385, 132  # from one box to the next
_MARGIN = 12
_WIDTH = 3 * _COLUMN + _BOX_WIDTH + 2 * _MARGIN
_FONT = "IBM Plex Sans, system-ui, sans-serif"

#: Class → column, row, and the colours of its fill and its edge.
_BLUE, _GREEN, _VIOLET = ("#e6f0fa", "#004d99"), ("#e8f4ea", "#1d6b36"), ("#f3ebf7", "#6b2a86")
_GREY, _SAND = ("#f5f5f5", "#454545"), ("#fbf3e2", "#7a4d00")
PLACES: Mapping[str, tuple[int, int, tuple[str, str]]] = {
    "oa:Annotation": (0, 0, _GREY),
    "coi:StrategicFramework": (1, 0, _GREY),
    "coi:ChangeAmbition": (2, 0, _VIOLET),
    "coi:ActorCategory": (3, 0, _GREY),
    "coi:StrategicRole": (0, 1, _BLUE),
    "coi:WorkingMethod": (1, 1, _GREEN),
    "coi:ChangeAim": (2, 1, _VIOLET),
    "coi:ChangeClaim": (3, 1, _SAND),
    "coi:Tool": (0, 2, _GREY),
    "coi:Activity": (1, 2, _SAND),
    "coi:Evaluation": (2, 2, _SAND),
    "coi:EvaluationPhase": (3, 2, _GREY),
    "coi:Continuation": (0, 3, _SAND),
    "coi:Collaboration": (1, 3, _SAND),
    "coi:LearningSharing": (2, 3, _SAND),
    "coi:InternshipStay": (0, 4, _SAND),
    "coi:Workplace": (1, 4, _SAND),
    "coi:Innovation": (2, 4, _SAND),
    "coi:SpreadCase": (2, 5, _SAND),
    "coi:SpreadingStep": (3, 5, _GREY),
}
#: From, by which property, to. Several between the same two share a line.
ARROWS: Sequence[tuple[str, str, str]] = (
    ("coi:StrategicFramework", "coi:statedIn", "oa:Annotation"),
    ("coi:StrategicFramework", "coi:relates", "coi:StrategicRole"),
    ("coi:StrategicFramework", "coi:relates", "coi:WorkingMethod"),
    ("coi:StrategicFramework", "coi:relates", "coi:ChangeAim"),
    ("coi:StrategicFramework", "coi:relates", "coi:ChangeAmbition"),
    ("coi:StrategicRole", "coi:statedIn", "oa:Annotation"),
    ("coi:ChangeAim", "skos:broader", "coi:ChangeAmbition"),
    ("coi:ChangeAim", "coi:changeBearer", "coi:ActorCategory"),
    ("coi:ChangeClaim", "coi:aboutAim", "coi:ChangeAim"),
    ("coi:Activity", "coi:hasRole", "coi:StrategicRole"),
    ("coi:Activity", "coi:usesMethod", "coi:WorkingMethod"),
    ("coi:Activity", "coi:aimsAt", "coi:ChangeAim"),
    ("coi:Activity", "coi:usesTool", "coi:Tool"),
    ("coi:Evaluation", "coi:evaluates", "coi:Activity"),
    ("coi:Evaluation", "coi:evaluationPhase", "coi:EvaluationPhase"),
    ("coi:Collaboration", "rdfs:subClassOf", "coi:Activity"),
    ("coi:Collaboration", "coi:continuation", "coi:Continuation"),
    ("coi:Collaboration", "coi:learningSharing", "coi:LearningSharing"),
    ("coi:Collaboration", "coi:participant", "coi:Workplace"),
    ("coi:InternshipStay", "coi:hostWorkplace", "coi:Workplace"),
    ("coi:InternshipStay", "coi:homeWorkplace", "coi:Workplace"),
    ("coi:Innovation", "coi:implementedAt", "coi:Workplace"),
    ("coi:SpreadCase", "coi:spreads", "coi:Innovation"),
    ("coi:SpreadCase", "coi:origin", "coi:Workplace"),
    ("coi:SpreadCase", "coi:adopter", "coi:Workplace"),
    ("coi:SpreadCase", "coi:reachedStep", "coi:SpreadingStep"),
)
#: Names of what is not ours to name in the ontology.
_FOREIGN = {
    "oa:Annotation": {"da": "tekststed", "en": "passage of text"},
    "skos:broader": {"da": "hører under", "en": "belongs to"},
    "rdfs:subClassOf": {"da": "er en slags", "en": "is a kind of"},
}
_TITLE = {
    "da": "Ontologiens klasser og deres forbindelser",
    "en": "The classes of the ontology and how they are connected",
}


class NotInTheOntology(ValueError):
    """The picture says something that the ontology does not."""


@dataclass(frozen=True, slots=True)
class Ontology:
    """What the picture needs of the ontology's triples: values by subject and property."""

    values: Mapping[tuple[str, str], Sequence[Term]]

    @classmethod
    def read(cls, folder: Path) -> Ontology:
        values: dict[tuple[str, str], list[Term]] = {}
        for path in sorted(folder.glob("*.ttl")):
            for quad in ox.parse(path=str(path), format=ox.RdfFormat.TURTLE):
                if isinstance(quad.subject, ox.NamedNode):
                    key = (quad.subject.value, quad.predicate.value)
                    values.setdefault(key, []).append(quad.object)
        return cls(values)

    def text(self, name: str, predicate: str, language: str) -> str:
        """Raises `NotInTheOntology` where there is none."""
        for term in self.values.get((expand(name), predicate), ()):
            if isinstance(term, ox.Literal) and term.language == language:
                return term.value
        raise NotInTheOntology(f"{name} has no {shorten(predicate)} in {language}")

    def label(self, name: str, language: str) -> str:
        foreign = _FOREIGN.get(name)
        return foreign[language] if foreign else self.text(name, RDFS + "label", language)

    def iris(self, iri: str, predicate: str) -> list[str]:
        found = self.values.get((iri, predicate), ())
        return [term.value for term in found if isinstance(term, ox.NamedNode)]

    def kinds(self, iri: str) -> set[str]:
        """``iri`` and the classes above it."""
        found, waiting = set[str](), [iri]
        while waiting:
            one = waiting.pop()
            if one not in found:
                found.add(one)
                waiting += self.iris(one, RDFS + "subClassOf")
        return found

    def allows(self, subject: str, property: str, object: str) -> bool:
        """Whether domain and range let ``property`` lead from the one class to the other. Classes
        of others, whose hierarchy is not here, are not contradicted."""
        if property == "rdfs:subClassOf":
            return expand(object) in self.kinds(expand(subject))
        if not property.startswith("coi:"):
            return True
        self.label(property, "en")
        ends = ((subject, "domain"), (object, "range"))
        return all(
            one in self.kinds(expand(name)) or not one.startswith((DEF, SKOS))
            for name, end in ends
            for one in self.iris(expand(property), RDFS + end)
        )


def draw(ontology: Ontology, language: str) -> str:
    """The picture. Raises `NotInTheOntology`."""
    title = _TITLE[language]
    lines: dict[tuple[str, str], list[str]] = {}
    for subject, property, object in ARROWS:
        if not ontology.allows(subject, property, object):
            raise NotInTheOntology(f"{property} does not lead from {subject} to {object}")
        lines.setdefault((subject, object), []).append(property)
    said = "; ".join(
        f"{ontology.label(subject, language)} {ontology.label(one, language)}"
        f" {ontology.label(object, language)}"
        for (subject, object), properties in lines.items()
        for one in properties
    )
    height = 5 * _ROW + _BOX_HEIGHT + 2 * _MARGIN
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {_WIDTH} {height}" role="group"'
        f' aria-labelledby="model-title" aria-describedby="model-text" lang="{language}"'
        f' font-family="{_FONT}">',
        f'<title id="model-title">{escape(title)}</title>',
        f'<desc id="model-text">{escape(said)}.</desc>',
        '<defs><marker id="model-arrow" viewBox="0 0 10 10" refX="9" refY="5" markerWidth="8"'
        ' markerHeight="8" orient="auto"><path d="M0 0L10 5L0 10z" fill="#454545"/></marker>'
        '<marker id="model-kind" viewBox="0 0 12 12" refX="11" refY="6" markerWidth="12"'
        ' markerHeight="12" orient="auto"><path d="M1 1L11 6L1 11z" fill="#fff"'
        ' stroke="#454545"/></marker></defs>',
        '<g aria-hidden="true">',
        *(_line(*ends, properties) for ends, properties in lines.items()),
        *(_words(*ends, properties, ontology, language) for ends, properties in lines.items()),
        "</g>",
        *(_box(name, ontology, language) for name in PLACES),
        "</svg>",
    ]
    return "\n".join(parts) + "\n"


def _middle(name: str) -> tuple[float, float]:
    column, row, _ = PLACES[name]
    x = _MARGIN + column * _COLUMN + _BOX_WIDTH / 2
    return x, _MARGIN + row * _ROW + _BOX_HEIGHT / 2


def _edge(of: str, towards: str) -> tuple[float, float]:
    """Where the line between the middles of two boxes leaves the first."""
    (x, y), (to_x, to_y) = _middle(of), _middle(towards)
    dx, dy = to_x - x, to_y - y
    scale = min(
        _BOX_WIDTH / 2 / abs(dx) if dx else float("inf"),
        _BOX_HEIGHT / 2 / abs(dy) if dy else float("inf"),
    )
    return x + dx * scale, y + dy * scale


def _line(subject: str, object: str, properties: Sequence[str]) -> str:
    (x1, y1), (x2, y2) = _edge(subject, object), _edge(object, subject)
    marker = "model-kind" if "rdfs:subClassOf" in properties else "model-arrow"
    return (
        f'<path d="M{x1:.0f} {y1:.0f}L{x2:.0f} {y2:.0f}" stroke="#454545" stroke-width="1.5"'
        f' fill="none" marker-end="url(#{marker})"/>'
    )


def _words(
    subject: str, object: str, properties: Sequence[str], ontology: Ontology, language: str
) -> str:
    """What the line says: over one that is level, and below it; across any other."""
    (x1, y1), (x2, y2) = _edge(subject, object), _edge(object, subject)
    x, y = (x1 + x2) / 2, (y1 + y2) / 2
    first, apart = (y - 7, 25) if y1 == y2 else (y + 4 - 8 * (len(properties) - 1), 16)
    shown = []
    for number, property in enumerate(properties):
        words = escape(ontology.label(property, language))
        place = f'x="{x:.0f}" y="{first + apart * number:.0f}" text-anchor="middle" font-size="13"'
        halo = 'stroke="#fff" stroke-width="5" stroke-linejoin="round"'
        shown.append(f"<text {place} {halo}>{words}</text>")
        shown.append(f'<text {place} fill="#1a1a1a">{words}</text>')
    return "\n".join(shown)


def _box(name: str, ontology: Ontology, language: str) -> str:
    column, row, (fill, edge) = PLACES[name]
    x, y = _MARGIN + column * _COLUMN, _MARGIN + row * _ROW
    label = escape(ontology.label(name, language))
    middle = x + _BOX_WIDTH / 2
    drawn = (
        f'<rect x="{x}" y="{y}" width="{_BOX_WIDTH}" height="{_BOX_HEIGHT}" rx="6" fill="{fill}"'
        f' stroke="{edge}" stroke-width="1.5"/>'
        f'<text x="{middle:.0f}" y="{y + 25}" text-anchor="middle" font-size="15"'
        f' font-weight="600" fill="#1a1a1a">{label}</text>\n'
        f'<text x="{middle:.0f}" y="{y + 44}" text-anchor="middle" font-size="12"'
        f' fill="#454545">{escape(name)}</text>'
    )
    if not name.startswith("coi:"):
        return f"<g>{drawn}</g>"
    return f'<a href="/def/{name[4:]}">{drawn}</a>'


def write(ontology: Path, images: Path) -> None:
    """`model-da.svg` and `model-en.svg` in folder ``images``."""
    read = Ontology.read(ontology)
    for language in LANGUAGES:
        (images / f"model-{language}.svg").write_text(draw(read, language), encoding="utf-8")


if __name__ == "__main__":
    write(Path(sys.argv[1]), Path(sys.argv[2]))
