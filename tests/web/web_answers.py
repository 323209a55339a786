"""What tests of the web say again and again."""

from __future__ import annotations

SITE = "https://graf.example/coi/"
BASE = "https://w3id.org/coi-graph/"
BROWSER = "text/html,application/xhtml+xml,application/xml;q=0.9,image/avif,*/*;q=0.8"


def assert_problem(problem: dict[str, object], status: int) -> None:
    """The one shape of RFC 9457 that every error has."""
    assert problem["status"] == status
    assert str(problem["type"]).startswith(BASE + "problem/")
    assert problem["title"]
    assert problem["detail"]
    assert set(problem["messages"]) == {"da", "en"}  # type: ignore[call-overload]
