"""What a reader rated: an answer with its question, and the excerpts that were shown."""

from __future__ import annotations

from datetime import UTC, datetime

from kb.model import Answer, Excerpt, Feedback


def make_feedback(answer: Answer, *, is_helpful: bool) -> Feedback:
    """Note a rating of now, with the passages and quotations that the reader saw."""
    return Feedback(
        at=datetime.now(UTC).isoformat(timespec="seconds"),
        question=answer.query.text,
        is_helpful=is_helpful,
        hits=tuple(Excerpt(hit.interview.source, hit.passage.text) for hit in answer.hits),
        quotations=tuple(Excerpt(one.interview.source, one.quote) for one in answer.citations),
    )
