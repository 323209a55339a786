"""The corpus of bad and odd files: ``python tests/corpus/make.py FOLDER`` writes it out.

`CASES` has more than 200. Each says what must be said of it; `tests/intake/test_corpus.py` sends
all of them through the real workers.
"""

from __future__ import annotations

import sys
from pathlib import Path

import json_files
import other_files
import table_files
import turtle_files
import workbook_files
import xml_files
from case import Case

CASES: list[Case] = [
    case
    for module in (turtle_files, json_files, xml_files, table_files, workbook_files, other_files)
    for case in module.CASES
]


def write(folder: Path) -> None:
    for case in CASES:
        place = folder / case.name
        place.mkdir(parents=True, exist_ok=True)
        name = "".join(c for c in Path(case.file.replace("\\", "/")).name[-80:] if c.isprintable())
        (place / name).write_bytes(case.make("http://127.0.0.1:9"))


if __name__ == "__main__":
    write(Path(sys.argv[1]))
    print(f"{len(CASES)} files")
