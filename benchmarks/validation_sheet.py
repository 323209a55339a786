"""A spreadsheet of 1,000 rows, read, checked and reported: ours, and stock pySHACL on the same.

    python benchmarks/validation_sheet.py [--rows 1000] [--repeats 5] [--stock] [--profile]

The workbook is a template for activities with every column filled in, one row in ten with a mistake
of each common sort. Release, shapes and names are ready beforehand, as they are in a check worker.
"""

from __future__ import annotations

import argparse
import cProfile
import io
import pstats
import statistics
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import TypeVar

from harness.table import Row, render
from openpyxl import load_workbook

from coi_graph import config
from coi_graph.intake.names import Names
from coi_graph.intake.tables import columns, read_xlsx, templates, writing
from coi_graph.publishing.build import build
from coi_graph.publishing.releases import Releases
from coi_graph.validation import engine, rendering
from coi_graph.validation.basis import Basis
from coi_graph.validation.check import check
from coi_graph.validation.workbook import marked

ROOT = Path(__file__).resolve().parents[1]
TARGET = 3.0  # seconds, for 1,000 rows
MISTAKES = {7: "Kapacitetsopbyger", 8: "", 14: "Ukendt Køkken", 18: "31-11-2026", 15: "borgere"}
T = TypeVar("T")


def workbook(rows: int, names: Names) -> bytes:
    """A template for activities, filled in: the invented examples again and again."""
    kind = names.kind("activity")
    book = load_workbook(io.BytesIO(templates.build("activity", "da", "xlsx", names)))
    sheet = book[templates.sheet_title(kind, "da")]
    shown = columns.columns_of(kind, names, parts=False)
    examples = [writing.row_of(one, shown, kind, "da", names) for one in kind.examples]
    mistakes = list(MISTAKES.items())
    for number in range(rows):
        cells = list(examples[number % len(examples)])
        cells[0] = f"maaling-{number}"
        if number % 10 == 0:
            column, text = mistakes[number // 10 % len(mistakes)]
            cells[column - 1] = text
        for column, text in enumerate(cells, start=1):
            if text:
                sheet.cell(number + 3, column).value = text
    file = io.BytesIO()
    book.save(file)
    return file.getvalue()


def seconds(work: Callable[[], T], repeats: int) -> tuple[float, T]:
    """(the median, what came of the last)"""
    taken = []
    for _ in range(repeats):
        started = time.perf_counter()
        result = work()
        taken.append(time.perf_counter() - started)
    return statistics.median(taken), result


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawTextHelpFormatter
    )
    parser.add_argument("--rows", type=int, default=1000)
    parser.add_argument("--repeats", type=int, default=5)
    parser.add_argument("--stock", action="store_true", help="measure stock pySHACL as well")
    parser.add_argument("--profile", action="store_true", help="say where the time goes")
    given = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        build(config.load({}, home=Path(folder), sources=ROOT, examples=True), validate=False)
        store = Releases(Path(folder) / "releases").current().open()
        basis = Basis(store)
        names = basis.names
        data = workbook(given.rows, names)
        file = ("aktivitet.xlsx", data)
        check([file], basis)  # once, so that what is made at the first use is there
        reading, sent = seconds(lambda: read_xlsx(*file, names), given.repeats)
        checking, document = seconds(lambda: check([file], basis), given.repeats)
        telling, _ = seconds(lambda: rendering.as_text(document, "da"), given.repeats)
        marking, _ = seconds(lambda: marked(document, file, "da", names), given.repeats)
        whole = checking + telling
        print(
            f"{given.rows} rows, {len(data) >> 10} KiB, {len(sent.quads)} statements, "
            f"{len(document['results'])} findings; release of {len(store)} statements\n"
        )
        target = f"<= {TARGET:g} s" if given.rows == 1000 else ""
        met = whole <= TARGET if target else None
        rows = [
            Row("read", f"{reading:.2f} s", "", "", None, "", None),
            Row("read, check, explain", f"{checking:.2f} s", "", "", None, "", None),
            Row("the report as text", f"{telling:.2f} s", "", "", None, "", None),
            Row("all of it", f"{whole:.2f} s", "", "", None, target, met),
            Row("the marked workbook", f"{marking:.2f} s", "", "", None, "", None),
        ]
        if given.stock:
            base = engine.from_store(store)
            both = engine.add(base, sent.quads)
            stock, _ = seconds(lambda: engine.validate(both), 1)
            rows.append(Row("check alone", f"{checking - reading:.2f} s", "stock pySHACL",
                            f"{stock:.2f} s", stock / (checking - reading), "", None))  # fmt: skip
        print(render("A spreadsheet", rows))
        if given.profile:
            profile = cProfile.Profile()
            profile.runcall(check, [file], basis)
            pstats.Stats(profile).sort_stats("cumtime").print_stats(35)
    sys.exit(0 if met is not False else 1)


if __name__ == "__main__":
    main()
