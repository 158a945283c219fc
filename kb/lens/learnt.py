"""What the lens learnt from people, kept with the catalog; it is used only with the weights it was learnt for."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from kb.errors import ModelMissing, StoreUnavailable
from kb.lens.correction import Correction, DamagedCorrection, read_correction, write_correction
from kb.storage.database import Database
from kb.storage.doctor import Finding
from kb.storage.learnt_table import LearntTable

AGAIN = "run: kb lens learn"


@dataclass(frozen=True, slots=True)
class LearntState:
    """The correction that is in use, if any; else why what was learnt is not."""

    correction: Correction | None
    problem: str = ""  # one line, with what to run; '' where there is none


NOTHING = LearntState(None)


class LearntDesk:
    """Reads and writes what was learnt for a framework; shared by all threads.

    Methods raise StoreUnavailable when the catalog cannot be read; those that write, also when it can only be read.
    """

    def __init__(self, database: Database, framework: str, name_basis: Callable[[], str]) -> None:
        """`framework` is its name; `name_basis` names what the lens rests on, and is called where something is kept."""
        self._database = database
        self._framework = framework
        self._name_basis = name_basis
        self._table = LearntTable(database)
        self._known: tuple[str, LearntState] = "", NOTHING
        self._lock = threading.Lock()

    def state(self) -> LearntState:
        """Return what is in use; read once for as long as nothing is learnt anew."""
        version = self.version()
        with self._lock:
            if self._known[0] != version:
                self._known = version, self._read()
            return self._known[1]

    def version(self) -> str:
        """Return a name of the present state."""
        return self._table.version()

    def keep(self, correction: Correction) -> None:
        """Use a correction from now on."""
        self._database.check_writable()
        self._table.put(self._framework, write_correction(correction))

    def forget(self) -> bool:
        """Go back to the lens as it was; returns whether there was anything to forget."""
        self._database.check_writable()
        return self._table.remove(self._framework)

    def examine(self) -> Iterator[Finding]:
        """Note what was learnt and is not used, or cannot be."""
        try:
            problem = self.state().problem
        except (StoreUnavailable, ModelMissing) as error:
            problem = str(error)
        if problem:
            yield Finding(problem, "nothing")

    def _read(self) -> LearntState:
        text = self._table.read(self._framework)
        if text is None:
            return NOTHING
        try:
            correction = read_correction(text)
        except DamagedCorrection as error:
            return LearntState(None, f"What the lens learnt from people is damaged and not used: {error}; {AGAIN}")
        if correction.basis != self._name_basis():
            told = f"{correction.judgements:,} judgements of people, for other weights or another framework"
            return LearntState(None, f"What the lens learnt from {told}, is not used; {AGAIN}")
        return LearntState(correction)
