"""Measure what answers to theme questions find and show: ours step by step, and the usual pipelines.

A peer shows the best sentence of each of its first passages, by the same model, as many as ours shows at most. With
--themes or --judged, pools of judged passages are scored too, by the scorer in the same folder.
"""

from __future__ import annotations

import argparse
import os
import sys
import tempfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass
from functools import cache, partial
from pathlib import Path
from typing import Any

import numpy as np

from bench.figures import describe_machine, format_table
from bench.inputs import Corpus, add_corpus_options, open_corpus
from bench.judged import (
    ANSWER_SCORER,
    THEME_SCORER,
    read_judged,
    report_answers,
    report_themes,
    to_found,
    to_shown,
)
from bench.peers import Peer, Result, find_build
from bench.questions.reader import QUESTIONS, read_questions
from bench.rows import write_rows
from bench.shown import COLUMNS, Answered, measure_answers
from ingest.pipeline.run import Options, ingest_paths
from kb.answering.brief import OF_THEME
from kb.cli.to_json import answer_to_json
from kb.embedding.carried_model import BundledEmbedder, find_bundled_model
from kb.errors import KBError
from kb.knowledge_base import KnowledgeBase
from kb.model import Query
from kb.retrieval.evaluation import Question
from kb.retrieval.ranking import RankingConfig
from kb.settings import Settings
from kb.text.sentences import count_words, sentence_spans

THEME = "multi"  # the type of a question that several interviews answer
PASSAGES = 20
PEER_SENTENCES = OF_THEME.most
SHORTEST = 6  # words of a sentence that a peer shows

Ask = Callable[[str], tuple[tuple[Result, ...], dict[str, Any]]]  # a question -> what is found, the answer
Questions = Mapping[str, Sequence[Question]]  # by the table that they are for


@dataclass(frozen=True, slots=True)
class Run:
    """What one pipeline found and showed."""

    name: str
    answered: dict[str, list[Answered]]  # by the table that it is for


def main(arguments: Sequence[str] | None = None) -> int:
    """Print the tables. Return 2 after one line on standard error if something is missing."""
    options = _parser().parse_args(arguments)
    os.environ.setdefault("HF_HUB_OFFLINE", "1")
    try:
        corpus = open_corpus(options.corpus, options.metadata)
        asked = read_asked(options, corpus)
        with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as folder:
            runs = list(_run_ours(corpus, Path(folder), asked))
            peers = () if options.ours else ("llama_tuned", "txtai_hybrid")
            runs += [_run_peer(module, corpus, Path(folder), asked) for module in peers]
        if options.keep:
            keep_runs(runs, options.keep)
        print(report(runs, options))
    except KBError as error:
        print(f"bench: {error}", file=sys.stderr)
        return 2
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m bench.answers", description=__doc__)
    help_themes = f"those of the type {THEME}, and those without gold"
    parser.add_argument("--questions", type=Path, default=QUESTIONS, metavar="FILE.jsonl", help=help_themes)
    parser.add_argument(
        "--themes", type=Path, metavar="FILE.jsonl", help=f"judged passages, {THEME_SCORER} beside them"
    )
    parser.add_argument(
        "--judged", type=Path, metavar="FILE.jsonl", help=f"judged answers, {ANSWER_SCORER} beside them"
    )
    add_corpus_options(parser)
    parser.add_argument("--ours", action="store_true", help="leave the other pipelines out")
    parser.add_argument("--keep", type=Path, metavar="FOLDER", help="keep what each found and showed, to be judged")
    return parser


def read_asked(options: argparse.Namespace, corpus: Corpus) -> dict[str, list[Question]]:
    """Read the questions for each table that is wanted. Raises BadQuestion or MissingInput as their readers do."""
    questions = read_questions(options.questions, corpus.folder).questions
    asked = {"gold": [one for one in questions if one.kind == THEME or not one.gold]}
    if options.themes:
        asked["themes"] = read_judged(options.themes, THEME_SCORER)
    if options.judged:
        asked["judged"] = read_judged(options.judged, ANSWER_SCORER)
    return asked


