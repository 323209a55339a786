"""A slice of `tests/fuzz_impact.py`: edits made at random, beside pySHACL's own full run."""

from __future__ import annotations

from fuzz_impact import Fuzz


def test_as_full_pyshacl() -> None:
    fuzz = Fuzz(2017)
    for _ in fuzz.run(200, each=50):
        pass
    assert fuzz.tally.edits == 200
    assert not fuzz.tally.wrong, "\n\n".join(fuzz.tally.wrong)
    # The edits matter: many shapes say something, and say it no more.
    assert fuzz.tally.with_new > 50
    assert fuzz.tally.with_mended > 15
    assert len(fuzz.tally.shapes) > 50


def test_as_full_pyshacl_on_the_shipped_graph() -> None:
    fuzz = Fuzz(2018)
    fuzz.shipped(2)
    assert fuzz.tally.edits == 2
    assert not fuzz.tally.wrong, "\n\n".join(fuzz.tally.wrong)
