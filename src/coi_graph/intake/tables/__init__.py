"""Tables that people fill in: templates, reading what comes back, marking what is to be mended."""

from .reading import read_csv, read_typed, read_xlsx

__all__ = ["read_csv", "read_typed", "read_xlsx"]
