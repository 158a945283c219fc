"""Draw the picture in docs/architecture.md from the imports: the rooms, and an arrow for each import between two."""

from __future__ import annotations

import sys
from collections import defaultdict
from collections.abc import Collection, Iterable
from pathlib import Path

import grimp

ROOT = Path(__file__).resolve().parent.parent
PAGE = ROOT / "docs" / "architecture.md"
BEGIN, END = "<!-- drawn by docs/draw_architecture.py -->\n", "<!-- end of the picture -->\n"
PACKAGES = ("ingest", "kb")
GROUND = frozenset(("kb.errors", "kb.model"))  # lies under everything: named in words, not drawn

Arrow = tuple[str, str]  # from a room to one that it imports


def main() -> None:
    """Draw the picture again; with --check, exit with a message where that would change the page."""
    text = PAGE.read_text(encoding="utf-8")
    drawn = put_picture(text, draw(keep_direct(find_arrows())))
    if "--check" not in sys.argv[1:]:
        PAGE.write_text(drawn, encoding="utf-8")
    elif drawn != text:
        sys.exit(f"{PAGE.relative_to(ROOT)} is not as the imports are; run: make architecture")


def find_arrows() -> set[Arrow]:
    """An arrow for every two rooms of which the first imports the second."""
    sys.path.insert(0, str(ROOT))  # the imports of this very tree, wherever another may be installed
    graph = grimp.build_graph(*PACKAGES, exclude_type_checking_imports=True, cache_dir=None)
    modules = graph.modules.difference(PACKAGES)
    pairs = {
        (_room_of(module), _room_of(imported))
        for module in modules
        for imported in graph.find_modules_directly_imported_by(module) & modules
    }
    return {(room, imported) for room, imported in pairs if room != imported and not GROUND & {room, imported}}


def keep_direct(arrows: Collection[Arrow]) -> set[Arrow]:
    """The arrows that no way over other rooms stands for; import-linter sees to it that there is no circle."""
    imported_by: defaultdict[str, set[str]] = defaultdict(set)
    for room, imported in arrows:
        imported_by[room].add(imported)
    return {
        (room, imported)
        for room, imported in arrows
        if not any(imported in _reach(other, imported_by) for other in imported_by[room])
    }


def draw(arrows: Iterable[Arrow]) -> str:
    """A Mermaid flowchart, a frame round each package."""
    ordered = sorted(arrows)
    rooms = sorted({room for arrow in ordered for room in arrow})
    lines = ["flowchart TD"]
    for package in PACKAGES:
        lines.append(f"    subgraph {package}")
        lines += [f'        {_name(room)}["{_label(room)}"]' for room in rooms if room.startswith(f"{package}.")]
        lines.append("    end")
    lines += [f"    {_name(room)} --> {_name(imported)}" for room, imported in ordered]
    return "\n".join(lines)


def put_picture(text: str, picture: str) -> str:
    """The page with the picture between its marks."""
    before, _, rest = text.partition(BEGIN)
    _, _, after = rest.partition(END)
    return f"{before}{BEGIN}\n```mermaid\n{picture}\n```\n\n{END}{after}"


def _reach(room: str, imported_by: defaultdict[str, set[str]]) -> set[str]:
    """All that a room imports, directly or over others."""
    reached: set[str] = set()
    left = [room]
    while left:
        new = imported_by[left.pop()] - reached
        reached |= new
        left += new
    return reached


def _room_of(module: str) -> str:
    return ".".join(module.split(".")[:2])


def _name(room: str) -> str:
    return room.replace(".", "_")


def _label(room: str) -> str:
    """As it lies in the tree: a folder, or a file."""
    path = ROOT.joinpath(*room.split("."))
    return f"{path.name}/" if path.is_dir() else f"{path.name}.py"


if __name__ == "__main__":
    main()
