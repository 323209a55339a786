"""The cube is well-formed: the integrity constraints of the RDF Data Cube recommendation.

https://www.w3.org/TR/vocab-data-cube/#wf-rules. A constraint is an ASK that is true when it is
violated. First the recommendation's normalization algorithm is run. Each constraint is also shown
to fire, on a small cube that one update has broken, so that a query that can never be true would
be found.
"""

from __future__ import annotations

from pathlib import Path

import pyoxigraph as ox
import pytest
from barometer_graph import barometer_store, filled

FOLDER = Path(__file__).with_name("data_cube_ic")
# IC-19 has two queries; IC-20 and IC-21 are templates to be filled in from the cube itself.
CONSTRAINTS = [
    *(f"{number:02}" for number in range(1, 19)),
    *("19a", "19b", "20", "21"),
]


def normalize(store: ox.Store) -> ox.Store:
    """https://www.w3.org/TR/vocab-data-cube/#normalize-algorithm"""
    for phase in ("normalize-1.ru", "normalize-2.ru"):
        store.update((FOLDER / phase).read_text(encoding="utf-8"))
    return store


def violated(store: ox.Store, constraint: str) -> bool:
    """Whether the normalized cube in ``store`` violates the constraint."""
    query = (FOLDER / f"ic-{constraint}.rq").read_text(encoding="utf-8")
    if "$p" not in query:
        return bool(store.query(query))
    properties = store.query(
        (FOLDER / f"ic-{constraint}-properties.rq").read_text(encoding="utf-8")
    )
    assert isinstance(properties, ox.QuerySolutions)
    return any(bool(store.query(query.replace("$p", row["p"].value))) for row in properties)


@pytest.fixture(scope="module")
def barometer() -> ox.Store:
    return normalize(barometer_store(FOLDER / "sdmx.ttl"))


def test_there_is_something_to_check(barometer: ox.Store) -> None:
    query = """
        PREFIX qb: <http://purl.org/linked-data/cube#>
        ASK { ?o a qb:Observation ; qb:dataSet/qb:structure/qb:component/qb:componentProperty ?p .
              ?slice a qb:Slice ; qb:observation ?o . }
    """
    assert bool(barometer.query(query))


@pytest.mark.parametrize("constraint", CONSTRAINTS)
def test_the_barometer_is_well_formed(barometer: ox.Store, constraint: str) -> None:
    assert not violated(barometer, constraint)


@pytest.mark.parametrize("constraint", CONSTRAINTS)
def test_the_constraint_fires_on_a_broken_cube(constraint: str) -> None:
    whole = filled([FOLDER / "cube.ttl"])
    assert not violated(normalize(whole), constraint), "the cube is well-formed before the break"
    broken = filled([FOLDER / "cube.ttl"])
    broken.update((FOLDER / "breaks" / f"ic-{constraint}.ru").read_text(encoding="utf-8"))
    assert violated(normalize(broken), constraint)


def test_ic_12_fires_where_conflicting_figures_share_a_data_set() -> None:
    """Why each source has a data set of its own: 2,363 and 2,362 answers, put into one."""
    store = barometer_store(FOLDER / "sdmx.ttl")
    store.update("""
        PREFIX qb: <http://purl.org/linked-data/cube#>
        DELETE { ?alternative qb:dataSet ?own } INSERT { ?alternative qb:dataSet ?shared }
        WHERE {
          BIND (<https://w3id.org/coi-graph/id/observation/m3-alternative> AS ?alternative)
          ?alternative qb:dataSet ?own .
          <https://w3id.org/coi-graph/id/observation/m3> qb:dataSet ?shared .
        }
    """)
    assert violated(normalize(store), "12")


def test_every_constraint_of_the_recommendation_is_here() -> None:
    assert {name.rstrip("ab") for name in CONSTRAINTS} == {f"{n:02}" for n in range(1, 22)}
