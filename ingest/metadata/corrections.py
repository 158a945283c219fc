"""Corrections: the user's names and roles for the speakers of a file that names none or is misread."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import get_args

from kb.model import Role

CORRECTIONS_COLUMN = "labels"  # of a table of facts
STATED_ROLES = tuple(role for role in get_args(Role) if role != "unknown")
QUOTED = r'"(?:[^"]|"")*"'
# As a table writes it: 'SPEAKER_00=Jane Doe (leader); Max Ruh=(host); "Ann; Bo"="Ann Lee (Host)"'.
ENTRY = re.compile(
    rf"(?:\A|(?<=;))\s*(?P<label>{QUOTED}|[^=;]+?)\s*=\s*(?P<name>{QUOTED}|[^=;]*?)\s*"
    rf"(?:\((?P<role>{'|'.join(STATED_ROLES)})\)\s*)?(?=;|\Z)",
    re.I,
)
SIGNS = frozenset('=;"\n\r')  # of a cell itself; a label or a name with one of them is quoted


@dataclass(frozen=True, slots=True)
class Corrections:
    """Names and roles by the labels of a file."""

    names: Mapping[str, str] = field(default_factory=dict)  # label -> the person's name
    roles: Mapping[str, Role] = field(default_factory=dict)  # label or name -> role

    @property
    def labels(self) -> tuple[str, ...]:
        """Every label with a name or a role."""
        return tuple(dict.fromkeys((*self.names, *self.roles)))

    @property
    def roles_by_name(self) -> dict[str, Role]:
        """Roles by name, after the labels are replaced by their names."""
        names = {label.casefold(): name for label, name in self.names.items()}
        return {names.get(label.casefold(), label): role for label, role in self.roles.items()}

    def over(self, others: Corrections) -> Corrections:
        """Merge with others; these win if both differ."""
        return Corrections({**others.names, **self.names}, {**others.roles, **self.roles})


def read_corrections(cell: str) -> Corrections:
    """Read the corrections in a cell of a metadata table; skip malformed entries."""
    names: dict[str, str] = {}
    roles: dict[str, Role] = {}
    for found in ENTRY.finditer(cell):
        label, name = _unquote(found["label"]), _unquote(found["name"])
        if label and name:
            names[label] = name
        if label and found["role"]:
            roles[label] = next(role for role in STATED_ROLES if role == found["role"].lower())
    return Corrections(names, roles)


def write_corrections(corrections: Corrections) -> str:
    """Write corrections as a cell of a metadata table."""
    return "; ".join(_write_entry(label, corrections) for label in corrections.labels)


def _unquote(text: str) -> str:
    return text[1:-1].replace('""', '"') if re.fullmatch(QUOTED, text) else text.strip()


def _write_entry(label: str, corrections: Corrections) -> str:
    """Write one entry, in quotes where it would be read otherwise."""
    name, role = corrections.names.get(label, ""), corrections.roles.get(label)
    ending = f" ({role})" if role else ""
    entry = f"{label}={name}{ending}"
    meant = Corrections({label: name} if name else {}, {label: role} if role else {})
    if SIGNS.isdisjoint(label + name) and read_corrections(entry) == meant:
        return entry
    return f"{_quote(label)}={_quote(name)}{ending}"


def _quote(text: str) -> str:
    doubled = text.replace('"', '""')
    return f'"{doubled}"'
