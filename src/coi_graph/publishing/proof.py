"""What a rehearsal found: `rehearsal.json` beside the release that it was made of."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass, field
from pathlib import Path

from . import durable

NAME = "rehearsal.json"


@dataclass(frozen=True, slots=True)
class Check:
    """One thing that a stranger can see, and whether it is as the manifest says."""

    name: str
    found: str
    expected: str

    @property
    def passed(self) -> bool:
        return self.found == self.expected


@dataclass(frozen=True, slots=True)
class Proof:
    """A rehearsal of ``release`` at ``site``, begun at ``started``. ``failure``: what ended it."""

    release: int
    site: str
    started: str
    seconds: float
    checks: list[Check] = field(default_factory=list)
    failure: str = ""

    @property
    def passed(self) -> bool:
        return not self.failure and bool(self.checks) and all(one.passed for one in self.checks)

    def to_json(self) -> str:
        document = asdict(self)
        for entry, check in zip(document["checks"], self.checks, strict=True):
            entry["passed"] = check.passed
        return json.dumps({"passed": self.passed, **document}, ensure_ascii=False, indent=1) + "\n"


def write(folder: Path, proof: Proof) -> None:
    durable.write_beside(folder, NAME, proof.to_json())


def read(folder: Path) -> Proof | None:
    """None where there was no rehearsal, or none that can be read."""
    try:
        values = json.loads((folder / NAME).read_text(encoding="utf-8"))
        values.pop("passed")
        checks = [Check(c["name"], c["found"], c["expected"]) for c in values.pop("checks")]
        return Proof(**values, checks=checks)
    except (OSError, ValueError, TypeError, KeyError, AttributeError):
        return None
