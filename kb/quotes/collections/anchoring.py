"""Take down words that a person chose in a turn."""

from __future__ import annotations

from datetime import UTC, datetime

from kb.model import Span
from kb.quotes.word_sequence import split_words
from kb.storage.anchor import Anchor
from kb.storage.catalog import Catalog


def anchor_words(catalog: Catalog, interview_id: str, span: Span) -> Anchor | None:
    """Take down words of a turn; None where there are none. Raises UnknownInterview when the turn is not there."""
    with catalog.database.snapshot():
        card = catalog.interview(interview_id)
        turn = catalog.turn(interview_id, span.turn)
    start = max(0, span.start)
    quote = turn.text[start : span.end]
    if not split_words(quote).words:
        return None
    return Anchor(
        interview_id=interview_id,
        source_hash=card.source_hash,
        source=card.source,
        title=card.title,
        sample=card.sample,
        turn=turn.index,
        start_offset=start,
        end_offset=start + len(quote),
        quote=quote,
        speaker=turn.speaker,
        added=datetime.now(UTC).isoformat(timespec="milliseconds"),
    )
