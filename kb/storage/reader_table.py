"""Data of readers: ratings and the questions of their conversations. An ingest does not touch it."""

from __future__ import annotations

from sqlalchemy import insert, select

from kb.model import Feedback
from kb.storage import schema
from kb.storage.database import Database
from kb.storage.rows import from_feedback, to_feedback


class ReaderTable:
    """Ratings and questions, in order of entry. Raises StoreUnavailable when the database fails."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def add_feedback(self, feedback: Feedback) -> None:
        """Store a reader's rating."""
        with self._database.transaction() as connection:
            connection.execute(insert(schema.feedback), from_feedback(feedback))

    def feedback(self) -> list[Feedback]:
        """Return all ratings, oldest first."""
        rows = self._database.read(select(schema.feedback).order_by(schema.feedback.c.number))
        return list(map(to_feedback, rows))

    def add_question(self, session: str, question: str) -> None:
        """Add a question to a conversation."""
        with self._database.transaction() as connection:
            connection.execute(insert(schema.asked), {"session": session, "question": question})

    def questions(self, session: str) -> tuple[str, ...]:
        """Return the questions of a conversation, oldest first."""
        asked = schema.asked
        rows = self._database.read(select(asked.c.question).where(asked.c.session == session).order_by(asked.c.number))
        return tuple(row.question for row in rows)
