"""The one sentence about a report, in both languages."""

from __future__ import annotations

from collections import Counter

import pytest

from coi_graph.validation.document import summary
from coi_graph.validation.report import Severity


@pytest.mark.parametrize(
    ("counts", "danish", "english"),
    [
        (
            (1, 1, 1),
            "1 fejl, 1 advarsel, 1 bemærkning: fejlene skal rettes, før det kan udgives.",
            "1 error, 1 warning, 1 hint: the errors must be mended before this can be published.",
        ),
        (
            (2, 0, 3),
            "2 fejl, 0 advarsler, 3 bemærkninger: fejlene skal rettes, før det kan udgives.",
            "2 errors, 0 warnings, 3 hints: "
            "the errors must be mended before this can be published.",
        ),
        (
            (0, 1, 0),
            "1 advarsel, 0 bemærkninger: dette kan udgives.",
            "1 warning, 0 hints: this can be published.",
        ),
    ],
)
def test_one_is_not_many(counts: tuple[int, int, int], danish: str, english: str) -> None:
    found = Counter(
        dict(zip((Severity.VIOLATION, Severity.WARNING, Severity.INFO), counts, strict=True))
    )
    assert summary(found).in_language("da") == danish
    assert summary(found).in_language("en") == english
