"""The site's own files — style, scripts, fonts — at addresses that name what they hold.

``/static/<version>/…``, where the version is a digest of all of them, is kept by browsers for a
year; one of another version is another address, also from within a style sheet. The same files
stand at ``/static/…`` for links from elsewhere, to be asked for again after an hour. WhiteNoise
serves them, from what `make install` has packed with brotli and gzip beside each (frontend/
build.mjs). See docs/decisions/0085.
"""

from __future__ import annotations

import hashlib
from pathlib import Path
from wsgiref.headers import Headers

from flask import Flask
from whitenoise import WhiteNoise

from . import headers

FOLDER = Path(__file__).parent / "static"
_PACKED = (".br", ".gz")
_HOUR = 3600


def version(folder: Path = FOLDER) -> str:
    """Of the files together: twelve hexadecimal digits."""
    digest = hashlib.sha256()
    for path in sorted(folder.rglob("*")):
        if path.is_file() and path.suffix not in _PACKED and not path.name.startswith("."):
            digest.update(f"{path.relative_to(folder)}\0".encode())
            digest.update(hashlib.sha256(path.read_bytes()).digest())
    return digest.hexdigest()[:12]


def install(app: Flask) -> None:
    """Serves the files before Flask sees a request for one."""
    address = app.static_url_path
    assert address is not None

    def add_headers(found: Headers, _path: str, _url: str) -> None:
        for name, value in headers.EVERY:
            found[name] = value
        found["ETag"] = f'W/"{address.rpartition("/")[2]}"'  # weak: the same for each packing

    files = WhiteNoise(
        app.wsgi_app,
        max_age=_HOUR,
        add_headers_function=add_headers,
        immutable_file_test=lambda _path, url: url.startswith(f"{address}/"),
    )
    for prefix in ("static/", address.lstrip("/")):
        files.add_files(FOLDER, prefix=prefix)
    app.wsgi_app = files  # type: ignore[method-assign]
