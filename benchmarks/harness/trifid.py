"""Trifid, the linked-data server that others would take: installed from npm, over an endpoint.

Two ways: as the command `trifid` starts with an endpoint and nothing else (its own configuration,
`instances/docker-sparql`, which is that of its container image, too), and with nothing but what
dereferences, asking the endpoint without its own proxy between, which is as fast as it gets.
"""

from __future__ import annotations

import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager

from .data import FOLDER, Data
from .servers import Endpoint, free_port, running

VERSION = "5.3.0"
_HOME = FOLDER / f"trifid-{VERSION}"
_BASE = "https://w3id.org/coi-graph/"
_LEAN = """
server:
  listener:
    port: {port}
    host: 127.0.0.1
  logLevel: error
globals:
  datasetBaseUrl: {base}
  endpoints:
    default:
      url: {endpoint}
plugins:
  entity-renderer:
    module: "@zazuko/trifid-entity-renderer"
"""


def is_available() -> bool:
    return shutil.which("npm") is not None and shutil.which("node") is not None


@contextmanager
def trifid(data: Data, endpoint: Endpoint, *, lean: bool) -> Iterator[Endpoint]:
    """Trifid that asks ``endpoint`` for each thing; ``lean``: with what dereferences alone."""
    _install()
    port = free_port()
    url = f"http://127.0.0.1:{endpoint.port}{endpoint.path}"
    name = f"Trifid {VERSION}, lean" if lean else f"Trifid {VERSION}"
    here = Endpoint(name, port, "/id/role/capacity-builder")
    command = ["node", str(_HOME / "node_modules/trifid/server.js")]
    if lean:
        config = _HOME / "config.yaml"
        config.write_text(_LEAN.format(port=port, base=_BASE, endpoint=url))
        command += ["-c", str(config)]
    else:
        command += ["--port", str(port), "--sparql-endpoint-url", url, "--dataset-base-url", _BASE]
    with running(command, here, data.home, {"NODE_ENV": "production"}):
        yield here


def _install() -> None:
    if (_HOME / "node_modules" / "trifid" / "server.js").exists():
        return
    print(f"installing Trifid {VERSION}, once", file=sys.stderr)
    _HOME.mkdir(parents=True, exist_ok=True)
    (_HOME / "package.json").write_text('{"private": true}\n')
    options = ["--no-audit", "--no-fund", "--ignore-scripts", "--save-exact"]
    subprocess.run(
        ["npm", "install", *options, f"trifid@{VERSION}"], cwd=_HOME, check=True,
        stdout=subprocess.DEVNULL,
    )  # fmt: skip
