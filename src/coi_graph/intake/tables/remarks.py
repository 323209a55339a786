"""Collecting what there is to say of a table, bounded: a wrong column must not make a report of
fifty thousand pages."""

from __future__ import annotations

from dataclasses import dataclass, field

from ...i18n import Message
from ..places import Place, Remark, Severity

MOST = 2000


@dataclass
class Remarks:
    found: list[Remark] = field(default_factory=list)
    left_out: int = 0
    worst_left_out: Severity = Severity.INFO

    def add(self, remark: Remark) -> None:
        if len(self.found) < MOST:
            self.found.append(remark)
        else:
            self.left_out += 1
            self.worst_left_out = max(self.worst_left_out, remark.severity)

    def all(self, file: str) -> tuple[Remark, ...]:
        """In the order of the table, with a last word on what was left out."""
        known = list(self.found)
        if self.left_out:
            known.append(
                Remark(
                    self.worst_left_out,
                    Message("%(count)s more remarks are not shown", count=self.left_out),
                    Message("Mend these first, and send the file again."),
                    Place(file),
                )
            )
        return tuple(known)
