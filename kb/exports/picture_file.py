"""Write a picture as PNG or SVG; nothing is fetched for it: it is drawn in the process, with fonts that are there."""

from __future__ import annotations

import importlib
from pathlib import Path
from types import ModuleType
from typing import TYPE_CHECKING

from kb.errors import BadPicture

if TYPE_CHECKING:  # altair takes half a second to import, and most commands draw nothing
    from kb.exports.pictures import Chart

KINDS = (".png", ".svg")
EXTRA = 'Pictures need the extra "pictures"; install it: pip install -c constraints.txt -e ".[pictures]"'
SCALE = 2  # pixels of a PNG for each of the picture
WIDTH = 640  # of a picture that is as wide as its page
PAPER, FONT = "#ffffff", "Liberation Sans, Arial, Helvetica, DejaVu Sans, sans-serif"
INK = "#23221f"  # of what is written, on paper


def check_picture(path: Path) -> None:
    """Raise BadPicture where a picture could not be written: another kind, a file that is there, no extra."""
    if path.suffix.lower() not in KINDS:
        raise BadPicture(f"{path.name} is no picture that can be written; name a file that ends in .png or .svg")
    if path.exists():
        raise BadPicture(f"There is a file {path} already; name another")
    _load_converter()


def write_picture(chart: Chart, title: str, path: Path) -> None:
    """Write a picture with its title to a new file. Raises BadPicture."""
    check_picture(path)
    data = render_picture(chart, title, path.suffix.lower())
    try:
        with path.open("xb") as file:
            file.write(data)
    except OSError as error:
        raise BadPicture(f"{path} cannot be written: {error.strerror or error}; name a new file") from error


def render_picture(chart: Chart, title: str, kind: str) -> bytes:
    """Render a picture on white, as ".png" or ".svg". Raises BadPicture."""
    converter = _load_converter()
    spec = chart.properties(title=title, background=PAPER, padding=16).to_dict()
    if spec.get("width") == "container":
        spec["width"] = WIDTH
    spec["config"] = {
        **spec.get("config", {}),
        "font": FONT,
        "title": {"anchor": "start", "fontSize": 16, "offset": 12, "color": INK},
    }
    options = {"allowed_base_urls": [], "show_warnings": False}
    try:
        if kind == ".svg":
            return str(converter.vegalite_to_svg(spec, **options)).encode()
        return bytes(converter.vegalite_to_png(spec, scale=SCALE, **options))
    except ValueError as error:
        raise BadPicture(f"The picture cannot be drawn: {' '.join(str(error).split())[:200]}") from error


def load_pictures() -> ModuleType:
    """Import what draws: altair takes half a second, and most commands draw nothing."""
    return importlib.import_module("kb.exports.pictures")


def _load_converter() -> ModuleType:
    try:
        import vl_convert
    except ImportError as error:
        raise BadPicture(EXTRA) from error
    module: ModuleType = vl_convert
    return module
