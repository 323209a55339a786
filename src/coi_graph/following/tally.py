"""What a dump holds, in numbers: hash and counts, by a process of its own.

    python -m coi_graph.following.tally FILE      prints JSON

It reads lines, not statements, beside the process that loads them; a dump whose lines are not those
that this program writes has another hash, and is not taken.
"""

from __future__ import annotations

import hashlib
import json
import sys
from collections import Counter
from operator import methodcaller
from pathlib import Path

from ..errors import CoiError
from ..namespaces import GRAPH
from .inflate import Inflated

_OWN = frozenset((f"<{GRAPH}release>".encode(), f"<{GRAPH}removed>".encode()))
_digest, _number = hashlib.sha256, int.from_bytes


def tally(path: Path) -> dict[str, object]:
    """``content_hash`` as in a manifest, ``graphs`` with their counts, and ``quads``."""
    total, quads, rest = 0, 0, b""
    graphs: Counter[bytes] = Counter()
    with Inflated(path) as file:
        while block := file.read(1 << 20):
            lines = (rest + block).split(b"\n")
            rest = lines.pop()
            if not lines:
                continue
            found = _graphs(lines)
            graphs.update(found)
            if not _OWN.isdisjoint(found):
                lines = [line for line in lines if _graph(line) not in _OWN]
            total += sum([_number(_digest(line[:-2]).digest(), "big") for line in lines])
            quads += found.total()
    return {
        "content_hash": f"{total % 2**256:064x}",
        "quads": quads + bool(rest),
        "graphs": {graph.decode("utf-8", "replace")[1:-1]: n for graph, n in graphs.items()},
    }


def _graph(line: bytes) -> bytes:
    return line[line.rfind(b" <", 0, -2) + 1 : -2]


def _graphs(lines: list[bytes]) -> Counter[bytes]:
    """How many lines each graph has. A dump goes graph by graph, so mostly they have one."""
    first = _graph(lines[0])
    ending = b" " + first + b" ."
    if first and all(map(methodcaller("endswith", ending), lines)):
        return Counter({first: len(lines)})
    return Counter(map(_graph, lines))


if __name__ == "__main__":
    try:
        print(json.dumps(tally(Path(sys.argv[1]))))
    except (CoiError, OSError, EOFError) as error:
        sys.exit(str(error))
