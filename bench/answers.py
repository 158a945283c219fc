"""Measure what is found and shown for themes, and what answers show: ours step by step, and the usual pipelines.

A peer shows the best sentence of each of its first passages, by the same model, as many as ours shows at most. Passages
that nobody judged count as off topic in the search; the table tells their share, and above .10 is to be judged first.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass
from functools import cache, partial
from pathlib import Path
from typing import Any

import numpy as np

from bench.figures import describe_machine, format_table
from bench.inputs import CORPUS, METADATA, SHARED, Corpus, MissingInput, Question, open_corpus, read_questions, require
from bench.peers import Peer, find_build
from ingest.pipeline import Options, ingest_paths
from kb.cli.to_json import answer_to_json
from kb.embedding.carried_model import BundledEmbedder, find_bundled_model
from kb.knowledge_base import KnowledgeBase
from kb.model import Query
from kb.retrieval.ranking import RankingConfig
from kb.settings import Settings
from kb.text.sentences import count_words, sentence_spans

THEMES = SHARED / "eval" / "themes" / "themes_dev.jsonl"
THEME_SCORER = SHARED / "eval" / "themes" / "score_themes.py"
JUDGED = SHARED / "eval" / "answers_dev.jsonl"
ANSWER_SCORER = SHARED / "eval" / "score_answers.py"
PASSAGES = 20
PEER_SENTENCES = 7  # as many quotations as an answer of ours shows at most
SHORTEST = 6  # words of a sentence that a peer shows
SEARCH = ("nDCG@10", "P@10", "R@20", "unjudged")
SHOWN = ("shown", "refused", "good", "off", "first", "leaders")
ANSWERS = ("shown", "words", "share2", "share0", "first2", "lead2", "answered", "refused")
# Of the pipeline before: the sentences of forty passages in contest, twelve of them shown. Measured at 68860fd.
BEFORE = {
    "search": {"nDCG@10": 0.264, "P@10": 0.273, "R@20": 0.350, "unjudged": 0.0},
    "shown": {"shown": 11.5, "refused": 0.044, "good": 0.203, "off": 0.362, "first": 0.333, "leaders": 1.91},
    "judged": {
        "shown": 10.8,
        "words": 365,
        "share2": 0.09,
        "share0": 0.73,
        "first2": 0.24,
        "lead2": 0.22,
        "answered": 0.81,
        "refused": 1.0,
    },
}


@dataclass(frozen=True, slots=True)
class Run:
    """What one pipeline found and showed."""

    name: str
    found: list[dict[str, Any]]  # of each theme question: id, results
    shown: list[dict[str, Any]]  # of each theme question: the answer
    judged: list[dict[str, Any]]  # of each question whose answers were judged: the answer


Ask = Callable[[str], tuple[list[dict[str, str]], dict[str, Any]]]  # a question -> results, answer


def main(arguments: Sequence[str] | None = None) -> int:
    """Print both tables; what is missing is one line on standard error and exit code 2."""
    options = _parser().parse_args(arguments)
    os.environ.setdefault("HF_HUB_OFFLINE", "1")
    try:
        themes, judged = read_questions(options.themes), read_questions(options.judged)
        for path, option in ((THEME_SCORER, "--themes"), (ANSWER_SCORER, "--judged")):
            require(path, option)
        corpus = open_corpus(options.corpus, options.metadata)
        with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as folder:
            runs = list(_run_ours(corpus, Path(folder), themes, judged))
            peers = () if options.ours else ("llama_tuned", "txtai_hybrid")
            runs += [_run_peer(module, corpus, Path(folder), themes, judged) for module in peers]
            print(report(runs, options))
    except MissingInput as error:
        print(f"bench: {error}", file=sys.stderr)
        return 2
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m bench.answers", description=__doc__)
    parser.add_argument("--themes", type=Path, default=THEMES, metavar="FILE.jsonl", help="theme questions, judged")
    parser.add_argument("--judged", type=Path, default=JUDGED, metavar="FILE.jsonl", help="questions, answers judged")
    parser.add_argument("--corpus", type=Path, default=CORPUS, metavar="FOLDER")
    parser.add_argument("--metadata", type=Path, default=METADATA, metavar="FILE.csv", help="facts about the files")
    parser.add_argument("--ours", action="store_true", help="leave the other pipelines out")
    parser.add_argument("--keep", type=Path, metavar="FOLDER", help="keep what each found and showed, to be judged")
    return parser


def _run_ours(corpus: Corpus, folder: Path, themes: Sequence[Question], judged: Sequence[Question]) -> Iterator[Run]:
    """The selection alone, on the model as it was published; then on the adapted one; then with themes: all of ours."""
    published = str(find_bundled_model())
    for name, model, steps in (
        ("A: the selection", published, RankingConfig(themes=False)),
        ("A + lexicon (7)", published, RankingConfig()),
        ("A + adapter (8)", None, RankingConfig(themes=False)),
        ("A + 7 + 8 + judge (9): **ours**", None, RankingConfig()),
    ):
        settings = Settings(home=folder / ("adapted" if model is None else "published"), embed_model=model)
        with closing(KnowledgeBase.open(settings, steps)) as knowledge_base:
            if not knowledge_base.status().interviews:
                ingest_paths([corpus.folder], knowledge_base, Options(metadata=corpus.metadata))
            knowledge_base.warm()
            yield _ask_all(name, partial(_ask_ours, knowledge_base), themes, judged)


def _run_peer(module: str, corpus: Corpus, folder: Path, themes: Sequence[Question], judged: Sequence[Question]) -> Run:
    with closing(find_build(module)(corpus, folder / module)) as peer:
        return _ask_all(peer.name, partial(_ask_peer, peer), themes, judged)


def _ask_all(name: str, ask: Ask, themes: Sequence[Question], judged: Sequence[Question]) -> Run:
    answered = [(question["id"], *ask(question["query"])) for question in themes]
    return Run(
        name=name,
        found=[{"id": one, "results": results} for one, results, _ in answered],
        shown=[{"id": one, **answer} for one, _, answer in answered],
        judged=[{"id": question["id"], **ask(question["query"])[1]} for question in judged],
    )


def _ask_ours(knowledge_base: KnowledgeBase, question: str) -> tuple[list[dict[str, str]], dict[str, Any]]:
    answer = knowledge_base.ask(Query(question, limit=PASSAGES))
    results = [{"source": hit.interview.source, "text": hit.passage.text} for hit in answer.hits]
    return results, answer_to_json(answer)


def _ask_peer(peer: Peer, question: str) -> tuple[list[dict[str, str]], dict[str, Any]]:
    """The passages, and of the first of them the sentence nearest to the question, in the shape of an answer."""
    results = peer.search(question).results
    asked = open_plain().encode_query(question)
    citations = []
    for number, result in enumerate(results[:PEER_SENTENCES], 1):
        sentences = [result.text[start:end] for start, end in sentence_spans(result.text)]
        sentences = [one for one in sentences if count_words(one) >= SHORTEST] or [result.text]
        nearness = np.stack([one.vector for one in open_plain().encode_passages([*sentences, ""])])[:-1] @ asked.vector
        quote = sentences[int(nearness.argmax())]
        citations.append({"number": number, "quote": quote, "source": result.source, "speaker": result.source})
    sentences = [{"text": one["quote"], "citations": [one["number"]]} for one in citations]
    answer = {
        "question": question,
        "covered": True,
        "coverage": {"leaders": len({one["source"] for one in citations})},
        "groups": [{"label": "", "sentences": sentences}],
        "citations": citations,
    }
    return [{"source": one.source, "text": one.text} for one in results], answer


@cache
def open_plain() -> BundledEmbedder:
    """The model as it was published."""
    return BundledEmbedder(find_bundled_model(), is_adapted=False)


def report(runs: Sequence[Run], options: argparse.Namespace) -> str:
    """Both scorers' figures of every run, with those of the pipeline before."""
    search = [["before (68860fd)", *(f"{BEFORE['search'][name]:.3f}" for name in SEARCH)]]
    shown = [["before (68860fd)", *(f"{BEFORE['shown'][name]:.2f}" for name in SHOWN)]]
    judged = [["before (68860fd)", *(f"{BEFORE['judged'][name]:.2f}" for name in ANSWERS)]]
    with tempfile.TemporaryDirectory() as scratch:
        for number, run in enumerate(runs):
            folder = options.keep or Path(scratch)
            files = {kind: folder / f"{number}-{kind}.jsonl" for kind in ("found", "shown", "judged")}
            folder.mkdir(parents=True, exist_ok=True)
            for kind, file in files.items():
                rows = getattr(run, kind)
                file.write_text("".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows), encoding="utf-8")
            themes = _score(THEME_SCORER, options.themes, files["found"], "--answers", files["shown"])
            answers = _score(ANSWER_SCORER, options.judged, files["judged"])["ALL"]
            search.append([run.name, *(f"{themes['search'][name]:.3f}" for name in SEARCH)])
            shown.append([run.name, *(f"{themes['answers'][name]:.2f}" for name in SHOWN)])
            judged.append([run.name, *(_format(answers[name]) for name in ANSWERS)])
    tables = (
        ("Finding themes", SEARCH, search),
        ("Answers to themes", SHOWN, shown),
        ("Answers whose every sentence was judged", ANSWERS, judged),
    )
    parts = [f"{title}:\n\n{format_table([title, *names], rows)}" for title, names, rows in tables]
    return "\n\n".join([describe_machine(), *parts])


def _score(scorer: Path, *arguments: object) -> dict[str, Any]:
    command = [sys.executable, str(scorer), *map(str, arguments), "--json"]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode:
        raise MissingInput(f"The scorer {scorer} failed: {done.stderr.strip() or done.returncode}")
    figures: dict[str, Any] = json.loads(done.stdout)
    return figures


def _format(value: float | None) -> str:
    return "" if value is None else f"{value:.2f}"


if __name__ == "__main__":
    sys.exit(main())
