"""Frameworks: behaviours that attract people to a shared cause or drive them away, each with phrasings of its own."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Literal

import yaml

from kb.errors import BadFramework
from kb.text.yaml_faults import LONGEST_TEXT, explain_yaml, find_text_fault

BUNDLED = Path(__file__).with_name("fusion_and_power.yaml")
LIMIT = 1_000_000  # bytes of a file
MOST_BEHAVIOURS, MOST_PHRASINGS = 100, 50
LONGEST = {"id": 40, "name": 120}  # characters; they stand in addresses and pictures

Side = Literal["attracts", "drives_away"]
SIDES: tuple[Side, ...] = ("attracts", "drives_away")


@dataclass(frozen=True, slots=True)
class Behaviour:
    """A behaviour of leaders, with the side that it is on."""

    id: str  # used in addresses and exports: "A1"
    name: str
    description: str  # one plain sentence
    phrasings: tuple[str, ...]  # how people say it
    side: Side


@dataclass(frozen=True, slots=True)
class Framework:
    """A set of behaviours."""

    name: str
    behaviours: tuple[Behaviour, ...]

    def of(self, side: Side) -> tuple[Behaviour, ...]:
        """The behaviours of one side."""
        return tuple(one for one in self.behaviours if one.side == side)

    def behaviour(self, behaviour_id: str) -> Behaviour | None:
        """The behaviour with this id, or None."""
        return next((one for one in self.behaviours if one.id == behaviour_id), None)


@cache
def load_framework(own: Path | None = None) -> Framework:
    """Load a framework of one's own, else the bundled "Fusion and power". Raises BadFramework, with the line."""
    path = own or BUNDLED
    try:
        if path.stat().st_size > LIMIT:
            raise BadFramework(f"The framework {path} has more than {LIMIT:,} bytes; cut it")
        return parse_framework(path.read_text(encoding="utf-8"), str(path))
    except (OSError, UnicodeDecodeError) as error:
        raise BadFramework(f"The framework {path} cannot be read as UTF-8 text: {error}") from error


def parse_framework(text: str, where: str) -> Framework:
    """Parse a framework: `name`, and under `attracts` and `drives_away` behaviours with `id`, `name`, `description` and
    `phrasings`. Raises BadFramework, in one line that names the line and the problem.
    """
    try:
        root = yaml.compose(text, Loader=yaml.SafeLoader)
    except yaml.YAMLError as error:
        raise BadFramework(f"The framework {where}{explain_yaml(error, text)}") from error
    except RecursionError as error:
        raise BadFramework(f"The framework {where} is nested too deep; it needs four levels") from error
    if root is None:
        raise BadFramework(f"The framework {where} is empty; give it a name, attracts and drives_away")
    top = _read_mapping(root, where, ("name", *SIDES))
    behaviours = tuple(one for side in SIDES for one in _read_side(top[side], where, side))
    _check_ids(behaviours, where)
    return Framework(_read_text(top["name"], where, "name"), behaviours)


def name_basis(framework: Framework, *others: str) -> str:
    """Name what a judgement rests on: a framework, and texts that stand for all else; another one has another name."""
    return hashlib.sha256("\0".join([repr(framework), *others]).encode("utf-8", "surrogatepass")).hexdigest()


def _read_side(node: yaml.Node, where: str, side: Side) -> Iterator[Behaviour]:
    for entry in _read_list(node, where, side, MOST_BEHAVIOURS):
        fields = _read_mapping(entry, where, ("id", "name", "description", "phrasings"))
        phrasings = _read_list(fields["phrasings"], where, "phrasings", MOST_PHRASINGS)
        behaviour_id, name, description = (_read_text(fields[key], where, key) for key in ("id", "name", "description"))
        said = tuple(_read_text(one, where, "a phrasing") for one in phrasings)
        yield Behaviour(behaviour_id, name, description, said, side)


def _read_mapping(node: yaml.Node, where: str, wanted: tuple[str, ...]) -> dict[str, yaml.Node]:
    if not isinstance(node, yaml.MappingNode):
        raise _refuse(node, where, f"here must stand {', '.join(wanted)}")
    found: dict[str, yaml.Node] = {}
    for key, value in node.value:
        if not isinstance(key, yaml.ScalarNode) or key.value in found:
            raise _refuse(key, where, f"here must stand {', '.join(wanted)}, each once")
        found[key.value] = value
    for key in wanted:
        if key not in found:
            raise _refuse(node, where, f"{key} is missing")
    if unknown := next((key for key in found if key not in wanted), None):
        raise _refuse(found[unknown], where, f"{unknown[:40]!r} is not known; use {', '.join(wanted)}")
    return found


def _read_list(node: yaml.Node, where: str, what: str, most: int) -> list[yaml.Node]:
    if not isinstance(node, yaml.SequenceNode) or not node.value:
        raise _refuse(node, where, f"{what} must be a list, each entry after a dash")
    if len(node.value) > most:
        raise _refuse(node, where, f"{what} has {len(node.value)} entries; {most} are the most")
    return list(node.value)


def _read_text(node: yaml.Node, where: str, what: str) -> str:
    if not isinstance(node, yaml.ScalarNode) or not str(node.value).strip():
        raise _refuse(node, where, f"{what} must be a text")
    text = " ".join(str(node.value).split())
    if fault := find_text_fault(text, LONGEST.get(what, LONGEST_TEXT)):
        raise _refuse(node, where, f"{what} {fault}")
    if not any(map(str.isalnum, text)):
        raise _refuse(node, where, f"{what} must have words")
    return text


def _check_ids(behaviours: tuple[Behaviour, ...], where: str) -> None:
    ids = [one.id for one in behaviours]
    if doubled := next((one for one in ids if ids.count(one) > 1), None):
        raise BadFramework(f"The framework {where} has two behaviours with the id {doubled!r}; rename one")


def _refuse(node: yaml.Node, where: str, problem: str) -> BadFramework:
    return BadFramework(f"The framework {where}, line {node.start_mark.line + 1}: {problem}")
