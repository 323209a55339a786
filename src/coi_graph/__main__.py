"""``python -m coi_graph``."""

from .cli import main

main()