def _run_ours(corpus: Corpus, folder: Path, asked: Questions) -> Iterator[Run]:
    """Run ours on the published model without and with themes, then on the adapted one: the last is all of ours."""
    published = str(find_bundled_model())
    for name, model, config in (
        ("A: the selection", published, RankingConfig(themes=False)),
        ("A + lexicon (7)", published, RankingConfig()),
        ("A + adapter (8)", None, RankingConfig(themes=False)),
        ("A + 7 + 8 + judge (9): **ours**", None, RankingConfig()),
    ):
        settings = Settings(home=folder / ("adapted" if model is None else "published"), embed_model=model)
        with closing(KnowledgeBase.open(settings, config)) as knowledge_base:
            if not knowledge_base.status().interviews:
                ingest_paths([corpus.folder], knowledge_base, Options(metadata=corpus.metadata))
            knowledge_base.warm()
            yield _ask_all(name, partial(_ask_ours, knowledge_base), asked)


def _run_peer(module: str, corpus: Corpus, folder: Path, asked: Questions) -> Run:
    with closing(find_build(module)(corpus, folder / module)) as peer:
        return _ask_all(peer.name, partial(_ask_peer, peer), asked)


def _ask_all(name: str, ask: Ask, asked: Questions) -> Run:
    answered = {
        table: [Answered(question, *ask(question.text)) for question in questions] for table, questions in asked.items()
    }
    print(f"{name}: done", file=sys.stderr, flush=True)
    return Run(name, answered)


def _ask_ours(knowledge_base: KnowledgeBase, question: str) -> tuple[tuple[Result, ...], dict[str, Any]]:
    answer = knowledge_base.ask(Query(question, limit=PASSAGES))
    results = tuple(Result(hit.interview.source, hit.passage.text) for hit in answer.hits)
    return results, answer_to_json(answer)


def _ask_peer(peer: Peer, question: str) -> tuple[tuple[Result, ...], dict[str, Any]]:
    """Return a peer's passages, and an answer made of the sentence nearest to the question from each of the first."""
    results = peer.search(question).results
    asked = open_plain().encode_query(question)
    citations = []
    for number, result in enumerate(results[:PEER_SENTENCES], 1):
        sentences = [result.text[start:end] for start, end in sentence_spans(result.text)]
        sentences = [one for one in sentences if count_words(one) >= SHORTEST] or [result.text]
        nearness = np.stack([one.vector for one in open_plain().encode_passages([*sentences, ""])])[:-1] @ asked.vector
        quote = sentences[int(nearness.argmax())]
        citations.append({"number": number, "quote": quote, "source": result.source, "speaker": result.source})
    shown = [{"text": one["quote"], "citations": [one["number"]]} for one in citations]
    answer = {
        "question": question,
        "covered": True,
        "coverage": {"leaders": len({one["source"] for one in citations})},
        "groups": [{"label": "", "sentences": shown}],
        "citations": citations,
    }
    return results, answer


@cache
def open_plain() -> BundledEmbedder:
    """Open the model as it was published. Raises ModelMissing when it is not installed."""
    return BundledEmbedder(find_bundled_model(), is_adapted=False)


def keep_runs(runs: Sequence[Run], folder: Path) -> None:
    """Write what each pipeline found and showed, so that a person can judge it."""
    folder.mkdir(parents=True, exist_ok=True)
    for number, run in enumerate(runs):
        for table, answered in run.answered.items():
            write_rows(folder / f"{number}-{table}-found.jsonl", map(to_found, answered))
            write_rows(folder / f"{number}-{table}-shown.jsonl", map(to_shown, answered))


def report(runs: Sequence[Run], options: argparse.Namespace) -> str:
    """Format the table over gold places, then those of the judged files. Raises MissingInput when a scorer fails."""
    gold = runs[0].answered["gold"]
    themes = sum(bool(one.question.gold) for one in gold)
    rows = [[run.name, *measure_answers(run.answered["gold"]).format()] for run in runs]
    parts = [
        f"{themes} theme questions, {len(gold) - themes} that nobody answers; {describe_machine()}",
        format_table(["", *COLUMNS], rows),
    ]
    if options.themes:
        parts.append(report_themes({run.name: run.answered["themes"] for run in runs}, options.themes))
    if options.judged:
        parts.append(report_answers({run.name: run.answered["judged"] for run in runs}, options.judged))
    return "\n\n".join(parts)


if __name__ == "__main__":
    sys.exit(main())
