"""``python -m coi_graph.search FOLDER``: makes the index of the release in that folder.

What a web process starts beside itself, so that reading does not wait.
"""

from __future__ import annotations

import os
import sys
from pathlib import Path

from ..publishing.releases import Release
from .making import make

if __name__ == "__main__":
    os.nice(10)
    make(Release(Path(sys.argv[1])))
