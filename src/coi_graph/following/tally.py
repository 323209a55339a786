"""What a dump holds, in numbers: hash and counts, by a process of its own.

    python -m coi_graph.following.tally FILE      prints JSON

It reads lines, not statements, beside the process that loads them; a dump whose lines are not those
that this program writes has another hash, and is not taken.
"""

from __future__ import annotations

import hashlib
import json
import sys
from pathlib import Path

from ..errors import CoiError
from ..namespaces import GRAPH
from .inflate import Inflated

_OWN = (f"<{GRAPH}release>".encode(), f"<{GRAPH}removed>".encode())


def tally(path: Path) -> dict[str, object]:
    """``content_hash`` as in a manifest, ``graphs`` with their counts, and ``quads``."""
    total, quads, rest = 0, 0, b""
    graphs: dict[bytes, int] = {}
    digest, number = hashlib.sha256, int.from_bytes
    with Inflated(path) as file:
        while block := file.read(1 << 20):
            lines = (rest + block).split(b"\n")
            rest = lines.pop()
            for line in lines:
                graph = line[line.rfind(b" <", 0, -2) + 1 : -2]
                graphs[graph] = graphs.get(graph, 0) + 1
                if graph not in _OWN:
                    total += number(digest(line[:-2]).digest(), "big")
            quads += len(lines)
    return {
        "content_hash": f"{total % 2**256:064x}",
        "quads": quads + bool(rest),
        "graphs": {graph.decode("utf-8", "replace")[1:-1]: n for graph, n in graphs.items()},
    }


if __name__ == "__main__":
    try:
        print(json.dumps(tally(Path(sys.argv[1]))))
    except (CoiError, OSError, EOFError) as error:
        sys.exit(str(error))
