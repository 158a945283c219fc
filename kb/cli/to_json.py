"""What the commands print with --json, as plain dictionaries."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

from kb.answering.attribution import link_at
from kb.answering.summary_line import describe_answer
from kb.generation.grounding.verdict import SentencePart
from kb.generation.synthesis import Synthesis
from kb.model import Answer, Citation, Hit
from kb.retrieval.evaluation import Evaluation, Figures

SHOWN = ("question", "summary", "themes", "groups", "citations")  # of an answer, in a batch


def evaluation_to_json(found: Evaluation) -> dict[str, dict[str, float]]:
    """The measures of an evaluation as `kb eval --json` prints them; what could not be measured is left out."""
    kinds = {kind: _figures_to_json(figures) for kind, figures in found.kinds.items()}
    everything = {"ALL": _figures_to_json(found.overall)} if found.overall else {}
    rest = {
        "AUROC": found.auroc,
        "answered": found.answered,
        "refused": found.refused,
        "p50_ms": found.p50 and 1000 * found.p50,
        "p95_ms": found.p95 and 1000 * found.p95,
    }
    return {**kinds, **everything, "overall": {name: value for name, value in rest.items() if value is not None}}


def _figures_to_json(figures: Figures) -> dict[str, float]:
    return {
        **{f"S@{rank}": share for rank, share in figures.within.items()},
        "MRR": figures.mrr,
        "R@10": figures.recall,
        **{f"W{words}": share for words, share in figures.within_words.items()},
        "n": figures.questions,
    }


def hit_to_json(hit: Hit) -> dict[str, Any]:
    """A passage that was found as `kb search --json` prints it."""
    passage = hit.passage
    leader = hit.interview.leader(passage.speaker)
    return {
        "id": passage.id,
        "source": hit.interview.source,
        "speaker": passage.speaker,
        "role": leader.role if leader else None,
        "company": leader.company if leader else None,
        "title": hit.interview.title,
        "show": hit.interview.show,
        "when": hit.interview.when or None,
        "start": passage.start,
        "page": passage.page,
        "link": link_at(hit.interview, passage.start),
        "sample": hit.interview.sample,
        "text": passage.text,
        "score": round(hit.score, 4),
        "why": list(hit.why),
    }


def answer_to_json(answer: Answer) -> dict[str, Any]:
    """An answer as `kb ask --json` prints it."""
    groups = [
        {
            "label": group.label,
            "sentences": [
                {
                    "text": one.text,
                    "citations": [citation.number for citation in one.citations],
                    "asked": one.asked or None,
                }
                for one in group.sentences
            ],
        }
        for group in answer.groups
    ]
    return {
        "question": answer.query.text,
        "covered": answer.is_covered,
        "coverage": asdict(answer.coverage),
        "summary": describe_answer(answer),
        "themes": [asdict(theme) for theme in answer.themes],
        "groups": groups,
        "citations": [citation_to_json(citation) for citation in answer.citations],
        "hits": [hit_to_json(hit) for hit in answer.hits],
    }


def synthesis_to_json(written: Synthesis) -> dict[str, Any]:
    """What a language model wrote, each sentence with its verdict, as `kb ask --json` prints it."""
    return {
        "problem": written.problem,
        "sources": [{"number": source.number, **hit_to_json(source.hit)} for source in written.sources],
        "sentences": [
            {
                "text": sentence.text,
                "verdict": sentence.verdict,
                "reasons": list(sentence.reasons),
                "draft": sentence.draft,
                "parts": [_part_to_json(part) for part in sentence.parts],
            }
            for sentence in written.sentences
        ],
    }


def _part_to_json(part: SentencePart) -> dict[str, Any]:
    citation = citation_to_json(part.citation) if part.citation else None
    return {"kind": part.kind, "text": part.text, "was": part.original, "why": part.reason, "citation": citation}


def citation_to_json(citation: Citation) -> dict[str, Any]:
    """A citation with its place in the transcript."""
    return {
        "number": citation.number,
        "quote": citation.quote,
        "speaker": citation.leader.name,
        "passage": citation.passage.id,
        "turn": citation.turn,
        "start_offset": citation.start_offset,
        "end_offset": citation.end_offset,
        "start": citation.start,
        "start_is_exact": citation.start_is_exact,
        "page": citation.page,
        "source": citation.interview.source,
        "link": link_at(citation.interview, citation.start),
    }
