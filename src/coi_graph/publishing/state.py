"""What the publisher says of itself: `publisher.json` in the home folder.

The file always has the same size, so that it can be written over in place: on a full disk, which
is when it matters most, no new one can be written.
"""

from __future__ import annotations

import contextlib
import json
import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

NAME = "publisher.json"
_BYTES = 4096  # one block
_LONGEST = 400  # characters of a reason in one language


def write(home: Path, state: str, since: str, why: Mapping[str, str] | None = None) -> None:
    """``why``: language → the reason. Says nothing where not even that can be written."""
    values: dict[str, Any] = {"state": state, "since": since}
    if why is not None:
        values["why"] = {language: text[:_LONGEST] for language, text in why.items()}
    data = json.dumps(values, ensure_ascii=False).encode().ljust(_BYTES - 1) + b"\n"
    aside, path = home / f".{NAME}-{os.getpid()}", home / NAME
    try:
        aside.write_bytes(data)
        aside.replace(path)
    except OSError:
        with contextlib.suppress(OSError):
            aside.unlink(missing_ok=True)
            with path.open("r+b", buffering=0) as file:
                file.write(data)


def read(home: Path) -> Mapping[str, Any]:
    """What was said last: ``{"state": "waiting", …}``; ``off`` where there is no publisher."""
    try:
        found: dict[str, Any] = json.loads((home / NAME).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {"state": "off"}
    return found
