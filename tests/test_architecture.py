"""docs/architecture.md is true: its picture is that of the imports, what it names is there, no room is left out."""

import re
import subprocess
import sys

import pytest
from conftest import ROOT

from docs.draw_architecture import draw, keep_direct, put_picture

PAGE = (ROOT / "docs" / "architecture.md").read_text(encoding="utf-8")
SUFFIXES = ("/", ".py", ".md", ".yaml", ".yml", ".toml", ".txt", ".html")
# `name` (`path`): a function, a class or a method, and the file that it stands in
NAMED = re.findall(r"`([A-Za-z_.]+)`\s\(`([\w/]+\.py)`\)", PAGE)
PATHS = sorted(
    {one for one in re.findall(r"`([\w./-]+)`", PAGE) if "/" in one.rstrip("/") and one.endswith(SUFFIXES)}
    | set(re.findall(r"`(\w+\.(?:py|md|toml))`", PAGE))
)


def test_the_picture_is_that_of_the_imports() -> None:
    command = [sys.executable, str(ROOT / "docs" / "draw_architecture.py"), "--check"]
    assert subprocess.run(command, check=False, capture_output=True, text=True).stderr == ""


@pytest.mark.parametrize("path", PATHS)
def test_every_path_that_is_named_is_there(path: str) -> None:
    assert (ROOT / path).is_dir() if path.endswith("/") else (ROOT / path).is_file()


@pytest.mark.parametrize(("name", "path"), NAMED)
def test_every_function_that_is_named_stands_in_its_file(name: str, path: str) -> None:
    source = (ROOT / path).read_text(encoding="utf-8")
    for part in name.split("."):
        assert re.search(rf"\b(?:def|class) {part}\b|^{part}\b.* = ", source, re.M), part


def test_no_room_is_left_out() -> None:
    paths = [path for package in ("kb", "ingest") for path in (ROOT / package).iterdir()]
    rooms = [f"{path.relative_to(ROOT)}{'/' if path.is_dir() else ''}" for path in paths]
    rooms = [room for room in rooms if not room.endswith(("__pycache__/", "ingest/__init__.py", "py.typed"))]
    assert [room for room in rooms if f"`{room}`" not in PAGE] == []


def test_an_arrow_that_others_stand_for_is_left_out() -> None:
    arrows = {("kb.a", "kb.b"), ("kb.b", "kb.c"), ("kb.a", "kb.c"), ("kb.a", "kb.d")}
    assert keep_direct(arrows) == {("kb.a", "kb.b"), ("kb.b", "kb.c"), ("kb.a", "kb.d")}


def test_rooms_are_drawn_in_the_frame_of_their_package() -> None:
    assert draw([("ingest.files", "kb.text")]).splitlines() == [
        "flowchart TD",
        "    subgraph ingest",
        '        ingest_files["files.py"]',
        "    end",
        "    subgraph kb",
        '        kb_text["text/"]',
        "    end",
        "    ingest_files --> kb_text",
    ]


def test_drawing_again_changes_nothing_but_the_picture() -> None:
    before, after = PAGE.split("```mermaid\n")[0], PAGE.split("<!-- end of the picture -->\n")[1]
    drawn = put_picture(PAGE, "flowchart TD")
    assert drawn.startswith(before)
    assert drawn.endswith(after)
    assert put_picture(drawn, "flowchart TD") == drawn


@pytest.mark.parametrize(("package", "most", "beside"), [("kb", 16, {"pages"}), ("ingest", 14, set())])
def test_a_floor_has_few_doors(package: str, most: int, beside: set[str]) -> None:
    entries = {path.name for path in (ROOT / package).iterdir()} - {"__pycache__"} - beside
    assert len(entries) <= most


def test_no_file_is_too_long_to_read_at_a_sitting() -> None:
    files = [path for folder in ("kb", "ingest", "bench", "tests") for path in (ROOT / folder).rglob("*.py")]
    long = [f"{path.relative_to(ROOT)}" for path in files if len(path.read_text(encoding="utf-8").splitlines()) > 350]
    assert not long
