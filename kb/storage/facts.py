"""Facts about the whole catalog: generation, model fingerprint, coverage thresholds."""

from __future__ import annotations

import json
import math
from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import func, select, text

from kb.errors import IndexMismatch
from kb.storage.damage import damaged
from kb.storage.database import Database
from kb.storage.schema import SCHEMA_VERSION, facts, interviews, is_later

MOST_DIGITS = 18  # of a generation: a number of 64 bits
ADD = text("INSERT INTO facts VALUES (:key, :value) ON CONFLICT DO NOTHING")
REPLACE = text("INSERT INTO facts VALUES (:key, :value) ON CONFLICT (key) DO UPDATE SET value = excluded.value")


@dataclass(frozen=True, slots=True)
class StoredCalibration:
    """Coverage thresholds with the rules and the generation that they were learnt by and from."""

    rules: str
    generation: int
    thresholds: list[float]


class FactTable:
    """A key-value table. Raises StoreUnavailable when the database fails."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def prepare(self, fingerprint: str) -> None:
        """Create what is missing. Raises IndexMismatch when the catalog was made with another model or schema.

        A complete catalog is not written to, so that readers never wait for a writer.
        """
        if self._database.has_tables():
            self._check_schema()
            self._database.update_tables()
        else:
            self._database.create_tables()
        first = {"schema": SCHEMA_VERSION, "fingerprint": fingerprint, "generation": "0"}
        for key in first.keys() - self._read(*first).keys():
            self._add(key, first[key])
        self._check_fingerprint(fingerprint)

    def generation(self) -> int:
        """Return the generation, a number that every committed change increases."""
        stored = self._read("generation").get("generation", "")
        if not (stored.isascii() and stored.isdigit() and len(stored) <= MOST_DIGITS):
            raise damaged("its generation is no number")
        return int(stored)

    def fingerprint(self) -> str:
        """Return the fingerprint of the model of the vectors."""
        if found := self._read("fingerprint"):
            return found["fingerprint"]
        raise damaged("the model of its vectors is not named")

    def bind_home(self, home_id: str) -> str:
        """Bind the catalog to a home folder unless it is bound already; returns the id of the bound folder."""
        if found := self._read("home"):
            return found["home"]
        self._add("home", home_id)
        return self._read("home")["home"]

    def calibration(self, rules: str, slack: float = 0.0) -> list[float] | None:
        """Return the coverage thresholds, if they were learnt by these rules from the current catalog; else None.

        `slack` is the share of the interviews that may have changed since.
        """
        stored = _read_calibration(self._read("calibration").get("calibration", "{}"))
        if stored is None or stored.rules != rules:
            return None
        changes = self.generation() - stored.generation
        if changes:
            (count,) = self._database.read(select(func.count()).select_from(interviews))
            if not 0 < changes <= slack * count[0]:
                return None
        return stored.thresholds

    def save_calibration(self, rules: str, generation: int, thresholds: Sequence[float]) -> None:
        """Store the coverage thresholds."""
        value = json.dumps({"rules": rules, "generation": generation, "thresholds": thresholds})
        with self._database.transaction() as connection:
            connection.execute(REPLACE, {"key": "calibration", "value": value})

    def _read(self, *keys: str) -> dict[str, str]:
        rows = self._database.read(select(facts).where(facts.c.key.in_(keys)))
        return {row.key: row.value for row in rows}

    def _add(self, key: str, value: str) -> None:
        """Add a fact, unless another process has added it."""
        with self._database.transaction() as connection:
            connection.execute(ADD, {"key": key, "value": value})

    def _check_schema(self) -> None:
        built = self._read("schema").get("schema", SCHEMA_VERSION)
        if is_later(built):
            raise IndexMismatch(
                f"The knowledge base in {self._database.location} was written by a later version of this program"
                f" (schema {built}, and this is {SCHEMA_VERSION}); install that version: what is there is not touched"
            )
        if built != SCHEMA_VERSION:
            raise IndexMismatch(
                f"The knowledge base in {self._database.location} was written by another version of this program"
                f" (schema {built}, and this is {SCHEMA_VERSION}); {self._database.remedy} and ingest again:"
                " what is there is not touched"
            )

    def _check_fingerprint(self, fingerprint: str) -> None:
        built = self.fingerprint()
        if built != fingerprint:
            raise IndexMismatch(
                f"The knowledge base in {self._database.location} was built with {built}, and this is {fingerprint};"
                f" set KB_EMBED_MODEL as it was, or {self._database.remedy} and ingest again"
            )


def _read_calibration(text: str) -> StoredCalibration | None:
    """Read stored thresholds; None if there are none, or they are damaged: they can be learnt again."""
    try:
        stored = json.loads(text)
        read = StoredCalibration(
            str(stored["rules"]), int(stored["generation"]), list(map(float, stored["thresholds"]))
        )
    except (ValueError, TypeError, KeyError, OverflowError, RecursionError):
        return None
    return read if all(map(math.isfinite, read.thresholds)) else None
