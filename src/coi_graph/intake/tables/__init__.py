"""Tables that people fill in: templates, reading what comes back, marking what is to be mended."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from .reading import read_csv, read_typed, read_xlsx

__all__ = ["read_csv", "read_typed", "read_xlsx"]


def __getattr__(name: str) -> Any:
    """The readers, when one is needed: openpyxl takes long to import (PEP 562)."""
    if name not in __all__:
        raise AttributeError(name)
    from . import reading

    return getattr(reading, name)
