"""What the pool and its workers say to each other, over a pair of connected sockets.

Down goes a request: its length, then a marshalled tuple (the pool is trusted, and both ends are
the same Python). Up come frames: a kind, the payload's length, the payload. A worker that a query
has taken over can send only bytes, numbers and text.

A request is ``(query, base IRI | None)`` to find out where its syntax error is, or, for an
answer::

    (store path, expected bytes | None, query, default graphs | None, named graphs | None,
     base IRI | None, media type, byte cap, bytes to hold back, `pieces.Pieces` | None,
     `tally.Tally` | None, shall joins be answered from memory, may it take two threads)

What comes back::

    READY                             once, before the first request: one byte, is it sandboxed
    DATA* END                         a small answer
    DATA* SPOOL  PROGRESS* END        a large one: at SPOOL the worker waits for the descriptor
                                      of a file and writes the rest there
    FAILED                            instead of END, at any point
"""

from __future__ import annotations

import struct

READY, DATA, SPOOL, PROGRESS, END, FAILED = range(6)

HEADER = struct.Struct("=BI")  # kind, length of the payload
LENGTH = struct.Struct("=I")  # of a request
SIZE = struct.Struct("=Q")  # PROGRESS: how many bytes the file holds
# END: bytes in the file; was it cut; should the worker be replaced; seconds of a second thread.
ENDING = struct.Struct("=QBBd")
FAILURE = struct.Struct("=BII")  # FAILED: kind, line, column; then the engine's words in UTF-8

# The kinds of failure.
SYNTAX, REFUSED, STORE, MEMORY, DISK, ENGINE = range(6)


def frame(kind: int, payload: bytes = b"") -> bytes:
    return HEADER.pack(kind, len(payload)) + payload
