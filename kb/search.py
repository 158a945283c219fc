"""Rank passages: fuse what the words find with what the meaning finds."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

from kb.model import Hit, Interview, Passage

Ranking = Sequence[tuple[str, float]]  # passage ids with scores, best first

CANDIDATES = 200  # asked of each leg; what a leg ranks lower does not reach the first page
DENSE_WEIGHT = 0.65
KEYWORD_WEIGHT = 0.35


def rank_passages(dense: Ranking, keyword: Ranking) -> list[tuple[str, float]]:
    """Passage ids by the weighted sum of both legs, each scaled to 0..1; ties go by id."""
    legs = ((scale(dense), DENSE_WEIGHT), (scale(keyword), KEYWORD_WEIGHT))
    fused: dict[str, float] = {}
    for scores, weight in legs:
        for passage_id, score in scores.items():
            fused[passage_id] = fused.get(passage_id, 0.0) + weight * score
    return sorted(fused.items(), key=lambda item: (-item[1], item[0]))


def scale(ranking: Ranking) -> dict[str, float]:
    """Scores brought to 0..1 within their ranking."""
    if not ranking:
        return {}
    scores = [score for _, score in ranking]
    low, high = min(scores), max(scores)
    width = high - low or 1.0
    return {passage_id: (score - low) / width for passage_id, score in ranking}


def make_hits(
    ranked: Ranking,
    *,
    limit: int,
    passages: Callable[[Sequence[str]], Mapping[str, Passage]],
    interviews: Mapping[str, Interview],
    legs: Mapping[str, Ranking],
) -> list[Hit]:
    """The first hits; a passage that the catalog does not know any more is passed over."""
    known = passages([passage_id for passage_id, _ in ranked[: 2 * limit]])
    found = {name: {passage_id for passage_id, _ in ranking} for name, ranking in legs.items()}
    hits = [
        Hit(
            passage=known[passage_id],
            interview=interviews[known[passage_id].interview_id],
            score=score,
            why=tuple(name for name, ids in found.items() if passage_id in ids),
        )
        for passage_id, score in ranked
        if passage_id in known
    ]
    return hits[:limit]
