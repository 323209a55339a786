"""SVG → PNG, by resvg and with the site's own fonts: it asks neither a browser nor the network, and
nothing of the machine's fonts, so that a picture is the same wherever it is made."""

from __future__ import annotations

from .static_files import FOLDER

_FONTS = tuple(str(FOLDER / "vendor" / "fonts" / f"{cut}.ttf") for cut in ("Regular", "SemiBold"))
_ZOOM = 2.0  # pixels for each unit


def of(svg: str) -> bytes:
    """``svg`` is of our own making: it names no file and no address."""
    import resvg_py  # at the first picture: most processes make none

    return bytes(
        resvg_py.svg_to_bytes(
            svg_string=svg,
            zoom=_ZOOM,
            skip_system_fonts=True,
            font_files=list(_FONTS),
            font_family="IBM Plex Sans",
        )
    )
